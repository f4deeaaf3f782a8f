"""Addresses of inspections."""

from django.urls import path

from inspections import views

app_name = "inspections"

urlpatterns = [
    path("can-kiem-tra/", views.watch_list, name="watch_list"),
]
