"""Scoring sheets: the criteria of one product group, as the decision's annex prints them.

A sheet is Part → Section → Criterion → Option. A member of a council chooses at most one option
of each criterion. Points are whole numbers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from regulations.reading import Record, read_record

HIGHEST_STARS = 5


class UnknownCriterionError(LookupError):
    """The sheet has no criterion with this code."""


class OptionOutOfRangeError(LookupError):
    """The criterion has no option with this index."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a sheet cannot be scored with.

    `code` is stable, `where` names the part, section or criterion (empty for the whole sheet),
    `message` is the Vietnamese sentence that the administrator reads.
    """

    code: str
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Option:
    """One level of a criterion: its points (0 or more) and, if marked, the star that needs it."""

    points: int
    label: str
    case: int | None = None
    min_for_star: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CriterionCase:
    """One of the kinds of producer for which a criterion lists options of its own."""

    number: int
    label: str


@dataclass(frozen=True, slots=True)
class CriterionGroup:
    """A heading above neighbouring criteria, such as "Ngoại hình"; `max_points` may be unstated."""

    code: str
    name: str
    note: str = ""
    max_points: int | None = None


@dataclass(frozen=True, slots=True)
class Minimum:
    """The least that `stars` needs in a criterion.

    It is met by any option with at least `points`. `option` is the index of the marked option;
    None if the criterion itself is marked, when any option with more than 0 points will do.
    """

    stars: int
    points: int
    option: int | None
    label: str


@dataclass(frozen=True)
class Criterion:
    """One line of the sheet with its options.

    An option is named by its index in `options`, counted from 0 in the order of the file. Where
    the criterion has `cases`, `options` is still one list: the options of the first case, then
    those of the next, each option carrying the number of its case. So an index names the case
    and the option at once. In a `check_item` the only option, index 0, is the tick. No index
    (None) means that no option was reached: 0 points.
    """

    code: str
    name: str
    max_points: int
    options: tuple[Option, ...]
    cases: tuple[CriterionCase, ...] = ()
    group: CriterionGroup | None = None
    min_for_star: int | None = None
    check_item: bool = False
    note: str = ""
    requirement: str = ""

    def option(self, index: int | None) -> Option | None:
        """Return the option with this index, None for None; raise OptionOutOfRangeError."""
        if index is None:
            return None
        if not self.has_option(index):
            raise OptionOutOfRangeError(f"{self.code}: không có lựa chọn {index!r}")
        return self.options[index]

    def has_option(self, index: object) -> bool:
        """Tell whether `index` is a whole number that names an option."""
        return type(index) is int and 0 <= index < len(self.options)

    def points(self, index: int | None) -> int:
        """Return the points of an option, 0 for None; raise OptionOutOfRangeError."""
        option = self.option(index)
        return option.points if option else 0

    @property
    def best_points(self) -> int:
        """The points of the highest option, over all cases."""
        return max((option.points for option in self.options), default=0)

    @cached_property
    def marked_stars(self) -> tuple[int, ...]:
        """The stars that need something of this criterion, ascending; usually none."""
        marks = {option.min_for_star for option in self.options} | {self.min_for_star}
        return tuple(sorted(mark for mark in marks if mark is not None))

    @cached_property
    def minimums(self) -> Mapping[tuple[int, int | None], Minimum]:
        """The minimum of each marked star in each case (None where there are no cases)."""
        numbers: list[int | None] = [case.number for case in self.cases]
        found = (
            (star, case, self._minimum(star, case))
            for star in self.marked_stars
            for case in numbers or [None]
        )
        return {(star, case): minimum for star, case, minimum in found if minimum}

    def _minimum(self, star: int, case: int | None) -> Minimum | None:
        marked = [
            (option.points, option.min_for_star, -index)
            for index, option in enumerate(self.options)
            if option.case == case and option.min_for_star and option.min_for_star <= star
        ]
        if marked:
            points, _, negative_index = max(marked)
            return Minimum(star, points, -negative_index, self.options[-negative_index].label)
        if self.min_for_star and self.min_for_star <= star:
            return Minimum(star, 1, None, self.name)
        return None

    def unmet_minimum(self, star: int, index: int | None) -> Minimum | None:
        """Return the minimum that the chosen option misses for a marked star, None if met.

        Without an option the case is not known either, so the first case with a minimum counts.
        """
        option = self.option(index)
        if option is None:
            of_star = (minimum for (stars, _), minimum in self.minimums.items() if stars == star)
            return next(of_star, None)
        minimum = self.minimums.get((star, option.case))
        return minimum if minimum and option.points < minimum.points else None


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered heading of a part, with its criteria."""

    code: str
    name: str
    max_points: int
    criteria: tuple[Criterion, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Part A, B or C of a sheet."""

    code: str
    name: str
    max_points: int
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Sheet:
    """The scoring sheet of one product subgroup under one regulation.

    `name` is the stable key (the file's name), `title` what people read. `problems` is None
    until the sheet was checked.
    """

    name: str
    regulation_code: str
    code: str
    number: int
    title: str
    sector: str
    group: str
    subgroup: str
    ministries: tuple[str, ...]
    max_points: int
    parts: tuple[Part, ...]
    issues: tuple[str, ...] = ()
    completeness: str = ""
    sample_required: bool = True
    problems: tuple[Problem, ...] | None = None

    @property
    def usable(self) -> bool:
        """True if the sheet was checked and adds up; no other sheet may be scored with."""
        return self.problems == ()

    def checked(self, problems: tuple[Problem, ...]) -> "Sheet":
        """Return the sheet with what a check found."""
        return replace(self, problems=problems)

    @cached_property
    def criteria(self) -> tuple[tuple[Part, Criterion], ...]:
        """Every criterion in the order of the sheet, with the part it stands in."""
        return tuple(self._walk())

    def _walk(self) -> Iterator[tuple[Part, Criterion]]:
        for part in self.parts:
            for section in part.sections:
                for criterion in section.criteria:
                    yield part, criterion

    @cached_property
    def by_code(self) -> Mapping[str, Criterion]:
        """The criteria by their code, in the order of the sheet."""
        return {criterion.code: criterion for _, criterion in self.criteria}

    def criterion(self, code: str) -> Criterion:
        """Return the criterion with this code; raise UnknownCriterionError if there is none."""
        try:
            return self.by_code[code]
        except KeyError:
            raise UnknownCriterionError(f"{self.name}: không có tiêu chí {code}") from None

    def option(self, code: str, index: int | None) -> Option | None:
        """Return an option by criterion code and index as filed; None if no option was reached.

        Raises UnknownCriterionError or OptionOutOfRangeError.
        """
        return self.criterion(code).option(index)


def read_sheet(path: Path) -> Sheet:
    """Read a sheet file; raise DataError if it does not have the shape of a sheet."""
    return parse_sheet(read_record(path), path.stem)


def parse_sheet(record: Record, name: str) -> Sheet:
    """Build a sheet, not yet checked, from its JSON object; raise DataError on a wrong shape."""
    return Sheet(
        name=name,
        regulation_code=record.text("regulation_code"),
        code=record.text("sheet_code"),
        number=record.number("sheet_number"),
        title=record.text("name"),
        sector=record.text("sector"),
        group=record.text("group"),
        subgroup=record.text("subgroup", default=""),
        ministries=record.texts("ministry"),
        max_points=record.number("max_points"),
        parts=tuple(_part(part) for part in record.records("parts")),
        issues=record.texts("issues"),
        completeness=record.text("completeness", default=""),
        sample_required=not record.flag("no_sample_required", default=False),
    )


def _part(record: Record) -> Part:
    return Part(
        code=record.text("code"),
        name=record.text("name"),
        max_points=record.number("max_points"),
        sections=tuple(_section(section) for section in record.records("sections")),
    )


def _section(record: Record) -> Section:
    return Section(
        code=record.text("code"),
        name=record.text("name"),
        max_points=record.number("max_points"),
        criteria=tuple(_criterion(criterion) for criterion in record.records("criteria")),
        note=record.text("note", default=""),
    )


def _criterion(record: Record) -> Criterion:
    return Criterion(
        code=record.text("code"),
        name=record.text("name"),
        max_points=record.number("max_points"),
        options=tuple(_option(option) for option in record.records("options")),
        cases=tuple(_case(case) for case in record.records("cases", required=False)),
        group=_group(record.record("group")) if "group" in record.data else None,
        min_for_star=record.number_or_none("min_for_star"),
        check_item=record.flag("check_item", default=False),
        note=record.text("note", default=""),
        requirement=record.text("requirement", default=""),
    )


def _option(record: Record) -> Option:
    return Option(
        points=record.number("points"),
        label=record.text("label"),
        case=record.number_or_none("case"),
        min_for_star=record.number_or_none("min_for_star"),
        note=record.text("note", default=""),
    )


def _case(record: Record) -> CriterionCase:
    return CriterionCase(record.number("case"), record.text("label"))


def _group(record: Record) -> CriterionGroup:
    return CriterionGroup(
        code=record.text("code"),
        name=record.text("name"),
        note=record.text("note", default=""),
        max_points=record.number_or_none("max_points"),
    )
