"""Which documents stand behind the minimums of the stars.

A decision marks the least that a star needs in a criterion, and says of each document of the
dossier which criteria it is evidence for (`DocumentKind.criteria`). Together they tell what a
product must be able to show for a star. What the council judges by looking and tasting has no
document.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from regulations.rules import JudgedBy, Regulation
from regulations.sheets import Criterion, Sheet


@dataclass(frozen=True, slots=True)
class EvidenceNeed:
    """What `stars` needs at least in a criterion, and the slots whose documents may show it.

    `slots` is empty for what only the council can judge.
    """

    stars: int
    criterion: str
    name: str
    level: str
    slots: tuple[str, ...]


def evidence_needs(regulation: Regulation, sheet: Sheet) -> tuple[EvidenceNeed, ...]:
    """Every minimum of the sheet, by star and then in the order of the sheet."""
    judged_by_council = regulation.minimums.judged_by is JudgedBy.COUNCIL
    found = _by_council(regulation, sheet) if judged_by_council else _by_marks(regulation, sheet)
    return tuple(sorted(found, key=lambda need: need.stars))


def slots_behind(regulation: Regulation, criterion: Criterion) -> tuple[str, ...]:
    """The slots whose documents are evidence for a criterion, in the order of the list."""
    key = _key(criterion.name)
    return tuple(
        document.code
        for document in regulation.documents
        if key in {_key(name) for name in document.criteria}
    )


def _by_marks(regulation: Regulation, sheet: Sheet) -> Iterator[EvidenceNeed]:
    for criterion in sheet.by_code.values():
        for star in criterion.marked_stars:
            level = next(
                minimum.label for (stars, _), minimum in criterion.minimums.items() if stars == star
            )
            yield _need(regulation, criterion, star, level)


def _by_council(regulation: Regulation, sheet: Sheet) -> Iterator[EvidenceNeed]:
    """The requirements that name a criterion of the sheet: "Tính độc đáo (nhóm 1, 2): …"."""
    if sheet.name in regulation.minimums.exempt_sheets:
        return
    for row in regulation.minimums.by_star:
        for requirement in row.requirements:
            named, colon, level = requirement.partition(":")
            key = _key(re.sub(r"\([^)]*\)", "", named))
            criterion = _criterion_named(sheet, key) if colon else None
            if criterion:
                yield _need(regulation, criterion, row.stars, level.strip())


def _criterion_named(sheet: Sheet, key: str) -> Criterion | None:
    for criterion in sheet.by_code.values():
        name = _key(criterion.name)
        if key in name or name in key:
            return criterion
    return None


def _need(regulation: Regulation, criterion: Criterion, star: int, level: str) -> EvidenceNeed:
    slots = slots_behind(regulation, criterion)
    return EvidenceNeed(star, criterion.code, criterion.name, level, slots)


def _key(name: str) -> str:
    return " ".join(name.casefold().split())
