"""What holds for every result, whatever the regulation, the sheet and the choices."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulations.rating import Member, Rating, Scoring, rate
from regulations.rules import Regulation
from regulations.sheets import Sheet
from regulations.tests.sheet_builders import carried

QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Regulation, Sheet, Scoring]:
    """A real sheet, 1–5 members with any choices, at a tier of the regulation."""
    regulation = carried()[draw(st.sampled_from(sorted(carried())))]
    usable = sorted(name for name, sheet in regulation.sheets.items() if sheet.usable)
    sheet = regulation.sheets[draw(st.sampled_from(usable))]
    tier = draw(st.sampled_from([tier.code for tier in regulation.tiers]))
    members = draw(st.lists(choices_on(sheet), min_size=1, max_size=5))
    scoring = Scoring(
        tier, [Member(f"m{number}", choices) for number, choices in enumerate(members, 1)]
    )
    return regulation, sheet, scoring


def choices_on(sheet: Sheet) -> Any:
    return st.fixed_dictionaries(
        {
            code: st.none() | st.integers(0, len(criterion.options) - 1)
            for code, criterion in sheet.by_code.items()
        }
    )


def same_result(first: Rating, second: Rating) -> bool:
    names = ["mean", "part_means", "band_stars", "minimum_stars", "stars", "outcome"]
    names += ["next_tier", "recognised_stars", "to_agree"]
    return all(getattr(first, name) == getattr(second, name) for name in names)


@QUICK
@given(cases(), st.randoms(use_true_random=False))
def test_order_of_the_members_does_not_matter(case: Any, random: Any) -> None:
    regulation, sheet, scoring = case
    shuffled = list(scoring.members)
    random.shuffle(shuffled)

    assert same_result(
        rate(regulation, sheet, scoring),
        rate(regulation, sheet, replace(scoring, members=shuffled)),
    )


@QUICK
@given(cases(), st.data())
def test_raising_one_choice_never_lowers_the_mean(case: Any, data: st.DataObject) -> None:
    regulation, sheet, scoring = case
    before = rate(regulation, sheet, scoring)
    member, *others = scoring.members
    code = data.draw(st.sampled_from(sorted(sheet.by_code)))
    criterion = sheet.by_code[code]
    higher = [
        index
        for index, option in enumerate(criterion.options)
        if option.points >= criterion.points(member.choices[code])
    ]
    raised = replace(member, choices={**member.choices, code: data.draw(st.sampled_from(higher))})

    after = rate(regulation, sheet, replace(scoring, members=[raised, *others]))

    assert after.mean >= before.mean


@QUICK
@given(cases())
def test_stars_exceed_neither_band_nor_minimums(case: Any) -> None:
    rating = rate(*case)

    assert rating.stars <= rating.band_stars
    assert rating.stars <= rating.minimum_stars
    if rating.recognised_stars is not None:
        assert rating.recognised_stars <= rating.stars


@QUICK
@given(cases(), st.data())
def test_recused_or_absent_member_changes_nothing(case: Any, data: st.DataObject) -> None:
    regulation, sheet, scoring = case
    choices = data.draw(choices_on(sheet))
    stranger = Member(
        "stranger", choices, **data.draw(st.sampled_from([{"recused": True}, {"present": False}]))
    )

    with_stranger = replace(scoring, members=[*scoring.members, stranger])

    assert rate(regulation, sheet, scoring) == rate(regulation, sheet, with_stranger)


@QUICK
@given(cases())
def test_points_are_exact(case: Any) -> None:
    rating = rate(*case)

    assert type(rating.mean) is Decimal
    assert all(type(mean) is Decimal for mean in rating.part_means.values())
    assert all(type(total) is int for total in rating.member_totals.values())
    assert sum(rating.part_means.values()) == rating.mean or abs(
        sum(rating.part_means.values()) - rating.mean
    ) < Decimal("1e-20")


@QUICK
@given(cases())
def test_same_case_gives_the_same_result(case: Any) -> None:
    assert rate(*case) == rate(*case)
