"""Which dossiers people see because of their councils, beside those of their territory."""

from typing import Any

from django.db.models import Q

from accounts.roles import Role
from councils.models import AgendaItem, Council
from councils.permissions import seats_of


def dossiers_of_councils(user: Any) -> Q:
    """Dossiers on an agenda of a council in which one sits, and those that wait for a council
    whose secretary one is. Which pages that opens is for the permissions: a member without a role
    opens none of dossiers, and reads the documents beside the own score sheet.
    """
    if not user.has_perm("products.see_dossiers"):
        return Q(pk__in=[])
    councils = [council for council, _votes in seats_of(user)]
    if not councils:
        # Said here and not by an empty answer: the database then plans for the territory alone.
        return Q(pk__in=[])
    agendas = AgendaItem.objects.filter(session__council__in=councils)
    condition = Q(pk__in=agendas.values("dossier"))
    if user.has_role(Role.COUNCIL_SECRETARY):
        for council in Council.objects.kept_by(user).select_related("unit"):
            condition |= council.waits_here
    return condition
