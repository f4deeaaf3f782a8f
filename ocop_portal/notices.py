"""Telling people what concerns them. Apps register the kinds of notices that they send."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from ocop_portal.models import Notice, NoticeOptOut

logger = logging.getLogger(__name__)

# What is older has been seen in the portal, or no longer matters: a mail server that was away for
# long does not send a flood when it comes back.
DIGEST_DAYS = 7


@dataclass(frozen=True)
class NoticeKind:
    """A kind of notice, as people choose whether they also want it by e-mail."""

    code: str
    label: str
    # False for what the law has somebody told: it cannot be switched off.
    optional: bool = True


_kinds: dict[str, NoticeKind] = {}


def register(*kinds: NoticeKind) -> None:
    """Make kinds known; called once per app, when Django starts."""
    _kinds.update({kind.code: kind for kind in kinds})


def kinds() -> list[NoticeKind]:
    """Every kind, in the order of the apps."""
    return list(_kinds.values())


def notify(
    kind: NoticeKind, recipients: Iterable[Any], *, key: str, title: str, detail: str = "", url: str
) -> int:
    """Tell each of `recipients` once about `key`, in the transaction of what has happened.

    `url` is a path of the portal. Returns how many people were told who had not been before.
    """
    rows = [
        Notice(
            recipient=person,
            kind=kind.code,
            key=key[:200],
            title=title[:300],
            detail=detail,
            url=url,
        )
        for person in set(recipients)
        if person.is_active
    ]
    before = Notice.objects.filter(kind=kind.code, key=key[:200]).count()
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return Notice.objects.filter(kind=kind.code, key=key[:200]).count() - before


def unread_count(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `unread_notices` for the bell, asked only where the page shows it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_notices": 0}
    return {"unread_notices": SimpleLazyObject(lambda: user.notices.unread().count())}


def choices_of(user: Any) -> list[tuple[NoticeKind, bool]]:
    """Every kind, and whether the person gets it by e-mail."""
    declined = set(user.notice_opt_outs.values_list("kind", flat=True))
    return [(kind, kind.code not in declined) for kind in kinds()]


@transaction.atomic
def choose_emails(wanted: Iterable[str], *, by: Any) -> None:
    """Keep which kinds a person wants by e-mail; kinds that are not optional always come."""
    chosen = set(wanted)
    NoticeOptOut.objects.filter(user=by).delete()
    NoticeOptOut.objects.bulk_create(
        NoticeOptOut(user=by, kind=kind.code)
        for kind in kinds()
        if kind.optional and kind.code not in chosen
    )


def send_digests() -> int:
    """E-mail everybody what they have not been sent yet, one message each; returns how many."""
    fresh = Notice.objects.filter(
        emailed_at=None, created_at__gte=timezone.now() - timedelta(days=DIGEST_DAYS)
    )
    people = get_user_model().objects.filter(
        is_active=True, pk__in=fresh.order_by().values("recipient")
    )
    return sum(_send_digest(person, fresh) for person in people.exclude(email="").order_by("pk"))


def _send_digest(person: Any, fresh: Any) -> bool:
    """One person's message. The rows are marked before it leaves, so two workers never send it
    twice; where the mail server refuses it they are unmarked, for the next run.
    """
    declined = set(person.notice_opt_outs.values_list("kind", flat=True))
    with transaction.atomic():
        rows = list(
            fresh.filter(recipient=person)
            .exclude(kind__in=declined)
            .select_for_update(skip_locked=True)
        )
        taken = Notice.objects.filter(pk__in=[row.pk for row in rows])
        taken.update(emailed_at=timezone.now())
    if not rows:
        return False
    context = {"person": person, "notices": rows, "portal": settings.PUBLIC_URL}
    try:
        send_mail(
            f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{len(rows)} thông báo mới",
            render_to_string("notices/digest.txt", context),
            None,
            [person.email],
        )
    except OSError as error:
        logger.warning("digest of %s not sent: %s", person.pk, error)
        taken.update(emailed_at=None)
        return False
    return True
