"""Addresses of producers, products, dossiers and imports."""

from django.urls import path

from products import views

app_name = "products"

urlpatterns = [
    path("tim/", views.search, name="search"),
    path("chu-the/", views.producer_list, name="producer_list"),
    path("chu-the/them/", views.producer_create, name="producer_create"),
    path("chu-the/<int:pk>/", views.producer_detail, name="producer_detail"),
    path("chu-the/<int:pk>/sua/", views.producer_edit, name="producer_edit"),
    path("chu-the/<int:pk>/tai-khoan/", views.account_list, name="account_list"),
    path(
        "chu-the/<int:pk>/tai-khoan/<int:account_pk>/thoi/", views.account_end, name="account_end"
    ),
    path("loi-moi/<int:pk>/huy/", views.invitation_cancel, name="invitation_cancel"),
    path("loi-moi/<str:token>/", views.invitation_accept, name="invitation_accept"),
    path("ho-so/<int:pk>/gui-can-bo/", views.dossier_hand_over, name="dossier_hand_over"),
    path("ho-so/<int:pk>/chuyen-chu-the/", views.dossier_give_back, name="dossier_give_back"),
    path("ho-so/<int:pk>/nhan-lai/", views.dossier_take_back, name="dossier_take_back"),
    path("chu-the/<int:pk>/nam/", views.producer_years, name="producer_years"),
    path("chu-the/<int:pk>/chuoi/", views.producer_chains, name="producer_chains"),
    path("chu-the/<int:pk>/giay-to/them/", views.paper_add, name="paper_add"),
    path("giay-to-chu-the/<int:pk>/", views.paper_download, name="paper_download"),
    path("giay-to-chu-the/<int:pk>/go/", views.paper_remove, name="paper_remove"),
    path("chu-the/trung/", views.producer_duplicates, name="producer_duplicates"),
    path("chu-the/<int:pk>/gop/<int:other>/", views.producer_merge, name="producer_merge"),
    path("gop-chu-the/<int:pk>/hoan-tac/", views.merge_undo, name="merge_undo"),
    path("san-pham/", views.product_list, name="product_list"),
    path("san-pham/them/", views.product_create, name="product_create"),
    path("san-pham/<int:pk>/", views.product_detail, name="product_detail"),
    path("san-pham/<int:pk>/sua/", views.product_edit, name="product_edit"),
    path("san-pham/<int:pk>/lap-ho-so/", views.dossier_create, name="dossier_create"),
    path("ho-so/", views.dossier_list, name="dossier_list"),
    path("ho-so/<int:pk>/", views.dossier_detail, name="dossier_detail"),
    path("ho-so/<int:pk>/sua/", views.dossier_edit, name="dossier_edit"),
    path("ho-so/<int:pk>/nop/", views.dossier_submit, name="dossier_submit"),
    path("ho-so/<int:pk>/tiep-nhan/", views.dossier_accept, name="dossier_accept"),
    path("ho-so/<int:pk>/bo-sung/", views.dossier_supplement, name="dossier_supplement"),
    path("ho-so/<int:pk>/quy-dinh/", views.dossier_regulation, name="dossier_regulation"),
    path("ho-so/<int:pk>/rut/", views.dossier_withdraw, name="dossier_withdraw"),
    path("ho-so/<int:pk>/tai-lieu/", views.document_add, name="document_add"),
    path("ho-so/<int:pk>/tron-bo/", views.dossier_bundle, name="dossier_bundle"),
    path("ho-so/<int:pk>/tron-bo-zip/", views.dossier_zip, name="dossier_zip"),
    path("ho-so/<int:pk>/tai-len/", views.upload_begin, name="upload_begin"),
    path("tai-len/<str:token>/xong/", views.upload_finish, name="upload_finish"),
    path("tai-len/<str:token>/bo/", views.upload_discard, name="upload_discard"),
    path("ho-so/<int:pk>/xep-muc/", views.dossier_sort, name="dossier_sort"),
    path("tai-lieu/<int:pk>/", views.document_download, name="document_download"),
    path("tai-lieu/<int:pk>/xoa/", views.document_remove, name="document_remove"),
    path("tai-lieu/<int:pk>/anh/", views.document_thumbnail, name="document_thumbnail"),
    path("tai-lieu/<int:pk>/thong-tin/", views.document_facts, name="document_facts"),
    path("tai-lieu/<int:pk>/trang/", views.document_pages, name="document_pages"),
    path("tai-lieu/<int:pk>/trang/anh/", views.document_pages_draw, name="document_pages_draw"),
    path("tai-lieu/<int:pk>/trang/<int:number>/", views.document_page, name="document_page"),
    path("tai-lieu/<int:pk>/thay/", views.document_replace, name="document_replace"),
    path("tai-lieu/<int:pk>/khoi-phuc/", views.document_restore, name="document_restore"),
    path("nhap-excel/", views.import_list, name="import_list"),
    path("nhap-excel/<int:pk>/", views.import_detail, name="import_detail"),
    path("nhap-excel/<int:pk>/luu/", views.import_save, name="import_save"),
]
