"""Why something is refused: values that pages, e-mails, actions and tests share."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Problem:
    """One reason: a code for programs and the Vietnamese sentence that people read."""

    code: str
    message: str


class Refused(Exception):
    """A rule of the programme says no (answered with status 409 and the reasons)."""

    status_code = 409

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("; ".join(problem.message for problem in problems))

    @classmethod
    def because(cls, code: str, message: str) -> Self:
        """Shorthand for a refusal with one reason."""
        return cls(Problem(code, message))


def refuse_if(problems: Iterable[Problem]) -> None:
    """Raise `Refused` with all `problems`, if there are any."""
    if found := tuple(problems):
        raise Refused(*found)
