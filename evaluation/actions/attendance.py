"""Members who come late to a session under way, and who leave it. Their sheets are kept: those of
members who are away are neither asked for nor counted (abuse case S15).
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from councils.actions import lock_session
from councils.models import Attendance, CouncilMember, Session
from evaluation.models import Assessment, AttendanceChange, ScoreSheet
from ocop_portal.problems import Refused


def present_members(session: Session) -> "list[CouncilMember]":
    """The voting members who are there and still in office."""
    noted = Attendance.objects.filter(session=session, present=True)
    return list(CouncilMember.objects.active().filter(pk__in=noted.values("member")))


def may_arrive(session: Session) -> "list[CouncilMember]":
    """The council's voting members in office who are not there."""
    noted = Attendance.objects.filter(session=session, present=True)
    seats = CouncilMember.objects.active().voting().filter(council=session.council_id)
    return list(seats.exclude(pk__in=noted.values("member")).select_related("user"))


@transaction.atomic
def note_arrival(session: Session, member: CouncilMember, *, by: Any) -> None:
    """A member joins a session under way, with a sheet for every product that is still open.

    Noted twice it changes nothing. Raises `Refused` for anybody without a vote in this council.
    """
    locked = _lock_running(session, by=by)
    seats = CouncilMember.objects.active().voting().filter(council=locked.council_id)
    if not seats.filter(pk=member.pk).exists():
        raise Refused.because("no_seat", f"{member.user} không phải thành viên chấm điểm.")
    row, _created = Attendance.objects.get_or_create(
        session=locked, member=member, defaults={"present": False}
    )
    if row.present:
        return
    _change(row, present=True, at=timezone.now(), by=by)
    still_open = Assessment.objects.filter(item__session=locked, state=Assessment.State.OPEN)
    ScoreSheet.objects.bulk_create(
        (ScoreSheet(assessment=assessment, member=member) for assessment in still_open),
        ignore_conflicts=True,
    )


@transaction.atomic
def note_leaving(
    session: Session, member: CouncilMember, *, at: datetime, reason: str, by: Any
) -> None:
    """A member leaves a session under way; what the member signed in products that are concluded
    goes on counting. Noted twice it changes nothing.
    """
    locked = _lock_running(session, by=by)
    if not reason:
        raise Refused.because("no_reason", "Hãy ghi lý do rời phiên họp.")
    opened = timezone.localtime(locked.opened_at).replace(second=0, microsecond=0)
    if not opened <= at <= timezone.now():
        raise Refused.because(
            "time", f"Giờ rời họp phải từ lúc mở phiên ({opened:%H:%M, %d/%m/%Y}) đến bây giờ."
        )
    row = Attendance.objects.filter(session=locked, member=member).first()
    if row is None:
        raise Refused.because("not_listed", f"{member.user} không có trong danh sách điểm danh.")
    if row.present:
        _change(row, present=False, at=at, reason=reason, by=by)


def _lock_running(session: Session, *, by: Any) -> Session:
    locked = lock_session(session, by=by)
    if locked.state != Session.State.OPEN:
        raise Refused.because("session_not_open", "Phiên họp không ở trạng thái đang chấm điểm.")
    return locked


def _change(row: Attendance, *, present: bool, at: datetime, by: Any, reason: str = "") -> None:
    row.present = present
    row.save(update_fields=["present"])
    AttendanceChange.objects.create(
        session=row.session, member=row.member, present=present, at=at, reason=reason, by=by
    )
