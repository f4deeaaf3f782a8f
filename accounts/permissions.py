"""Predicates on people, and the permissions of this app. Apps to the right build on them."""

from typing import Any

import rules

from accounts.roles import Role


def has_role(*roles: Role) -> Any:
    """A predicate: the person is active and holds one of `roles`."""
    wanted = frozenset(roles)
    name = "has_role:" + ",".join(sorted(wanted))

    @rules.predicate(name=name)
    def predicate(user: Any) -> bool:
        return bool(user.is_authenticated and user.is_active and wanted.intersection(user.roles))

    return predicate


is_producer = has_role(Role.PRODUCER)
is_officer = has_role(Role.COMMUNE_OFFICER, Role.DISTRICT_OFFICER)
is_district_officer = has_role(Role.DISTRICT_OFFICER)
is_secretary = has_role(Role.COUNCIL_SECRETARY)
is_department_staff = has_role(Role.DEPARTMENT_STAFF)
is_department = has_role(Role.DEPARTMENT_STAFF, Role.DEPARTMENT_LEADER)
is_trade_promotion_officer = has_role(Role.TRADE_PROMOTION_OFFICER)
is_inspector = has_role(Role.INSPECTOR)
is_system_administrator = has_role(Role.SYSTEM_ADMINISTRATOR)

rules.add_perm("ocop_portal.see_all_jobs", is_system_administrator)
rules.add_perm("ocop_portal.see_file_log", is_system_administrator)
