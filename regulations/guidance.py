"""Which evidence a criterion usually rests on.

Two sources, and both are help, not law: the annex lists the documents without saying to which
criterion each belongs (`evidence_slots.json` puts them together by the words of the criterion's
name), and the guide of a provincial platform says it for the sheets of 2019 option by option.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ocop_portal.text import search_key
from regulations.evidence import slots_behind
from regulations.parsing import DATA_DIR
from regulations.rules import DocumentKind, DossierKind, Regulation
from regulations.sheets import Criterion


@dataclass(frozen=True, slots=True)
class Guidance:
    """What the guide asks for at an option (empty: at any option of the criterion)."""

    option: str
    text: str


def slots_for(
    regulation: Regulation, criterion: Criterion, kind: DossierKind
) -> tuple[DocumentKind, ...]:
    """The documents of the regulation's list that usually prove a criterion, the nearest first."""
    name = f" {search_key(criterion.name)} "
    wanted = dict.fromkeys(slots_behind(regulation, criterion))
    for words, slots in _slots():
        if any(f" {word} " in name for word in words):
            wanted |= dict.fromkeys(slots)
    listed = {slot.code: slot for slot in regulation.documents_for(kind)}
    return tuple(listed[code] for code in wanted if code in listed)


def guidance_for(regulation: Regulation, criterion: Criterion, label: str = "") -> tuple[str, ...]:
    """What the guide asks for in a criterion, at the option with this label."""
    found = [
        row.text
        for row in _guide(regulation.code).get(search_key(criterion.name), ())
        if not row.option or row.option == search_key(label)
    ]
    found += [
        row.text for row in _guide(regulation.code).get("", ()) if row.option == search_key(label)
    ]
    return tuple(dict.fromkeys(found))


@cache
def _slots() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    rows = _read(DATA_DIR / "evidence_slots.json")
    return tuple((tuple(row["words"]), tuple(row["slots"])) for row in rows)


@cache
def _guide(code: str) -> dict[str, tuple[Guidance, ...]]:
    """By the criterion's name; under "" what goes by the option alone."""
    path = DATA_DIR / code / "evidence_guide.json"
    if not path.is_file():
        return {}
    data = _read(path)
    rows = {search_key(row["name"]): tuple(_guidance(row)) for row in data["parts_ab"]}
    loose = tuple(
        Guidance(search_key(row["applies_to"]), row["evidence"]) for row in data["part_c"]
    )
    return {**rows, "": loose}


def _guidance(row: dict[str, Any]) -> Iterator[Guidance]:
    name = search_key(row["name"])
    for entry in row["evidence"]:
        option = search_key(entry["applies_to"])
        yield Guidance("" if option == name else option, entry["evidence"])


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
