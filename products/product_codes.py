"""Codes of products in the shapes of the regulations: a code of every shape stays what it is.

Until 2026 TT-HHH-XXXXX-STT-YYYY, with 26/2026/QĐ-TTg T-X-STT-20YY; the next decision brings its
own pattern as data.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from regulations.numbers import filled, parts_of
from regulations.rules import NumberPattern, Regulation

# What an example fills the tokens with; a token that is not among them gets ones.
EXAMPLES = {"HHH": "282", "XXXXX": "10474", "X": "00070", "STT": "12"}


@dataclass(frozen=True)
class Shape:
    """One way to write a code: its pattern and the decisions that prescribe it, in their order."""

    regulation: str
    pattern: NumberPattern
    decisions: tuple[str, ...]

    def fits(self, code: str) -> bool:
        return parts_of(self.pattern, code) is not None

    @property
    def example(self) -> str:
        """A made-up code of this shape."""
        values = {
            field.token: EXAMPLES.get(field.token, "01" if field.digits == 2 else "1")
            for field in self.pattern.fields
        }
        values |= {
            field.token: "26" if field.digits == 2 else "2021"
            for field in self.pattern.fields
            if "năm" in field.meaning
        }
        return filled(self.pattern, **values)


def shapes(regulations: Iterable[Regulation]) -> list[Shape]:
    """The different shapes, the oldest first."""
    found: dict[str, Shape] = {}
    for law in sorted(regulations, key=lambda law: law.effective_from):
        pattern = law.product_code
        earlier = found.get(pattern.pattern)
        found[pattern.pattern] = Shape(
            earlier.regulation if earlier else law.code,
            pattern,
            (*(earlier.decisions if earlier else ()), law.short_name),
        )
    return list(found.values())


def shape_of(code: str, known: Sequence[Shape]) -> Shape | None:
    """The shape that a code is written in; None for what no regulation knows."""
    return next((shape for shape in known if shape.fits(code)), None)
