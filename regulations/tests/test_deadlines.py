from datetime import date

import pytest

from regulations.deadlines import (
    Period,
    certificate_period,
    days_later,
    due_date,
    is_working_day,
    latest_grace_day,
    months_later,
    renewal_window,
    working_days_before,
    working_days_between,
    working_days_later,
)
from regulations.rules import DayLimit, DayUnit, RenewalRule
from regulations.tests.sheet_builders import carried


@pytest.mark.parametrize(
    ("day", "months", "last_day"),
    [
        # A certificate of Hanoi's first decision under Plan 146: 36 months.
        (date(2021, 6, 14), 36, date(2024, 6, 14)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2023, 2, 28), 12, date(2024, 2, 28)),
        (date(2021, 8, 31), 6, date(2022, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2021, 8, 31), 1, date(2021, 9, 30)),
        (date(2021, 1, 31), 1, date(2021, 2, 28)),
        (date(2021, 12, 31), 12, date(2022, 12, 31)),
        (date(2021, 11, 30), 1, date(2021, 12, 30)),
        (date(2021, 12, 15), 1, date(2022, 1, 15)),
        (date(2021, 6, 14), 0, date(2021, 6, 14)),
    ],
)
def test_term_in_months_ends_with_the_same_day_or_the_last_of_its_month(
    day: date, months: int, last_day: date
) -> None:
    assert months_later(day, months) == last_day


# Working days (Labour Code 2019, article 112)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 5, 22), True),  # a Friday
        (date(2026, 5, 23), False),  # Saturday
        (date(2026, 5, 24), False),  # Sunday
        (date(2026, 5, 25), True),
        (date(2026, 4, 30), False),  # Reunification Day
        (date(2026, 5, 1), False),  # Labour Day
        (date(2026, 4, 27), False),  # in lieu of Hùng Kings' Day, a Sunday
        (date(2026, 9, 1), False),  # the second day of the National holiday
        (date(2026, 9, 2), False),
        (date(2026, 2, 17), False),  # Tết
        (date(2026, 2, 23), True),
        (date(2021, 9, 3), False),
    ],
)
def test_weekends_and_public_holidays_are_no_working_days(day: date, works: bool) -> None:
    assert is_working_day(day) is works


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        # The commune's 15 working days (26/2026/QĐ-TTg, Điều 7 khoản 2), from a Friday.
        (date(2026, 5, 22), 15, date(2026, 6, 12)),
        # Over 30/4, 1/5 and the day in lieu of Hùng Kings' Day.
        (date(2026, 4, 20), 15, date(2026, 5, 14)),
        # Over Tết 2026: 16 to 20 February are off.
        (date(2026, 2, 13), 1, date(2026, 2, 23)),
        (date(2026, 5, 22), 0, date(2026, 5, 22)),
        (date(2026, 5, 23), 1, date(2026, 5, 25)),
    ],
)
def test_working_days_later(start: date, days: int, last: date) -> None:
    assert working_days_later(start, days) == last


@pytest.mark.parametrize(
    ("day", "days", "latest"),
    [
        # Copies are due two working days before the session (1048/QĐ-TTg, Phụ lục II).
        (date(2026, 5, 25), 2, date(2026, 5, 21)),
        (date(2026, 5, 22), 1, date(2026, 5, 21)),
        (date(2026, 5, 22), 0, date(2026, 5, 22)),
        (date(2026, 5, 4), 1, date(2026, 4, 29)),
    ],
)
def test_working_days_before(day: date, days: int, latest: date) -> None:
    assert working_days_before(day, days) == latest


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        (date(2026, 5, 22), date(2026, 6, 12), 15),
        (date(2026, 6, 12), date(2026, 5, 22), -15),
        (date(2026, 5, 22), date(2026, 5, 22), 0),
        (date(2026, 5, 22), date(2026, 5, 24), 0),
        (date(2026, 5, 22), date(2026, 5, 25), 1),
        (date(2026, 5, 20), date(2026, 5, 21), 1),
    ],
)
def test_working_days_between(first: date, last: date, count: int) -> None:
    assert working_days_between(first, last) == count


# Calendar days (Civil Code 2015, articles 147 and 148)


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        (date(2026, 5, 4), 15, date(2026, 5, 19)),
        (date(2026, 5, 8), 15, date(2026, 5, 25)),  # Saturday 23 May: the next working day
        (date(2026, 4, 15), 15, date(2026, 5, 4)),  # 30 April: a holiday, then a weekend
        (date(2026, 5, 22), 0, date(2026, 5, 22)),
    ],
)
def test_term_in_days_never_ends_on_a_day_off(start: date, days: int, last: date) -> None:
    assert days_later(start, days) == last


def test_limit_counts_the_days_that_the_regulation_says() -> None:
    rules = carried()["qd26-2026"]
    screening, revocation = rules.day_limit("screening"), rules.day_limit("revocation")

    assert screening is not None
    assert (screening.days, screening.unit) == (15, DayUnit.WORKING)
    assert due_date(screening, date(2026, 5, 22)) == date(2026, 6, 12)
    assert revocation is not None
    assert (revocation.days, revocation.unit) == (15, DayUnit.CALENDAR)
    assert due_date(revocation, date(2026, 5, 4)) == date(2026, 5, 19)
    assert rules.day_limit("khong-co") is None


def test_limit_in_working_days_differs_from_one_in_days() -> None:
    limits = [DayLimit("x", 3, unit, "s", "t", "n") for unit in DayUnit]

    assert [due_date(limit, date(2026, 5, 21)) for limit in limits] == [
        date(2026, 5, 25),  # 24 May is a Sunday
        date(2026, 5, 26),
    ]


# Certificates


@pytest.mark.parametrize("code", ["qd1048-2019", "qd148-2023", "qd1489-2025", "qd26-2026"])
def test_certificate_is_valid_for_36_months(code: str) -> None:
    period = certificate_period(carried()[code].certificate, date(2026, 6, 1))

    assert period == Period(date(2026, 6, 1), date(2029, 6, 1))
    assert date(2026, 6, 1) in period
    assert date(2029, 6, 1) in period
    assert date(2026, 5, 31) not in period
    assert date(2029, 6, 2) not in period


def test_renewal_is_filed_180_to_120_days_before_the_end() -> None:
    rule = carried()["qd26-2026"].renewal
    assert rule is not None

    window = renewal_window(rule, date(2026, 12, 31))

    assert window == Period(date(2026, 7, 4), date(2026, 9, 2))
    assert latest_grace_day(rule, date(2026, 12, 31)) == date(2027, 6, 29)


def test_earlier_regulations_know_no_window() -> None:
    assert carried()["qd1048-2019"].renewal is None
    assert carried()["qd148-2023"].renewal is None


def test_without_grace_the_certificate_ends_on_its_last_day() -> None:
    rule = RenewalRule(180, 120, "nguồn", None, "")

    assert latest_grace_day(rule, date(2026, 12, 31)) == date(2026, 12, 31)
