"""What was changed of a record, when and by whom: read from the events that the database keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.text import Truncator

from accounts.models import User
from products.merging import label_of, shown

SHOWN = 30
LONGEST = 120


@dataclass(frozen=True)
class Change:
    """One save: each field with its value before and after; `by` is "" where nobody is known."""

    at: datetime
    by: str
    fields: tuple[tuple[str, str, str], ...]


def changes_of(record: models.Model, event_model: str) -> list[Change]:
    """The latest changes, newest first; each event holds the values that a save replaced."""
    model: Any = apps.get_model(event_model)
    tracked = [
        field.name
        for field in model._meta.concrete_fields
        if not field.name.startswith("pgh_") and field.name != "id"
    ]
    relations = [name for name in tracked if model._meta.get_field(name).is_relation]
    events = model.objects.filter(pgh_obj=record).select_related("pgh_context", *relations)
    latest = list(events.order_by("-pgh_id")[:SHOWN])
    people = _people(latest)
    changes = []
    after: Any = record
    for event in latest:
        fields = tuple(
            (label_of(record, name), *_both(event, after, name))
            for name in tracked
            if getattr(event, name) != getattr(after, name)
        )
        changes.append(Change(event.pgh_created_at, people.get(_user_of(event), ""), fields))
        after = event
    return [change for change in changes if change.fields]


def _both(before: Any, after: Any, name: str) -> tuple[str, str]:
    """A value before and after; of rows kept as JSON, such as the points of a report, those that
    differ.
    """
    old, new = getattr(before, name), getattr(after, name)
    if isinstance(old, list) and isinstance(new, list):
        return _rows([row for row in old if row not in new]), _rows(
            [row for row in new if row not in old]
        )
    return _words(before, name), _words(after, name)


def _rows(rows: list[Any]) -> str:
    words = "; ".join(": ".join(map(str, row)) for row in rows)
    return Truncator(words).chars(LONGEST) or "để trống"


def _words(row: Any, name: str) -> str:
    value = getattr(row, name)
    if value is None or value == "":
        return "để trống"
    # Of a long text the beginning is enough to know which one it was.
    return Truncator(shown(row, name)).chars(LONGEST)


def _user_of(event: Any) -> int | None:
    context = event.pgh_context
    return context.metadata.get("user") if context else None


def _people(events: Sequence[Any]) -> dict[int | None, str]:
    numbers = [number for event in events if (number := _user_of(event))]
    return {user.pk: str(user) for user in User.objects.filter(pk__in=numbers)}
