"""Accounts of producers: an officer invites, the person invited opens, an officer ends."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from ocop_portal.problems import Refused
from products.models import Producer, ProducerInvitation
from products.models.invitation import fingerprint, new_token

DAYS = 14


@transaction.atomic
def invite_account(
    producer: Producer, *, full_name: str, email: str, by: Any
) -> tuple[ProducerInvitation, str]:
    """Invite somebody to an account for `producer`; gives the invitation and its address.

    The address is in the e-mail and is told to the officer once; it works for 14 days. An open
    invitation of the same person is replaced. Raises `Refused` for who has access already, and for
    an address that belongs to somebody of the administration: offices and producers stay apart.
    """
    _check(producer, by=by)
    account = get_user_model().objects.filter(email__iexact=email).first()
    if account and producer.accounts.filter(pk=account.pk).exists():
        raise Refused.because("has_access", f"{account} đã dùng được cổng cho chủ thể này.")
    if account and not account.has_role(Role.PRODUCER):
        raise Refused.because(
            "official", "Địa chỉ này thuộc về một cán bộ: hãy dùng địa chỉ riêng của chủ thể."
        )
    producer.invitations.filter(email__iexact=email, accepted_at=None, cancelled_at=None).update(
        cancelled_at=timezone.now()
    )
    token = new_token()
    invitation = ProducerInvitation.objects.create(
        producer=producer,
        full_name=full_name,
        email=email,
        token_hash=fingerprint(token),
        invited_by=by,
        expires_at=timezone.now() + timedelta(days=DAYS),
    )
    url = settings.PUBLIC_URL + reverse("products:invitation_accept", args=[token])
    return invitation, url


def send_invitation(invitation: ProducerInvitation, url: str) -> bool:
    """E-mail the address; False where the mail server did not take it."""
    body = render_to_string(
        "products/email/invitation.txt", {"invitation": invitation, "url": url, "days": DAYS}
    )
    subject = f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}Mời dùng cổng: {invitation.producer}"
    try:
        return bool(send_mail(subject, body, None, [invitation.email]))
    except OSError:
        return False


@transaction.atomic
def cancel_invitation(invitation: ProducerInvitation, *, by: Any) -> None:
    """Make an invitation that was not used yet worthless."""
    _check(invitation.producer, by=by)
    ProducerInvitation.objects.filter(pk=invitation.pk, accepted_at=None).update(
        cancelled_at=timezone.now()
    )


@transaction.atomic
def open_account(invitation: ProducerInvitation, *, username: str, password: str) -> Any:
    """Make the account of the person invited and let it look after the producer."""
    locked = _lock_open(invitation)
    if get_user_model().objects.filter(email__iexact=locked.email).exists():
        raise Refused.because(
            "known_address",
            "Địa chỉ thư này đã có tài khoản: hãy đăng nhập rồi mở lại liên kết trong thư.",
        )
    account = get_user_model().objects.create_user(
        username,
        email=locked.email,
        password=password,
        full_name=locked.full_name,
        roles=[Role.PRODUCER],
        unit=locked.producer.unit,
    )
    return _join(locked, account)


@transaction.atomic
def join_account(invitation: ProducerInvitation, *, by: Any) -> Any:
    """Let the account of the person invited, who has one already, look after this producer too."""
    locked = _lock_open(invitation)
    if not (locked.accepts(by) and by.has_role(Role.PRODUCER)):
        raise PermissionDenied
    return _join(locked, by)


@transaction.atomic
def end_access(producer: Producer, account: Any, *, by: Any) -> None:
    """Take the producer away from an account; what the account did stays recorded."""
    _check(producer, by=by)
    producer.accounts.remove(account)


def _join(invitation: ProducerInvitation, account: Any) -> Any:
    invitation.producer.accounts.add(account)
    invitation.accepted_at = timezone.now()
    invitation.account = account
    invitation.save(update_fields=["accepted_at", "account"])
    return account


def _lock_open(invitation: ProducerInvitation) -> ProducerInvitation:
    rows = ProducerInvitation.objects.select_for_update(of=("self",))
    locked = rows.select_related("producer__unit").get(pk=invitation.pk)
    if not locked.is_open or not settings.PRODUCER_ACCOUNTS:
        raise Refused.because(
            "invitation_ended", "Lời mời này đã được dùng, đã hủy hoặc đã hết hạn."
        )
    return locked


def _check(producer: Producer, *, by: Any) -> None:
    if not by.has_perm("products.invite_producers", producer):
        raise PermissionDenied
