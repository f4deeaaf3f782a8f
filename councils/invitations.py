"""Inviting the members of a council to a session."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Min

from councils.models import Session
from ocop_portal.models import Notice
from ocop_portal.notices import NoticeKind, notify
from ocop_portal.problems import Refused

INVITATION = NoticeKind("session_invitation", "Giấy mời họp hội đồng")


@dataclass(frozen=True)
class Invited:
    """How many have been told of the session as it stands now, and when first."""

    people: int
    at: datetime | None


def invited(session: Session) -> Invited:
    """Who knows of the session's present day and place."""
    told = Notice.objects.filter(kind=INVITATION.code, key=_key(session))
    return Invited(**told.aggregate(people=Count("pk"), at=Min("created_at")))


@transaction.atomic
def invite(session: Session, *, by: Any) -> int:
    """Tell every member where and when the council meets and how many products wait.

    Told again only after day or place have changed. Returns how many were told. Raises
    `Refused` for a session that has begun, or whose agenda is empty.
    """
    if not by.has_perm("councils.keep_sessions", session):
        raise PermissionDenied
    if session.state != Session.State.PLANNED:
        raise Refused.because("session_opened", "Phiên họp đã mở: không gửi giấy mời nữa.")
    products = session.agenda.count()
    if not products:
        raise Refused.because("no_agenda", "Chương trình chưa có hồ sơ nào để mời họp.")
    members = session.council.members.active(session.held_on).select_related("user")
    where = f" tại {session.place}" if session.place else ""
    return notify(
        INVITATION,
        [member.user for member in members],
        key=_key(session),
        title=f"Mời họp: {session.title}, ngày {session.held_on:%d/%m/%Y}",
        detail=f"{session.council}{where}. Chương trình có {products} sản phẩm.",
        url=session.get_absolute_url(),
    )


def _key(session: Session) -> str:
    """One invitation for each day and place: a session that was moved is told again."""
    place = hashlib.sha256(session.place.encode()).hexdigest()[:16]
    return f"{session.pk}/{session.held_on:%Y%m%d}/{place}"
