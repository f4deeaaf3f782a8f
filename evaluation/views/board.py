"""The board of a session: who has signed what, who is there."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from councils.models import ConflictDeclaration, CouncilMember, Session
from evaluation.actions import attendance as actions
from evaluation.forms import LeavingForm
from evaluation.models import Assessment, AttendanceChange, ScoreSheet
from ocop_portal.fragments import wants_fragment
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused

SIGNED = Q(sheets__state=ScoreSheet.State.SIGNED)


@require_safe
@requires("evaluation.see_board")
def session_board(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress of every product: who has signed, never what anybody gave (abuse case S1)."""
    session = _session(request, pk)
    if session.state == Session.State.PLANNED:
        return redirect(session)
    template = "evaluation/session_board.html"
    if wants_fragment(request):
        template += "#board"
    return render(request, template, _board(request, session))


@require_POST
@requires("councils.keep_sessions")
def session_attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a member has come (`arriving`), or who has left, when and why."""
    session = _session(request, pk)
    if session.state != Session.State.OPEN:
        raise Refused.because("session_not_open", "Phiên họp không ở trạng thái đang chấm điểm.")
    if arriving := request.POST.get("arriving", ""):
        seats = CouncilMember.objects.filter(council=session.council_id).select_related("user")
        is_key = arriving.isascii() and arriving.isdigit()
        member = get_object_or_404(seats, pk=int(arriving) if is_key else 0)
        actions.note_arrival(session, member, by=request.user)
        messages.success(request, f"Đã ghi {member.user} có mặt.")
        return redirect("evaluation:session_board", pk=session.pk)
    form = LeavingForm(request.POST, prefix="leaving", session=session)
    status = 422
    if form.is_valid():
        member, left_at, reason = (form.cleaned_data[k] for k in ("member", "left_at", "reason"))
        at = timezone.make_aware(datetime.combine(timezone.localdate(), left_at))
        try:
            actions.note_leaving(session, member, at=at, reason=reason, by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status_code
        else:
            messages.success(request, f"Đã ghi {member.user} rời phiên họp.")
            return redirect("evaluation:session_board", pk=session.pk)
    context = _board(request, session) | {"leaving_form": form}
    return render(request, "evaluation/session_board.html", context, status=status)


def _session(request: HttpRequest, pk: int) -> Session:
    rows = Session.objects.visible_to(request.user).select_related("council__unit")
    return get_object_or_404(rows, pk=pk)


def _board(request: HttpRequest, session: Session) -> dict[str, Any]:
    keeps = request.user.has_perm("councils.keep_sessions", session)
    is_open = session.state == Session.State.OPEN
    present = _present(session)
    assessments = _assessments(session, present)
    return {
        "session": session,
        "assessments": assessments,
        "open_count": sum(row.state == Assessment.State.OPEN for row in assessments),
        "sheet_count": sum(row.sheet_count for row in assessments),
        "signed_count": sum(row.signed_count for row in assessments),
        "keeps": keeps,
        "shows_results": keeps or session.state == Session.State.CLOSED,
        "recusals": ConflictDeclaration.objects.worth_knowing(session) if keeps else [],
        "away": _away(session, present),
        "may_arrive": actions.may_arrive(session) if keeps and is_open else [],
        "leaving_form": LeavingForm(
            prefix="leaving",
            session=session,
            initial={"left_at": timezone.localtime().strftime("%H:%M")},
        ),
    }


def _present(session: Session) -> list[int]:
    """Who is there; of a session that is over, who was there at its end."""
    if session.state == Session.State.OPEN:
        return [member.pk for member in actions.present_members(session)]
    return list(session.attendance.filter(present=True).values_list("member", flat=True))


def _assessments(session: Session, present: list[int]) -> list[Any]:
    """The last attempts, with the sheets that are asked for or were counted."""
    is_open = Q(state=Assessment.State.OPEN)
    recused = ConflictDeclaration.objects.recusals().filter(
        item=OuterRef("item"), member=OuterRef("sheets__member")
    )
    wanted = (is_open & Q(sheets__member__in=present) & ~Exists(recused)) | (
        ~is_open & Q(sheets__is_counted=True)
    )
    sheets = ScoreSheet.objects.with_presence().select_related("member__user").order_by("member")
    rows = (
        Assessment.objects.filter(item__session=session)
        .latest_attempts()
        .select_related("item__dossier__product__producer", "result")
        .prefetch_related(Prefetch("sheets", sheets))
        .annotate(sheet_count=Count("sheets", filter=wanted))
        .annotate(signed_count=Count("sheets", filter=wanted & SIGNED))
        .annotate(is_ready=Q(is_open, signed_count__gt=0, signed_count=F("sheet_count")))
        .order_by("item__position")
    )
    return list(rows)


def _away(session: Session, present: list[int]) -> list[dict[str, Any]]:
    """Who is not there, since when and why: those who left, whose seat ended, who never came."""
    rows = AttendanceChange.objects.filter(session=session, present=False)
    left = {row.member_id: row for row in rows}
    listed = session.attendance.select_related("member__user").order_by("member")
    return [
        {
            "member": row.member,
            "left": None if row.present else left.get(row.member_id),
            "seat_ended": row.present,
        }
        for row in listed
        if row.member_id not in present
    ]
