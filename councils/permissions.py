"""Who may see and prepare sessions: membership of the council is the fact that counts."""

from typing import Any

import rules

from accounts.permissions import is_department, is_department_staff, is_secretary
from councils.models import CouncilMember


@rules.predicate
def is_council_member(user: Any) -> bool:
    """The person sits in a council now; asked of the database with every request, so that leaving
    a council takes effect at once (abuse cases A4, A5).
    """
    if not (user.is_authenticated and user.is_active):
        return False
    if not hasattr(user, "_sits_in_council"):  # a page asks several times
        user._sits_in_council = CouncilMember.objects.active().filter(user=user).exists()  # noqa: SLF001
    return user._sits_in_council  # noqa: SLF001


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


rules.add_perm("councils.see_councils", is_council_member | is_department)
rules.add_perm("councils.see_sessions", is_council_member | is_department)
rules.add_perm("councils.keep_sessions", is_secretary & is_council_member & keeps_session)
rules.add_perm("councils.edit_councils", is_department_staff)
