"""Filters of the lists: what stands in the address is the whole state of a list."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import AdministrativeUnit
from products import waiting
from products.forms import units_now_of
from products.models import Dossier, Producer, Product
from regulations.models import CriteriaSet


def districts_visible_to(user: Any) -> "QuerySet[AdministrativeUnit]":
    """The districts a person can filter by: those of the own territory."""
    districts = AdministrativeUnit.objects.districts().filter(path__startswith=user.territory)
    return districts.order_by("name")


class TerritoryFilterSet(django_filters.FilterSet):
    """A search box and a choice of district, for people whose territory has several."""

    q = django_filters.CharFilter(label="Tìm", method="search", widget=forms.SearchInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "district" in self.filters:
            user = self.request.user
            if user.unit and user.unit.level == AdministrativeUnit.Level.PROVINCE:
                self.filters["district"].queryset = districts_visible_to(user)
            else:
                del self.filters["district"]
        if "commune" in self.filters:
            self.filters["commune"].queryset = units_now_of(self.request.user)

    def search(self, rows: Any, _name: str, text: str) -> Any:
        return rows.search(text[:100])


class ProducerFilter(TerritoryFilterSet):
    district = django_filters.ModelChoiceFilter(
        label="Quận, huyện, thị xã",
        queryset=AdministrativeUnit.objects.none(),
        empty_label="Tất cả địa bàn",
    )
    commune = django_filters.ModelChoiceFilter(
        field_name="current_unit",
        label="Xã, phường hiện nay",
        queryset=AdministrativeUnit.objects.none(),
        empty_label="Tất cả xã, phường",
    )
    kind = django_filters.ChoiceFilter(
        label="Loại hình", choices=Producer.Kind.choices, empty_label="Tất cả loại hình"
    )

    class Meta:
        model = Producer
        fields = ["q", "district", "commune", "kind"]


class ProductFilter(TerritoryFilterSet):
    district = django_filters.ModelChoiceFilter(
        label="Quận, huyện, thị xã",
        queryset=AdministrativeUnit.objects.none(),
        empty_label="Tất cả địa bàn",
    )
    commune = django_filters.ModelChoiceFilter(
        field_name="producer__current_unit",
        label="Xã, phường hiện nay",
        queryset=AdministrativeUnit.objects.none(),
        empty_label="Tất cả xã, phường",
    )
    criteria_set = django_filters.ModelChoiceFilter(
        label="Bộ sản phẩm",
        queryset=CriteriaSet.objects.filter(
            pk__in=Product.objects.exclude(criteria_set=None).values("criteria_set")
        ).defer("data"),
        empty_label="Tất cả bộ sản phẩm",
    )
    missing = django_filters.ChoiceFilter(
        label="Còn thiếu",
        method="lacking",
        choices=[("producer", "Chưa rõ chủ thể"), ("set", "Chưa chọn bộ sản phẩm")],
        empty_label="Không lọc",
    )

    class Meta:
        model = Product
        fields = ["q", "district", "commune", "criteria_set", "missing"]

    def lacking(self, rows: Any, _name: str, value: str) -> Any:
        field = {"producer": "producer", "set": "criteria_set"}[value]
        return rows.filter(**{f"{field}__isnull": True})


class DossierFilter(TerritoryFilterSet):
    district = django_filters.ModelChoiceFilter(
        field_name="product__district",
        label="Quận, huyện, thị xã",
        queryset=AdministrativeUnit.objects.none(),
        empty_label="Tất cả địa bàn",
    )
    state = django_filters.ChoiceFilter(
        label="Trạng thái", choices=Dossier.State.choices, empty_label="Tất cả trạng thái"
    )
    tier = django_filters.ChoiceFilter(
        label="Cấp đang xử lý",
        choices=[("district", "Cấp huyện"), ("city", "Cấp thành phố"), ("national", "Trung ương")],
        empty_label="Tất cả cấp",
    )
    year = django_filters.NumberFilter(label="Năm", widget=forms.NumberInput(attrs={"min": 2018}))
    due = django_filters.ChoiceFilter(
        label="Hạn",
        method="in_time",
        choices=[
            ("overdue", "Quá hạn"),
            ("soon", "Sắp đến hạn"),
            ("any", "Có hạn xử lý"),
        ],
        empty_label="Không lọc",
    )

    class Meta:
        model = Dossier
        fields = ["q", "district", "state", "tier", "year", "due"]

    def in_time(self, rows: Any, _name: str, value: str) -> Any:
        today = timezone.localdate()
        conditions = {
            "overdue": waiting.overdue(today),
            "soon": waiting.due_soon(today),
            "any": Q(due_on__isnull=False),
        }
        return rows.open().filter(conditions[value])

    def search(self, rows: Any, _name: str, text: str) -> Any:
        return rows.filter(product__in=Product.objects.search(text[:100]).values("pk"))
