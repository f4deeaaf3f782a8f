"""Sign-in: only the pages of django-allauth that this portal uses."""

from allauth.account import views
from django.urls import path, re_path

from ocop_portal.permissions import for_everyone_signed_in, public

urlpatterns = [
    path("dang-nhap/", public(views.login), name="account_login"),
    path("dang-xuat/", public(views.logout), name="account_logout"),
    # Accounts are made by administrators; allauth's own pages link here, it says so.
    path("dang-ky/", public(views.signup), name="account_signup"),
    path("ngung-hoat-dong/", public(views.account_inactive), name="account_inactive"),
    path("xac-nhan/", for_everyone_signed_in(views.reauthenticate), name="account_reauthenticate"),
    path(
        "doi-mat-khau/",
        for_everyone_signed_in(views.password_change),
        name="account_change_password",
    ),
    path("dat-mat-khau/", for_everyone_signed_in(views.password_set), name="account_set_password"),
    path("quen-mat-khau/", public(views.password_reset), name="account_reset_password"),
    path(
        "quen-mat-khau/da-gui/",
        public(views.password_reset_done),
        name="account_reset_password_done",
    ),
    re_path(
        r"^quen-mat-khau/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        public(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "quen-mat-khau/xong/",
        public(views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]
