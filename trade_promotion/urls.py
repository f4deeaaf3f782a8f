"""Addresses of trade promotion."""

from django.urls import path

from trade_promotion import views

app_name = "trade_promotion"

urlpatterns = [
    path("san-pham/", views.eligible_products, name="eligible_products"),
]
