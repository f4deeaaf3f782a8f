"""The landing page: what there is to do now. Every app registers panels in `AppConfig.ready`.

A panel asks the database for one person; it returns `None` where the matter is not that person's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Task:
    """One line of work: what it is about, why now, and where to do it."""

    title: str
    url: str
    detail: str = ""
    # Empty, or "warning" where it is due soon, or "danger" where it is late.
    urgency: str = ""


@dataclass(frozen=True)
class Panel:
    """A kind of work with its count, its first few tasks and the page that holds all of it."""

    title: str
    count: int
    tasks: Sequence[Task] = ()
    all_url: str = ""
    # What to do where there is no work: a sentence, and a link.
    empty_text: str = ""
    empty_url: str = ""
    empty_label: str = ""
    urgency: str = ""


@dataclass(frozen=True)
class Figure:
    """One number for the head of the page."""

    label: str
    value: int
    url: str = ""
    hint: str = ""


@dataclass
class Contribution:
    """What an app adds to one person's landing page."""

    panels: list[Panel] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)


Contributor = Callable[[Any], Contribution]
_contributors: list[Contributor] = []


def register(contributor: Contributor) -> Contributor:
    """Add a function from a person to that person's panels and figures."""
    _contributors.append(contributor)
    return contributor


def landing_page(user: Any) -> Contribution:
    """Everything there is to do now for `user`, in the order of the apps."""
    page = Contribution()
    for contributor in _contributors:
        part = contributor(user)
        page.panels += part.panels
        page.figures += part.figures
    return page
