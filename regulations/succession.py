"""Which score sheet and which slots take over from which, when a dossier comes under another
regulation.
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from regulations.rules import Regulation


def counterpart(
    sheet: str, origin: Regulation, target: Regulation, regulations: Sequence[Regulation]
) -> str | None:
    """Return the sheet of `target` for products that `sheet` of `origin` judges.

    Goes through the regulations in between, forwards or back. None where the classification gives
    no sheet or more than one: then a person has to choose.
    """
    found: str | None = sheet
    for here, there in pairwise(_way(origin, target, regulations)):
        found = found and _step(found, here, there, forwards=_begin(here) < _begin(there))
    return found


def slot_counterparts(
    slot: str, origin: Regulation, target: Regulation, regulations: Sequence[Regulation]
) -> tuple[str, ...]:
    """Return the slots of `target` that take what stood in `slot` of `origin`, in its order.

    Empty where the other regulation asks for nothing of the kind; with more than one a person has
    to say what the document shows.
    """
    found = [slot]
    for here, there in pairwise(_way(origin, target, regulations)):
        reached = [code for each in found for code in _slots_next(each, here, there)]
        found = [document.code for document in there.documents if document.code in reached]
    return tuple(found)


def _slots_next(slot: str, here: Regulation, there: Regulation) -> tuple[str, ...]:
    if _begin(here) < _begin(there):
        return there.slots_after(slot)
    earlier = [code for code in here.slots_before(slot) if there.slot(code)]
    return (slot,) if slot in earlier else tuple(earlier)


def _way(
    origin: Regulation, target: Regulation, regulations: Sequence[Regulation]
) -> list[Regulation]:
    """The regulations from one to the other, both included."""
    in_order = sorted({row.code: row for row in regulations}.values(), key=_begin)
    codes = [regulation.code for regulation in in_order]
    first, last = codes.index(origin.code), codes.index(target.code)
    return in_order[first : last + 1] if first <= last else in_order[last : first + 1][::-1]


def _begin(regulation: Regulation) -> date:
    return regulation.effective_from


def _step(sheet: str, here: Regulation, there: Regulation, *, forwards: bool) -> str | None:
    if here.classification == there.classification:
        return sheet if sheet in there.sheets else None
    return there.sheet_after(sheet) if forwards else here.sheet_before(sheet)
