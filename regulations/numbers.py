"""Numbers and codes written after the pattern of a regulation, and read back."""

import re

from regulations.rules import NumberPattern


class WrongTokenError(ValueError):
    """A value is missing for a token of the pattern, or does not have its length."""


def filled(pattern: NumberPattern, **values: str) -> str:
    """Write `values` in the place of the pattern's tokens: STT/YYYY becomes 0001/2021.

    Raises WrongTokenError for a missing value, or one of another length than the regulation says.
    """
    for field in pattern.fields:
        value = values.get(field.token, "")
        if not value or (field.digits and len(value) != field.digits):
            raise WrongTokenError(f"{pattern.pattern}: {field.token} = {value!r}")
    return _tokens(pattern).sub(lambda match: values[match.group()], pattern.pattern)


def parts_of(pattern: NumberPattern, text: str) -> dict[str, str] | None:
    """Read a number back: its digits by token, None if it is not written after the pattern."""
    digits = {field.token: field.digits for field in pattern.fields}
    shape, end = "", 0
    for match in _tokens(pattern).finditer(pattern.pattern):
        count = digits[match.group()]
        length = f"{{{count}}}" if count else "+"
        shape += (
            f"{re.escape(pattern.pattern[end : match.start()])}(?P<{match.group()}>[0-9]{length})"
        )
        end = match.end()
    found = re.fullmatch(shape + re.escape(pattern.pattern[end:]), text)
    return found.groupdict() if found else None


def _tokens(pattern: NumberPattern) -> re.Pattern[str]:
    """What matches a token of the pattern; a longer token wins over one that is part of it."""
    names = sorted((field.token for field in pattern.fields), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)))
