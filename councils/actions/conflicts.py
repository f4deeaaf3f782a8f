"""Declaring conflicts of interest, and lifting a recusal: never silently (abuse case S5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from councils.actions.sessions import lock_session
from councils.conflicts import found_in
from councils.models import ConflictDeclaration, CouncilMember, Session
from ocop_portal.problems import Problem, Refused, refuse_if


@dataclass(frozen=True)
class Declared:
    """What a member says about one product."""

    conflicted: bool
    reason: str = ""


@transaction.atomic
def declare_conflicts(session: Session, said: Mapping[int, Declared], *, by: Any) -> int:
    """Keep what the member says about products of the agenda (by the number of the item).

    The same again changes nothing; returns how many changed. A recusal is not taken back here: that
    is for the secretary. Raises `Refused` without a reason where one is needed, and after the
    session is over; what was concluded before stays as it is.
    """
    if not by.has_perm("councils.declare_conflicts", session):
        raise PermissionDenied
    locked = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    _refuse_closed(locked)
    member = seat_in(locked, by)
    found = found_in(locked, member)
    before = {row.item_id: row for row in member.declarations.filter(item__session=locked)}
    agenda = {item.pk: item for item in locked.agenda.select_related("dossier__product")}
    wanted = {pk: words for pk, words in said.items() if pk in agenda}
    refuse_if(_problems(wanted, before, found, agenda))
    changed = 0
    for pk, words in wanted.items():
        row = before.get(pk) or ConflictDeclaration(item=agenda[pk], member=member, by=by)
        if row.pk and row.conflicted == words.conflicted and words.reason in {"", row.reason}:
            continue
        row.conflicted, row.reason, row.by = words.conflicted, words.reason, by
        row.found = found.get(pk, "")
        row.save()
        changed += 1
    return changed


@transaction.atomic
def lift_recusal(declaration: ConflictDeclaration, *, reason: str, by: Any) -> None:
    """The secretary lets a member score after all, with a reason that the record keeps."""
    _refuse_closed(lock_session(declaration.item.session, by=by))
    row = ConflictDeclaration.objects.select_for_update(of=("self",)).get(pk=declaration.pk)
    if not reason:
        raise Refused.because("no_reason", "Hãy ghi lý do bỏ từ chối chấm điểm.")
    if not row.conflicted:
        return
    row.conflicted, row.reason, row.by = False, f"{row.reason}\nThư ký ghi: {reason}", by
    row.save()


def seat_in(session: Session, user: Any) -> CouncilMember:
    """The voting seat that the person has in the council of the session."""
    seats = CouncilMember.objects.active().voting().filter(council=session.council_id, user=user)
    seat = seats.select_related("user__agency", "agency").first()
    if seat is None:
        raise PermissionDenied
    return seat


def _problems(
    wanted: Mapping[int, Declared],
    before: Mapping[int, ConflictDeclaration],
    found: Mapping[int, str],
    agenda: Mapping[int, Any],
) -> list[Problem]:
    problems = []
    for pk, words in wanted.items():
        product = agenda[pk].dossier.product
        earlier = before.get(pk)
        if earlier and earlier.conflicted and not words.conflicted:
            problems.append(
                Problem(
                    "recused",
                    f"{product}: bạn đã từ chối chấm. Muốn chấm lại, hãy đề nghị thư ký.",
                )
            )
        elif not words.reason and (words.conflicted or pk in found):
            asked = "vì sao có" if words.conflicted else "vì sao không có"
            if not (earlier and earlier.conflicted == words.conflicted):
                problems.append(
                    Problem("no_reason", f"{product}: hãy ghi {asked} xung đột lợi ích.")
                )
    return problems


def _refuse_closed(session: Session) -> None:
    if session.state == Session.State.CLOSED:
        raise Refused.because("closed", "Phiên họp đã kết thúc.")
