"""Which regulation a dossier comes under (26/2026/QĐ-TTg, Điều 11 and Điều 12 khoản 2)."""

from dataclasses import replace
from datetime import date

import pytest

from regulations.assignment import NoRegulationError, assign, date_problems
from regulations.rules import DossierKind
from regulations.tests.sheet_builders import carried

FIRST, UPGRADE, RENEWAL = DossierKind.FIRST, DossierKind.UPGRADE, DossierKind.RENEWAL


def code_for(received: date, kind: DossierKind = FIRST, on: date | None = None) -> str:
    return assign(received, kind, on or received, carried().values()).regulation.code


@pytest.mark.parametrize(
    ("received", "code"),
    [
        (date(2019, 8, 21), "qd1048-2019"),
        (date(2021, 6, 14), "qd1048-2019"),
        (date(2023, 2, 23), "qd1048-2019"),
        (date(2023, 2, 24), "qd148-2023"),
        (date(2025, 7, 5), "qd148-2023"),
        (date(2025, 7, 6), "qd1489-2025"),
        (date(2026, 5, 21), "qd1489-2025"),
        (date(2026, 5, 22), "qd26-2026"),
        # 148 and 1489 lapse only on 21/7/2026, but new dossiers come under the new decision.
        (date(2026, 7, 21), "qd26-2026"),
        (date(2026, 11, 24), "qd26-2026"),
    ],
)
def test_dossier_follows_the_day_of_receipt(received: date, code: str) -> None:
    assert code_for(received) == code


def test_day_before_the_first_regulation_is_an_error() -> None:
    with pytest.raises(NoRegulationError, match="vào ngày 20/08/2019"):
        code_for(date(2019, 8, 20))


@pytest.mark.parametrize(
    ("kind", "on", "code"),
    [
        (FIRST, date(2026, 5, 21), "qd1489-2025"),
        (FIRST, date(2026, 7, 21), "qd1489-2025"),  # 60 days after 22/5/2026
        (FIRST, date(2026, 7, 22), "qd26-2026"),
        (UPGRADE, date(2026, 7, 21), "qd1489-2025"),
        (UPGRADE, date(2026, 7, 22), "qd26-2026"),
        (RENEWAL, date(2026, 6, 21), "qd1489-2025"),  # 30 days after 22/5/2026
        (RENEWAL, date(2026, 6, 22), "qd26-2026"),
    ],
)
def test_pending_dossier_goes_on_under_the_old_rules_for_60_or_30_days(
    kind: DossierKind, on: date, code: str
) -> None:
    assert code_for(date(2026, 5, 20), kind, on) == code


def test_pending_dossier_says_by_when_it_must_be_judged() -> None:
    before = assign(date(2026, 5, 20), FIRST, date(2026, 5, 21), carried().values())
    pending = assign(date(2026, 5, 20), FIRST, date(2026, 6, 1), carried().values())
    late = assign(date(2026, 5, 20), FIRST, date(2026, 8, 1), carried().values())

    assert before.complete_by is None
    assert pending.complete_by == date(2026, 7, 21)
    assert pending.source == "Quyết định 26/2026/QĐ-TTg, Điều 12 khoản 2"
    assert late.complete_by is None
    assert late.reason == (
        "Hồ sơ tiếp nhận ngày 20/05/2026 nhưng chưa đánh giá xong đến hết 21/07/2026 nên chuyển "
        "sang 26/2026/QĐ-TTg."
    )


def test_reasons_name_day_regulation_and_source() -> None:
    own = assign(date(2021, 6, 14), FIRST, date(2021, 7, 1), carried().values())
    on_the_first_day = assign(date(2026, 5, 20), FIRST, date(2026, 5, 22), carried().values())
    late = assign(date(2026, 5, 20), FIRST, date(2026, 8, 1), carried().values())

    assert own.reason == ("Hồ sơ tiếp nhận ngày 14/06/2021, khi 1048/QĐ-TTg, 781/QĐ-TTg áp dụng.")
    assert own.source == carried()["qd1048-2019"].effective_source
    assert on_the_first_day.complete_by == date(2026, 7, 21)
    assert on_the_first_day.reason == (
        "Hồ sơ tiếp nhận ngày 20/05/2026, khi 148/QĐ-TTg, 1489/QĐ-TTg áp dụng."
    )
    assert late.source == "Quyết định 26/2026/QĐ-TTg, Điều 12 khoản 2"


def test_own_transition_does_not_move_a_dossier() -> None:
    """The transition speaks of dossiers from before; it is not asked for those that came after."""
    regulations = [carried()["qd26-2026"]]

    assert assign(date(2026, 5, 22), FIRST, date(2026, 6, 1), regulations).complete_by is None


def test_new_dossier_has_no_limit() -> None:
    assignment = assign(date(2026, 5, 22), RENEWAL, date(2027, 1, 1), carried().values())

    assert (assignment.regulation.code, assignment.complete_by) == ("qd26-2026", None)


def test_old_dossier_of_1048_moves_only_where_a_transition_says_so() -> None:
    """148 has no transitional rule in the data; the one of 2026 speaks of all earlier rules."""
    assert code_for(date(2022, 5, 20), FIRST, date(2024, 1, 1)) == "qd1048-2019"
    assert code_for(date(2022, 5, 20), FIRST, date(2026, 7, 22)) == "qd26-2026"


def test_order_of_the_regulations_does_not_matter() -> None:
    backwards = list(carried().values())[::-1]

    assert assign(date(2024, 1, 1), FIRST, date(2024, 1, 1), backwards).regulation.code == (
        "qd148-2023"
    )


def test_dates_of_the_carried_regulations_do_not_overlap() -> None:
    assert date_problems(carried().values()) == []


def test_dates_that_overlap_are_named() -> None:
    old, new = carried()["qd1489-2025"], carried()["qd26-2026"]
    longer = replace(old, accepts_until=date(2026, 5, 22))

    problems = date_problems([new, longer])

    assert [(problem.code, problem.where) for problem in problems] == [
        ("dates_overlap", "qd26-2026")
    ]
    assert problems[0].message == ("qd1489-2025 và qd26-2026: cùng nhận hồ sơ từ ngày 22/05/2026")


def test_open_end_overlaps_with_what_follows() -> None:
    endless = replace(carried()["qd148-2023"], accepts_until=None)

    assert [problem.code for problem in date_problems([endless, carried()["qd1489-2025"]])] == [
        "dates_overlap"
    ]


def test_end_before_the_beginning_is_named() -> None:
    reversed_dates = replace(carried()["qd26-2026"], accepts_until=date(2026, 5, 21))

    (problem,) = date_problems([reversed_dates])
    assert (problem.code, problem.where, problem.message) == (
        "dates_reversed",
        "qd26-2026",
        "qd26-2026: ngày cuối nhận hồ sơ trước ngày có hiệu lực 22/05/2026",
    )
    same_day = replace(carried()["qd26-2026"], accepts_until=date(2026, 5, 22))
    assert date_problems([same_day]) == []
