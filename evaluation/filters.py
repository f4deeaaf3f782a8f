"""Filters of results and certificates."""

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.utils import timezone

from accounts.models import AdministrativeUnit
from councils.filters import with_words
from evaluation.models import Certificate, Decision, Result
from evaluation.models.certificate import EXPIRING_DAYS
from products.filters import TerritoryFilterSet
from products.models import Product

STAR_CHOICES = [(n, f"{n} sao") for n in (5, 4, 3)]


class CertificateFilter(TerritoryFilterSet):
    district = django_filters.ModelChoiceFilter(
        field_name="product__district",
        label="Quận, huyện, thị xã",
        queryset=AdministrativeUnit.objects.none(),
        empty_label="Tất cả địa bàn",
    )
    stars = django_filters.ChoiceFilter(
        label="Hạng", choices=STAR_CHOICES, empty_label="Tất cả hạng"
    )
    status = django_filters.ChoiceFilter(
        label="Hiệu lực",
        method="in_status",
        empty_label="Tất cả",
        choices=[
            ("valid", "Còn hiệu lực"),
            ("expiring", "Sắp hết hiệu lực"),
            ("expired", "Đã hết hiệu lực"),
            ("revoked", "Đã thu hồi"),
        ],
    )

    class Meta:
        model = Certificate
        fields = ["q", "district", "stars", "status"]

    def search(self, rows: Any, _name: str, text: str) -> Any:
        found = Product.objects.search(text[:100]).values("pk")
        return rows.filter(product__in=found) | rows.filter(number__icontains=text[:60])

    def in_status(self, rows: Any, _name: str, value: str) -> Any:
        today = timezone.localdate()
        return {
            "valid": lambda: rows.valid_on(today),
            "expiring": lambda: rows.expiring_between(today, today + timedelta(days=EXPIRING_DAYS)),
            "expired": lambda: rows.expired_on(today),
            "revoked": lambda: rows.filter(revoked_on__isnull=False),
        }[value]()


class DecisionFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="Tìm", method="search", widget=forms.SearchInput)
    tier = django_filters.ChoiceFilter(
        label="Cấp",
        choices=[("city", "Cấp thành phố"), ("national", "Trung ương")],
        empty_label="Tất cả cấp",
    )
    year = django_filters.NumberFilter(
        field_name="signed_on__year", label="Năm", widget=forms.NumberInput(attrs={"min": 2018})
    )

    class Meta:
        model = Decision
        fields = ["q", "tier", "year"]

    def search(self, rows: Any, _name: str, text: str) -> Any:
        return with_words(rows, text, "number", "signatory_name", "authority")


class ResultFilter(TerritoryFilterSet):
    district = django_filters.ModelChoiceFilter(
        field_name="dossier__product__district",
        label="Quận, huyện, thị xã",
        queryset=AdministrativeUnit.objects.none(),
        empty_label="Tất cả địa bàn",
    )
    tier = django_filters.ChoiceFilter(
        label="Cấp",
        choices=[("district", "Cấp huyện"), ("city", "Cấp thành phố"), ("national", "Trung ương")],
        empty_label="Tất cả cấp",
    )

    class Meta:
        model = Result
        fields = ["q", "district", "tier"]

    def search(self, rows: Any, _name: str, text: str) -> Any:
        return rows.filter(dossier__product__in=Product.objects.search(text[:100]).values("pk"))
