"""Who may score, close, decide and issue."""

from typing import Any

import rules

from accounts.permissions import has_role, is_department, is_department_staff
from accounts.roles import Role
from councils.models import CouncilMember
from councils.permissions import is_council_member, votes_in_council


@rules.predicate
def owns_sheet(user: Any, sheet: Any) -> bool:
    """The sheet is the person's own, and the seat in the council still holds."""
    if sheet is None:
        return True
    return CouncilMember.objects.active().filter(pk=sheet.member_id, user=user).exists()


# Everybody who works with the programme; the system's administrator keeps the system.
works_with_results = has_role(*(set(Role) - {Role.SYSTEM_ADMINISTRATOR}))

rules.add_perm("evaluation.score_products", votes_in_council & owns_sheet)
rules.add_perm("evaluation.see_board", is_council_member | is_department)
rules.add_perm("evaluation.see_results", is_council_member | works_with_results)
rules.add_perm("evaluation.record_results", is_department_staff)
rules.add_perm("evaluation.see_decisions", is_department)
rules.add_perm("evaluation.issue_decisions", is_department_staff)
rules.add_perm("evaluation.see_certificates", works_with_results)
rules.add_perm("evaluation.revoke_certificates", is_department_staff)
