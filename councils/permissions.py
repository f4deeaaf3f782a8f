"""Who may see and prepare sessions, where membership of the council is the fact that counts, and
who sets up councils.
"""

from typing import Any

import rules

from accounts.permissions import is_department, is_department_staff, is_secretary
from councils.models import CouncilMember


def seats_of(user: Any) -> list[tuple[int, bool]]:
    """The council of each of the person's seats, and whether it votes; asked of the database with
    every request, so that leaving a council takes effect at once (abuse cases A4, A5).
    """
    if not (user.is_authenticated and user.is_active):
        return []
    if not hasattr(user, "council_seats"):  # a page asks several times
        seats = CouncilMember.objects.active().filter(user=user)
        user.council_seats = list(seats.values_list("council", "votes"))
    return user.council_seats


@rules.predicate
def is_council_member(user: Any) -> bool:
    """The person sits in a council now, with a vote or as its secretary."""
    return bool(seats_of(user))


@rules.predicate
def votes_in_council(user: Any) -> bool:
    """The person scores products in a council."""
    return any(votes for _council, votes in seats_of(user))


@rules.predicate
def keeps_session(user: Any, session: Any) -> bool:
    """The person is the secretary of the session's council."""
    if session is None:
        return True
    return (
        CouncilMember.objects.active()
        .filter(council=session.council_id, user=user, position=CouncilMember.Position.SECRETARY)
        .exists()
    )


@rules.predicate
def answers_for_council(user: Any, council: Any) -> bool:
    """The council is the national one, or its unit lies in the person's territory."""
    if council is None or council.unit is None:
        return True
    return council.unit.path.startswith(user.territory)


@rules.predicate
def votes_in_session(user: Any, session: Any) -> bool:
    """The person has a voting seat in the council of the session."""
    if session is None:
        return True
    seats = CouncilMember.objects.active().voting()
    return seats.filter(council=session.council_id, user=user).exists()


rules.add_perm("councils.see_councils", is_council_member | is_department)
rules.add_perm("councils.see_sessions", is_council_member | is_department)
rules.add_perm("councils.keep_sessions", is_secretary & is_council_member & keeps_session)
rules.add_perm("councils.declare_conflicts", votes_in_council & votes_in_session)
rules.add_perm("councils.edit_councils", is_department_staff & answers_for_council)
