"""The commune's report on paper: Mẫu số 03 of 26/2026/QĐ-TTg in the form of Decree 30/2020."""

from django.template.loader import render_to_string

from accounts.models import AdministrativeUnit
from ocop_portal.documents import html_to_pdf
from products.models import CommuneReport
from products.supplement_document import within


def report_pdf(report: CommuneReport) -> bytes:
    """The report as a PDF, with room for signature and seal."""
    dossier = report.dossier
    unit = _commune(report)
    context = {
        "report": report,
        "dossier": dossier,
        "product": dossier.product,
        "producer": dossier.product.producer,
        "unit": unit,
        "place": within(unit.full_name),
        "screening": dossier.regulation.rules.screening,
        "regulation": dossier.regulation.rules.short_name,
    }
    return html_to_pdf(render_to_string("products/pdf/commune_report.html", context))


def _commune(report: CommuneReport) -> AdministrativeUnit:
    """The commune that reports: that of today where it is known, else that of the product."""
    product = report.dossier.product
    now = product.producer.current_unit if product.producer else None
    return now or product.unit
