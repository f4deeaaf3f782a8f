"""The pages of one dossier: each module of pages adds its tab, with the permission of the page."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse


@dataclass(frozen=True)
class Tab:
    """One page of a dossier; `order` places it, small first."""

    label: str
    url_name: str
    permission: str
    order: int

    def url_for(self, dossier: Any) -> str:
        return reverse(self.url_name, args=[dossier.pk])


_tabs: list[Tab] = []


def register(*tabs: Tab) -> None:
    """Add pages to every dossier; called once per app, when Django starts."""
    _tabs.extend(tabs)
    _tabs.sort(key=lambda tab: tab.order)


def tabs_for(user: Any, dossier: Any) -> list[tuple[str, str, str]]:
    """Label, address and name of the pages of `dossier` that `user` may open."""
    return [
        (tab.label, tab.url_for(dossier), tab.url_name)
        for tab in _tabs
        if user.has_perm(tab.permission, dossier)
    ]
