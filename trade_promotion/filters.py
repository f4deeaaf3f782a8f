"""Filters of the list that invitations start from."""

from datetime import timedelta
from typing import Any

import django_filters
from django.utils import timezone

from evaluation.filters import CertificateFilter
from trade_promotion.panels import RECENT_DAYS


class EligibleFilter(CertificateFilter):
    # Only valid certificates are in the list at all.
    status = None
    since = django_filters.ChoiceFilter(
        label="Thời điểm công nhận",
        method="since_when",
        choices=[("recent", f"Trong {RECENT_DAYS} ngày qua")],
        empty_label="Mọi thời điểm",
    )

    class Meta(CertificateFilter.Meta):
        fields = ["q", "district", "stars", "since"]

    def since_when(self, rows: Any, _name: str, _value: str) -> Any:
        return rows.filter(valid_from__gte=timezone.localdate() - timedelta(days=RECENT_DAYS))
