"""Pages of the producer's own score, of its evidence, and of the way to the next star."""

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocop_portal.fragments import wants_fragment
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products.actions import self_score as actions
from products.completeness import filled_slots
from products.ladder_page import ladder_page
from products.models import Dossier, SelfScore
from products.self_score import changes_of, page_of
from regulations.answers import NOT_ANSWERED, option_from
from regulations.guidance import slots_for
from regulations.rules import DossierKind

OPTION, SEEN = "option-", "seen-"
FORM_METHODS = ["GET", "HEAD", "POST"]
# The law as data: 80 kB a row, of which a parsed copy is at hand in the process.
LAW = (
    "regulation__data",
    "regulation__groups",
    "criteria_set__data",
    "criteria_set__draft",
    "criteria_set__regulation__data",
    "criteria_set__regulation__groups",
)


@require_safe
@requires("products.see_dossiers")
def self_score(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet with the producer's choices; `?phieu=` shows one from under another regulation."""
    dossier = _dossier(request, pk)
    context = _context(request, dossier, _score(request, dossier))
    return render(request, "products/self_score.html", context)


@require_POST
@requires("products.prepare_dossier")
def self_score_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save what was chosen: one criterion for htmx, the whole sheet for a browser without script.

    Criteria that somebody else changed meanwhile are shown as they stand, the others are saved.
    """
    dossier = _dossier(request, pk)
    wanted, seen = _posted(request)
    if not wanted and not wants_fragment(request):
        messages.info(request, "Chưa có tiêu chí nào thay đổi.")
        return redirect("products:self_score", pk=dossier.pk)
    try:
        actions.choose_options(dossier, wanted, by=request.user, seen=seen)
    except actions.SelfScoreConflict as conflict:
        if not wants_fragment(request):
            context = _context(request, _dossier(request, pk), SelfScore.objects.of_now(dossier))
            context["problems"] = conflict.problems
            return render(request, "products/self_score.html", context, status=409)
        return _conflict(request, dossier, conflict, codes=list(wanted))
    if wants_fragment(request):
        return _totals(request, dossier, saved=next(iter(wanted), ""))
    messages.success(request, "Đã lưu bản tự chấm.")
    return redirect("products:self_score", pk=dossier.pk)


@require_http_methods(FORM_METHODS)
@requires("products.prepare_dossier")
def self_score_evidence(request: HttpRequest, pk: int, criterion: str) -> HttpResponse:
    """The documents of the dossier to choose from for one criterion, and the remark to it."""
    dossier = _dossier(request, pk)
    if criterion not in dossier.criteria_set.sheet.by_code:
        raise Http404
    template, fragment = "products/self_score_evidence.html", "#picker"
    conflict: Refused | None = None
    if request.method == "POST":
        try:
            _save_evidence(request, dossier, criterion)
        except actions.SelfScoreConflict as found:
            conflict = found
        else:
            if not wants_fragment(request):
                messages.success(request, f"Đã lưu minh chứng của tiêu chí {criterion}.")
                return redirect(_place(dossier, criterion))
        fragment = "#conflict" if conflict else "#said"
    context = _evidence(request, dossier, criterion)
    if conflict:
        context |= {"problems": conflict.problems, "typed": request.POST[f"remark-{criterion}"]}
    if wants_fragment(request):
        template += fragment
    status = conflict.status_code if conflict else 200
    return render(request, template, context, status=status)


@require_safe
@requires("products.see_dossiers")
def self_score_print(request: HttpRequest, pk: int) -> FileResponse:
    """The printed sheet: every criterion, with the option that was chosen."""
    from products.self_score_document import self_score_pdf

    dossier = _dossier(request, pk)
    pdf = self_score_pdf(dossier, page_of(dossier, _score(request, dossier)))
    name = f"phieu-tu-cham-{dossier.pk}.pdf"
    return FileResponse(BytesIO(pdf), as_attachment=True, filename=name)


@require_safe
@requires("products.see_ladder")
def ladder(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands between the product and the next star."""
    dossier = _dossier(request, pk)
    context = {
        "dossier": dossier,
        "page": ladder_page(dossier, user=request.user),
        "may_edit": request.user.has_perm("products.edit_dossier", dossier),
    }
    return render(request, "products/ladder.html", context)


def _posted(request: HttpRequest) -> tuple[dict[str, int | None], dict[str, list[str]]]:
    """The choices that differ from what the page showed, and what it showed."""
    wanted: dict[str, int | None] = {}
    seen: dict[str, list[str]] = {}
    for name in request.POST:
        if not name.startswith(OPTION):
            continue
        code, value = name.removeprefix(OPTION), request.POST.get(name, "")
        known = request.POST.getlist(SEEN + code) or [NOT_ANSWERED]
        if known == [value]:
            continue
        try:
            wanted[code] = option_from(value)
        except ValueError as error:
            raise Refused.because("unknown_option", "Lựa chọn không hợp lệ.") from error
        seen[code] = known
    return wanted, seen


def _save_evidence(request: HttpRequest, dossier: Dossier, criterion: str) -> None:
    """A tap on one document (`tai-lieu` in the address), a remark, or the form without script."""
    post = request.POST
    chosen = _numbers(post.getlist(f"documents-{criterion}"))
    one = _numbers([request.GET.get("tai-lieu", "")])
    shown = one or _numbers(post.get(f"shown-{criterion}", "").split())
    add, remove = chosen & one if one else chosen - shown, shown - chosen
    if add or remove:
        actions.name_evidence(dossier, criterion, add=add, remove=remove, by=request.user)
    if (remark := post.get(f"remark-{criterion}")) is not None:
        seen = post.get(f"remark_seen-{criterion}", "")
        actions.write_remark(dossier, criterion, remark, seen=seen, by=request.user)


def _evidence(request: HttpRequest, dossier: Dossier, criterion: str) -> dict[str, Any]:
    """The documents in their slots, those first that usually prove the criterion."""
    line = page_of(dossier, SelfScore.objects.of_now(dossier)).lines[criterion]
    rules, kind = dossier.regulation.rules, DossierKind(dossier.kind)
    usual = {slot.code for slot in slots_for(rules, line.block.criterion, kind)}
    slots = [row for row in filled_slots(dossier) if row.documents]
    return {
        "dossier": dossier,
        "line": line,
        "slots": sorted(slots, key=lambda row: row.slot.code not in usual),
        "usual": usual,
        "named": {one.document.pk for one in line.evidence},
        "may_edit": request.user.has_perm("products.edit_dossier", dossier),
    }


def _numbers(values: list[str]) -> set[int]:
    return {int(value) for value in values if value.isascii() and value.isdigit()}


def _totals(request: HttpRequest, dossier: Dossier, *, saved: str) -> HttpResponse:
    """The part of the page that a save changes."""
    page = page_of(dossier, SelfScore.objects.of_now(dossier), after=saved)
    context = {"dossier": dossier, "page": page, "saved": saved, "may_edit": True}
    return render(request, "products/self_score.html#totals", context)


def _conflict(
    request: HttpRequest, dossier: Dossier, conflict: Refused, *, codes: list[str]
) -> HttpResponse:
    """The reasons for the top of the page; the criteria and the totals, as they stand."""
    page = page_of(dossier, SelfScore.objects.of_now(dossier))
    context = {
        "problems": conflict.problems,
        "dossier": dossier,
        "page": page,
        "lines": [page.lines[code] for code in codes if code in page.lines],
        "may_edit": True,
    }
    template = "products/_self_score_conflict.html"
    return render(request, template, context, status=conflict.status_code)


def _context(request: HttpRequest, dossier: Dossier, score: SelfScore | None) -> dict[str, Any]:
    is_current = score is None or score.criteria_set_id == dossier.criteria_set_id
    is_usable = dossier.criteria_set.is_usable
    may_edit = is_current and is_usable and request.user.has_perm("products.edit_dossier", dossier)
    return {
        "dossier": dossier,
        "page": page_of(dossier, score),
        "is_current": is_current,
        "is_usable": is_usable,
        "may_edit": may_edit,
        "earlier": list(SelfScore.objects.of_before(dossier)),
        "changes": changes_of(score) if score else [],
    }


def _score(request: HttpRequest, dossier: Dossier) -> SelfScore | None:
    asked = request.GET.get("phieu", "")
    if not asked:
        return SelfScore.objects.of_now(dossier)
    if not (asked.isascii() and asked.isdigit()):
        raise Http404
    return get_object_or_404(SelfScore.objects.of_before(dossier), pk=int(asked))


def _dossier(request: HttpRequest, pk: int) -> Dossier:
    rows = Dossier.objects.visible_to(request.user).select_related(
        "product__producer", "product__unit__parent", "regulation", "criteria_set__regulation"
    )
    return get_object_or_404(rows.defer(*LAW), pk=pk)


def _place(dossier: Dossier, criterion: str) -> str:
    return f"{reverse('products:self_score', args=[dossier.pk])}#tieu-chi-{criterion}"
