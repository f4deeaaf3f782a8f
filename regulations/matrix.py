"""What the members of a council gave, criterion by criterion and side by side.

Members are spoken of by their number in the matrix, counted from 1: names are for the page, and
only for those who may see them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from regulations.rating import Member
from regulations.sheets import Criterion, Part, Section, Sheet

NO_LEVEL = "Không đạt mức nào"
# What stays in capitals where a heading of the annex is written in small letters.
ABBREVIATIONS = ("ATTP",)


@dataclass(frozen=True)
class Line:
    """A line of the matrix: the points of each member, of at most `max_points`."""

    code: str
    name: str
    max_points: int
    points: tuple[int, ...]

    @property
    def mean(self) -> Decimal:
        """The mean of the members, not rounded."""
        return Decimal(sum(self.points)) / len(self.points)

    @property
    def difference(self) -> int:
        """How far the members lie apart."""
        return max(self.points) - min(self.points)


@dataclass(frozen=True)
class Level:
    """An option that some members chose; `index` is None where they found no level reached."""

    index: int | None
    points: int
    label: str
    members: tuple[int, ...]


@dataclass(frozen=True)
class CriterionLine(Line):
    """One criterion, with the options that were chosen, the highest first."""

    levels: tuple[Level, ...]


@dataclass(frozen=True)
class SectionLine(Line):
    """One section with its criteria."""

    criteria: tuple[CriterionLine, ...]

    @property
    def is_single(self) -> bool:
        """The section is one criterion under the same number: one line is enough."""
        return len(self.criteria) == 1 and self.criteria[0].code == self.code


@dataclass(frozen=True)
class PartLine(Line):
    """Part A, B or C with its sections."""

    sections: tuple[SectionLine, ...]


@dataclass(frozen=True)
class Matrix(Line):
    """The whole sheet: its own points are the members' totals."""

    parts: tuple[PartLine, ...]

    @property
    def member_numbers(self) -> range:
        """The members as the page names them: 1, 2, 3 …"""
        return range(1, len(self.points) + 1)

    @property
    def criteria(self) -> Iterator[CriterionLine]:
        """Every criterion in the order of the sheet."""
        for part in self.parts:
            for section in part.sections:
                yield from section.criteria


def score_matrix(sheet: Sheet, members: Sequence[Member]) -> Matrix:
    """Put what the scoring members chose side by side; there must be at least one."""
    scoring = [member for member in members if member.scores]
    parts = tuple(_part(part, scoring) for part in sheet.parts)
    return Matrix("", "Tổng", sheet.max_points, _sums(parts), parts)


def sentence(name: str) -> str:
    """A heading in capitals as a sentence: "KIỂM TRA ĐỊNH KỲ" becomes "Kiểm tra định kỳ"."""
    if not name.isupper():
        return name
    words = [word if word in ABBREVIATIONS else word.lower() for word in name.split()]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _part(part: Part, members: Sequence[Member]) -> PartLine:
    sections = tuple(_section(section, members) for section in part.sections)
    return PartLine(part.code, sentence(part.name), part.max_points, _sums(sections), sections)


def _section(section: Section, members: Sequence[Member]) -> SectionLine:
    criteria = tuple(_criterion(criterion, members) for criterion in section.criteria)
    name = sentence(section.name)
    return SectionLine(section.code, name, section.max_points, _sums(criteria), criteria)


def _sums(lines: Sequence[Line]) -> tuple[int, ...]:
    return tuple(sum(column) for column in zip(*(line.points for line in lines), strict=True))


def _criterion(criterion: Criterion, members: Sequence[Member]) -> CriterionLine:
    chosen = [member.choices.get(criterion.code) for member in members]
    levels = [_level(criterion, index, chosen) for index in dict.fromkeys(chosen)]
    return CriterionLine(
        criterion.code,
        sentence(criterion.name),
        criterion.max_points,
        tuple(criterion.points(index) for index in chosen),
        tuple(sorted(levels, key=lambda level: -level.points)),
    )


def _level(criterion: Criterion, index: int | None, chosen: Sequence[int | None]) -> Level:
    numbers = tuple(number for number, choice in enumerate(chosen, start=1) if choice == index)
    option = criterion.option(index)
    label = option.label if option else NO_LEVEL
    return Level(index, criterion.points(index), label, numbers)
