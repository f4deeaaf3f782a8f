"""The background job that draws the certificates of a decision, one item each."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.core.files.base import ContentFile

from evaluation.certificate_documents import CertificateContext, certificate_pdf, print_file
from evaluation.certificate_wording import certificate_context
from evaluation.models import Certificate, Decision
from ocop_portal import jobs
from ocop_portal.models import Job


def start(decision: Decision, certificates: Sequence[Certificate], *, by: Any) -> Job:
    """Draw every certificate of the decision, and one print file of them."""
    return jobs.start(
        RENDER,
        title=f"Tạo giấy chứng nhận theo {decision}",
        items=[jobs.Item(str(row.pk), row.product_name) for row in certificates],
        key=_key(decision),
        by=by,
        parameters={"decision": decision.pk},
    )


def job_of(decision: Decision) -> Job | None:
    """The job that draws the decision's certificates."""
    return Job.objects.filter(key=_key(decision)).first()


def _key(decision: Decision) -> str:
    return f"certificates/{decision.pk}"


def _draw(_job: Job, reference: str) -> None:
    """Draw one certificate. A second run writes the same bytes under the same name."""
    certificate = Certificate.objects.select_for_update(of=("self",)).get(pk=int(reference))
    data = certificate_pdf(certificate_context(certificate))
    if certificate.pdf:
        certificate.pdf.delete(save=False)
    certificate.pdf.save("", ContentFile(data), save=False)
    certificate.pdf_sha256 = hashlib.sha256(data).hexdigest()
    certificate.save(update_fields=["pdf", "pdf_sha256"])


def _bind(job: Job) -> None:
    """One file for the printer, in the order in which staff hand the certificates out. What could
    not be drawn is left out, and the job lists it with the reason; done again, the file is whole.
    """
    failed = list(job.failures.values_list("reference", flat=True))
    rows = (
        Certificate.objects.filter(decision=job.parameters["decision"])
        .exclude(pk__in=[int(reference) for reference in failed])
        .select_related("decision__unit", "product__district")
        .order_by("product__district__name", "-stars", "register_number")
    )
    contexts: list[CertificateContext] = [certificate_context(row) for row in rows]
    data = print_file(contexts) if contexts else b""
    if job.result:
        job.result.delete(save=False)
    if not data:
        return
    missing = f"-thieu-{len(failed)}-giay" if failed else ""
    job.result_name = f"giay-chung-nhan-quyet-dinh-{job.parameters['decision']}{missing}.pdf"
    job.result.save(job.result_name, ContentFile(data), save=False)


RENDER = jobs.Kind(
    name="certificates",
    do_item=_draw,
    finish=_bind,
    permission="evaluation.issue_decisions",
)
