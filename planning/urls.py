"""Addresses of planning and figures."""

from django.urls import path

from planning import views

app_name = "planning"

urlpatterns = [
    path("bang-dieu-hanh/", views.dashboard, name="dashboard"),
]
