"""Small sheets for the tests, and the regulation of 2019 as the portal carries it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from regulations.checking import checked_sheet
from regulations.parsing import DATA_DIR, load_regulation, read_regulations
from regulations.rules import Regulation
from regulations.sheets import Criterion, CriterionCase, Option, Part, Section, Sheet

PART_MAXIMUMS = {"A": 35, "B": 25, "C": 40}


@cache
def regulation_1048() -> Regulation:
    return load_regulation(DATA_DIR / "qd1048-2019")


def build_criterion(
    code: str,
    points: Sequence[int],
    *,
    marks: Mapping[int, int] | None = None,
    option_cases: Sequence[int] | None = None,
    min_for_star: int | None = None,
    check_item: bool = False,
) -> Criterion:
    """A criterion with these points; `marks`: index of an option → the star that needs it."""
    marks = marks or {}
    cases = option_cases or [None] * len(points)
    return Criterion(
        code=code,
        name=f"Tiêu chí {code}",
        max_points=max(points, default=0),
        options=tuple(
            Option(value, f"{code} mức {index}", case=cases[index], min_for_star=marks.get(index))
            for index, value in enumerate(points)
        ),
        cases=tuple(
            CriterionCase(case, f"Trường hợp {case}") for case in sorted({*cases} - {None})
        ),
        min_for_star=min_for_star,
        check_item=check_item,
    )


def build_section(
    code: str, criteria: Iterable[Criterion], max_points: int | None = None
) -> Section:
    criteria = tuple(criteria)
    total = sum(criterion.best_points for criterion in criteria)
    return Section(code, f"Mục {code}", total if max_points is None else max_points, criteria)


def build_sheet(parts: Mapping[str, Sequence[Criterion]], **changes: object) -> Sheet:
    """A sheet with one section in each part; part maximums are those of the regulation."""
    values: dict = {
        "name": "phieu-thu",
        "regulation_code": "qd1048-2019",
        "code": "qd1048-2019-99",
        "number": 99,
        "title": "Phiếu thử",
        "sector": "Thực phẩm",
        "group": "Thử",
        "subgroup": "",
        "ministries": (),
        "max_points": 100,
        "parts": tuple(
            Part(code, f"Phần {code}", PART_MAXIMUMS.get(code, 0), (build_section(code, criteria),))
            for code, criteria in parts.items()
        ),
    }
    return Sheet(**(values | changes))


@cache
def carried() -> dict[str, Regulation]:
    """Every regulation that the portal carries."""
    return read_regulations(DATA_DIR)


@cache
def points_sheet(regulation_code: str = "qd1048-2019") -> Sheet:
    """A sheet on which every total from 0 to 100 can be given: index = points in each part."""
    maximums = carried()[regulation_code].part_maximums
    criteria = {code: [build_criterion(code, range(top + 1))] for code, top in maximums.items()}
    sheet = build_sheet(criteria)
    parts = tuple(replace(part, max_points=maximums[part.code]) for part in sheet.parts)
    return checked_sheet(replace(sheet, parts=parts), maximums)


def choices_for(total: int, regulation_code: str = "qd1048-2019") -> dict[str, int | None]:
    """The choices on `points_sheet` that give `total` points, filling part A first."""
    choices: dict[str, int | None] = {}
    for code, top in carried()[regulation_code].part_maximums.items():
        choices[code] = min(total, top)
        total -= min(total, top)
    return choices
