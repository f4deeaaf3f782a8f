"""Checking a dossier: verdicts, the supplement request, what was changed since."""

from typing import Any

from csp.constants import NONE
from csp.decorators import csp
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ocop_portal import workflow
from ocop_portal.fragments import wants_fragment
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products.actions import supplements
from products.actions.checking import VerdictConflict, record_verdict
from products.check_forms import SupplementForm, VerdictForm
from products.check_page import CheckRow, all_rows, documents_of, progress_of
from products.completeness import FilledSlot, filled_slots
from products.delivery import READABLE, deliver_document
from products.differences import asked_items, differences
from products.forms import ReceptionForm
from products.history import changes_of
from products.models import Dossier, DossierDocument, SupplementRequest
from products.waiting import in_words, tone
from products.workflow import TRANSITIONS

Verdict = DossierDocument.Verdict
# The verdicts as the page offers them; taking one back comes last.
OFFERED = (Verdict.ACCEPTED, Verdict.TO_SUPPLEMENT, Verdict.UNCHECKED)
CHOICES = [(row.value, row.label) for row in OFFERED]
FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
@requires("products.receive_dossiers")
def dossier_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Every document with its verdict. A POST saves what differs: one row for htmx, else all."""
    dossier = _dossier(request, pk)
    slots = filled_slots(dossier)
    if request.method != "POST":
        return render(request, "products/dossier_check.html", _check(request, dossier, slots))
    if wants_fragment(request):
        return _save_row(request, dossier, slots)
    saved, unsaved = _save_rows(request, slots)
    if saved:
        messages.success(request, f"Đã lưu kết quả kiểm tra của {saved} tài liệu.")
    if not unsaved:
        if not saved:
            messages.info(request, "Chưa có kết quả nào thay đổi.")
        return redirect("products:dossier_check", pk=pk)
    context = _check(request, dossier, filled_slots(dossier), unsaved)
    return render(request, "products/dossier_check.html", context, status=409)


@require_http_methods(FORM_METHODS)
@requires("products.receive_dossiers")
def dossier_supplement(request: HttpRequest, pk: int) -> HttpResponse:
    """One request for everything that the dossier lacks."""
    dossier = _dossier(request, pk)
    if "request_supplement" not in workflow.available(TRANSITIONS, dossier, user=request.user):
        raise Refused.because(
            "wrong_state",
            f"Hồ sơ đang ở trạng thái “{dossier.get_state_display()}”: chỉ yêu cầu bổ sung được "
            "hồ sơ đã nộp, chờ tiếp nhận.",
        )
    lacks = supplements.lacks_of(dossier, list(dossier.documents.current()))
    rule = supplements.deadline_rule(dossier, timezone.localdate())
    form = SupplementForm(request.POST or None, lacks=lacks, rule=rule)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            supplements.request_supplement(dossier, by=request.user, **form.values())
            messages.success(
                request, "Đã chuyển lại hồ sơ để bổ sung. Văn bản và thư báo đang được tạo."
            )
            return redirect(dossier)
    context = {"dossier": dossier, "form": form, "rule": rule}
    return render(request, "products/supplement_form.html", context, status=status)


@require_safe
@requires("products.see_dossiers")
def dossier_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What was changed since the latest request, or an earlier one (`?yeu-cau=`)."""
    dossier = _dossier(request, pk)
    requests = list(dossier.supplement_requests.select_related("requested_by"))
    wanted = request.GET.get("yeu-cau", "")
    asked = next((row for row in requests if str(row.pk) == wanted), None)
    asked = asked or (requests[0] if requests else None)
    context: dict[str, Any] = {"dossier": dossier, "requests": requests, "asked": asked}
    if asked:
        documents = all_rows(filled_slots(dossier))
        context |= {
            "changes": differences(asked, dossier, documents),
            "items": asked_items(asked, dossier, documents),
            "edits": _edits_since(asked, dossier),
        }
    return render(request, "products/dossier_changes.html", context)


@require_safe
@requires("products.see_dossiers")
@csp({"default-src": [NONE], "frame-ancestors": [NONE]})  # type: ignore[arg-type]
def document_view(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """A PDF or a picture to read in a window of its own, as the type that was found in it and with
    a policy that lets it fetch and run nothing (abuse case F1); what a browser cannot show is a
    download.
    """
    visible = Dossier.objects.visible_to(request.user).values("pk")
    rows = DossierDocument.objects.select_related("stored", "dossier__product__producer")
    document = get_object_or_404(rows, pk=pk, dossier__in=visible)
    if document.extension not in READABLE:
        return redirect("products:document_download", pk=pk)
    return deliver_document(request, document, to_read=True)


@require_safe
@requires("products.see_dossiers")
def supplement_document(request: HttpRequest, pk: int) -> FileResponse:
    """The printed request."""
    visible = Dossier.objects.visible_to(request.user).values("pk")
    rows = SupplementRequest.objects.select_related("document")
    asked = get_object_or_404(rows, pk=pk, dossier__in=visible)
    if asked.document is None:
        raise Http404
    name = f"yeu-cau-bo-sung-{asked.pk}.pdf"
    return FileResponse(asked.document.file.open("rb"), as_attachment=True, filename=name)


def supplement_panel(dossier: Dossier, slots: list[FilledSlot]) -> dict[str, Any]:
    """What the page of a dossier shows at its top: the latest request with what answers it."""
    asked = dossier.supplement_requests.select_related("requested_by").first()
    if asked is None:
        return {"asked": None}
    items = asked_items(asked, dossier, all_rows(slots))
    return {
        "asked": asked,
        "asked_items": items,
        "asked_left": sum(1 for item in items if not item.is_answered),
        "asked_words": in_words(asked.deadline),
        "asked_tone": tone(asked.deadline),
    }


def _check(
    request: HttpRequest,
    dossier: Dossier,
    slots: list[FilledSlot],
    unsaved: dict[int, CheckRow] | None = None,
) -> dict[str, Any]:
    unsaved = unsaved or {}
    groups = [
        (row, [unsaved.get(document.pk, CheckRow.of(document)) for document in row.documents])
        for row in slots
    ]
    steps = workflow.available(TRANSITIONS, dossier, user=request.user)
    screening = dossier.regulation.rules.screening
    return {
        "dossier": dossier,
        "groups": groups,
        "choices": CHOICES,
        "progress": progress_of(slots),
        "missing": [row for row in slots if row.is_missing],
        "samples": [row for row in slots if not row.slot.is_file],
        "conflicts": [row.conflict for row in unsaved.values()],
        "steps": steps,
        "may_check": dossier.state == Dossier.State.SUBMITTED,
        "reception_form": ReceptionForm(initial={"received_on": timezone.localdate()}),
        "screening": screening,
        "report": getattr(dossier, "commune_report", None),
        **supplement_panel(dossier, slots),
    }


def _save_row(request: HttpRequest, dossier: Dossier, slots: list[FilledSlot]) -> HttpResponse:
    """One row for htmx: its state, the versions that its next save names, the progress."""
    wanted = request.POST.get("only", "")
    document = next((row for row in documents_of(slots) if str(row.pk) == wanted), None)
    if document is None:
        raise Refused.because("not_current", "Tệp này không còn trong hồ sơ. Hãy tải lại trang.")
    form = VerdictForm(request.POST, document=document)
    if not form.is_valid():
        raise Refused.because("verdict", "Kết quả kiểm tra không hợp lệ. Hãy tải lại trang.")
    status = 200
    try:
        row = CheckRow.of(_record(document, form, request.user))
    except VerdictConflict as conflict:
        status = 422
        values = form.cleaned_data
        row = CheckRow.unsaved(
            conflict.document, values["verdict"], values["comment"], str(conflict)
        )
    context = {
        "row": row,
        "dossier": dossier,
        "progress": progress_of(filled_slots(dossier)),
        "now": timezone.now(),
    }
    return render(request, "products/_check_saved.html", context, status=status)


def _save_rows(request: HttpRequest, slots: list[FilledSlot]) -> tuple[int, dict[int, CheckRow]]:
    """Save every row that the person changed; each is saved or refused by itself."""
    saved, unsaved = 0, {}
    for document in documents_of(slots):
        if f"tl-{document.pk}-version" not in request.POST:
            continue
        form = VerdictForm(request.POST, document=document)
        if not form.is_valid():
            text = f"{document}: kết quả kiểm tra không hợp lệ."
            unsaved[document.pk] = CheckRow.unsaved(document, document.verdict, "", text)
            continue
        if not form.is_changed:
            continue
        try:
            _record(document, form, request.user)
            saved += 1
        except VerdictConflict as conflict:
            values = form.cleaned_data
            unsaved[document.pk] = CheckRow.unsaved(
                conflict.document, values["verdict"], values["comment"], str(conflict)
            )
    return saved, unsaved


def _record(document: DossierDocument, form: VerdictForm, user: Any) -> DossierDocument:
    values = form.cleaned_data
    return record_verdict(
        document,
        verdict=values["verdict"],
        comment=values["comment"],
        seen=values["version"],
        by=user,
    )


def _edits_since(asked: SupplementRequest, dossier: Dossier) -> list[Any]:
    """Who changed product and producer since, newest first."""
    found = changes_of(dossier.product, "products.ProductEvent")
    if dossier.product.producer:
        found += changes_of(dossier.product.producer, "products.ProducerEvent")
    recent = [change for change in found if change.at >= asked.requested_at]
    return sorted(recent, key=lambda change: change.at, reverse=True)


def _dossier(request: HttpRequest, pk: int) -> Dossier:
    rows = Dossier.objects.visible_to(request.user).select_related(
        "product__producer__unit",
        "product__producer__current_unit",
        "product__unit__parent",
        "product__district",
        "product__criteria_set",
        "regulation",
        "criteria_set__regulation",
        "commune_report",
    )
    return get_object_or_404(rows, pk=pk)
