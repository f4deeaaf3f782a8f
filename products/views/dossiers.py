"""Pages of dossiers and their documents."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocop_portal import workflow
from ocop_portal.list_views import list_page
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products import waiting
from products.actions import dossiers as actions
from products.actions.regulation import (
    assignment_for,
    change_regulation,
    sheet_under,
    transition_deadline,
)
from products.completeness import filled_slots, levels_of, submission_problems
from products.delivery import deliver_document
from products.forms import (
    DossierEditForm,
    DossierForm,
    FilingForm,
    ReasonForm,
    ReceptionForm,
    RegulationForm,
)
from products.listings import DOSSIERS
from products.models import Dossier, DossierDocument, Product
from products.recipients import accounts_of
from products.validity_page import validity_of
from products.views.checking import supplement_panel
from products.views.stages import stages, story
from products.views.uploads import split_uploads
from products.workflow import TRANSITIONS
from regulations.models import Regulation

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@requires("products.see_dossiers")
def dossier_list(request: HttpRequest) -> HttpResponse:
    """The dossiers of one's territory, the latest change first."""
    return list_page(request, DOSSIERS, "products/dossier_list.html")


@require_safe
@requires("products.see_dossiers")
def dossier_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One dossier: what it holds, what is missing, what comes next, what happened so far."""
    return render(request, "products/dossier_detail.html", _detail(request, _dossier(request, pk)))


@require_http_methods(FORM_METHODS)
@requires("products.prepare_dossier")
def dossier_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a dossier for a product."""
    product = get_object_or_404(Product.objects.visible_to(request.user), pk=pk)
    filing_form, filed_on = _filing(request)
    day = filed_on or timezone.localdate()
    regulation = _regulation_on(day)
    sheet = product.criteria_set and sheet_under(product.criteria_set, regulation.code)
    initial = {"criteria_set": sheet, "year": day.year, "filed_on": filed_on}
    form = DossierForm(request.POST or None, initial=initial, regulation=regulation)
    if request.method == "POST" and form.is_valid():
        dossier = actions.create_dossier(product, by=request.user, **form.cleaned_data)
        carried = dossier.documents.count()
        brought = f" và mang sang {carried} tài liệu đã có" if carried else ""
        messages.success(request, f"Đã lập hồ sơ{brought}. Hãy tải tài liệu vào từng mục rồi nộp.")
        return redirect(dossier)
    status = 422 if request.method == "POST" else 200
    context = {
        "form": form,
        "product": product,
        "regulation": regulation,
        "filing_form": filing_form,
        "filed_on": filed_on,
    }
    return render(request, "products/dossier_form.html", context, status=status)


@require_http_methods(FORM_METHODS)
@requires("products.prepare_dossier")
def dossier_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a dossier that is still being prepared."""
    dossier = _dossier(request, pk)
    filing_form, filed_on = _filing(request, dossier.filed_on)
    initial: dict[str, Any]
    regulation, initial = dossier.regulation, {"filed_on": filed_on}
    if filed_on != dossier.filed_on and not dossier.regulation_reason:
        regulation = _regulation_on(filed_on or timezone.localdate())
        initial["criteria_set"] = sheet_under(dossier.criteria_set, regulation.code)
    form = DossierEditForm(
        request.POST or None, instance=dossier, initial=initial, regulation=regulation
    )
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        version = values.pop("version")
        try:
            actions.save_dossier(dossier, values, version=version, by=request.user)
        except Refused as refusal:
            # What was typed stays in the form; the next save starts from what is stored now.
            form.add_error(None, str(refusal))
            status, dossier = refusal.status_code, _dossier(request, pk)
            form.data = {**request.POST.dict(), "version": str(dossier.version)}
            _show_stored(form, dossier)
        else:
            messages.success(request, "Đã lưu hồ sơ.")
            return redirect(dossier)
    context = {
        "form": form,
        "product": dossier.product,
        "dossier": dossier,
        "regulation": regulation,
        "filing_form": filing_form,
        "filed_on": filed_on,
    }
    return render(request, "products/dossier_form.html", context, status=status)


@require_http_methods(FORM_METHODS)
@requires("products.change_regulation")
def dossier_regulation(request: HttpRequest, pk: int) -> HttpResponse:
    """Judge a dossier by another regulation than the one of its day of receipt."""
    dossier = _dossier(request, pk)
    form = RegulationForm(request.POST or None, initial={"criteria_set": dossier.criteria_set_id})
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            change_regulation(dossier, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status_code
        else:
            messages.success(request, "Đã đổi quy định áp dụng.")
            return redirect(dossier)
    context = {"form": form, "dossier": dossier}
    return render(request, "products/dossier_regulation.html", context, status=status)


@require_POST
@requires("products.submit_dossier")
def dossier_submit(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = actions.submit_dossier(_dossier(request, pk), by=request.user)
    messages.success(request, "Đã nộp hồ sơ.")
    return redirect(dossier)


@require_POST
@requires("products.receive_dossiers")
def dossier_accept(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = _dossier(request, pk)
    form = ReceptionForm(request.POST)
    if not form.is_valid():
        return _again(request, dossier, reception_form=form)
    actions.accept_dossier(dossier, by=request.user, **form.cleaned_data)
    messages.success(request, "Đã tiếp nhận hồ sơ.")
    return redirect(dossier)


@require_POST
@requires("products.withdraw_dossier")
def dossier_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = _dossier(request, pk)
    form = _withdraw_form(request.POST)
    if not form.is_valid():
        return _again(request, dossier, withdraw_form=form)
    actions.withdraw_dossier(dossier, by=request.user, **form.cleaned_data)
    messages.success(request, "Đã rút hồ sơ.")
    return redirect(dossier)


@require_POST
@requires("products.prepare_dossier")
def document_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one or more files into a slot; what was fine is kept, each refusal says why."""
    dossier = _dossier(request, pk)
    slot = request.POST.get("slot", "")
    added = 0
    refused = 0
    for upload in request.FILES.getlist("files"):
        try:
            actions.add_document(dossier, slot, upload, by=request.user)
            added += 1
        except Refused as refusal:
            messages.error(request, str(refusal))
            refused += 1
    if added:
        messages.success(request, f"Đã tải lên {added} tệp.")
    elif not refused:
        messages.error(request, "Chưa chọn tệp nào.")
    if refused or not added:
        return _again(request, dossier)
    return redirect(f"{dossier.get_absolute_url()}#muc-{slot}")


@require_POST
@requires("products.prepare_dossier")
def document_remove(request: HttpRequest, pk: int) -> HttpResponse:
    document = _document(request, pk)
    actions.remove_document(document, by=request.user)
    messages.success(request, "Đã xóa tệp khỏi hồ sơ.")
    return redirect(f"{document.dossier.get_absolute_url()}#muc-{document.slot}")


@require_safe
@requires("products.see_dossiers")
def document_download(request: HttpRequest, pk: int) -> FileResponse:
    """The file, or just its pages that count, always as a download: nothing uploaded is shown as
    a page of the portal.
    """
    document = _document(request, pk)
    return deliver_document(request, document)


def _show_stored(form: DossierEditForm, dossier: Dossier) -> None:
    """Tell at each field that differs what is stored now and by whom: saving again replaces it."""
    saved = f"{timezone.localtime(dossier.updated_at):%H:%M %d/%m/%Y}"
    by = f"{dossier.saved_by} lưu lúc {saved}" if dossier.saved_by else f"lưu lúc {saved}"
    for name, typed in form.cleaned_data.items():
        stored = getattr(dossier, name)
        if name == "version" or typed == stored:
            continue
        shown = dossier.get_kind_display() if name == "kind" else _in_words(stored)
        if form[name].is_hidden:
            form.add_error(None, f"{form[name].label}: đang lưu {shown} ({by}).")
        else:
            form[name].help_text = format_html("Đang lưu: {} ({}).", shown, by)


def _in_words(value: Any) -> str:
    if value in {None, ""}:
        return "để trống"
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def _filing(request: HttpRequest, current: date | None = None) -> tuple[FilingForm, date | None]:
    """The form that asks for the day of filing (in the address), and the day that it gives.

    What was posted counts before the address, so that a form with errors keeps its day.
    """
    asked = request.GET if "ngay_nop" in request.GET else None
    form = FilingForm(asked, initial={"ngay_nop": current})
    day = current
    if asked is not None and form.is_valid():
        day = form.cleaned_data["ngay_nop"]
    if request.method == "POST":
        posted = FilingForm({"ngay_nop": request.POST.get("filed_on", "")})
        day = posted.cleaned_data["ngay_nop"] if posted.is_valid() else day
    return form, day


def _regulation_on(day: date) -> Regulation:
    """The regulation for a dossier filed on `day`; raises `Refused` if there was none."""
    assignment = assignment_for(day, Dossier.Kind.FIRST, day)
    return Regulation.objects.get(code=assignment.regulation.code)


def _withdraw_form(data: Any = None) -> ReasonForm:
    return ReasonForm(data, prefix="withdraw", label="Lý do rút hồ sơ")


def _dossier(request: HttpRequest, pk: int) -> Dossier:
    rows = Dossier.objects.visible_to(request.user).select_related(
        "product__producer__unit",
        "product__unit__parent",
        "regulation",
        "criteria_set__regulation",
        "created_by",
        "saved_by",
    )
    return get_object_or_404(rows, pk=pk)


def _document(request: HttpRequest, pk: int) -> DossierDocument:
    rows = DossierDocument.objects.select_related(
        "stored", "dossier__product__unit", "dossier__product__producer"
    )
    visible = Dossier.objects.visible_to(request.user).values("pk")
    return get_object_or_404(rows, pk=pk, dossier__in=visible)


def _detail(request: HttpRequest, dossier: Dossier, **forms: Any) -> dict[str, Any]:
    user = request.user
    may_edit = user.has_perm("products.edit_dossier", dossier)
    slots, uploads = split_uploads(dossier, filled_slots(dossier), by=user if may_edit else None)
    compulsory = [row for row in slots if row.slot.compulsory and row.slot.is_file]
    validity = validity_of(dossier, user)
    waits_for_council = dossier.state == Dossier.State.ACCEPTED
    return {
        "dossier": dossier,
        "stages": stages(dossier),
        "slots": slots,
        "compulsory": len(compulsory),
        "compulsory_filled": sum(1 for row in compulsory if row.documents),
        "problems": submission_problems(dossier) if dossier.is_editable else [],
        "complete_by": transition_deadline(dossier, timezone.localdate()),
        "story": list(story(dossier)),
        "steps": workflow.available(TRANSITIONS, dossier, user=user),
        "may_edit": may_edit,
        **validity,
        "levels": levels_of(dossier, slots, validity["term"].judged_on),
        "has_accounts": dossier.is_editable and bool(accounts_of(dossier.product)),
        "may_record": waits_for_council and user.has_perm("evaluation.record_results"),
        "reception_form": ReceptionForm(initial={"received_on": timezone.localdate()}),
        "withdraw_form": _withdraw_form(),
        "due": waiting.column(dossier, timezone.localdate()),
        **supplement_panel(dossier, slots),
        **uploads,
        **forms,
    }


def _again(request: HttpRequest, dossier: Dossier, **forms: Any) -> HttpResponse:
    """The page with what was wrong; status 422 says that nothing was done."""
    context = _detail(request, dossier, **forms)
    return render(request, "products/dossier_detail.html", context, status=422)
