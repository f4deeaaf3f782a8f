"""Drafts of regulations: begin one, see what is missing, put it in force, throw it away."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ocop_portal.permissions import requires
from regulations import actions
from regulations.forms import DraftForm, PublishForm
from regulations.models import Regulation
from regulations.sheets import Problem
from regulations.validation import GROUPS, REGULATION, findings

FORM_METHODS = ["GET", "HEAD", "POST"]
TITLES = {REGULATION: "Nội dung quy định", GROUPS: "Phân loại sản phẩm"}


@dataclass(frozen=True)
class DocumentRow:
    """A document of the draft with what is wrong with it."""

    name: str
    title: str
    problems: list[Problem]
    blocking: bool


@require_http_methods(FORM_METHODS)
@requires("regulations.edit_regulations")
def draft_create(request: HttpRequest, code: str) -> HttpResponse:
    """Begin a new version of a published regulation."""
    base = get_object_or_404(Regulation.objects.published(), code=code)
    form = DraftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        draft = actions.draft_regulation(base, code=form.cleaned_data["code"], by=request.user)
        messages.success(request, "Đã lập bản soạn thảo. Hãy sửa từng phần rồi đưa vào áp dụng.")
        return redirect("regulations:draft_detail", code=draft.code)
    context = {"base": base, "form": form}
    status = 422 if form.errors else 200
    return render(request, "regulations/draft_form.html", context, status=status)


@require_safe
@requires("regulations.edit_regulations")
def draft_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One draft: its documents, each with what does not fit yet."""
    draft = _draft(code)
    rows = _document_rows(draft)
    context = {
        "draft": draft,
        "rows": rows,
        "blocking": [row for row in rows if row.blocking],
        "unusable": [row for row in rows if row.problems and not row.blocking],
    }
    return render(request, "regulations/draft_detail.html", context)


def _document_rows(draft: Regulation) -> list[DocumentRow]:
    sheets = draft.criteria_sets.order_by("number", "code")
    titles = TITLES | {row.code: f"Phiếu {row.number}. {row.name}" for row in sheets}
    found = findings(actions.documents_of(draft))
    rows = []
    for name, title in titles.items():
        own = [one for one in found if one.document == name]
        problems = [one.problem for one in own]
        rows.append(DocumentRow(name, title, problems, any(one.blocking for one in own)))
    return rows


@require_http_methods(FORM_METHODS)
@requires("regulations.edit_regulations")
def draft_publish(request: HttpRequest, code: str) -> HttpResponse:
    """Put a draft in force from a day; before that, what would be refused and what to know."""
    draft = _draft(code)
    form = PublishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["effective_from"]
        published = actions.publish(draft, effective_from=day, by=request.user)
        messages.success(request, f"{published} được áp dụng từ ngày {day:%d/%m/%Y}.")
        return redirect(published)
    rows = _document_rows(draft)
    context = {
        "draft": draft,
        "form": form,
        "blocking": [row for row in rows if row.blocking],
        "unusable": [row for row in rows if row.problems and not row.blocking],
        "open": Regulation.objects.published().filter(accepts_until=None).first(),
    }
    status = 422 if form.errors else 200
    return render(request, "regulations/draft_publish.html", context, status=status)


@require_http_methods(FORM_METHODS)
@requires("regulations.edit_regulations")
def draft_discard(request: HttpRequest, code: str) -> HttpResponse:
    """Ask, then throw a draft away."""
    draft = _draft(code)
    if request.method == "POST":
        actions.discard_draft(draft, by=request.user)
        messages.success(request, f"Đã bỏ bản soạn thảo {code}.")
        return redirect("regulations:regulation_list")
    return render(request, "regulations/draft_discard.html", {"draft": draft})


def _draft(code: str) -> Regulation:
    drafts = Regulation.objects.filter(state=Regulation.State.DRAFT).select_related("based_on")
    return get_object_or_404(drafts, code=code)
