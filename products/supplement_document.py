"""The printed request to supplement a dossier, in the form of Decree 30/2020/NĐ-CP."""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.core.files.base import ContentFile
from django.db import transaction
from django.template.loader import render_to_string

from ocop_portal import jobs
from ocop_portal.documents import html_to_pdf
from ocop_portal.files import keep
from ocop_portal.models import Job
from products.models import SupplementRequest


@dataclass(frozen=True)
class Letter:
    """What the document says, every word of it ready to print."""

    parent_agency: str
    agency: str
    author: str
    place: str
    number: str
    day: date
    addressee: str
    product: str
    producer: str
    received_number: str
    text: str
    items: tuple[tuple[str, str, str], ...]
    deadline: date
    regulation: str
    signatory_title: str
    recipients: tuple[str, ...] = ("Như trên;", "Lưu: VT.")

    @classmethod
    def of(cls, request: SupplementRequest) -> "Letter":
        """The letter of a request; the agency is that of who asked."""
        dossier = request.dossier
        product, author = dossier.product, request.requested_by
        agency = author.agency
        unit = author.unit or product.district
        committee = f"Ủy ban nhân dân {within(unit.full_name)}"
        producer = product.producer.name if product.producer else ""
        office = f"Ủy ban nhân dân {within(product.unit.full_name)}"
        return cls(
            parent_agency=committee if agency else "Ủy ban nhân dân",
            agency=agency.name if agency else unit.full_name,
            author=agency.name if agency else committee,
            place=unit.name,
            number=request.number,
            day=request.issued_on,
            addressee=" và ".join(filter(None, [office, producer])),
            product=product.name,
            producer=producer,
            received_number=dossier.received_number,
            text=request.text,
            items=tuple(
                (item.name, item.document.original_name if item.document else "", item.comment)
                for item in request.items.select_related("document")
            ),
            deadline=request.deadline,
            regulation=dossier.regulation.rules.short_name,
            signatory_title="Thủ trưởng cơ quan",
        )


def within(name: str) -> str:
    """The name of a unit inside a sentence: "phường Tứ Liên"."""
    return name[:1].lower() + name[1:]


def letter_pdf(letter: Letter) -> bytes:
    """The letter as a PDF."""
    context = {"letter": letter}
    return html_to_pdf(render_to_string("products/pdf/supplement_request.html", context))


def _draw(job: Job, reference: str) -> None:
    """Draw the request and keep it, then have it e-mailed when that is committed."""
    from products.tasks import mail_supplement_request

    rows = SupplementRequest.objects.select_related(
        "dossier__product__producer",
        "dossier__product__unit",
        "dossier__product__district",
        "dossier__regulation",
        "requested_by__agency",
        "requested_by__unit",
    )
    request = rows.get(pk=reference)
    data = letter_pdf(Letter.of(request))
    request.document = keep(
        ContentFile(data, name="yeu-cau-bo-sung.pdf"),
        extension="pdf",
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        by=job.owner,
    )
    request.save(update_fields=["document"])
    transaction.on_commit(partial(jobs.call, mail_supplement_request, request.pk))


SUPPLEMENT_REQUEST = jobs.Kind(name="supplement_request", do_item=_draw)
