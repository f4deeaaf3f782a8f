"""Inviting the members to a session: once for each day and place."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.models import User
from councils import actions
from councils.invitations import invite
from councils.models import Council, Session
from ocop_portal.models import Notice
from ocop_portal.problems import Refused
from products.models import Dossier
from products.tests.factories import DossierFactory


@pytest.fixture
def planned(council: Council, secretary: User, officer: User) -> Session:
    session = actions.create_session(
        council,
        by=secretary,
        title="Phiên họp",
        round=1,
        held_on=date(2021, 10, 1),
        place="Hội trường",
    )
    dossier = DossierFactory(
        complete=True,
        created_by=officer,
        state=Dossier.State.ACCEPTED,
        received_number="1/2021",
        received_on=date(2021, 9, 1),
    )
    actions.add_to_agenda(session, [dossier], by=secretary)
    return session


def test_all_members_are_told_when_and_where(
    planned: Session, secretary: User, members: list[User], client_of: Callable[[User], Client]
) -> None:
    url = reverse("councils:session_invite", args=[planned.pk])

    page = client_of(secretary).post(url, follow=True).content.decode()

    rows = Notice.objects.all()
    assert "Đã gửi giấy mời đến 4 người." in page
    assert "Mời người chưa nhận" in page
    assert {row.recipient for row in rows} == {secretary, *members}
    assert rows[0].title == "Mời họp: Phiên họp, ngày 01/10/2021"
    assert "tại Hội trường. Chương trình có 1 sản phẩm." in rows[0].detail


def test_invited_again_only_after_the_session_was_moved(planned: Session, secretary: User) -> None:
    counts = [invite(planned, by=secretary), invite(planned, by=secretary)]
    planned.held_on = date(2021, 10, 8)
    planned.save()

    assert [*counts, invite(planned, by=secretary)] == [4, 0, 4]


def test_empty_agenda_invites_nobody(planned: Session, secretary: User) -> None:
    planned.agenda.all().delete()

    with pytest.raises(Refused, match="chưa có hồ sơ nào"):
        invite(planned, by=secretary)


def test_only_the_secretary_invites(planned: Session, members: list[User]) -> None:
    with pytest.raises(PermissionDenied):
        invite(planned, by=members[0])
