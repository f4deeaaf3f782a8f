"""Forms about files that people take."""

from typing import Any

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from ocop_portal.forms import CleanTextMixin, DateInput
from ocop_portal.models import FileAccess
from ocop_portal.text import search_key


class FileReasonForm(CleanTextMixin, forms.Form):
    """Why the files of so many records are needed."""

    reason = forms.CharField(
        label="Lý do",
        min_length=10,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Ví dụ: chuẩn bị tài liệu cho phiên họp của Hội đồng cấp thành phố.",
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class FileLogFilter(django_filters.FilterSet):
    """Find downloads by whose files they were, who took them, and when."""

    q = django_filters.CharFilter(
        label="Tệp của ai, tên tệp", method="about", widget=forms.SearchInput
    )
    by = django_filters.ModelChoiceFilter(
        label="Người tải", queryset=get_user_model().objects.order_by("full_name", "username")
    )
    first = django_filters.DateFilter(
        label="Từ ngày", field_name="at", lookup_expr="date__gte", widget=DateInput
    )
    last = django_filters.DateFilter(
        label="Đến ngày", field_name="at", lookup_expr="date__lte", widget=DateInput
    )
    content_type = django_filters.NumberFilter(widget=forms.HiddenInput)
    object_id = django_filters.NumberFilter(widget=forms.HiddenInput)

    class Meta:
        model = FileAccess
        fields: list[str] = []

    def about(self, rows: "QuerySet[FileAccess]", _name: str, words: str) -> "QuerySet[FileAccess]":
        for word in search_key(words[:100]).split():
            rows = rows.filter(search_key__contains=word)
        return rows

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form.fields["by"].empty_label = "Mọi người"
