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
    """Read a number back: its digits by token, None if it is not written after the pattern.

    Codes of every shape stay readable: 01-282-10474-1-2021 by the pattern of 2019,
    01-00070-12-2026 by that of 2026.
    """
    digits = {field.token: field.digits for field in pattern.fields}
    tokens = [match.group() for match in _tokens(pattern).finditer(pattern.pattern)]
    between = _tokens(pattern).split(pattern.pattern)
    shape = re.escape(between[0])
    for token, literal in zip(tokens, between[1:], strict=True):
        count = digits[token]
        shape += f"([0-9]{{{count}}})" if count else "([0-9]+)"
        shape += re.escape(literal)
    found = re.fullmatch(shape, text)
    return dict(zip(tokens, found.groups(), strict=True)) if found else None


def _tokens(pattern: NumberPattern) -> re.Pattern[str]:
    """What matches a token of the pattern; a longer token wins over one that is part of it."""
    names = sorted((field.token for field in pattern.fields), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)))
