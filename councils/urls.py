"""Addresses of councils and sessions."""

from django.urls import path

from councils import views

app_name = "councils"

urlpatterns = [
    path("hoi-dong/", views.council_list, name="council_list"),
    path("hoi-dong/them/", views.council_create, name="council_create"),
    path("hoi-dong/<int:pk>/", views.council_detail, name="council_detail"),
    path("hoi-dong/<int:pk>/sua/", views.council_edit, name="council_edit"),
    path("hoi-dong/<int:pk>/them-thanh-vien/", views.council_member_add, name="council_member_add"),
    path("hoi-dong/<int:pk>/thoi-thanh-vien/", views.council_member_end, name="council_member_end"),
    path(
        "hoi-dong/<int:pk>/thay-thanh-vien/",
        views.council_member_replace,
        name="council_member_replace",
    ),
    path("phien-hop/", views.session_list, name="session_list"),
    path("phien-hop/them/", views.session_create, name="session_create"),
    path("phien-hop/<int:pk>/", views.session_detail, name="session_detail"),
    path("phien-hop/<int:pk>/moi-hop/", views.session_invite, name="session_invite"),
    path("phien-hop/<int:pk>/chuong-trinh/", views.agenda_add, name="agenda_add"),
    path("phien-hop/muc/<int:pk>/bo/", views.agenda_remove, name="agenda_remove"),
    path("phien-hop/<int:pk>/diem-danh/", views.attendance_save, name="attendance_save"),
    path("phien-hop/<int:pk>/xung-dot-loi-ich/", views.session_conflicts, name="session_conflicts"),
    path("phien-hop/khai-bao/<int:pk>/bo/", views.recusal_lift, name="recusal_lift"),
]
