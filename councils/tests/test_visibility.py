"""Dossiers that councils add to those of one's territory."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from councils import actions
from councils.models import Council, CouncilMember
from products.models import Dossier
from products.tests.factories import GIA_LAM, DossierFactory, unit_2021


@pytest.fixture
def accepted(officer: User) -> Callable[..., Dossier]:
    def make(**fields: object) -> Dossier:
        return DossierFactory(
            created_by=officer,
            state=Dossier.State.ACCEPTED,
            received_number=f"{Dossier.objects.count() + 1}/2021",
            received_on=date(2021, 9, 1),
            **fields,
        )

    return make


@pytest.fixture
def national_secretary(person: Callable[..., User]) -> User:
    """Without a unit: no territory, so the council is all that shows dossiers."""
    return person("national_secretary", Role.COUNCIL_SECRETARY, unit_code=None)


@pytest.fixture
def national_council(
    make_council: Callable[..., Council], national_secretary: User, person: Callable[..., User]
) -> Council:
    return make_council(
        "national",
        secretary=national_secretary,
        members=[person("national_member", unit_code=None)],
        unit_code=None,
    )


def test_secretary_of_the_national_council_opens_what_waits_for_it(
    national_council: Council,
    national_secretary: User,
    accepted: Callable[..., Dossier],
    client_of: Callable[[User], Client],
) -> None:
    waits = accepted(tier="national")
    elsewhere = accepted(tier="city")
    client = client_of(national_secretary)

    home = client.get("/").content.decode()
    pages = [client.get(row.get_absolute_url()).status_code for row in (waits, elsewhere)]

    assert waits.get_absolute_url() in home
    assert pages == [200, 404]


def test_secretary_goes_on_seeing_what_was_on_an_agenda(
    national_council: Council,
    national_secretary: User,
    accepted: Callable[..., Dossier],
) -> None:
    dossier = accepted(tier="national")
    session = actions.create_session(
        national_council, by=national_secretary, title="Phiên", round=1, held_on=date(2021, 10, 1)
    )
    actions.add_to_agenda(session, [dossier], by=national_secretary)
    Dossier.objects.update(state=Dossier.State.RECOGNISED)

    assert list(Dossier.objects.visible_to(national_secretary)) == [dossier]


def test_a4_secretary_who_has_left_sees_nothing_more(
    national_council: Council, national_secretary: User, accepted: Callable[..., Dossier]
) -> None:
    accepted(tier="national")
    CouncilMember.objects.update(member_to=date(2021, 1, 1))

    assert list(Dossier.objects.visible_to(national_secretary)) == []


def test_dossiers_of_another_district_do_not_wait_for_this_council(
    council: Council, secretary: User, accepted: Callable[..., Dossier]
) -> None:
    own = accepted()
    accepted(product__producer__unit=unit_2021(GIA_LAM))

    assert list(Dossier.objects.visible_to(secretary)) == [own]


def test_member_without_a_role_sees_no_dossiers(
    council: Council,
    secretary: User,
    members: list[User],
    accepted: Callable[..., Dossier],
    client_of: Callable[[User], Client],
) -> None:
    dossier = accepted()
    session = actions.create_session(
        council, by=secretary, title="Phiên", round=1, held_on=date(2021, 10, 1)
    )
    actions.add_to_agenda(session, [dossier], by=secretary)

    assert list(Dossier.objects.visible_to(members[0])) == []
    assert client_of(members[0]).get(dossier.get_absolute_url()).status_code == 403


def test_officer_who_sits_in_a_council_sees_its_agenda_beside_the_own_territory(
    council: Council,
    secretary: User,
    other_officer: User,
    accepted: Callable[..., Dossier],
) -> None:
    on_agenda, own = accepted(), accepted(product__producer__unit=unit_2021(GIA_LAM))
    accepted()
    CouncilMember.objects.create(
        council=council, user=other_officer, position="member", member_from=date(2020, 1, 1)
    )
    session = actions.create_session(
        council, by=secretary, title="Phiên", round=1, held_on=date(2021, 10, 1)
    )
    actions.add_to_agenda(session, [on_agenda], by=secretary)

    assert set(Dossier.objects.visible_to(other_officer)) == {on_agenda, own}
