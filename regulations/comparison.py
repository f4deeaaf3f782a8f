"""What changed from one regulation to another: values of the two, side by side.

Regulations are compared fact by fact under the names that people know; their sheets are paired by
the classification (which sheet takes over from which), and a pair criterion by criterion.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Any, Generic, TypeVar

from ocop_portal.text import search_key
from regulations.facts import AREAS, Fact
from regulations.rules import Regulation
from regulations.sheets import Criterion, Option, Section, Sheet

Thing = TypeVar("Thing")
LETTERS = ("a", "b", "c", "d", "đ", "e", "g", "h", "i", "k")


class Change(StrEnum):
    """What became of something."""

    SAME = "same"
    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Pair(Generic[Thing]):
    """The same thing before and after; None where there is none."""

    before: Thing | None
    after: Thing | None


def change_of(pair: Pair[Any]) -> Change:
    """Say what became of a thing whose two sides are compared as they are."""
    if pair.before is None:
        return Change.NEW
    if pair.after is None:
        return Change.GONE
    return Change.SAME if pair.before == pair.after else Change.CHANGED


# --- Words of two texts -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of a text; `differs` where the other text has not got it."""

    text: str
    differs: bool


def words_of(before: str, after: str) -> Pair[list[Words]]:
    """Split two texts where they differ, word by word."""
    old, new = before.split(), after.split()
    left, right = [], []
    for step, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if a < b:
            left.append(Words(" ".join(old[a:b]), step != "equal"))
        if c < d:
            right.append(Words(" ".join(new[c:d]), step != "equal"))
    return Pair(left, right)


# --- What the regulations say -------------------------------------------------------------------


@dataclass(frozen=True)
class AreaChange:
    """The facts of one area of both regulations, under one name each."""

    title: str
    facts: tuple[Pair[Fact], ...]

    @property
    def changed(self) -> list[tuple[Change, Pair[Fact]]]:
        """The facts that are not the same, with what became of each."""
        found = [(_fact_change(pair), pair) for pair in self.facts]
        return [(change, pair) for change, pair in found if change is not Change.SAME]

    @property
    def same_count(self) -> int:
        return len(self.facts) - len(self.changed)


def compare_regulations(before: Regulation, after: Regulation) -> list[AreaChange]:
    """Compare two regulations area by area; an area of which both say nothing is left out."""
    keys: list[Callable[[Fact], Any]] = [lambda fact: fact.key]
    areas = [
        AreaChange(title, tuple(matched(list(read(before)), list(read(after)), keys)))
        for title, read in AREAS.items()
    ]
    return [area for area in areas if area.facts]


def _fact_change(pair: Pair[Fact]) -> Change:
    """What became of a fact; another way to print the same words is no change."""
    if pair.before and pair.after:
        old, new = (search_key(fact.label, fact.text) for fact in (pair.before, pair.after))
        return Change.SAME if old == new else Change.CHANGED
    return change_of(pair)


# --- Sheets of two regulations ------------------------------------------------------------------


def sheet_pairs(
    before: Regulation, after: Regulation, known: Iterable[Regulation]
) -> list[Pair[Sheet]]:
    """Pair the sheets of two regulations, in the order of the later one's sheets.

    A sheet that took over from several, or was split, stands in several pairs. `known` are the
    regulations in force in between; they say which sheet follows which. Where the classification
    says nothing, sheets of the same name are a pair.
    """
    if after.effective_from < before.effective_from:
        return [Pair(pair.after, pair.before) for pair in sheet_pairs(after, before, known)]
    links = _links(before, after, known)
    pairs = [
        Pair(before.sheets[old], after.sheets[new])
        for new in after.sheets
        for old in before.sheets
        if (old, new) in links
    ]
    old_paired, new_paired = {old for old, _ in links}, {new for _, new in links}
    pairs += [Pair(None, sheet) for name, sheet in after.sheets.items() if name not in new_paired]
    pairs += [Pair(sheet, None) for name, sheet in before.sheets.items() if name not in old_paired]
    return pairs


def _links(
    before: Regulation, after: Regulation, known: Iterable[Regulation]
) -> set[tuple[str, str]]:
    """Which sheet of `before` leads to which of `after`, through everything in between."""
    between = [
        one
        for one in known
        if before.effective_from < one.effective_from < after.effective_from
        and one.code not in {before.code, after.code}
    ]
    way = [before, *sorted(between, key=lambda one: one.effective_from), after]
    links = {(name, name) for name in before.sheets}
    for here, there in pairwise(way):
        steps = _steps(here, there)
        links = {(old, new) for old, middle in links for start, new in steps if middle == start}
    old_paired, new_paired = {old for old, _ in links}, {new for _, new in links}
    same_names = (before.sheets.keys() - old_paired) & (after.sheets.keys() - new_paired)
    return links | {(name, name) for name in same_names}


def _steps(here: Regulation, there: Regulation) -> set[tuple[str, str]]:
    """Which sheet leads to which, from one regulation to the next."""
    follows = {
        (earlier, subgroup.sheet)
        for subgroup in there.classification.subgroups
        for earlier in subgroup.follows
    }
    if here.classification == there.classification or not follows:
        return {(name, name) for name in here.sheets.keys() & there.sheets.keys()}
    return {
        (earlier, sheet)
        for earlier, sheet in follows
        if earlier in here.sheets and sheet in there.sheets
    }


# --- Criteria of two sheets ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OptionChange:
    """An option before and after, and what changed about it, in words."""

    before: Option | None
    after: Option | None
    notes: tuple[str, ...]

    @property
    def change(self) -> Change:
        found = change_of(Pair(self.before, self.after))
        return found if self.notes or found is not Change.CHANGED else Change.SAME

    @property
    def words(self) -> Pair[list[Words]]:
        """The two labels with the words that the other one has not got."""
        return words_of(
            self.before.label if self.before else "", self.after.label if self.after else ""
        )


@dataclass(frozen=True)
class CriterionChange:
    """A criterion before and after, with its options and what changed about itself, in words."""

    before: Criterion | None
    after: Criterion | None
    notes: tuple[str, ...]
    options: tuple[OptionChange, ...]

    @property
    def change(self) -> Change:
        found = change_of(Pair(self.before, self.after))
        if found in {Change.NEW, Change.GONE}:
            return found
        options_same = all(option.change is Change.SAME for option in self.options)
        return Change.SAME if options_same and not self.notes else Change.CHANGED


@dataclass(frozen=True)
class PartChange:
    """A part of two sheets with the criteria of both."""

    code: str
    name: str
    before_points: int | None
    after_points: int | None
    criteria: tuple[CriterionChange, ...]


@dataclass(frozen=True)
class SheetChange:
    """Two sheets, part by part."""

    before: Sheet
    after: Sheet
    parts: tuple[PartChange, ...]

    @cached_property
    def counts(self) -> dict[Change, int]:
        """How many criteria there are of each change, those without any left out."""
        found = [criterion.change for part in self.parts for criterion in part.criteria]
        return {change: found.count(change) for change in Change if change in found}


def compare_sheets(before: Sheet, after: Sheet) -> SheetChange:
    """Compare two sheets: criteria are matched by their name within the part, then by code.

    A criterion that only got another code is the same.
    """
    old = {part.code: part for part in before.parts}
    new = {part.code: part for part in after.parts}
    parts = tuple(
        PartChange(
            code=code,
            name=(new.get(code) or old[code]).name,
            before_points=old[code].max_points if code in old else None,
            after_points=new[code].max_points if code in new else None,
            criteria=_criteria(
                _named(old[code].sections if code in old else ()),
                _named(new[code].sections if code in new else ()),
            ),
        )
        for code in dict.fromkeys([*new, *old])
    )
    return SheetChange(before, after, parts)


def _named(sections: Iterable[Section]) -> list[Criterion]:
    return [criterion for section in sections for criterion in section.criteria]


def _criteria(old: Sequence[Criterion], new: Sequence[Criterion]) -> tuple[CriterionChange, ...]:
    keys: list[Callable[[Criterion], Any]] = [
        lambda criterion: search_key(criterion.name),
        lambda criterion: _numbered(criterion.code),
    ]
    return tuple(_criterion(pair) for pair in matched(old, new, keys))


def _numbered(code: str) -> str:
    """A code with the letters of Decision 148 as numbers: 3.b and 3.2 are the same place."""
    section, dot, letter = code.partition(".")
    return f"{section}.{LETTERS.index(letter) + 1}" if dot and letter in LETTERS else code


def _criterion(pair: Pair[Criterion]) -> CriterionChange:
    old = pair.before.options if pair.before else ()
    new = pair.after.options if pair.after else ()
    keys: list[Callable[[Option], Any]] = [
        lambda option: (option.case, search_key(option.label)),
        lambda option: (option.case, option.points),
    ]
    options = tuple(
        OptionChange(one.before, one.after, tuple(_option_notes(one)))
        for one in matched(old, new, keys)
    )
    return CriterionChange(pair.before, pair.after, tuple(_criterion_notes(pair)), options)


def matched(
    old: Sequence[Thing], new: Sequence[Thing], keys: Iterable[Callable[[Thing], Any]]
) -> list[Pair[Thing]]:
    """Pair the things of two lists by the first of `keys` that they share, each of them once.

    The order is that of the new list; what is gone stands behind the thing that it came after.
    """
    partner: dict[int, int] = {}
    for key in keys:
        waiting = defaultdict(list)
        for index, thing in enumerate(old):
            if index not in partner.values():
                waiting[key(thing)].append(index)
        for index, thing in enumerate(new):
            if index not in partner and waiting[key(thing)]:
                partner[index] = waiting[key(thing)].pop(0)
    return _in_order(old, new, partner)


def _in_order(
    old: Sequence[Thing], new: Sequence[Thing], partner: Mapping[int, int]
) -> list[Pair[Thing]]:
    by_old = {old_index: new_index for new_index, old_index in partner.items()}
    gone_after: dict[int, list[Thing]] = defaultdict(list)
    last = -1
    for index, thing in enumerate(old):
        if index in by_old:
            last = by_old[index]
        else:
            gone_after[last].append(thing)
    pairs: list[Pair[Thing]] = [Pair(thing, None) for thing in gone_after[-1]]
    for index, thing in enumerate(new):
        pairs.append(Pair(old[partner[index]] if index in partner else None, thing))
        pairs += [Pair(gone, None) for gone in gone_after[index]]
    return pairs


def _criterion_notes(pair: Pair[Criterion]) -> Iterator[str]:
    before, after = pair.before, pair.after
    if before is None or after is None:
        return
    if before.max_points != after.max_points:
        yield f"Điểm tối đa {before.max_points} → {after.max_points}"
    if search_key(before.name) != search_key(after.name):
        yield "Đổi tên"
    yield from _mark_notes(before.min_for_star, after.min_for_star)
    if before.check_item != after.check_item:
        yield "Thành ô đánh dấu" if after.check_item else "Không còn là ô đánh dấu"
    if search_key(before.requirement) != search_key(after.requirement):
        yield "Sửa yêu cầu"


def _option_notes(pair: Pair[Option]) -> Iterator[str]:
    before, after = pair.before, pair.after
    if before is None or after is None:
        return
    if before.points != after.points:
        yield f"Điểm {before.points} → {after.points}"
    if search_key(before.label) != search_key(after.label):
        yield "Sửa lời"
    yield from _mark_notes(before.min_for_star, after.min_for_star)


def _mark_notes(before: int | None, after: int | None) -> Iterator[str]:
    if before == after:
        return
    if before is None:
        yield f"Thêm mức tối thiểu cho {after} sao"
    elif after is None:
        yield f"Bỏ mức tối thiểu cho {before} sao"
    else:
        yield f"Mức tối thiểu: {before} sao → {after} sao"
