"""The score sheet as the page shows it: parts, criteria and options with what was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.models import ScoreSheet
from regulations.sheets import Criterion, Option, Part

NONE_REACHED = "none"


@dataclass(frozen=True)
class OptionLine:
    """One option: `value` is what the form sends, "none" where no level is reached."""

    value: str
    points: int
    label: str
    chosen: bool
    option: Option | None = None


@dataclass(frozen=True)
class CriterionBlock:
    criterion: Criterion
    options: tuple[OptionLine, ...]
    answered: bool
    points: int
    # The heading above neighbouring criteria, where this one opens it.
    heading: str = ""


@dataclass(frozen=True)
class SectionBlock:
    code: str
    name: str
    max_points: int
    points: int
    criteria: tuple[CriterionBlock, ...]


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

    @property
    def total(self) -> int:
        return sum(part.points for part in self.parts)

    @property
    def criterion_count(self) -> int:
        return sum(len(section.criteria) for part in self.parts for section in part.sections)

    @property
    def open_count(self) -> int:
        return sum(part.open_count for part in self.parts)

    @property
    def answered_count(self) -> int:
        return self.criterion_count - self.open_count


def sheet_page(score_sheet: ScoreSheet) -> SheetPage:
    """Everything the page needs; one query."""
    chosen = dict(score_sheet.choices.values_list("criterion", "option"))
    sheet = score_sheet.assessment.criteria_set.sheet
    return SheetPage(tuple(_part(part, chosen) for part in sheet.parts))


def _part(part: Part, chosen: Mapping[str, int | None]) -> PartBlock:
    sections = []
    for section in part.sections:
        blocks = []
        heading = ""
        for criterion in section.criteria:
            group = criterion.group.name if criterion.group else ""
            blocks.append(_criterion(criterion, chosen, group if group != heading else ""))
            heading = group
        points = sum(block.points for block in blocks)
        sections.append(
            SectionBlock(section.code, section.name, section.max_points, points, tuple(blocks))
        )
    return PartBlock(part, tuple(sections))


def _criterion(
    criterion: Criterion, chosen: Mapping[str, int | None], heading: str
) -> CriterionBlock:
    answered = criterion.code in chosen
    choice = chosen.get(criterion.code)
    lines = [
        OptionLine(str(index), option.points, option.label, answered and choice == index, option)
        for index, option in enumerate(criterion.options)
    ]
    if all(option.points for option in criterion.options):
        # Many criteria print no option of 0 points: "none of these" must be sayable, and is not
        # the same as "not yet looked at".
        nothing = answered and choice is None
        lines.insert(0, OptionLine(NONE_REACHED, 0, "Không đạt mức nào", nothing))
    points = criterion.points(choice) if answered else 0
    return CriterionBlock(criterion, tuple(lines), answered, points, heading)
