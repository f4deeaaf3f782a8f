"""Addresses of regulation data. Fixed words come before codes of regulations and of sheets."""

from django.urls import path

from regulations import views

app_name = "regulations"

urlpatterns = [
    path("", views.regulation_list, name="regulation_list"),
    path("so-sanh/", views.regulation_compare, name="regulation_compare"),
    path("<slug:code>/", views.regulation_detail, name="regulation_detail"),
    path("<slug:code>/soan-moi/", views.draft_create, name="draft_create"),
    path("<slug:code>/soan/", views.draft_detail, name="draft_detail"),
    path("<slug:code>/dua-vao-ap-dung/", views.draft_publish, name="draft_publish"),
    path("<slug:code>/bo/", views.draft_discard, name="draft_discard"),
    path("<slug:code>/<slug:sheet>/", views.criteria_set_detail, name="criteria_set_detail"),
    path("<slug:code>/soan/<slug:document>/", views.document_edit, name="document_edit"),
    path(
        "<slug:code>/soan/<slug:document>/tai-ve/",
        views.document_download,
        name="document_download",
    ),
    path(
        "<slug:code>/soan/<slug:document>/tai-len/", views.document_upload, name="document_upload"
    ),
    path(
        "<slug:code>/soan/<slug:document>/dua-vao-dung/",
        views.sheet_complete,
        name="sheet_complete",
    ),
    path("<slug:code>/soan/<slug:document>/<path:at>/", views.document_edit, name="node_edit"),
]
