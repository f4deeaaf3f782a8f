"""Setting up councils and seating their members; a seat is ended, never taken out of history."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Agency, User
from councils.actions.sessions import renew_attendance
from councils.models import Council, CouncilMember, Session
from councils.seating import council_problems, seat_problems
from ocop_portal.problems import Refused, refuse_if


@transaction.atomic
def create_council(*, by: Any, **fields: Any) -> Council:
    """Enter a council as its decision establishes it. Entered twice, the second time finds the
    first one.
    """
    council = Council(**fields)
    _check(council, by=by)
    # The same form sent twice comes from one person: the account's row makes them wait.
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    if first := Council.objects.filter(**fields).first():
        return first
    refuse_if(council_problems(council))
    council.save()
    return council


@transaction.atomic
def edit_council(council: Council, *, by: Any, **fields: Any) -> Council:
    """Correct what was entered. Raises `Refused` where sessions or seats would not fit it."""
    locked = _lock(council, by=by)
    for name, value in fields.items():
        setattr(locked, name, value)
    _check(locked, by=by)
    refuse_if(council_problems(locked))
    locked.save(update_fields=list(fields))
    return locked


@transaction.atomic
def add_member(
    council: Council,
    *,
    user: User,
    position: str,
    votes: bool,
    member_from: date,
    agency: Agency | None = None,
    by: Any,
) -> CouncilMember:
    """Seat a person, for the agency of the account where none is given."""
    locked = _lock(council, by=by)
    seat = CouncilMember(
        council=locked,
        user=user,
        position=position,
        votes=votes and position != CouncilMember.Position.EXPERT,
        agency=agency or user.agency,
        member_from=member_from,
    )
    _save_seat(seat)
    _renew_planned(locked)
    return seat


@transaction.atomic
def end_membership(seat: CouncilMember, *, last_day: date, by: Any) -> CouncilMember:
    """Let a seat end with `last_day`. Raises `Refused` for one that has ended already."""
    council = _lock(seat.council, by=by)
    ended = _end(seat, last_day=last_day)
    _renew_planned(council)
    return ended


@transaction.atomic
def replace_member(
    seat: CouncilMember,
    *,
    user: User,
    member_from: date,
    agency: Agency | None = None,
    by: Any,
) -> CouncilMember:
    """Give a seat to another person from a day on, with its position and vote."""
    council = _lock(seat.council, by=by)
    if member_from <= seat.member_from:
        raise Refused.because(
            "too_early",
            f"Ngày thay phải sau ngày {seat.member_from:%d/%m/%Y}, ngày người được thay bắt đầu.",
        )
    ended = _end(seat, last_day=member_from - timedelta(days=1))
    successor = CouncilMember(
        council=council,
        user=user,
        position=ended.position,
        votes=ended.votes,
        agency=agency or user.agency,
        member_from=member_from,
    )
    _save_seat(successor)
    _renew_planned(council)
    return successor


def _end(seat: CouncilMember, *, last_day: date) -> CouncilMember:
    locked = CouncilMember.objects.select_for_update(of=("self",)).get(pk=seat.pk)
    if locked.member_to is not None:
        raise Refused.because(
            "ended", f"Đã ghi ngày thôi tham gia của người này: {locked.member_to:%d/%m/%Y}."
        )
    _refuse_while_scoring(locked)
    locked.member_to = last_day
    _save_seat(locked)
    return locked


def _refuse_while_scoring(seat: CouncilMember) -> None:
    """Nobody but the member can sign the sheets of a session under way: it could never end."""
    scoring = seat.attendance.filter(present=True, session__state=Session.State.OPEN)
    if row := scoring.select_related("session").first():
        raise Refused.because(
            "scoring",
            f"Thành viên này đang chấm điểm ở phiên “{row.session}”. Hãy kết thúc phiên trước.",
        )


def _save_seat(seat: CouncilMember) -> None:
    refuse_if(seat_problems(seat))
    seat.save()


def _renew_planned(council: Council) -> None:
    for session in council.sessions.filter(state=Session.State.PLANNED).select_related("council"):
        renew_attendance(session)


def _lock(council: Council, *, by: Any) -> Council:
    """The council's row and those of its sessions that are not over: seats do not change while a
    session is being opened.
    """
    locked = Council.objects.select_for_update(of=("self",)).get(pk=council.pk)
    _check(locked, by=by)
    running = locked.sessions.exclude(state=Session.State.CLOSED).order_by("pk")
    list(running.select_for_update(of=("self",)).values_list("pk"))
    return locked


def _check(council: Council, *, by: Any) -> None:
    if not by.has_perm("councils.edit_councils", council):
        raise PermissionDenied
