"""Addresses of regulation data."""

from django.urls import path

from regulations import views

app_name = "regulations"

urlpatterns = [
    path("", views.regulation_list, name="regulation_list"),
    path("<slug:code>/", views.regulation_detail, name="regulation_detail"),
    path("<slug:code>/<slug:sheet>/", views.criteria_set_detail, name="criteria_set_detail"),
]
