"""Numbers and codes written after the pattern of a regulation."""

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
    tokens = "|".join(
        re.escape(field.token)
        for field in sorted(pattern.fields, key=lambda field: -len(field.token))
    )
    return re.sub(tokens, lambda match: values[match.group()], pattern.pattern)
