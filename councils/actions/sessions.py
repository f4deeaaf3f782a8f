"""The verbs of a session up to its opening; scoring and closing belong to evaluation."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from councils.models import AgendaItem, Attendance, Council, CouncilMember, Session
from ocop_portal.problems import Problem, Refused, refuse_if
from products.models import Dossier


@transaction.atomic
def create_session(council: Council, *, by: Any, **fields: Any) -> Session:
    """Plan a sitting of the council. Planned twice, the second time finds the first one."""
    session = Session(council=council, **fields)
    _check(session, by=by)
    Council.objects.select_for_update(of=("self",)).get(pk=council.pk)
    first = council.sessions.filter(
        title=session.title,
        round=session.round,
        held_on=session.held_on,
        state=Session.State.PLANNED,
    ).first()
    if first is not None:
        return first
    session.save()
    renew_attendance(session)
    return session


def renew_attendance(session: Session) -> None:
    """Let the voting members of the day of a planned session be those on its list, present
    unless the secretary has noted otherwise.
    """
    members = session.council.members.active(session.held_on).voting()
    session.attendance.exclude(member__in=members.values("pk")).delete()
    Attendance.objects.bulk_create(
        (Attendance(session=session, member=member) for member in members), ignore_conflicts=True
    )


@transaction.atomic
def add_to_agenda(session: Session, dossiers: Iterable[Dossier], *, by: Any) -> int:
    """Put waiting dossiers of the council at the end of the agenda; returns how many.

    Those that do not wait for this council are left out, and never named: they may be none of its
    business (abuse cases A1, A2). Raises `Refused` where none of them waits.
    """
    locked = lock_planned(session, by=by)
    wanted = list(dossiers)
    waiting = _lock_waiting(locked.council, wanted)
    added = [dossier for dossier in wanted if dossier.pk in waiting]
    if wanted and not added:
        raise Refused.because("not_waiting", "Hồ sơ đã chọn không còn chờ hội đồng này.")
    last = locked.agenda.aggregate(last=Max("position"))["last"] or 0
    AgendaItem.objects.bulk_create(
        AgendaItem(session=locked, dossier=dossier, position=last + n)
        for n, dossier in enumerate(added, start=1)
    )
    return len(added)


def _lock_waiting(council: Council, dossiers: Iterable[Dossier]) -> set[int]:
    """Which of `dossiers` wait for the council. Their rows are locked before they are asked: two
    agendas that want the same one come after each other, and the second finds it taken.
    """
    wanted = [dossier.pk for dossier in dossiers]
    rows = Dossier.objects.select_for_update(of=("self",)).filter(pk__in=wanted)
    list(rows.order_by("pk").values_list("pk"))
    return set(council.waiting_dossiers().filter(pk__in=wanted).values_list("pk", flat=True))


@transaction.atomic
def remove_from_agenda(item: AgendaItem, *, by: Any) -> None:
    """Take a dossier off the agenda again; it goes on waiting."""
    lock_planned(item.session, by=by)
    item.delete()


def refuse_gone_dossiers(session: Session) -> None:
    """Raise `Refused` with every dossier of the agenda that no longer waits for the council, and
    what to do about it. Asked before a session is opened.
    """
    refuse_if(
        Problem(
            "gone_on",
            f"{item.dossier.product}: hồ sơ “{item.dossier.get_state_display()}”, không còn chờ "
            "hội đồng này. Hãy bỏ hồ sơ khỏi chương trình rồi mở phiên.",
        )
        for item in session.agenda.gone_on().select_related("dossier__product")
    )


@transaction.atomic
def record_attendance(session: Session, present: Iterable[CouncilMember], *, by: Any) -> None:
    """Who of the voting members takes part, before the session begins; then its board counts."""
    locked = lock_planned(session, by=by)
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
            "Phiên họp đã mở chấm điểm: chương trình không thay đổi được nữa, điểm danh ghi ở "
            "trang điều hành.",
        )
    return locked


def _check(session: Session, *, by: Any) -> None:
    if not by.has_perm("councils.keep_sessions", session):
        raise PermissionDenied
