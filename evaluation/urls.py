"""Addresses of scoring, results, decisions, certificates and their public check."""

from django.urls import path

from evaluation import views

app_name = "evaluation"

urlpatterns = [
    path("cham-diem/", views.my_sheets, name="my_sheets"),
    path("cham-diem/<int:pk>/", views.sheet_detail, name="sheet_detail"),
    path("cham-diem/<int:pk>/chon/", views.sheet_choose, name="sheet_choose"),
    path("cham-diem/<int:pk>/nhan-xet/", views.sheet_comment, name="sheet_comment"),
    path("cham-diem/<int:pk>/ky/", views.sheet_sign, name="sheet_sign"),
    path(
        "cham-diem/<int:pk>/tai-lieu/<int:document_pk>/",
        views.sheet_document,
        name="sheet_document",
    ),
    path("phien-hop/<int:pk>/mo/", views.session_open, name="session_open"),
    path("phien-hop/<int:pk>/dieu-hanh/", views.session_board, name="session_board"),
    path("phien-hop/<int:pk>/co-mat/", views.session_attendance, name="session_attendance"),
    path("phien-hop/<int:pk>/ket-thuc/", views.session_close, name="session_close"),
    path("danh-gia/<int:pk>/", views.assessment_detail, name="assessment_detail"),
    path("danh-gia/<int:pk>/chot/", views.assessment_conclude, name="assessment_conclude"),
    path("danh-gia/<int:pk>/cham-lai/", views.assessment_repeat, name="assessment_repeat"),
    path("ket-qua/", views.result_list, name="result_list"),
    path("ket-qua/<int:pk>/", views.result_detail, name="result_detail"),
    path("ho-so/<int:pk>/ghi-ket-qua/", views.result_record, name="result_record"),
    path("quyet-dinh/", views.decision_list, name="decision_list"),
    path("quyet-dinh/them/", views.decision_create, name="decision_create"),
    path("quyet-dinh/<int:pk>/", views.decision_detail, name="decision_detail"),
    path("giay-chung-nhan/", views.certificate_list, name="certificate_list"),
    path("giay-chung-nhan/<int:pk>/", views.certificate_detail, name="certificate_detail"),
    path("giay-chung-nhan/<int:pk>/pdf/", views.certificate_pdf, name="certificate_pdf"),
    path("giay-chung-nhan/<int:pk>/thu-hoi/", views.certificate_revoke, name="certificate_revoke"),
    path("san-pham-ocop/", views.catalogue_list, name="catalogue_list"),
    path("san-pham-ocop/anh/<int:pk>.jpg", views.catalogue_photo, name="catalogue_photo"),
    path(
        "san-pham-ocop/anh/<int:pk>-nho.jpg",
        views.catalogue_photo_small,
        name="catalogue_photo_small",
    ),
    path("san-pham-ocop/<int:pk>/<str:slug>/", views.catalogue_detail, name="catalogue_detail"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path("verify/", views.verify_number, name="verify_number"),
    path("verify/<str:token>", views.verify, name="verify"),
]
