"""The verbs of a session up to its opening; scoring and closing belong to evaluation."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from councils.models import AgendaItem, Attendance, Council, CouncilMember, Session
from ocop_portal.problems import Refused
from products.models import Dossier


@transaction.atomic
def create_session(council: Council, *, by: Any, **fields: Any) -> Session:
    """Plan a sitting of the council."""
    session = Session(council=council, **fields)
    _check(session, by=by)
    session.save()
    Attendance.objects.bulk_create(
        Attendance(session=session, member=member)
        for member in council.members.active(session.held_on).voting()
    )
    return session


@transaction.atomic
def add_to_agenda(session: Session, dossiers: Iterable[Dossier], *, by: Any) -> int:
    """Put waiting dossiers of the council at the end of the agenda; returns how many.

    Raises `Refused` for a dossier that is not waiting for this council.
    """
    locked = lock_planned(session, by=by)
    wanted = list(dossiers)
    waiting = set(
        locked.council.waiting_dossiers()
        .select_for_update(of=("self",))
        .filter(pk__in=[dossier.pk for dossier in wanted])
        .values_list("pk", flat=True)
    )
    if strangers := [dossier for dossier in wanted if dossier.pk not in waiting]:
        names = ", ".join(str(dossier.product) for dossier in strangers)
        raise Refused.because("not_waiting", f"Không chờ hội đồng này: {names}.")
    last = locked.agenda.aggregate(last=Max("position"))["last"] or 0
    AgendaItem.objects.bulk_create(
        AgendaItem(session=locked, dossier=dossier, position=last + n)
        for n, dossier in enumerate(wanted, start=1)
    )
    return len(wanted)


@transaction.atomic
def remove_from_agenda(item: AgendaItem, *, by: Any) -> None:
    """Take a dossier off the agenda again; it goes on waiting."""
    lock_planned(item.session, by=by)
    item.delete()


@transaction.atomic
def record_attendance(session: Session, present: Iterable[CouncilMember], *, by: Any) -> None:
    """Who of the voting members takes part. Only while the session is not over."""
    locked = lock_session(session, by=by)
    if locked.state == Session.State.CLOSED:
        raise Refused.because("session_closed", "Phiên họp đã kết thúc.")
    here = {member.pk for member in present}
    for row in locked.attendance.select_for_update():
        row.present = row.member_id in here
        row.save(update_fields=["present"])


def lock_session(session: Session, *, by: Any) -> Session:
    """The session's row, locked, for its secretary: everything that happens in a session is
    serialised by this lock. Raises `PermissionDenied` for anybody else.
    """
    _check(session, by=by)
    return Session.objects.select_for_update(of=("self",)).get(pk=session.pk)


def lock_planned(session: Session, *, by: Any) -> Session:
    """A session whose agenda may still change. Raises `Refused` once it was opened."""
    locked = lock_session(session, by=by)
    if locked.state != Session.State.PLANNED:
        raise Refused.because(
            "session_opened",
            "Phiên họp đã mở chấm điểm, chương trình không thay đổi được nữa.",
        )
    return locked


def _check(session: Session, *, by: Any) -> None:
    if not by.has_perm("councils.keep_sessions", session):
        raise PermissionDenied
