"""Producers with accounts: invited, writing their dossiers, giving them to the officer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from ocop_portal import workflow
from ocop_portal.models import Notice
from ocop_portal.problems import Refused
from products.actions import accounts as actions
from products.actions import dossiers, handover
from products.models import Dossier, Producer, ProducerInvitation
from products.tests.factories import DossierFactory, ProducerFactory, ProductFactory, unit_2021
from regulations.models import CriteriaSet

PASSWORD = "Ca-chua-bi-2026"
INVITED = {"full_name": "Đại diện chủ thể (mẫu)", "email": "chu.the@mau.example"}


@pytest.fixture
def producer(db: None) -> Producer:
    return ProducerFactory(unit=unit_2021("00523"))


@pytest.fixture
def account(person: Callable[..., User], producer: Producer) -> User:
    user = person("account", Role.PRODUCER, unit_code="00523")
    producer.accounts.add(user)
    return user


@pytest.fixture
def own(producer: Producer, account: User) -> Dossier:
    """A complete dossier that the producer's account is writing."""
    product = ProductFactory(producer=producer)
    return DossierFactory(product=product, created_by=account, with_producer=True, complete=True)


def post_invitation(client: Client, producer: Producer, **values: str) -> Any:
    url = reverse("products:account_list", args=[producer.pk])
    return client.post(url, {**INVITED, **values})


def address_in(page: Any) -> str:
    return (
        str(page.context["invitation_url"]).partition("8000")[2]
        or "/" + str(page.context["invitation_url"]).split("/", 3)[3]
    )


def test_officer_invites_and_the_person_opens_an_account(
    producer: Producer, officer: User, client_of: Callable[[User], Client]
) -> None:
    page = post_invitation(client_of(officer), producer)
    url = address_in(page)

    answer = Client().post(
        url, {"username": "chu.the", "password1": PASSWORD, "password2": PASSWORD}
    )

    user = producer.accounts.get()
    assert answer.url == reverse("account_login")
    assert (user.username, user.email, user.roles) == (
        "chu.the",
        INVITED["email"],
        [Role.PRODUCER],
    )
    assert user.check_password(PASSWORD)
    assert mail.outbox[0].to == [INVITED["email"]]
    assert url in mail.outbox[0].body


def test_token_is_long_random_and_only_its_fingerprint_is_kept(
    producer: Producer, officer: User
) -> None:
    invitation, url = actions.invite_account(producer, by=officer, **INVITED)

    token = url.rstrip("/").rpartition("/")[2]
    assert len(token) >= 43
    assert token not in str(ProducerInvitation.objects.values().get(pk=invitation.pk))


@pytest.mark.parametrize("how", ["used", "cancelled", "expired", "switched off"])
def test_invitation_works_once_and_not_for_ever(
    producer: Producer, officer: User, how: str, settings: Any
) -> None:
    invitation, url = actions.invite_account(producer, by=officer, **INVITED)
    if how == "used":
        actions.open_account(invitation, username="x1", password=PASSWORD)
    elif how == "cancelled":
        actions.cancel_invitation(invitation, by=officer)
    elif how == "expired":
        ProducerInvitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        settings.PRODUCER_ACCOUNTS = False
    invitation.refresh_from_db()

    with pytest.raises(Refused, match="đã được dùng, đã hủy hoặc đã hết hạn"):
        actions.open_account(invitation, username="x2", password=PASSWORD)
    if how != "switched off":
        assert Client().get("/" + url.split("/", 3)[3]).status_code == 410


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"password2": "khac-han-2026"}, "Hai mật khẩu không giống nhau."),
        ({"password1": "12345678901", "password2": "12345678901"}, "số"),
        ({"username": "officer"}, "đã có người dùng"),
        ({"username": "có dấu cách"}, "username"),
    ],
)
def test_bad_names_and_passwords_are_told(
    producer: Producer, officer: User, values: dict[str, str], words: str
) -> None:
    _invitation, url = actions.invite_account(producer, by=officer, **INVITED)
    posted = {"username": "chu.the", "password1": PASSWORD, "password2": PASSWORD, **values}

    answer = Client().post("/" + url.split("/", 3)[3], posted)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not producer.accounts.exists()


def test_second_producer_is_joined_to_the_account_one_has(
    account: User, officer: User, client_of: Callable[[User], Client]
) -> None:
    second = ProducerFactory(unit=unit_2021("00523"))
    _invitation, url = actions.invite_account(
        second, by=officer, full_name="x", email=account.email
    )

    client_of(account).post("/" + url.split("/", 3)[3])

    assert account in second.accounts.all()


def test_somebody_else_cannot_take_an_invitation(
    producer: Producer, officer: User, person: Callable[..., User], client_of: Callable
) -> None:
    stranger = person("stranger", Role.PRODUCER, unit_code="00523")
    _invitation, url = actions.invite_account(producer, by=officer, **INVITED)

    page = client_of(stranger).post("/" + url.split("/", 3)[3])

    assert "dành cho người khác" in page.content.decode()
    assert not producer.accounts.exists()


def test_officials_are_not_invited(producer: Producer, officer: User, other_officer: User) -> None:
    with pytest.raises(Refused, match="thuộc về một cán bộ"):
        actions.invite_account(producer, by=officer, full_name="x", email=other_officer.email)


def test_a1_stranger_invites_nobody(producer: Producer, other_officer: User) -> None:
    with pytest.raises(PermissionDenied):
        actions.invite_account(producer, by=other_officer, **INVITED)


def test_mail_server_away_leaves_the_address_to_hand_over(
    producer: Producer,
    officer: User,
    client_of: Callable[[User], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(*_args: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(actions, "send_mail", away)

    page = post_invitation(client_of(officer), producer)

    assert "hãy tự gửi liên kết" in page.content.decode()
    assert page.context["invitation_url"] in page.content.decode()


def test_ended_access_is_gone_with_the_next_request(
    own: Dossier, account: User, officer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(account)
    before = client.get(own.get_absolute_url()).status_code

    actions.end_access(own.product.producer, account, by=officer)

    assert (before, client.get(own.get_absolute_url()).status_code) == (200, 404)


def test_producer_begins_a_dossier_that_only_it_writes(
    producer: Producer, account: User, officer: User
) -> None:
    product = ProductFactory(producer=producer)
    sheet = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")

    dossier = dossiers.create_dossier(
        product, by=account, criteria_set=sheet, kind="first", year=2026
    )

    assert dossier.with_producer
    with pytest.raises(Refused, match="nhận lại hồ sơ trước khi sửa"):
        dossiers.lock_editable(dossier, by=officer)


def test_producer_never_submits_around_the_officer(own: Dossier, account: User) -> None:
    with pytest.raises(PermissionDenied):
        dossiers.submit_dossier(own, by=account)


def test_officer_submits_only_what_was_handed_over(
    own: Dossier, account: User, officer: User
) -> None:
    with pytest.raises(PermissionDenied):
        dossiers.submit_dossier(own, by=officer)

    handover.hand_over(own, by=account)
    own.refresh_from_db()

    assert dossiers.submit_dossier(own, by=officer).state == Dossier.State.SUBMITTED
    assert Notice.objects.get(kind="handed_over").recipient == officer


def test_handed_over_twice_is_handed_over_once(own: Dossier, account: User, officer: User) -> None:
    handover.hand_over(own, by=account)
    own.refresh_from_db()
    handover.hand_over(own, by=account)

    assert [row.step for row in workflow.history(own)] == ["Gửi cán bộ"]
    assert Notice.objects.filter(recipient=officer).count() == 1


def test_what_was_handed_over_is_not_edited_until_it_comes_back(
    own: Dossier, account: User, officer: User
) -> None:
    handover.hand_over(own, by=account)
    own.refresh_from_db()
    with pytest.raises(Refused, match="đề nghị cán bộ chuyển lại"):
        dossiers.lock_editable(own, by=account)

    handover.give_back(own, reason="Thiếu công bố chất lượng", by=officer)

    assert dossiers.lock_editable(own, by=account).with_producer
    notice = Notice.objects.get(kind="given_back")
    assert (notice.recipient, notice.detail) == (account, "Thiếu công bố chất lượng")


def test_officer_takes_the_pen_back(own: Dossier, officer: User) -> None:
    handover.take_back(own, by=officer)
    own.refresh_from_db()

    assert dossiers.lock_editable(own, by=officer) == own


def test_giving_back_needs_a_reason_and_an_account(own: Dossier, officer: User) -> None:
    handover.take_back(own, by=officer)
    own.refresh_from_db()
    with pytest.raises(Refused, match="việc chủ thể cần làm"):
        handover.give_back(own, reason=" ", by=officer)
    own.product.producer.accounts.clear()

    with pytest.raises(Refused, match="chưa có tài khoản"):
        handover.give_back(own, reason="Làm tiếp", by=officer)


def test_switched_off_accounts_read_and_do_not_write(
    own: Dossier, account: User, officer: User, settings: Any, client_of: Callable
) -> None:
    settings.PRODUCER_ACCOUNTS = False

    page = client_of(account).get(own.get_absolute_url())

    assert page.status_code == 200
    assert "Gửi cán bộ" not in page.content.decode()
    with pytest.raises(PermissionDenied):
        dossiers.lock_editable(own, by=account)
    with pytest.raises(PermissionDenied):
        actions.invite_account(own.product.producer, by=officer, **INVITED)


def test_officers_home_counts_what_waits_for_the_office(
    own: Dossier, account: User, officer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(officer)
    before = own.product.name in client.get("/").content.decode()

    handover.hand_over(own, by=account)

    assert (before, own.product.name in client.get("/").content.decode()) == (False, True)
