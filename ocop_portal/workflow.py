"""A process is a table of transitions; this is the one engine that runs it.

An app describes its process as `Transition` values. The engine locks the row, checks the state and
the permission, saves what changed and writes a `StatusChange`, all in one transaction.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from ocop_portal.models import StatusChange
from ocop_portal.problems import Problem, Refused

Record = TypeVar("Record", bound=models.Model)


@dataclass(frozen=True)
class Transition:
    """One arrow of a process.

    `permission` is asked with the record; an empty one marks a step that only another action of
    the portal takes (a council's result, a decision), never a person by hand. Without a `target`
    the state stays: the step changes something else that belongs into the history.
    """

    label: str
    sources: frozenset[str]
    target: str
    permission: str = ""

    def leads_to(self, source: str) -> str:
        """The state after the step when it is taken from `source`."""
        return self.target or source


class TransitionError(Refused):
    """The record is not in a state from which this step leads on."""


def apply(
    transition: Transition,
    record: Record,
    *,
    by: Any,
    note: str = "",
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """Take one step with `record` and return the locked, saved row.

    `changes` are further fields that the step sets. Raises `TransitionError` if the row, as it is
    in the database now, is in another state; `PermissionDenied` if `by` may not take the step.
    """
    with transaction.atomic():
        locked = _lock(record)
        if transition.permission and not by.has_perm(transition.permission, locked):
            raise PermissionDenied
        source = locked.state
        if source not in transition.sources:
            raise TransitionError(_wrong_state(transition, locked))
        target = transition.leads_to(source)
        fields = {"state": target, **(changes or {})}
        for name, value in fields.items():
            setattr(locked, name, value)
        fields |= _consequences(locked, moved=source != target)
        locked.save(update_fields=[*fields, *_version_fields(locked)])
        StatusChange.objects.create(
            record=locked, step=transition.label, source=source, target=target, by=by, note=note
        )
    return locked


def available(transitions: Mapping[str, Transition], record: Any, *, user: Any) -> list[str]:
    """The names of the steps that `user` may take with `record` now: the buttons of its page."""
    return [
        name
        for name, transition in transitions.items()
        if transition.permission
        and record.state in transition.sources
        and user.has_perm(transition.permission, record)
    ]


def history(record: models.Model) -> "models.QuerySet[StatusChange]":
    """Who changed the state, when and why, oldest first."""
    return (
        StatusChange.objects.filter(
            content_type=ContentType.objects.get_for_model(record), object_id=record.pk
        )
        .select_related("by")
        .order_by("at", "pk")
    )


def _lock(record: Record) -> Any:
    manager = type(record)._default_manager
    return manager.select_for_update(of=("self",)).get(pk=record.pk)


def _wrong_state(transition: Transition, record: Any) -> Problem:
    message = (
        f"Không thực hiện được “{transition.label}”: {record._meta.verbose_name} đang ở trạng "
        f"thái “{record.get_state_display()}”. Có thể người khác vừa xử lý, hãy tải lại trang."
    )
    return Problem("wrong_state", message)


def _consequences(record: Any, *, moved: bool) -> dict[str, Any]:
    """Set the further fields that follow from the state, where the model derives some: its
    `fields_after_step(moved=…)` is asked with the new values in place.
    """
    derive = getattr(record, "fields_after_step", None)
    fields: dict[str, Any] = derive(moved=moved) if derive else {}
    for name, value in fields.items():
        setattr(record, name, value)
    return fields


def _version_fields(record: models.Model) -> Collection[str]:
    """Fields that change with every save, where the model has them."""
    names = {field.name for field in record._meta.concrete_fields}
    return [name for name in ("updated_at",) if name in names]
