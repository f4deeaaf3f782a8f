"""The pages of one dossier or product: each module of pages adds its tab, with its permission."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse


@dataclass(frozen=True)
class Tab:
    """One page of a record (`of` says of which kind); `order` places it, small first."""

    label: str
    url_name: str
    permission: str
    order: int
    of: str = "dossier"

    def url_for(self, record: Any) -> str:
        return reverse(self.url_name, args=[record.pk])


_tabs: list[Tab] = []


def register(*tabs: Tab) -> None:
    """Add pages to every record of their kind; called once per app, when Django starts."""
    _tabs.extend(tabs)
    _tabs.sort(key=lambda tab: tab.order)


def tabs_for(user: Any, record: Any) -> list[tuple[str, str, str]]:
    """Label, address and name of the pages of `record` that `user` may open."""
    return [
        (tab.label, tab.url_for(record), tab.url_name)
        for tab in _tabs
        if tab.of == record._meta.model_name and user.has_perm(tab.permission, record)
    ]
