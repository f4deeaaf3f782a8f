from datetime import date

import pytest

from regulations.deadlines import months_later


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
