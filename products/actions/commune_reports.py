"""The commune's report on the points that the regulation names."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction

from ocop_portal.files import keep
from ocop_portal.problems import Refused
from products.commune_document import report_pdf
from products.completeness import slots_of
from products.differences import COMMUNE_REPORT
from products.models import CommuneReport, Dossier, DossierDocument

# Until the dossier is received: afterwards the council has read it.
OPEN = frozenset({*Dossier.EDITABLE, Dossier.State.SUBMITTED})


@transaction.atomic
def save_report(
    dossier: Dossier, values: Mapping[str, Any], *, version: int, by: Any
) -> CommuneReport:
    """Write the report; `version` is what the page showed, 0 where there was none.

    Raises `PermissionDenied` for others than the officers of its territory; `Refused` where the
    regulation asks for no report, once the dossier is received, and where somebody saved meanwhile.
    """
    locked = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    if not by.has_perm("products.write_commune_report", locked):
        raise PermissionDenied
    if locked.regulation.rules.screening is None:
        raise Refused.because(
            "no_screening",
            f"{locked.regulation.rules.short_name} không quy định báo cáo của xã cho hồ sơ này.",
        )
    if locked.state not in OPEN:
        raise Refused.because(
            "report_closed",
            f"Hồ sơ đang ở trạng thái “{locked.get_state_display()}” nên báo cáo của xã không sửa "
            "được nữa.",
        )
    report = CommuneReport.objects.filter(dossier=locked).first()
    if (report.version if report else 0) != version:
        raise Refused.because(
            "changed_meanwhile",
            "Báo cáo này vừa được người khác lưu. Nội dung bạn nhập vẫn còn trên trang; hãy so "
            "sánh rồi lưu lại.",
        )
    report = report or CommuneReport(dossier=locked, version=0)
    for name, value in values.items():
        setattr(report, name, value)
    report.written_by = by
    report.version += 1
    report.save()
    _put_into_slot(report, locked, by=by)
    return report


def _put_into_slot(report: CommuneReport, dossier: Dossier, *, by: Any) -> None:
    """Where the regulation has a slot for the report, the printed report is its document; an
    earlier one stays as its earlier version.
    """
    if COMMUNE_REPORT not in {slot.code for slot in slots_of(dossier)}:
        return
    data = report_pdf(report)
    name = f"bao-cao-cua-xa-{report.version}.pdf"
    stored = keep(
        ContentFile(data, name=name),
        extension="pdf",
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        by=by,
    )
    earlier = dossier.documents.current().filter(slot=COMMUNE_REPORT)
    if earlier.filter(stored=stored).exists():
        return
    replaced = list(earlier.values_list("pk", flat=True))
    newer = DossierDocument.objects.create(
        dossier=dossier,
        slot=COMMUNE_REPORT,
        stored=stored,
        original_name=name,
        issued_on=report.signed_on,
        number=report.number,
        uploaded_by=by,
    )
    DossierDocument.objects.filter(pk__in=replaced).update(replaced_by=newer)
