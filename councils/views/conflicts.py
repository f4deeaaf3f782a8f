"""Conflicts of interest: a member declares for every product, the secretary sees and may lift."""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from councils import actions
from councils.actions import Declared
from councils.conflicts import found_in
from councils.models import ConflictDeclaration, Session
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from ocop_portal.text import clean_text

FIELD = re.compile(r"^conflict-(\d{1,9})$", re.ASCII)
ANSWERS = {"yes": True, "no": False}


@require_http_methods(["GET", "HEAD", "POST"])
@requires("councils.declare_conflicts")
def session_conflicts(request: HttpRequest, pk: int) -> HttpResponse:
    """Every product of the agenda with what one declares about it."""
    session = _session(request, pk)
    if not request.user.has_perm("councils.declare_conflicts", session):
        return redirect(session)
    seat = actions.seat_in(session, request.user)
    problems: tuple[Any, ...] = ()
    typed: dict[int, Declared] = {}
    if request.method == "POST":
        typed = _said(request)
        if "rest" in request.POST:
            typed |= _nothing_with_the_rest(session, seat, typed)
        try:
            changed = actions.declare_conflicts(session, typed, by=request.user)
        except Refused as refusal:
            # What was typed stays on the page.
            problems = refusal.problems
        else:
            return _declared(request, session, changed)
    rows = _rows(session, seat, typed)
    context = {
        "session": session,
        "rows": rows,
        "open_count": sum(row["said"] is None for row in rows),
        "problems": problems,
    }
    status = 409 if problems else 200
    return render(request, "councils/session_conflicts.html", context, status=status)


@require_POST
@requires("councils.keep_sessions")
def recusal_lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a member score a product after all."""
    visible = Session.objects.kept_by(request.user).values("pk")
    rows = ConflictDeclaration.objects.select_related("item__session", "member__user")
    row = get_object_or_404(rows, pk=pk, item__session__in=visible)
    actions.lift_recusal(row, reason=clean_text(request.POST.get("reason", "")), by=request.user)
    messages.success(request, f"Đã ghi: {row.member.user} được chấm sản phẩm này.")
    return redirect(row.item.session)


def _declared(request: HttpRequest, session: Session, changed: int) -> HttpResponse:
    left = session.agenda.count() - _own(session, actions.seat_in(session, request.user)).count()
    if left:
        messages.success(request, f"Đã lưu. Còn {left} sản phẩm chưa khai báo.")
        return redirect("councils:session_conflicts", pk=session.pk)
    messages.success(
        request,
        f"Đã lưu {changed} khai báo." if changed else "Không có gì thay đổi.",
    )
    return redirect(session)


def _own(session: Session, seat: Any) -> Any:
    return ConflictDeclaration.objects.filter(item__session=session, member=seat)


def _said(request: HttpRequest) -> dict[int, Declared]:
    said = {}
    for name, value in request.POST.items():
        field = FIELD.match(name)
        if field and value in ANSWERS:
            reason = clean_text(request.POST.get(f"reason-{field[1]}", ""))[:1000]
            said[int(field[1])] = Declared(ANSWERS[value], reason)
    return said


def _nothing_with_the_rest(
    session: Session, seat: Any, typed: dict[int, Declared]
) -> dict[int, Declared]:
    """ "No conflict" for all products that the person has not answered and where none was seen."""
    answered = set(_own(session, seat).values_list("item", flat=True))
    settled = answered | set(typed) | set(found_in(session, seat))
    keys = session.agenda.values_list("pk", flat=True)
    return {pk: Declared(conflicted=False) for pk in keys if pk not in settled}


def _rows(session: Session, seat: Any, typed: dict[int, Declared]) -> list[dict[str, Any]]:
    found = found_in(session, seat)
    kept = {row.item_id: row for row in _own(session, seat)}
    agenda = session.agenda.select_related(
        "dossier__product__producer", "dossier__product__district"
    )
    rows = []
    for item in agenda:
        declaration = kept.get(item.pk)
        said = typed.get(item.pk) or declaration
        rows.append(
            {
                "item": item,
                "found": found.get(item.pk, ""),
                "said": said.conflicted if said else None,
                "reason": said.reason if said else "",
                "is_recused": bool(declaration and declaration.conflicted),
            }
        )
    return rows


def _session(request: HttpRequest, pk: int) -> Session:
    rows = Session.objects.visible_to(request.user).select_related("council__unit")
    return get_object_or_404(rows, pk=pk)
