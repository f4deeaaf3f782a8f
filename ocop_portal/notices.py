"""Telling people what concerns them. Apps register the kinds of notices that they send."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ocop_portal.models import Notice


@dataclass(frozen=True)
class NoticeKind:
    """A kind of notice, as people choose whether they also want it by e-mail."""

    code: str
    label: str
    # False for what the law has somebody told: it cannot be switched off.
    optional: bool = True


_kinds: dict[str, NoticeKind] = {}


def register(*kinds: NoticeKind) -> None:
    """Make kinds known; called once per app, when Django starts."""
    _kinds.update({kind.code: kind for kind in kinds})


def kinds() -> list[NoticeKind]:
    """Every kind, in the order of the apps."""
    return list(_kinds.values())


def notify(
    kind: NoticeKind, recipients: Iterable[Any], *, key: str, title: str, detail: str = "", url: str
) -> int:
    """Tell each of `recipients` once about `key`, in the transaction of what has happened.

    `url` is a path of the portal. Returns how many people were told who had not been before.
    """
    rows = [
        Notice(
            recipient=person,
            kind=kind.code,
            key=key[:200],
            title=title[:300],
            detail=detail,
            url=url,
        )
        for person in set(recipients)
        if person.is_active
    ]
    before = Notice.objects.filter(kind=kind.code, key=key[:200]).count()
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return Notice.objects.filter(kind=kind.code, key=key[:200]).count() - before
