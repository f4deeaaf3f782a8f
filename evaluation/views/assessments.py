"""Running a session: who has signed what, results per product, the end of the session."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from councils.models import Session
from evaluation.actions import results as actions
from evaluation.actions import scoring
from evaluation.forms import FindingsForm
from evaluation.models import Assessment, ScoreSheet
from evaluation.result_page import columns_of, in_matrix_order, scoring_of
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products.forms import ReasonForm
from regulations.matrix import score_matrix


@require_POST
@requires("councils.keep_sessions")
def session_open(request: HttpRequest, pk: int) -> HttpResponse:
    session = scoring.open_session(_session(request, pk), by=request.user)
    messages.success(request, "Đã mở phiên chấm điểm. Các thành viên có thể chấm.")
    return redirect("evaluation:session_board", pk=session.pk)


@require_POST
@requires("councils.keep_sessions")
def session_close(request: HttpRequest, pk: int) -> HttpResponse:
    session = actions.close_session(_session(request, pk), by=request.user)
    messages.success(request, "Đã kết thúc phiên họp.")
    return redirect("evaluation:session_board", pk=session.pk)


@require_safe
@requires("evaluation.see_board")
def assessment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The result of one product: for its secretary once all have signed, for the council after."""
    assessment = _assessment(request, pk)
    return render(request, "evaluation/assessment_detail.html", _detail(request, assessment))


@require_POST
@requires("councils.keep_sessions")
def assessment_conclude(request: HttpRequest, pk: int) -> HttpResponse:
    assessment = _assessment(request, pk)
    form = _findings_form(assessment, request.POST)
    if form.is_valid():
        findings = actions.Findings(
            knockouts=tuple(form.cleaned_data["knockouts"]),
            knockout_reason=form.cleaned_data["knockout_reason"],
            council_minimum_stars=form.cleaned_data.get("council_minimum_stars"),
            agreed_levels=form.agreed_levels,
        )
        try:
            actions.conclude(assessment, findings, by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Đã chốt kết quả.")
            return redirect("evaluation:session_board", pk=assessment.item.session_id)
    context = _detail(request, _assessment(request, pk), findings_form=form)
    return render(request, "evaluation/assessment_detail.html", context, status=409)


@require_POST
@requires("councils.keep_sessions")
def assessment_repeat(request: HttpRequest, pk: int) -> HttpResponse:
    assessment = _assessment(request, pk)
    form = _repeat_form(request.POST)
    if not form.is_valid():
        context = _detail(request, assessment, repeat_form=form)
        return render(request, "evaluation/assessment_detail.html", context, status=422)
    actions.score_again(assessment, by=request.user, **form.cleaned_data)
    messages.success(request, "Đã mở lần chấm mới. Các phiếu cũ được giữ nguyên.")
    return redirect("evaluation:session_board", pk=assessment.item.session_id)


def _session(request: HttpRequest, pk: int) -> Session:
    rows = Session.objects.visible_to(request.user).select_related("council__unit")
    return get_object_or_404(rows, pk=pk)


def _assessment(request: HttpRequest, pk: int) -> Assessment:
    rows = Assessment.objects.visible_to(request.user).select_related(
        "item__session__council", "item__dossier__product__producer", "criteria_set__regulation"
    )
    return get_object_or_404(rows, pk=pk)


def _findings_form(assessment: Assessment, data: Any = None) -> FindingsForm:
    criteria_set = assessment.criteria_set
    by_code = criteria_set.sheet.by_code
    return FindingsForm(
        data,
        initial={"council_minimum_stars": assessment.council_minimum_stars},
        regulation=criteria_set.regulation.rules,
        to_agree=[by_code[code] for code in actions.rating_of(assessment).to_agree],
    )


def _repeat_form(data: Any = None) -> ReasonForm:
    return ReasonForm(data, prefix="repeat", label="Lý do chấm lại")


def _detail(request: HttpRequest, assessment: Assessment, **forms: Any) -> dict[str, Any]:
    session = assessment.item.session
    keeps = request.user.has_perm("councils.keep_sessions", session)
    sheets = list(
        assessment.sheets.with_presence()
        .select_related("member__user", "member__agency")
        .prefetch_related("choices")
        .order_by("member")
    )
    # Who has left neither keeps the others waiting nor counts.
    expected = [sheet for sheet in sheets if sheet.is_present]
    all_signed = bool(expected) and all(sheet.is_signed for sheet in expected)
    # Scores stay hidden until they can no longer change: from the secretary until all have
    # signed, from everybody else until the session is over (abuse case S1).
    reveals = session.state == Session.State.CLOSED or (keeps and all_signed)
    return {
        "assessment": assessment,
        "session": session,
        "sheets": sheets,
        "all_signed": all_signed,
        "keeps": keeps,
        "reveals": reveals,
        "rating": actions.rating_of(assessment) if reveals and all_signed else None,
        **(_matrix(assessment, expected) if reveals and all_signed else {}),
        "members": {sheet.member_id: sheet.member.user for sheet in sheets},
        "is_running": session.state == Session.State.OPEN
        and assessment.state == Assessment.State.OPEN,
        "result": getattr(assessment, "result", None) if reveals else None,
        "findings_form": _findings_form(assessment),
        "repeat_form": _repeat_form(),
        **forms,
    }


def _matrix(assessment: Assessment, sheets: list[ScoreSheet]) -> dict[str, Any]:
    """What each member gave, criterion by criterion; `sheets` come with their choices."""
    ordered = in_matrix_order(sheets)
    scoring = scoring_of(assessment, ordered)
    return {
        "matrix": score_matrix(assessment.criteria_set.sheet, scoring.members),
        "columns": columns_of(ordered, named=True),
    }
