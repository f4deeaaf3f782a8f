"""The printed forms of a dossier: what is filled, entering the rest, files, into the dossier."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products.actions.form_answers import put_into_dossier, save_answers, shown_mark
from products.models import Dossier, DossierDocument, FormAnswers
from products.printed_form_forms import AnswersForm, in_words, name_of
from products.printed_forms.answers import (
    OF_COMMUNE,
    DossierForm,
    answers_of,
    carried_from,
    forms_of,
    questions_of,
)
from products.printed_forms.drawing import TYPES
from products.printed_forms.filling import FilledForm, Missing, fill
from products.printed_forms.sources import Records


@dataclass(frozen=True)
class FormRow:
    """One form on the page: how far it is, and what the person may do with it."""

    entry: DossierForm
    filled: FilledForm
    missing: tuple[tuple[Missing, str], ...]
    has_questions: bool
    may_write: bool
    in_dossier: DossierDocument | None


@require_safe
@requires("products.see_dossiers")
def dossier_forms(request: HttpRequest, pk: int) -> HttpResponse:
    """The forms of the dossier with what each still lacks and where that is entered."""
    dossier = _dossier(request, pk)
    records, answers = Records(dossier), answers_of(dossier)
    rows = [_row(request.user, entry, records, answers) for entry in forms_of(dossier)]
    context = {
        "dossier": dossier,
        "rows": rows,
        "types": TYPES.values(),
        "carried_from": carried_from(dossier),
    }
    return render(request, "products/dossier_forms.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("products.prepare_dossier")
def dossier_form(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Enter what a form asks and no record holds."""
    dossier = _dossier(request, pk)
    entry = _entry(dossier, code)
    questions, answers = questions_of(entry.form, dossier), answers_of(dossier)
    mark = shown_mark(dossier, entry.form, answers)
    data = request.POST.copy() if request.method == "POST" else None
    form = AnswersForm(data, questions=questions, answers=answers, shown=mark)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        shown = form.cleaned_data["shown"]
        try:
            save_answers(dossier, entry.form, form.answers, shown=shown, by=request.user)
        except Refused as refusal:
            # What was typed stays in the form; the next save starts from what is stored now.
            form.add_error(None, str(refusal))
            status = refusal.status_code
            if data is not None and shown != mark:
                data["shown"] = mark
                _show_stored(form, dossier, answers)
        else:
            messages.success(request, f"Đã lưu nội dung {entry.form.number}.")
            return redirect(f"{reverse('products:dossier_forms', args=[pk])}#{code}")
    context = {
        "dossier": dossier,
        "entry": entry,
        "form": form,
        "may_write": _may_write(request.user, dossier, entry),
        "carried_from": carried_from(dossier),
    }
    return render(request, "products/dossier_form_answers.html", context, status=status)


@require_safe
@requires("products.see_dossiers")
def dossier_form_download(request: HttpRequest, pk: int, code: str, kind: str) -> HttpResponse:
    """The form as it stands now, as PDF or DOCX."""
    dossier = _dossier(request, pk)
    entry = _entry(dossier, code)
    if kind not in TYPES:
        raise Http404
    file_type = TYPES[kind]
    filled = fill(entry.form, Records(dossier), answers_of(dossier))
    response = HttpResponse(file_type.draw(filled), content_type=file_type.content_type)
    name = f"{entry.form.file_name}.{file_type.extension}"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@require_POST
@requires("products.prepare_dossier")
def dossier_form_file(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Put the form's PDF into its slot of the dossier."""
    dossier = _dossier(request, pk)
    entry = _entry(dossier, code)
    if entry.form.by_office:
        if not _may_write(request.user, dossier, entry):
            raise PermissionDenied
        raise Refused.because(
            "commune_report",
            "Báo cáo của xã được đưa vào hồ sơ khi xã lưu báo cáo ở trang “Báo cáo của xã”.",
        )
    filled = fill(entry.form, Records(dossier), answers_of(dossier))
    put_into_dossier(dossier, entry.slot.code, filled, by=request.user)
    messages.success(request, f"Đã đưa {entry.form.number} vào mục “{entry.slot.name}”.")
    return redirect(f"{dossier.get_absolute_url()}#muc-{entry.slot.code}")


def _row(user: Any, entry: DossierForm, records: Records, answers: dict[str, Any]) -> FormRow:
    filled = fill(entry.form, records, answers)
    may_write = _may_write(user, records.dossier, entry)
    missing = tuple((one, _where(user, one, records, entry, may_write)) for one in filled.missing)
    name = f"{entry.form.file_name}.pdf"
    held = [row for row in records.slots if row.slot == entry.slot]
    return FormRow(
        entry=entry,
        filled=filled,
        missing=missing,
        has_questions=bool(questions_of(entry.form, records.dossier)),
        may_write=may_write,
        in_dossier=next(
            (one for row in held for one in row.documents if one.original_name == name), None
        ),
    )


def _where(user: Any, one: Missing, records: Records, entry: DossierForm, may_write: bool) -> str:
    """The address where the missing value is entered; "" where the person may not."""
    if one.question in OF_COMMUNE:
        page = reverse("products:commune_report_edit", args=[records.dossier.pk])
        return page if user.has_perm("products.write_commune_report", records.dossier) else ""
    if one.question:
        page = reverse("products:dossier_form", args=[records.dossier.pk, entry.form.code])
        return f"{page}#id_{name_of(one.question)}" if may_write else ""
    record: Any = records.producer or records.product
    if one.permission == "products.edit_dossier":
        record = records.dossier
    elif one.permission == "products.edit_product":
        record = records.product
    return one.url if user.has_perm(one.permission, record) else ""


def _may_write(user: Any, dossier: Dossier, entry: DossierForm) -> bool:
    if not user.has_perm("products.edit_dossier", dossier):
        return False
    return not entry.form.by_office or user.has_perm("products.edit_product", dossier.product)


def _show_stored(form: AnswersForm, dossier: Dossier, answers: dict[str, Any]) -> None:
    """Tell at each field that differs what is stored now and by whom: saving again replaces it."""
    row = FormAnswers.objects.select_related("saved_by").filter(dossier=dossier).first()
    if row is None:
        return
    by = f"{row.saved_by or ''} lưu lúc {timezone.localtime(row.saved_at):%H:%M %d/%m/%Y}".strip()
    for question in form.questions:
        stored, typed = answers.get(question.code) or "", form.answers[question.code] or ""
        if stored != typed:
            shown = in_words(question, stored) or "để trống"
            form[name_of(question.code)].help_text = format_html("Đang lưu: {} ({}).", shown, by)


def _dossier(request: HttpRequest, pk: int) -> Dossier:
    rows = Dossier.objects.visible_to(request.user).select_related(
        "product__producer__unit",
        "product__producer__district",
        "product__producer__current_unit",
        "product__unit",
        "product__district__parent",
        "regulation",
        "criteria_set__regulation",
    )
    return get_object_or_404(rows, pk=pk)


def _entry(dossier: Dossier, code: str) -> DossierForm:
    """The form of this dossier; 404 for one that its regulation does not have."""
    for entry in forms_of(dossier):
        if entry.form.code == code:
            return entry
    raise Http404
