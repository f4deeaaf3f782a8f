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
    path("tai-lieu/<int:pk>/", views.document_download, name="document_download"),
    path("tai-lieu/<int:pk>/xoa/", views.document_remove, name="document_remove"),
    path("tai-lieu/<int:pk>/anh/", views.document_thumbnail, name="document_thumbnail"),
    path("tai-lieu/<int:pk>/thong-tin/", views.document_facts, name="document_facts"),
    path("tai-lieu/<int:pk>/thay/", views.document_replace, name="document_replace"),
    path("tai-lieu/<int:pk>/khoi-phuc/", views.document_restore, name="document_restore"),
    path("nhap-excel/", views.import_list, name="import_list"),
    path("nhap-excel/<int:pk>/", views.import_detail, name="import_detail"),
    path("nhap-excel/<int:pk>/luu/", views.import_save, name="import_save"),
]
