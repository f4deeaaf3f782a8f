"""The documents of a dossier on the line of the recognition's years, for its page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from products.completeness import FilledSlot
from products.models import Dossier, DossierDocument
from products.session_days import judged_on
from products.validity import Colour, Light, Term, light, on_the_day, worst
from regulations.rules import DocumentKind

# The drawn line is this many units wide, whatever the page makes of it.
WIDTH = 1000


@dataclass(frozen=True)
class Line:
    """One document: its state on the day and over the years, and how far it reaches (0–1000)."""

    document: DossierDocument
    slot: DocumentKind
    on_the_day: Light
    over_the_years: Light
    reach: int | None


def term_of(dossier: Dossier, today: date) -> Term:
    """From the day of judging over the months of the regulation's certificate."""
    months = dossier.regulation.rules.certificate.validity_months
    return Term.of(judged_on(dossier, today), months)


def lines(slots: Iterable[FilledSlot], term: Term) -> list[Line]:
    """Every current document, those that end first before the others."""
    found = [_line(document, row.slot, term) for row in slots for document in row.documents]
    return sorted(found, key=lambda one: (one.document.valid_until or date.max, one.slot.name))


def counts(rows: Iterable[Line]) -> dict[str, int]:
    """How many documents are of each colour over the years."""
    colours = [row.over_the_years.colour for row in rows]
    return {colour.value: colours.count(colour) for colour in Colour}


def slot_light(row: FilledSlot, term: Term) -> Light | None:
    """The light of a slot: that of its worst document."""
    return worst(light(document.valid_until, term) for document in row.documents)


def _line(document: DossierDocument, slot: DocumentKind, term: Term) -> Line:
    ends_on = document.valid_until
    reach = None
    if ends_on:
        held = min(max((ends_on - term.judged_on).days, 0), term.days)
        reach = held * WIDTH // term.days
    return Line(document, slot, on_the_day(ends_on, term), light(ends_on, term), reach)


def validity_of(dossier: Dossier, user: Any) -> dict[str, Any]:
    """What the page of a dossier needs to show lights; at most one query."""
    writes = user.has_perm("products.edit_dossier", dossier)
    receives = user.has_perm("products.receive_dossiers", dossier)
    return {
        "term": term_of(dossier, timezone.localdate()),
        "may_describe": writes or (receives and dossier.state not in Dossier.FINAL),
    }
