"""On which day a dossier is judged: the app of the councils says so in `AppConfig.ready`."""

from collections.abc import Callable
from datetime import date

from products.models import Dossier

Provider = Callable[[Dossier], date | None]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a function from a dossier to the day of its next session, None where none is planned."""
    _providers.append(provider)


def session_day(dossier: Dossier) -> date | None:
    """The day of the session on whose agenda the dossier stands; None where none is planned."""
    days = (provider(dossier) for provider in _providers)
    return next((day for day in days if day), None)


def judged_on(dossier: Dossier, today: date) -> date:
    """The day on which the documents must hold: of the session where one is planned, else today.

    A session that should have been held already is judged as of today.
    """
    day = None if dossier.state in Dossier.FINAL else session_day(dossier)
    return max(day, today) if day else today
