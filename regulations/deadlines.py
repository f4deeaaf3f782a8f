"""Terms and deadlines, counted as Vietnamese law counts them."""

import calendar
from datetime import date


def months_later(day: date, months: int) -> date:
    """The last day of a term of `months` months that begins on `day`.

    A term in months ends with the corresponding day of its last month, or with the last day of
    that month where there is no such day (Civil Code 2015, article 148).
    """
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
