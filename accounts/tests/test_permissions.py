"""Roles and what they open: facts about people, which no flag of Django passes by."""

from collections.abc import Callable
from typing import Any

import pytest
import rules
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from accounts import permissions
from accounts.models import User
from accounts.roles import TERRITORIAL, Role
from ocop_portal.permissions import for_everyone_signed_in, public, requires

PREDICATES = {
    "is_producer": {Role.PRODUCER},
    "is_officer": {Role.COMMUNE_OFFICER, Role.DISTRICT_OFFICER},
    "is_district_officer": {Role.DISTRICT_OFFICER},
    "is_secretary": {Role.COUNCIL_SECRETARY},
    "is_department_staff": {Role.DEPARTMENT_STAFF},
    "is_department": {Role.DEPARTMENT_STAFF, Role.DEPARTMENT_LEADER},
    "is_trade_promotion_officer": {Role.TRADE_PROMOTION_OFFICER},
    "is_inspector": {Role.INSPECTOR},
    "is_system_administrator": {Role.SYSTEM_ADMINISTRATOR},
}


@pytest.mark.parametrize("name", PREDICATES)
def test_predicate_holds_for_exactly_its_roles(name: str) -> None:
    predicate = getattr(permissions, name)

    holders = {role for role in Role if predicate(User(roles=[role]))}

    assert holders == PREDICATES[name]


def test_predicate_holds_for_one_role_of_several() -> None:
    both = User(roles=[Role.INSPECTOR, Role.DEPARTMENT_STAFF])

    assert permissions.is_department(both) is True
    assert permissions.is_producer(both) is False


@pytest.mark.parametrize(
    "user",
    [
        AnonymousUser(),
        User(roles=[]),
        User(roles=[Role.DEPARTMENT_STAFF], is_active=False),
    ],
    ids=["visitor", "nobody", "left"],
)
def test_predicate_fails_for_visitors_and_people_who_left(user: Any) -> None:
    assert permissions.is_department(user) is False


@pytest.mark.parametrize("role", Role)
def test_jobs_of_all_are_seen_by_system_administrators_alone(role: Role) -> None:
    sees = User(roles=[role]).has_perm("ocop_portal.see_all_jobs")

    assert sees is (role == Role.SYSTEM_ADMINISTRATOR)


def test_a9_superuser_does_not_pass_by_the_permissions_of_the_programme(
    person: Callable[..., User],
) -> None:
    root = person("root", is_staff=True, is_superuser=True)

    assert root.has_perm("ocop_portal.see_all_jobs") is False
    assert root.has_perm("accounts.change_user") is True  # Django's own admin site


def test_a5_person_who_left_has_no_permission_left(person: Callable[..., User]) -> None:
    left = person(
        "left", Role.SYSTEM_ADMINISTRATOR, is_superuser=True, is_staff=True, is_active=False
    )

    assert left.has_perm("ocop_portal.see_all_jobs") is False
    assert left.has_perm("accounts.change_user") is False


def test_permission_that_nobody_declared_is_nobodys(officer: User) -> None:
    assert rules.perm_exists("products.fly") is False
    assert officer.has_perm("products.fly") is False


def test_roles_are_named_in_the_order_of_the_list() -> None:
    user = User(roles=[Role.INSPECTOR, Role.PRODUCER])

    assert user.role_labels == ["Chủ thể", "Cán bộ kiểm tra"]
    assert user.has_role(Role.INSPECTOR, Role.DEPARTMENT_LEADER) is True
    assert user.has_role(Role.DEPARTMENT_LEADER) is False


def test_every_role_but_the_producer_has_a_territory() -> None:
    assert set(Role) - TERRITORIAL == {Role.PRODUCER}


def test_territory_is_the_unit_and_nothing_without_one(
    officer: User, person: Callable[..., User]
) -> None:
    newcomer = person("newcomer", Role.DISTRICT_OFFICER, unit_code="")

    assert (officer.territory, newcomer.territory) == ("2021/01/017/", "-")


def test_person_is_shown_by_full_name(officer: User) -> None:
    assert str(officer) == "officer (mẫu)"
    assert str(User(username="moi")) == "moi"


# --- The fence of views -------------------------------------------------------------------------


def page(_request: Any) -> HttpResponse:
    return HttpResponse("trang")


def test_view_opens_with_its_permission_only(rf: Any, administrator: User, officer: User) -> None:
    view = requires("ocop_portal.see_all_jobs")(page)
    request = rf.get("/")
    request.user = administrator

    assert view(request).content.decode() == "trang"
    request.user = officer
    with pytest.raises(PermissionDenied):
        view(request)


def test_view_says_what_it_requires() -> None:
    guarded = requires("ocop_portal.see_all_jobs")(page)
    own = for_everyone_signed_in(lambda request: page(request))
    opened = public(lambda request: page(request))

    assert (guarded.required_permission, guarded.__name__) == ("ocop_portal.see_all_jobs", "page")
    assert (own.required_permission, getattr(own, "login_required", True)) == ("", True)
    assert (opened.required_permission, opened.login_required) == (None, False)
