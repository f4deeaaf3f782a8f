"""What a dossier lacks for each star: the compulsory documents, and the evidence behind the
minimums. One pure function feeds the page, the submission and the tests.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from regulations.evidence import EvidenceNeed, evidence_needs
from regulations.matrix import sentence
from regulations.rules import DocumentKind, Regulation
from regulations.sheets import Sheet

# For each slot the last days of its documents; None for one without an end.
Held = Mapping[str, Sequence[date | None]]


class State(StrEnum):
    """Whether a dossier can show something."""

    HELD = "held"
    LAPSED = "lapsed"
    MISSING = "missing"
    # Seen or tasted at the session: no document shows it.
    COUNCIL = "council"


@dataclass(frozen=True)
class Item:
    """One thing that a star needs, and the slots that may show it."""

    name: str
    level: str
    slots: tuple[DocumentKind, ...]
    state: State
    # The star that asks for it; 0 for what the submission itself asks for.
    stars: int = 0

    @property
    def is_lacking(self) -> bool:
        return self.state in {State.LAPSED, State.MISSING}


@dataclass(frozen=True)
class StarLevel:
    """Everything that one star needs, the lower stars included."""

    stars: int
    items: tuple[Item, ...]

    @property
    def with_documents(self) -> int:
        """How many things documents have to show."""
        return sum(item.state is not State.COUNCIL for item in self.items)

    @property
    def held(self) -> int:
        return sum(item.state is State.HELD for item in self.items)

    @property
    def lacking(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.is_lacking)

    @property
    def for_council(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.state is State.COUNCIL)


def missing_slots(
    slots: Iterable[DocumentKind], filled: Mapping[str, object]
) -> list[DocumentKind]:
    """The compulsory slots without a file, in the order of the regulation."""
    return [
        slot for slot in slots if slot.compulsory and slot.is_file and not filled.get(slot.code)
    ]


def star_levels(
    regulation: Regulation, sheet: Sheet, kind: str, held: Held, day: date
) -> tuple[StarLevel, ...]:
    """What each star for which certificates are issued needs, and whether it holds on `day`."""
    slots = {slot.code: slot for slot in regulation.documents_for(kind) if slot.is_file}
    missing = {slot.code for slot in missing_slots(slots.values(), held)}
    compulsory = tuple(
        Item(
            slot.name,
            slot.requirement,
            (slot,),
            State.MISSING if slot.code in missing else State.HELD,
        )
        for slot in slots.values()
        if slot.compulsory
    )
    needs = evidence_needs(regulation, sheet)
    return tuple(
        StarLevel(
            stars,
            (*compulsory, *(_item(need, slots, held, day) for need in _of_star(needs, stars))),
        )
        for stars in sorted(regulation.certificate.stars)
    )


def slot_state(ends: Sequence[date | None], day: date) -> State:
    """Whether a slot has a document that holds on `day`."""
    if not ends:
        return State.MISSING
    return State.HELD if any(end is None or end >= day for end in ends) else State.LAPSED


def _of_star(needs: Iterable[EvidenceNeed], stars: int) -> list[EvidenceNeed]:
    """For each criterion the highest minimum up to the star, in the order of the needs."""
    highest: dict[str, EvidenceNeed] = {}
    for need in needs:
        if need.stars <= stars:
            highest[need.criterion] = need
    return list(highest.values())


def _item(need: EvidenceNeed, slots: Mapping[str, DocumentKind], held: Held, day: date) -> Item:
    """A minimum with the documents that may show it: one that holds is enough, unless another
    slot that was filled for it has lapsed.
    """
    fitting = tuple(slots[code] for code in need.slots if code in slots)
    states = [slot_state(held.get(slot.code, ()), day) for slot in fitting]
    if not fitting:
        state = State.COUNCIL
    elif State.LAPSED in states:
        state = State.LAPSED
    else:
        state = State.HELD if State.HELD in states else State.MISSING
    return Item(sentence(need.name), need.level, fitting, state, need.stars)
