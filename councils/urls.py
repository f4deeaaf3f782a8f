"""Addresses of councils and sessions."""

from django.urls import path

from councils import views

app_name = "councils"

urlpatterns = [
    path("hoi-dong/", views.council_list, name="council_list"),
    path("hoi-dong/<int:pk>/", views.council_detail, name="council_detail"),
    path("phien-hop/", views.session_list, name="session_list"),
    path("phien-hop/them/", views.session_create, name="session_create"),
    path("phien-hop/<int:pk>/", views.session_detail, name="session_detail"),
    path("phien-hop/<int:pk>/chuong-trinh/", views.agenda_add, name="agenda_add"),
    path("phien-hop/muc/<int:pk>/bo/", views.agenda_remove, name="agenda_remove"),
    path("phien-hop/<int:pk>/diem-danh/", views.attendance_save, name="attendance_save"),
]
