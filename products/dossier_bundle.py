"""The whole dossier as one PDF with an index and bookmarks, made by the worker."""

import hashlib
import io
from typing import Any

import pikepdf
from django.core.files.base import ContentFile
from django.template.loader import render_to_string

from ocop_portal import jobs
from ocop_portal.documents import html_to_pdf
from ocop_portal.models import Job, StoredFile
from products.completeness import filled_slots
from products.models import Dossier, DossierDocument

WITHOUT_PAGES = {StoredFile.Kind.DOCX, StoredFile.Kind.XLSX, StoredFile.Kind.MP4}


def start(dossier: Dossier, *, by: Any) -> Job:
    """Bind the dossier as it is now; asked again by the same person, the same job is found."""
    return jobs.start(
        BUNDLE,
        title=f"Ghép hồ sơ {dossier} thành một tệp PDF",
        items=[jobs.Item(str(dossier.pk), str(dossier))],
        key=f"bundle/{dossier.pk}/{by.pk}/{fingerprint(dossier)}",
        by=by,
        parameters={"dossier": dossier.pk},
    )


def fingerprint(dossier: Dossier) -> str:
    """What the bound dossier depends on: other content, another fingerprint."""
    rows = dossier.documents.current().order_by("pk")
    values = rows.values_list(
        "pk", "slot", "original_name", "stored__sha256", "stored__state", "first_page", "last_page"
    )
    return hashlib.sha256(repr((dossier.regulation_id, list(values))).encode()).hexdigest()[:32]


def _bind(_job: Job, _reference: str) -> None:
    """All is done at the end, in `_finish`: the result is one file."""


def _finish(job: Job) -> None:
    dossier = Dossier.objects.select_related("product__producer", "product__unit", "regulation")
    found = dossier.get(pk=job.parameters["dossier"])
    if job.result:
        job.result.delete(save=False)
    job.result_name = f"ho-so-{found.pk}.pdf"
    job.result.save(job.result_name, ContentFile(bundle(found)), save=False)


def bundle(dossier: Dossier) -> bytes:
    """The index, then every file in the order of the regulation, each with its bookmark."""
    slots = [row for row in filled_slots(dossier) if row.documents]
    parts = {document.pk: _part(document) for row in slots for document in row.documents}
    lengths = {pk: len(part.pages) if part else 0 for pk, part in parts.items()}
    # The index names page numbers, which begin after it: its own length is found by drawing it.
    cover = _index(dossier, slots, lengths, 1)
    cover = _index(dossier, slots, lengths, len(cover.pages))
    with cover.open_outline() as outline:
        # The index brings a bookmark of its own heading.
        outline.root.clear()
        outline.root.append(pikepdf.OutlineItem("Mục lục", 0))
        for row in slots:
            heading: Any = None
            for document in row.documents:
                part = parts[document.pk]
                if part is None:
                    continue
                first = len(cover.pages)
                if heading is None:
                    heading = pikepdf.OutlineItem(row.slot.name, first)
                    outline.root.append(heading)
                heading.children.append(pikepdf.OutlineItem(document.original_name, first))
                cover.pages.extend(part.pages)
    target = io.BytesIO()
    cover.save(target)
    return target.getvalue()


def _part(document: DossierDocument) -> pikepdf.Pdf | None:
    """The pages of a document; None for one that has none, or that could not be read."""
    stored = document.stored
    field = stored.file if stored.extension == StoredFile.Kind.PDF else stored.as_pdf
    if stored.extension in WITHOUT_PAGES or not field:
        return None
    with field.open("rb") as content:
        try:
            pdf = pikepdf.open(io.BytesIO(content.read()))
        except pikepdf.PdfError:
            return None
    if document.first_page and document.last_page:
        del pdf.pages[document.last_page :]
        del pdf.pages[: document.first_page - 1]
    return pdf


def _index(dossier: Dossier, slots: list[Any], lengths: dict[int, int], own: int) -> pikepdf.Pdf:
    page = own + 1
    lines = []
    for row in slots:
        files = []
        for document in row.documents:
            length = lengths[document.pk]
            files.append({"name": document.original_name, "page": page if length else None})
            page += length
        lines.append({"name": row.slot.name, "files": files})
    context = {"dossier": dossier, "slots": lines}
    return pikepdf.open(
        io.BytesIO(html_to_pdf(render_to_string("products/pdf/index.html", context)))
    )


BUNDLE = jobs.Kind(name="dossier_bundle", do_item=_bind, finish=_finish)
