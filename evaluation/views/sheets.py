"""Scoring in the browser: one's own sheets, one option per criterion, signing."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from councils.models import ConflictDeclaration, Session
from evaluation.actions import scoring
from evaluation.forms import CommentForm
from evaluation.models import Assessment, ScoreSheet
from ocop_portal.fragments import wants_fragment
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products.completeness import filled_slots
from products.delivery import deliver_document
from regulations.answers import NOT_ANSWERED, option_from
from regulations.sheet_page import SheetPage, sheet_page


@require_safe
@requires("evaluation.score_products")
def my_sheets(request: HttpRequest) -> HttpResponse:
    """One's sheets of the sessions that are open, in the order of the agenda."""
    sheets = (
        _own_sheets(request)
        .filter(assessment__item__session__state=Session.State.OPEN)
        .exclude(assessment__state=Assessment.State.REPEATED)
        .annotate(answered=Count("choices"))
        .order_by("assessment__item__session", "assessment__item__position")
    )
    declared = ConflictDeclaration.objects.filter(
        item=OuterRef("assessment__item"), member=OuterRef("member")
    )
    undeclared = sheets.filter(~Exists(declared), assessment__state=Assessment.State.OPEN)
    context = {
        "sheets": sheets,
        "undeclared": set(undeclared.values_list("assessment__item__session", flat=True)),
    }
    return render(request, "evaluation/my_sheets.html", context)


@require_safe
@requires("evaluation.score_products")
def sheet_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of one product: the evidence beside the criteria. It opens once the member has
    declared whether there is a conflict of interest.
    """
    sheet = _sheet(request, pk)
    if scoring.wants_declaration(sheet):
        messages.info(request, "Hãy khai báo xung đột lợi ích trước khi mở phiếu.")
        url = reverse("councils:session_conflicts", args=[sheet.assessment.item.session_id])
        return redirect(f"{url}#muc-{sheet.assessment.item_id}")
    return render(request, "evaluation/sheet_detail.html", _context(request, sheet))


@require_POST
@requires("evaluation.score_products")
def sheet_choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Set one option. Answers htmx with the totals and the criterion, others with the page."""
    sheet = _sheet(request, pk)
    code = request.POST.get("criterion", "")
    # What the page knows to be chosen. Where the answer to a save got lost, it names both.
    seen = request.POST.getlist("seen") or [NOT_ANSWERED]
    try:
        sheet = scoring.choose_option(sheet, code, _option(request), by=request.user, seen=seen)
    except scoring.ChoiceConflict as conflict:
        if not wants_fragment(request):
            raise
        return _conflict(request, sheet, conflict, code=code)
    if not wants_fragment(request):
        return redirect(f"{sheet.get_absolute_url()}#tieu-chi-{code}")
    return _totals(request, sheet, saved=code)


@require_POST
@requires("evaluation.score_products")
def sheet_comment(request: HttpRequest, pk: int) -> HttpResponse:
    sheet = _sheet(request, pk)
    form = CommentForm(request.POST)
    if not form.is_valid():
        if wants_fragment(request):
            raise Refused.because("comment", str(form.errors["comment"][0]))
        context = _context(request, sheet) | {"comment_form": form}
        return render(request, "evaluation/sheet_detail.html", context, status=422)
    sheet = scoring.save_comment(sheet, form.cleaned_data["comment"], by=request.user)
    if wants_fragment(request):
        return _totals(request, sheet, saved="comment")
    messages.success(request, "Đã lưu nhận xét.")
    return redirect(sheet)


@require_POST
@requires("evaluation.score_products")
def sheet_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign; then on to the next product that is still open."""
    sheet = _sheet(request, pk)
    scoring.sign_sheet(sheet, by=request.user)
    messages.success(request, f"Đã ký phiếu chấm: {sheet.assessment.item.dossier.product}.")
    following = (
        _own_sheets(request)
        .filter(
            assessment__item__session=sheet.assessment.item.session,
            assessment__state=Assessment.State.OPEN,
            state=ScoreSheet.State.DRAFT,
        )
        .order_by("assessment__item__position")
        .first()
    )
    return redirect(following or "evaluation:my_sheets")


@require_safe
@requires("evaluation.score_products")
def sheet_document(request: HttpRequest, pk: int, document_pk: int) -> FileResponse:
    """A document of the dossier in hand, for its member."""
    sheet = _sheet(request, pk)
    if scoring.wants_declaration(sheet):
        raise scoring.not_declared()
    documents = sheet.assessment.item.dossier.documents.current().select_related(
        "stored", "dossier__product__producer"
    )
    document = get_object_or_404(documents, pk=document_pk)
    return deliver_document(request, document)


def _totals(request: HttpRequest, sheet: ScoreSheet, *, saved: str) -> HttpResponse:
    """The part of the page that a save changes."""
    context = {
        "sheet": sheet,
        "sheet_page": _page(sheet, after=saved),
        "saved": saved,
        "may_score": True,
    }
    return render(request, "evaluation/sheet_detail.html#totals", context)


def _conflict(
    request: HttpRequest, sheet: ScoreSheet, conflict: Refused, *, code: str
) -> HttpResponse:
    """The reasons for the top of the page; the criterion and the totals, as they stand."""
    page = _page(sheet)
    section, block = page.place_of(code)
    context = {
        "problems": conflict.problems,
        "sheet": sheet,
        "sheet_page": page,
        "section": section,
        "block": block,
        "may_score": True,
    }
    template = "evaluation/_criterion_conflict.html"
    return render(request, template, context, status=conflict.status_code)


def _option(request: HttpRequest) -> int | None:
    try:
        return option_from(request.POST.get("option", ""))
    except ValueError as error:
        raise Refused.because("unknown_option", "Lựa chọn không hợp lệ.") from error


def _page(sheet: ScoreSheet, *, after: str = "") -> SheetPage:
    """Everything the page shows of the sheet; one query."""
    chosen = dict(sheet.choices.values_list("criterion", "option"))
    criteria_set = sheet.assessment.criteria_set
    return sheet_page(criteria_set.regulation.rules, criteria_set.sheet, chosen, after=after)


def _context(request: HttpRequest, sheet: Any) -> dict[str, object]:
    neighbours = (
        _own_sheets(request)
        .filter(assessment__item__session=sheet.assessment.item.session)
        .exclude(assessment__state=Assessment.State.REPEATED)
        .order_by("assessment__item__position")
    )
    keys = list(neighbours.values_list("pk", flat=True))
    place = keys.index(sheet.pk) if sheet.pk in keys else 0
    is_open = sheet.assessment.state == Assessment.State.OPEN
    return {
        "sheet": sheet,
        "sheet_page": _page(sheet),
        "slots": [slot for slot in filled_slots(sheet.assessment.item.dossier) if slot.documents],
        "comment_form": CommentForm(initial={"comment": sheet.comment}),
        "may_score": sheet.is_present and not sheet.is_signed and is_open,
        "is_away": is_open and not sheet.is_present,
        "place": place + 1,
        "place_count": len(keys),
        "previous_pk": keys[place - 1] if place else None,
        "next_pk": keys[place + 1] if place + 1 < len(keys) else None,
    }


def _own_sheets(request: HttpRequest) -> Any:
    return (
        ScoreSheet.objects.visible_to(request.user)
        .with_presence()
        .select_related(
            "member__user",
            "assessment__criteria_set__regulation",
            "assessment__item__session__council",
            "assessment__item__dossier__product__producer__unit",
            "assessment__item__dossier__regulation",
        )
        .defer(
            # The law as data: 80 kB a row, of which a parsed copy is at hand in the process.
            "assessment__criteria_set__data",
            "assessment__criteria_set__regulation__data",
            "assessment__criteria_set__regulation__groups",
            "assessment__item__dossier__regulation__data",
            "assessment__item__dossier__regulation__groups",
        )
    )


def _sheet(request: HttpRequest, pk: int) -> ScoreSheet:
    return get_object_or_404(_own_sheets(request), pk=pk)
