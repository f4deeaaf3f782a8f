"""Keeping the deadlines of dossiers, and telling the people who have to act, once for each."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import timezone

from ocop_portal.models import Notice
from ocop_portal.notices import NoticeKind, notify
from ocop_portal.problems import Refused
from products.actions.regulation import transition_deadline
from products.models import Dossier
from products.recipients import responsible_for
from products.waiting import deadline_of, due_soon, in_words, overdue, reason_of

DUE = NoticeKind("dossier_due", "Hồ sơ sắp đến hạn, quá hạn")
DERIVED = ("waits_since", "due_on", "due_code")
CHUNK = 500


def due_fields(dossier: Dossier, *, since: date | None) -> dict[str, Any]:
    """The fields that keep the deadline, for a dossier that is where it is `since` that day."""
    since = since or _first_day(dossier)
    asked = dossier.state == Dossier.State.SUPPLEMENT
    request = dossier.supplement_requests.open().first() if asked else None
    found = deadline_of(
        dossier,
        since=since,
        answer_by=request.deadline if request else None,
        complete_by=_complete_by(dossier),
    )
    return {
        "waits_since": since,
        "due_on": found.day if found else None,
        "due_code": found.code if found else "",
    }


def keep_deadline(dossier: Dossier, *, since: date | None = None) -> None:
    """Write the deadline anew after something else than a step changed what it follows from."""
    _write(dossier, due_fields(dossier, since=since or dossier.waits_since))


def refresh_deadlines() -> int:
    """Compute every open deadline anew: a regulation that comes into force, and the days off of a
    new year, change them without a step. Returns how many dossiers changed.
    """
    changed = 0
    rows = Dossier.objects.open().select_related("regulation")
    for dossier in rows.iterator(chunk_size=CHUNK):
        fields = due_fields(dossier, since=dossier.waits_since)
        if any(getattr(dossier, name) != value for name, value in fields.items()):
            _write(dossier, fields)
            changed += 1
    return changed


def remind(today: date) -> int:
    """Tell of dossiers that are due soon or late, once for each dossier and deadline; a day on
    which nothing ran is made up for. Returns how many people were told.
    """
    rows = Dossier.objects.open().filter(due_soon(today) | overdue(today))
    waiting = list(
        rows.select_related("regulation", "product__producer__current_unit", "product__unit")
    )
    told = _already_told(waiting)
    return sum(_tell(dossier, today) for dossier in waiting if _key(dossier) not in told)


def _tell(dossier: Dossier, today: date) -> int:
    left = in_words(dossier.due_on, today)
    return notify(
        DUE,
        responsible_for(dossier),
        key=_key(dossier),
        title=f"Hồ sơ {dossier.product}: {left}",
        detail=f"{reason_of(dossier)}; hạn đến hết ngày {dossier.due_on:%d/%m/%Y}.",
        url=dossier.get_absolute_url(),
    )


def _already_told(dossiers: Iterable[Dossier]) -> set[str]:
    rows = Notice.objects.filter(kind=DUE.code, key__in=[_key(row) for row in dossiers])
    return set(rows.values_list("key", flat=True))


def _key(dossier: Dossier) -> str:
    return f"{dossier.pk}/{dossier.due_code}/{dossier.due_on}"


def _complete_by(dossier: Dossier) -> date | None:
    try:
        return transition_deadline(dossier, timezone.localdate())
    except Refused:
        # Received on a day on which no regulation took dossiers: none limits it either.
        return None


def _first_day(dossier: Dossier) -> date:
    """For rows from before the day was kept: when it was submitted, else made."""
    moment = dossier.submitted_at or dossier.created_at
    return timezone.localtime(moment).date() if moment else timezone.localdate()


def _write(dossier: Dossier, fields: dict[str, Any]) -> None:
    """Without touching `updated_at`: nobody has worked on the dossier."""
    Dossier.objects.filter(pk=dossier.pk).update(**fields)
    for name, value in fields.items():
        setattr(dossier, name, value)
