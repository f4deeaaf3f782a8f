"""How a page and its form say what is chosen in a criterion: the option's number, or a word."""

NOT_ANSWERED = ""
NONE_REACHED = "none"


def value_of(option: int | None) -> str:
    """A choice as its form sends it."""
    return NONE_REACHED if option is None else str(option)


def option_from(value: str) -> int | None:
    """The choice that a form sent; raises ValueError for anything but an option's number."""
    if value == NONE_REACHED:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 4):
        raise ValueError(value)
    return int(value)
