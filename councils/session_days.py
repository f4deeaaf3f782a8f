"""When a dossier comes before a council, for the apps that may not know councils."""

from datetime import date

from councils.models import AgendaItem, Session
from products.models import Dossier


def planned_day(dossier: Dossier) -> date | None:
    """The day of the next session with the dossier on its agenda; None where none is planned."""
    return (
        AgendaItem.objects.filter(dossier=dossier)
        .exclude(session__state=Session.State.CLOSED)
        .order_by("session__held_on")
        .values_list("session__held_on", flat=True)
        .first()
    )
