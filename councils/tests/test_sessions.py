"""Preparing a session: agenda, attendance, and who may."""

import threading
import time
from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from councils import actions
from councils.models import AgendaItem, Council, CouncilMember, Session
from ocop_portal.problems import Refused
from products.actions import dossiers
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
    with pytest.raises(Refused, match="không còn chờ hội đồng này"):
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


def test_session_planned_twice_is_one_session(
    council: Council, secretary: User, members: list[User], client_of: Callable[[User], Client]
) -> None:
    form = {"council": council.pk, "title": "Phiên 1", "round": 1, "held_on": "01/10/2021"}
    client = client_of(secretary)

    first = client.post(reverse("councils:session_create"), form)
    second = client.post(reverse("councils:session_create"), form)

    session = Session.objects.get()
    assert (first.url, second.url) == (session.get_absolute_url(), session.get_absolute_url())
    assert session.attendance.count() == 3


def test_session_of_the_same_name_is_planned_again_once_the_first_is_over(
    planned: Session, council: Council, secretary: User
) -> None:
    Session.objects.update(state=Session.State.CLOSED)

    again = actions.create_session(
        council, by=secretary, title=planned.title, round=1, held_on=planned.held_on
    )

    assert again != planned


def test_a1_a2_foreign_dossier_is_left_out_and_not_named(
    planned: Session,
    secretary: User,
    waiting: Callable[..., Dossier],
    client_of: Callable[[User], Client],
) -> None:
    own = waiting()
    foreign = waiting(product__producer__unit=unit_2021(GIA_LAM), product__name="Bí mật Gia Lâm")
    url = reverse("councils:agenda_add", args=[planned.pk])
    client = client_of(secretary)

    both = client.post(url, {"dossier": [own.pk, foreign.pk]}, follow=True).content.decode()
    alone = client.post(url, {"dossier": [foreign.pk]}, follow=True).content.decode()
    missing = client.post(url, {"dossier": [999_999]}, follow=True).content.decode()

    neutral = "Có hồ sơ không còn chờ hội đồng này nên không được đưa vào chương trình."
    assert [item.dossier for item in planned.agenda.all()] == [own]
    for page in (both, alone, missing):
        assert neutral in page
        assert "Bí mật" not in page


def test_a2_refusal_of_the_action_names_no_product(
    planned: Session, secretary: User, waiting: Callable[..., Dossier]
) -> None:
    foreign = waiting(product__producer__unit=unit_2021(GIA_LAM), product__name="Bí mật Gia Lâm")

    with pytest.raises(Refused) as refusal:
        actions.add_to_agenda(planned, [foreign], by=secretary)

    assert str(refusal.value) == "Hồ sơ đã chọn không còn chờ hội đồng này."


NO_NUMBERS = ["²", "-1", "1.5", "x", "", "9" * 40, "１"]


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_what_is_no_number_of_a_dossier_is_left_out(
    planned: Session,
    secretary: User,
    waiting: Callable[..., Dossier],
    client_of: Callable[[User], Client],
    number: str,
) -> None:
    dossier = waiting()
    url = reverse("councils:agenda_add", args=[planned.pk])

    response = client_of(secretary).post(url, {"dossier": [number, dossier.pk]})

    assert response.url == planned.get_absolute_url()
    assert [item.dossier for item in planned.agenda.all()] == [dossier]


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_what_is_no_number_of_a_member_is_left_out(
    planned: Session, secretary: User, client_of: Callable[[User], Client], number: str
) -> None:
    here = planned.attendance.first()
    url = reverse("councils:attendance_save", args=[planned.pk])

    response = client_of(secretary).post(url, {"member": [number, here.member_id]})

    assert response.url == planned.get_absolute_url()
    assert list(planned.attendance.filter(present=True)) == [here]


@pytest.mark.django_db(transaction=True)
def test_dossier_wanted_by_two_agendas_at_once_gets_on_one(
    council: Council, secretary: User, waiting: Callable[..., Dossier]
) -> None:
    rows = [waiting() for _n in range(3)]
    sessions = [
        actions.create_session(
            council, by=secretary, title=f"Phiên {n}", round=1, held_on=date(2021, 10, n)
        )
        for n in (1, 2)
    ]
    barrier = threading.Barrier(2)
    refused: list[Refused] = []

    def add_late() -> None:
        barrier.wait()
        try:
            actions.add_to_agenda(sessions[1], rows[::-1], by=secretary)
        except Refused as refusal:
            refused.append(refusal)
        connection.close()

    thread = threading.Thread(target=add_late)
    thread.start()
    with transaction.atomic():
        actions.add_to_agenda(sessions[0], rows, by=secretary)
        barrier.wait()
        time.sleep(0.5)  # the other one asks now, before this is committed
    thread.join()

    assert len(refused) == 1
    assert [item.dossier for item in sessions[0].agenda.all()] == rows
    assert AgendaItem.objects.count() == 3


def test_dossier_taken_while_the_second_agenda_waited_is_left_out(
    planned: Session, secretary: User, waiting: Callable[..., Dossier], council: Council
) -> None:
    """What was read before the lock says nothing: the rows are asked again under it."""
    dossier, free = waiting(), waiting()
    stale = list(council.waiting_dossiers())
    other = actions.create_session(
        council, by=secretary, title="Phiên khác", round=1, held_on=date(2021, 10, 2)
    )
    actions.add_to_agenda(other, [dossier], by=secretary)

    added = actions.add_to_agenda(planned, stale, by=secretary)

    assert added == 1
    assert [(item.position, item.dossier) for item in planned.agenda.all()] == [(1, free)]


def test_withdrawn_dossier_is_named_before_opening_and_marked_on_the_page(
    planned: Session,
    secretary: User,
    officer: User,
    waiting: Callable[..., Dossier],
    client_of: Callable[[User], Client],
) -> None:
    stays, goes = waiting(), waiting(product__name="Bánh chè lam")
    actions.add_to_agenda(planned, [stays, goes], by=secretary)
    dossiers.withdraw_dossier(goes, reason="Chủ thể rút", by=officer)

    with pytest.raises(Refused) as refusal:
        actions.refuse_gone_dossiers(planned)
    page = client_of(secretary).get(planned.get_absolute_url()).content.decode()

    assert str(refusal.value) == (
        f"{goes.product}: hồ sơ “Đã rút”, không còn chờ hội đồng này. "
        "Hãy bỏ hồ sơ khỏi chương trình rồi mở phiên."
    )
    assert page.count("Không còn chờ hội đồng này: hãy bỏ ra.") == 1
    assert reverse("evaluation:session_open", args=[planned.pk]) not in page


def test_agenda_without_what_has_gone_on_can_be_opened(
    planned: Session,
    secretary: User,
    officer: User,
    waiting: Callable[..., Dossier],
    client_of: Callable[[User], Client],
) -> None:
    stays, goes = waiting(), waiting()
    actions.add_to_agenda(planned, [stays, goes], by=secretary)
    dossiers.withdraw_dossier(goes, reason="Chủ thể rút", by=officer)

    actions.remove_from_agenda(planned.agenda.get(dossier=goes), by=secretary)
    page = client_of(secretary).get(planned.get_absolute_url()).content.decode()

    actions.refuse_gone_dossiers(planned)
    assert "Không còn chờ hội đồng này" not in page
    assert reverse("evaluation:session_open", args=[planned.pk]) in page
