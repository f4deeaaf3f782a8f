"""Filters of the watch list."""

import django_filters

from evaluation.filters import CertificateFilter
from inspections.panels import TITLES


class WatchFilter(CertificateFilter):
    # The reasons say more than the status does.
    status = None
    reason = django_filters.ChoiceFilter(
        field_name="watch_reason",
        label="Lý do",
        choices=list(TITLES.items()),
        empty_label="Mọi lý do",
    )

    class Meta(CertificateFilter.Meta):
        fields = ["q", "district", "stars", "reason"]
