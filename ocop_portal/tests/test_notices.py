"""Notices: told once, read by their recipient, sent by e-mail once unless one has opted out."""

from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from ocop_portal import notices
from ocop_portal.models import Notice, NoticeOptOut
from ocop_portal.tasks import send_digests

KIND = notices.NoticeKind("sample", "Việc mẫu")
DUTY = notices.NoticeKind("duty", "Việc luật định", optional=False)


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_kinds", {KIND.code: KIND, DUTY.code: DUTY})


def tell(*people: User, key: str = "1", kind: notices.NoticeKind = KIND) -> int:
    return notices.notify(
        kind, people, key=key, title=f"Việc {key}", detail="Chi tiết", url="/ho-so/1/"
    )


def test_everybody_is_told_once_about_the_same_thing(officer: User, staff: User) -> None:
    first = tell(officer)
    again = tell(officer, staff)

    assert (first, again) == (1, 1)
    assert Notice.objects.filter(recipient=officer).count() == 1


def test_closed_account_is_told_nothing(officer: User) -> None:
    officer.is_active = False

    assert tell(officer) == 0


def test_bell_counts_what_was_not_read(
    officer: User, client_of: Callable[[User], Client], other_officer: User
) -> None:
    tell(officer, key="1")
    tell(officer, key="2")
    tell(other_officer, key="3")
    client = client_of(officer)

    page = client.get(reverse("notice_list"))

    assert "Thông báo: 2 chưa đọc" in page.content.decode()
    assert [row.key for row in page.context["page"]] == ["2", "1"]


def test_opening_a_notice_marks_it_read_and_leads_to_its_page(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    tell(officer)
    notice = Notice.objects.get()

    answer = client_of(officer).post(reverse("notice_open", args=[notice.pk]))

    notice.refresh_from_db()
    assert answer.url == "/ho-so/1/"
    assert notice.read_at is not None


def test_a1_somebody_elses_notice_does_not_exist(
    officer: User, other_officer: User, client_of: Callable[[User], Client]
) -> None:
    tell(officer)
    notice = Notice.objects.get()

    answer = client_of(other_officer).post(reverse("notice_open", args=[notice.pk]))
    client_of(other_officer).post(reverse("notices_read"))

    notice.refresh_from_db()
    assert answer.status_code == 404
    assert notice.read_at is None


def test_digest_holds_everything_new_in_one_message_and_goes_once(
    officer: User, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://ocop.mau.example"
    tell(officer, key="1")
    tell(officer, key="2")

    sent, again = notices.send_digests(), send_digests()

    assert (sent, again) == (1, 0)
    (message,) = mail.outbox
    assert message.to == [officer.email]
    assert message.subject == "[Cổng OCOP] 2 thông báo mới"
    assert "Việc 1" in message.body
    assert "https://ocop.mau.example/ho-so/1/" in message.body


def test_declined_kind_stays_in_the_portal_only_but_duties_are_always_sent(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    tell(officer, key="1")
    tell(officer, key="2", kind=DUTY)

    client_of(officer).post(reverse("notice_choices"), {})
    notices.send_digests()

    assert list(NoticeOptOut.objects.values_list("kind", flat=True)) == [KIND.code]
    assert "Việc 2" in mail.outbox[0].body
    assert "Việc 1" not in mail.outbox[0].body
    assert officer.notices.count() == 2


def test_choice_can_be_taken_back(officer: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(officer)
    client.post(reverse("notice_choices"), {})

    client.post(reverse("notice_choices"), {"kind": [KIND.code]})

    assert notices.choices_of(officer) == [(KIND, True), (DUTY, True)]


def test_mail_server_away_sends_later(officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(officer)

    def away(*_args: Any) -> None:
        raise SMTPServerDisconnected("away")

    with monkeypatch.context() as patch:
        patch.setattr(notices, "send_mail", away)
        first = notices.send_digests()

    assert (first, notices.send_digests()) == (0, 1)


def test_old_notices_do_not_flood_a_mail_server_that_comes_back(officer: User) -> None:
    tell(officer)
    Notice.objects.update(created_at=timezone.now() - timedelta(days=8))

    assert notices.send_digests() == 0


@pytest.mark.django_db(transaction=True)
def test_r8_two_workers_send_one_message(officer: User, at_once: Callable[..., list[Any]]) -> None:
    tell(officer)

    assert sorted(at_once(notices.send_digests, notices.send_digests)) == [0, 1]
    assert len(mail.outbox) == 1
