"""Which score sheet takes over from which, when a dossier comes under another regulation."""

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
    in_order = sorted({row.code: row for row in regulations}.values(), key=_begin)
    codes = [regulation.code for regulation in in_order]
    first, last = codes.index(origin.code), codes.index(target.code)
    way = in_order[first : last + 1] if first <= last else in_order[last : first + 1][::-1]
    found: str | None = sheet
    for here, there in pairwise(way):
        found = found and _step(found, here, there, forwards=first < last)
    return found


def _begin(regulation: Regulation) -> date:
    return regulation.effective_from


def _step(sheet: str, here: Regulation, there: Regulation, *, forwards: bool) -> str | None:
    if here.classification == there.classification:
        return sheet if sheet in there.sheets else None
    return there.sheet_after(sheet) if forwards else here.sheet_before(sheet)
