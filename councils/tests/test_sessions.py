"""Preparing a session: agenda, attendance, and who may."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.models import User
from councils import actions
from councils.models import AgendaItem, Council, CouncilMember, Session
from ocop_portal.problems import Refused
from products.models import Dossier
from products.tests.factories import GIA_LAM, DossierFactory, unit_2021


@pytest.fixture
def waiting(officer: User) -> Callable[..., Dossier]:
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
def planned(council: Council, secretary: User) -> Session:
    return actions.create_session(
        council, by=secretary, title="Phiên họp", round=1, held_on=date(2021, 10, 1)
    )


def test_session_begins_with_all_voting_members_present(
    planned: Session, members: list[User]
) -> None:
    rows = planned.attendance.all()

    assert {row.member.user for row in rows} == set(members)
    assert all(row.present for row in rows)


def test_only_accepted_dossiers_of_tier_and_territory_wait(
    council: Council, waiting: Callable[..., Dossier]
) -> None:
    own = waiting()
    waiting(tier="city")
    waiting(product__producer__unit=unit_2021(GIA_LAM))
    DossierFactory(created_by=own.created_by)

    assert list(council.waiting_dossiers()) == [own]


def test_agenda_keeps_the_order_and_takes_each_dossier_once(
    planned: Session, secretary: User, waiting: Callable[..., Dossier]
) -> None:
    rows = [waiting(), waiting()]

    actions.add_to_agenda(planned, rows, by=secretary)

    assert [(item.position, item.dossier) for item in planned.agenda.all()] == [
        (1, rows[0]),
        (2, rows[1]),
    ]
    with pytest.raises(Refused, match="Không chờ hội đồng này"):
        actions.add_to_agenda(planned, rows[:1], by=secretary)


def test_dossier_of_another_district_is_refused(
    planned: Session, secretary: User, waiting: Callable[..., Dossier]
) -> None:
    foreign = waiting(product__producer__unit=unit_2021(GIA_LAM))

    with pytest.raises(Refused):
        actions.add_to_agenda(planned, [foreign], by=secretary)


def test_opened_session_keeps_its_agenda(
    planned: Session, secretary: User, waiting: Callable[..., Dossier]
) -> None:
    actions.add_to_agenda(planned, [waiting()], by=secretary)
    Session.objects.update(state=Session.State.OPEN)

    with pytest.raises(Refused, match="đã mở chấm điểm"):
        actions.remove_from_agenda(AgendaItem.objects.get(), by=secretary)


def test_only_the_councils_own_secretary_prepares(
    planned: Session, person: Callable[..., User], members: list[User], staff: User
) -> None:
    for stranger in (members[0], staff):
        with pytest.raises(PermissionDenied):
            actions.record_attendance(planned, [], by=stranger)


def test_member_of_a_past_term_sees_nothing(planned: Session, members: list[User]) -> None:
    CouncilMember.objects.filter(user=members[0]).update(member_to=date(2021, 1, 1))

    assert list(Session.objects.visible_to(members[0])) == []
    assert list(Session.objects.visible_to(members[1])) == [planned]


def test_secretary_prepares_a_session_on_the_pages(
    council: Council,
    secretary: User,
    members: list[User],
    waiting: Callable[..., Dossier],
    client_of: Callable[[User], Client],
) -> None:
    dossier = waiting()
    client = client_of(secretary)
    created = client.post(
        reverse("councils:session_create"),
        {
            "council": council.pk,
            "title": "Phiên 1",
            "round": 1,
            "held_on": "01/10/2021",
            "place": "",
        },
    )
    session = Session.objects.get()

    client.post(reverse("councils:agenda_add", args=[session.pk]), {"dossier": [dossier.pk]})
    here = council.members.get(user=members[0])
    client.post(reverse("councils:attendance_save", args=[session.pk]), {"member": [here.pk]})

    assert created.url == session.get_absolute_url()
    assert [item.dossier for item in session.agenda.all()] == [dossier]
    assert [row.member for row in session.attendance.filter(present=True)] == [here]
