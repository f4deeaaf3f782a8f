"""The menu: every app adds its own entries in `AppConfig.ready`, each with the permission of its
page, so the menu of a person holds what that person may open and nothing else.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True)
class Entry:
    """One line of the menu.

    `icon` names a symbol of templates/_icons.html; `order` places the entry, small first.
    """

    label: str
    url_name: str
    permission: str
    icon: str
    order: int

    @property
    def url(self) -> str:
        return reverse(self.url_name)


_entries: list[Entry] = []


def register(*entries: Entry) -> None:
    """Add entries to the menu; called once per app, when Django starts."""
    _entries.extend(entries)
    _entries.sort(key=lambda entry: entry.order)


def entries_for(user: Any) -> list[Entry]:
    """The entries whose page `user` may open, in menu order."""
    return [entry for entry in _entries if user.has_perm(entry.permission)]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `navigation` for the page frame."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": []}
    return {"navigation": entries_for(user)}
