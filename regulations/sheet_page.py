"""A score sheet as a page shows it: parts, criteria and options with what was chosen.

The same for a member of a council and for the producer who scores the own product.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from regulations.answers import NONE_REACHED, NOT_ANSWERED, value_of
from regulations.matrix import NO_LEVEL, sentence
from regulations.rules import Regulation, StarBand
from regulations.sheets import Criterion, CriterionGroup, Option, Part, Section, Sheet

# How the notes of the annex begin to say that scoring ends here.
STOP_WORDS = ("bị loại", "không đánh giá")


@dataclass(frozen=True)
class OptionLine:
    """One option: `value` is what the form sends, "none" where no level is reached."""

    value: str
    points: int
    label: str
    chosen: bool
    option: Option | None = None
    # The kind of producer that this and the following options are for, where this one opens it.
    case: str = ""


@dataclass(frozen=True)
class CriterionBlock:
    criterion: Criterion
    options: tuple[OptionLine, ...]
    answered: bool
    # What is chosen, as the form sends it.
    value: str
    points: int
    # The group of neighbouring criteria, where this one opens it.
    group: CriterionGroup | None = None

    @property
    def has_stop_rule(self) -> bool:
        """The note names a case in which the product is out, or is not scored further."""
        return any(words in self.criterion.note.lower() for words in STOP_WORDS)


@dataclass(frozen=True)
class SectionBlock:
    code: str
    name: str
    max_points: int
    points: int
    criteria: tuple[CriterionBlock, ...]
    note: str = ""

    @property
    def is_single(self) -> bool:
        """The section is one criterion under the same number: one heading is enough."""
        return len(self.criteria) == 1 and self.criteria[0].criterion.code == self.code


@dataclass(frozen=True)
class PartBlock:
    """Part A, B or C with its running total."""

    part: Part
    sections: tuple[SectionBlock, ...]

    @property
    def points(self) -> int:
        return sum(section.points for section in self.sections)

    @property
    def open_count(self) -> int:
        return sum(not block.answered for section in self.sections for block in section.criteria)


@dataclass(frozen=True)
class SheetPage:
    parts: tuple[PartBlock, ...]
    band: StarBand
    # The criterion that was answered last.
    after: str = ""

    @property
    def total(self) -> int:
        return sum(part.points for part in self.parts)

    @property
    def criterion_count(self) -> int:
        return sum(1 for _ in self.blocks())

    @property
    def open_count(self) -> int:
        return sum(part.open_count for part in self.parts)

    @property
    def answered_count(self) -> int:
        return self.criterion_count - self.open_count

    @property
    def next_open(self) -> str:
        """The code of the next criterion without an answer: below the last one, else from the top;
        empty if there is none.
        """
        codes = [block.criterion.code for block in self.blocks()]
        start = codes.index(self.after) if self.after in codes else -1
        still_open = [block.criterion.code for block in self.blocks() if not block.answered]
        below = [code for code in still_open if codes.index(code) > start]
        return next(iter(below or still_open), "")

    def place_of(self, code: str) -> tuple[SectionBlock, CriterionBlock]:
        """The criterion with this code, and its section."""
        return next(
            (section, block)
            for part in self.parts
            for section in part.sections
            for block in section.criteria
            if block.criterion.code == code
        )

    def blocks(self) -> Iterator[CriterionBlock]:
        for part in self.parts:
            for section in part.sections:
                yield from section.criteria


def sheet_page(
    regulation: Regulation, sheet: Sheet, chosen: Mapping[str, int | None], *, after: str = ""
) -> SheetPage:
    """The sheet with what was chosen; a criterion that `chosen` does not name is still open."""
    parts = tuple(_part(part, chosen) for part in sheet.parts)
    total = sum(part.points for part in parts)
    return SheetPage(parts, regulation.band(Decimal(total)), after)


def _part(part: Part, chosen: Mapping[str, int | None]) -> PartBlock:
    return PartBlock(part, tuple(_section(section, chosen) for section in part.sections))


def _section(section: Section, chosen: Mapping[str, int | None]) -> SectionBlock:
    blocks = []
    open_group = ""
    for criterion in section.criteria:
        group = criterion.group
        opens = group if group and group.code != open_group else None
        blocks.append(_criterion(criterion, chosen, opens))
        open_group = group.code if group else ""
    points = sum(block.points for block in blocks)
    return SectionBlock(
        section.code,
        sentence(section.name),
        section.max_points,
        points,
        tuple(blocks),
        section.note,
    )


def _criterion(
    criterion: Criterion, chosen: Mapping[str, int | None], group: CriterionGroup | None
) -> CriterionBlock:
    answered = criterion.code in chosen
    choice = chosen.get(criterion.code)
    lines = list(_lines(criterion, choice if answered else None))
    if all(option.points for option in criterion.options):
        # Many criteria print no option of 0 points: "none of these" must be sayable, and is not
        # the same as "not yet looked at".
        nothing = answered and choice is None
        lines.insert(0, OptionLine(NONE_REACHED, 0, NO_LEVEL, nothing))
    points = criterion.points(choice) if answered else 0
    value = value_of(choice) if answered else NOT_ANSWERED
    return CriterionBlock(criterion, tuple(lines), answered, value, points, group)


def _lines(criterion: Criterion, choice: int | None) -> Iterator[OptionLine]:
    cases = {case.number: case.label for case in criterion.cases}
    open_case = None
    for index, option in enumerate(criterion.options):
        case = cases.get(option.case or 0, "") if option.case != open_case else ""
        open_case = option.case
        yield OptionLine(str(index), option.points, option.label, choice == index, option, case)
