"""The ladder: as few criteria as can be, held against trying everything on small sheets."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.ladder import Ladder, alone, ladder
from regulations.matrix import NO_LEVEL
from regulations.rating import Member, Scoring, rate
from regulations.rules import Regulation
from regulations.sheets import Criterion, Sheet
from regulations.tests.sheet_builders import carried
from regulations.tests.test_explanation import by_marks, marked_sheet
from regulations.tests.test_properties import QUICK

TRAY = "do-an-nhanh"


def of(*choices: str, **case: Any) -> Ladder:
    """The ladder on the sheet of marks of test_explanation."""
    council = [
        Member(n, {str(k): None if c == "-" else int(c) for k, c in enumerate(given, start=1)})
        for n, given in enumerate(choices, start=1)
    ]
    found = ladder(by_marks(), marked_sheet(), Scoring("city", council, **case))
    assert found is not None
    return found


def ways(criterion: Criterion, index: int | None) -> Iterator[int | None]:
    """The option that stands, and those of the same kind of producer that bring more."""
    yield index
    case = criterion.options[index or 0].case
    for number, option in enumerate(criterion.options):
        if option.case == case and option.points > criterion.points(index):
            yield number


def fewest_by_trying(regulation: Regulation, sheet: Sheet, chosen: dict, target: int) -> int | None:
    """How many criteria must change for the target: every combination is rated."""
    found = []
    every = [list(ways(criterion, chosen[code])) for code, criterion in sheet.by_code.items()]
    for combination in product(*every):
        after = dict(zip(sheet.by_code, combination, strict=True))
        if rate(regulation, sheet, alone(sheet, after, tier="city")).stars >= target:
            found.append(sum(after[code] != chosen[code] for code in after))
    return min(found, default=None)


@QUICK
@given(st.tuples(*(st.none() | st.integers(0, n) for n in (2, 3, 2, 3, 3))))
def test_no_other_way_changes_fewer_criteria(options: tuple[int | None, ...]) -> None:
    sheet, regulation = marked_sheet(), by_marks()
    chosen = dict(zip("12345", options, strict=True))

    found = ladder(regulation, sheet, alone(sheet, chosen, tier="city"))

    assert found is not None
    if found.advice.target is None:
        assert found.rating.stars == 5
        return
    expected = fewest_by_trying(regulation, sheet, chosen, found.advice.target)
    assert len(found.steps) == expected
    raised = {climb.code: climb.advised for climb in found.steps}
    after = rate(regulation, sheet, alone(sheet, {**chosen, **raised}, tier="city"))
    assert after.stars >= found.advice.target
    assert after.mean == found.advice.mean_after


def test_minimum_comes_first_and_is_named_with_its_stars() -> None:
    # 0 + 30 + 25 + 30 + 2 = 87 points, but criterion 1 misses what 4 stars need.
    found = of("03222")

    assert (found.rating.band_stars, found.rating.stars) == (4, 3)
    (step,) = found.steps
    assert (step.code, step.is_minimum, step.advised, step.points) == ("1", True, 1, 0)
    assert [(rung.points, rung.stars) for rung in step.rungs] == [(3, (4,)), (5, (4,))]
    assert found.unmet_minimums == found.steps
    assert [climb.code for climb in found.others] == ["4", "5"]


def test_a_criterion_that_must_change_anyway_is_raised_before_another_is_touched() -> None:
    # 3 + 30 + 25 + 30 + 0 = 88: five stars lack 2 points and the minimum 5 in criterion 1.
    found = of("13220")

    assert [(c.code, c.advised) for c in found.steps] == [("1", 2)]
    assert found.advice.mean_after == 90


def test_levels_are_told_for_one_person_and_means_for_a_council() -> None:
    one, council = of("13-22"), of("13022", "13122")

    assert next(c for c in one.steps if c.code == "3").now == NO_LEVEL
    both = next(c for c in council.steps if c.code == "3")
    assert (both.now, both.points) == ("", Decimal("2.5"))
    assert both.advised_rung is not None


def test_nothing_above_five_stars() -> None:
    found = of("23233")

    assert (found.advice.target, found.steps, found.others) == (None, (), ())


@pytest.mark.parametrize("code", ["qd1048-2019", "qd26-2026"])
def test_an_empty_sheet_of_the_law_lacks_the_points_of_two_stars(code: str) -> None:
    regulation = carried()[code]
    sheet = regulation.sheets[TRAY]

    found = ladder(regulation, sheet, alone(sheet, {}, tier=regulation.tiers[0].code))

    assert found is not None
    advice = found.advice
    assert (advice.now, advice.target, advice.floor, advice.missing) == (1, 2, 30, 30)
    assert len(found.steps) + len(found.others) == len(sheet.by_code)
    gained = sum(climb.advised_rung.gain for climb in found.steps)
    assert gained == advice.mean_after == 30


def test_an_incomplete_sheet_has_no_ladder() -> None:
    regulation = carried()["qd1048-2019"]
    broken = next(sheet for sheet in regulation.sheets.values() if not sheet.usable)

    assert ladder(regulation, broken, alone(broken, {}, tier="city")) is None
