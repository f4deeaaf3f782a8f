"""What a council found for a dossier, as far as this app needs it: apps to the right tell it.

A result is told when the session that it came from is over, and as the scoring of the whole
council: pages made from it name levels and means, never what one member gave.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from products.models import Dossier
from regulations.models import CriteriaSet
from regulations.rating import Scoring


@dataclass(frozen=True)
class OfficialResult:
    """The last final result; without `scoring` only mean (0–100) and stars are known.

    `url` is the page of the result, empty where the person may not open it.
    """

    title: str
    concluded_on: date
    mean: Decimal
    stars: int
    criteria_set: CriteriaSet
    scoring: Scoring | None = None
    url: str = ""


Provider = Callable[[Any, Dossier], OfficialResult | None]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a source of results; called once per app, when Django starts."""
    _providers.append(provider)


def official_result(user: Any, dossier: Dossier) -> OfficialResult | None:
    """The last final result of the dossier that `user` may know of."""
    found = (provider(user, dossier) for provider in _providers)
    return next((result for result in found if result), None)
