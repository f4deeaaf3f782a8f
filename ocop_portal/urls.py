"""Every address of the portal. Apps are named by strings: the project imports none of them."""

from django.contrib import admin
from django.urls import include, path

from ocop_portal import list_views, tus, views

urlpatterns = [
    path("", views.home, name="home"),
    path("cong-viec/", views.job_list, name="job_list"),
    path("cong-viec/<int:pk>/", views.job_detail, name="job_detail"),
    path("cong-viec/<int:pk>/dung/", views.job_cancel, name="job_cancel"),
    path("cong-viec/<int:pk>/tiep-tuc/", views.job_resume, name="job_resume"),
    path("cong-viec/<int:pk>/ket-qua/", views.job_result, name="job_result"),
    path("thong-bao/", views.notice_list, name="notice_list"),
    path("thong-bao/da-doc/", views.notices_read, name="notices_read"),
    path("thong-bao/tuy-chon/", views.notice_choices, name="notice_choices"),
    path("thong-bao/<int:pk>/mo/", views.notice_open, name="notice_open"),
    path("nhat-ky-tai-tep/", views.file_log, name="file_log"),
    path("ly-do-tai-tep/", views.file_reason, name="file_reason"),
    path("tai-len/<str:token>/", tus.upload_part, name="upload_part"),
    path("danh-sach/<slug:name>/cot/", list_views.list_columns, name="list_columns"),
    path("danh-sach/<slug:name>/luu-loc/", list_views.filter_save, name="filter_save"),
    path("danh-sach/<slug:name>/xuat/", list_views.list_export, name="list_export"),
    path("danh-sach/<slug:name>/thao-tac/", list_views.list_action, name="list_action"),
    path("bo-loc/<int:pk>/", list_views.filter_edit, name="filter_edit"),
    path("bo-loc/<int:pk>/xoa/", list_views.filter_delete, name="filter_delete"),
    path("suc-khoe/", views.health, name="health"),
    path("tai-khoan/", include("accounts.urls")),
    path("quy-dinh/", include("regulations.urls")),
    path("", include("products.urls")),
    path("", include("councils.urls")),
    path("", include("evaluation.urls")),
    path("api/v1/", include("evaluation.api_urls")),
    path("xuc-tien/", include("trade_promotion.urls")),
    path("kiem-tra/", include("inspections.urls")),
    path("ke-hoach/", include("planning.urls")),
    path("quan-tri/", admin.site.urls),
]
