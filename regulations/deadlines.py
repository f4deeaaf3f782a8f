"""Terms and deadlines, counted as Vietnamese law counts them."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from regulations.rules import CertificateRule, DayLimit, DayUnit, RenewalRule

SATURDAY = 5  # date.weekday()
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A time from its first to its last day, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def months_later(day: date, months: int) -> date:
    """The last day of a term of `months` months that begins on `day`.

    A term in months ends with the corresponding day of its last month, or with the last day of
    that month where there is no such day (Civil Code 2015, article 148).
    """
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def is_working_day(day: date) -> bool:
    """Tell whether offices work on `day`: no weekend, no public holiday, no day off in lieu.

    Labour Code 2019, article 112, with the yearly exchanges of working days that the package
    `holidays` knows. An exchanged Saturday on which offices do work counts as a weekend, so a
    deadline is never set too early for the office.
    """
    return day.weekday() < SATURDAY and day not in _public_holidays(day.year)


@cache
def _public_holidays(year: int) -> frozenset[date]:
    from holidays.countries import Vietnam  # slow to import, and few callers need it

    return frozenset(Vietnam(years=year))


def working_days_later(day: date, days: int) -> date:
    """Return the last day of a term of `days` working days that begins on `day`.

    The first day is not counted (Civil Code 2015, article 147). `days` is 0 or more; with 0 it is
    `day` itself.
    """
    while days > 0:
        day += ONE_DAY
        days -= is_working_day(day)
    return day


def working_days_before(day: date, days: int) -> date:
    """Return the last day on which something due `days` working days before `day` is in time."""
    while days > 0:
        day -= ONE_DAY
        days -= is_working_day(day)
    return day


def working_days_between(first: date, last: date) -> int:
    """Return how many working days there are after `first` up to `last`; negative if it is over."""
    if last < first:
        return -working_days_between(last, first)
    span = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sum(map(is_working_day, span))


def days_later(day: date, days: int) -> date:
    """Return the last day of a term of `days` days that begins on `day`.

    The first day is not counted; a term that would end on a day off ends on the next working day
    (Civil Code 2015, articles 147 and 148).
    """
    last = day + timedelta(days=days)
    while not is_working_day(last):
        last += ONE_DAY
    return last


def due_date(limit: DayLimit, start: date) -> date:
    """Return the last day of a limit of the regulation that began to run on `start`."""
    if limit.unit is DayUnit.WORKING:
        return working_days_later(start, limit.days)
    return days_later(start, limit.days)


def certificate_period(rule: CertificateRule, issued_on: date) -> Period:
    """Return how long a certificate issued on `issued_on` is valid: 36 months in all decisions."""
    return Period(issued_on, months_later(issued_on, rule.validity_months))


def renewal_window(rule: RenewalRule, valid_until: date) -> Period:
    """Return when the re-evaluation of a certificate that ends on `valid_until` may be filed.

    26/2026/QĐ-TTg, Điều 7 khoản 6 điểm a: not earlier than 180 days, not later than 120 days
    before the end of the certificate.
    """
    return Period(
        valid_until - timedelta(days=rule.opens_days_before),
        valid_until - timedelta(days=rule.closes_days_before),
    )


def latest_grace_day(rule: RenewalRule, valid_until: date) -> date:
    """Return how long a certificate may at most go on while a late re-evaluation is pending.

    26/2026/QĐ-TTg, Điều 12 khoản 3: until the result, at most 180 days after its end. Without
    such a rule it is the end itself.
    """
    return valid_until + timedelta(days=rule.grace_days or 0)
