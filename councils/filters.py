"""Filters of councils and sessions."""

from typing import Any

import django_filters
from django import forms

from councils.models import Council, Session

TIERS = [("district", "Cấp huyện"), ("city", "Cấp thành phố"), ("national", "Trung ương")]


def with_words(rows: Any, text: str, *fields: str) -> Any:
    """Rows of a short list that hold what was typed in one of the fields."""
    found = rows.none()
    for field in fields:
        found |= rows.filter(**{f"{field}__icontains": text[:100]})
    return found


class SessionFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="Tìm", method="search", widget=forms.SearchInput)
    state = django_filters.ChoiceFilter(
        label="Trạng thái", choices=Session.State.choices, empty_label="Tất cả trạng thái"
    )
    tier = django_filters.ChoiceFilter(
        field_name="council__tier", label="Cấp", choices=TIERS, empty_label="Tất cả cấp"
    )
    year = django_filters.NumberFilter(
        field_name="held_on__year", label="Năm", widget=forms.NumberInput(attrs={"min": 2018})
    )

    class Meta:
        model = Session
        fields = ["q", "state", "tier", "year"]

    def search(self, rows: Any, _name: str, text: str) -> Any:
        return with_words(rows, text, "title", "place", "council__name")


class CouncilFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="Tìm", method="search", widget=forms.SearchInput)
    tier = django_filters.ChoiceFilter(label="Cấp", choices=TIERS, empty_label="Tất cả cấp")

    class Meta:
        model = Council
        fields = ["q", "tier"]

    def search(self, rows: Any, _name: str, text: str) -> Any:
        return with_words(rows, text, "name", "decision_number")
