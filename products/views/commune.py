"""The commune's report: reading, writing and printing it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products.actions.commune_reports import OPEN, save_report
from products.check_forms import CommuneReportForm
from products.commune_document import report_pdf
from products.history import changes_of
from products.models import CommuneReport, Dossier

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@requires("products.see_commune_report")
def commune_report(request: HttpRequest, pk: int) -> HttpResponse:
    """The report with its history."""
    dossier = _dossier(request, pk)
    report = getattr(dossier, "commune_report", None)
    may_write = request.user.has_perm("products.write_commune_report", dossier)
    context = {
        "dossier": dossier,
        "screening": dossier.regulation.rules.screening,
        "report": report,
        "changes": changes_of(report, "products.CommuneReportEvent") if report else [],
        "may_write": may_write and dossier.state in OPEN,
    }
    return render(request, "products/commune_report.html", context)


@require_http_methods(FORM_METHODS)
@requires("products.write_commune_report")
def commune_report_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the report, or change it until the dossier is received."""
    dossier = _dossier(request, pk)
    screening = dossier.regulation.rules.screening
    if screening is None:
        return redirect("products:commune_report", pk=pk)
    report = getattr(dossier, "commune_report", None)
    form = CommuneReportForm(request.POST or None, points=screening.points, report=report)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        try:
            save_report(dossier, form.values(), version=version, by=request.user)
        except Refused as refusal:
            # What was typed stays in the form; the next save starts from what is stored now.
            form.add_error(None, str(refusal))
            status = refusal.status_code
            report = CommuneReport.objects.filter(dossier=dossier).first()
            form.data = {**request.POST.dict(), "version": str(report.version if report else 0)}
        else:
            messages.success(request, "Đã lưu báo cáo của xã.")
            return redirect("products:commune_report", pk=pk)
    context = {
        "dossier": dossier,
        "screening": screening,
        "report": report,
        "form": form,
        "is_conflict": status == Refused.status_code,
    }
    return render(request, "products/commune_report_form.html", context, status=status)


@require_safe
@requires("products.see_commune_report")
def commune_report_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The report as a PDF to sign."""
    report = getattr(_dossier(request, pk), "commune_report", None)
    if report is None:
        raise Http404
    answer = HttpResponse(report_pdf(report), content_type="application/pdf")
    day = f"{timezone.localtime(report.updated_at):%Y%m%d}"
    answer["Content-Disposition"] = f'attachment; filename="bao-cao-cua-xa-{pk}-{day}.pdf"'
    return answer


def _dossier(request: HttpRequest, pk: int) -> Dossier:
    rows = Dossier.objects.visible_to(request.user).select_related(
        "product__producer__unit",
        "product__producer__current_unit",
        "product__unit__parent",
        "product__district",
        "regulation",
        "criteria_set",
        "commune_report__written_by",
    )
    return get_object_or_404(rows, pk=pk)
