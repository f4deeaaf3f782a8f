"""How long documents hold: on the day of the session, and over the years of recognition."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from regulations.deadlines import months_later
from regulations.rules import DocumentKind


class Colour(StrEnum):
    """What a light says; always beside its words and a sign."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    UNKNOWN = "unknown"


# The tone of the badge and its icon.
LOOKS = {
    Colour.GREEN: ("success", "check"),
    Colour.AMBER: ("warning", "clock"),
    Colour.RED: ("danger", "refused"),
    Colour.UNKNOWN: ("", "info"),
}

SHORT = {
    Colour.GREEN: "Còn hạn",
    Colour.AMBER: "Hết hạn giữa kỳ",
    Colour.RED: "Đã hết hạn",
    Colour.UNKNOWN: "Chưa ghi thời hạn",
}


@dataclass(frozen=True, slots=True)
class Light:
    """The state of one document in colour, sign and words."""

    colour: Colour
    text: str

    @property
    def tone(self) -> str:
        return LOOKS[self.colour][0]

    @property
    def icon(self) -> str:
        return LOOKS[self.colour][1]

    @property
    def short(self) -> "Light":
        """The same in two or three words, for the head of a slot."""
        return Light(self.colour, SHORT[self.colour])


@dataclass(frozen=True, slots=True)
class Term:
    """The day on which a product is judged, and the last day of its recognition."""

    judged_on: date
    last_day: date

    @classmethod
    def of(cls, judged_on: date, months: int) -> "Term":
        """The term of `months` months (1 or more) that begins with the judging."""
        return cls(judged_on, months_later(judged_on, months))

    @property
    def days(self) -> int:
        return (self.last_day - self.judged_on).days


def light(ends_on: date | None, term: Term) -> Light:
    """Red where it has ended by the day of judging, amber where it ends before the recognition
    does, green where it holds to the end; both ends of a term are included.
    """
    if ends_on is None:
        return Light(Colour.UNKNOWN, "Chưa ghi thời hạn")
    if ends_on < term.judged_on:
        return Light(Colour.RED, f"Hết hạn {ends_on:%d/%m/%Y}, trước ngày đánh giá")
    if ends_on < term.last_day:
        return Light(Colour.AMBER, f"Đến {ends_on:%d/%m/%Y}, hết hạn trong thời hạn công nhận")
    return Light(Colour.GREEN, f"Còn hạn đến {ends_on:%d/%m/%Y}")


def on_the_day(ends_on: date | None, term: Term) -> Light:
    """The state on the day of judging alone."""
    if ends_on is None:
        return Light(Colour.UNKNOWN, "Chưa ghi thời hạn")
    if ends_on < term.judged_on:
        return Light(Colour.RED, "Đã hết hạn")
    return Light(Colour.GREEN, "Còn hiệu lực")


def worst(lights: Iterable[Light]) -> Light | None:
    """The light that calls for the most; None where there is none."""
    order = (Colour.RED, Colour.AMBER, Colour.UNKNOWN, Colour.GREEN)
    return min(lights, key=lambda each: order.index(each.colour), default=None)


def usual_end(slot: DocumentKind | None, issued_on: date | None) -> date | None:
    """The last day of the usual term of such a document; None where no term is known."""
    if slot is None or slot.term_months is None or issued_on is None:
        return None
    return months_later(issued_on, slot.term_months)
