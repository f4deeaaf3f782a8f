"""The whole dossier as one PDF with an index, bookmarks and page numbers, made by the worker."""

import hashlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf
from django.core.files import File
from django.template.loader import render_to_string
from django.utils.text import Truncator

from ocop_portal import jobs
from ocop_portal.documents import html_to_pdf
from ocop_portal.files import local_path
from ocop_portal.models import Job, StoredFile
from products.completeness import FilledSlot, filled_slots
from products.models import Dossier, DossierDocument
from products.page_slices import copy_pages
from products.page_stamps import stamp

WITHOUT_PAGES = {StoredFile.Kind.DOCX, StoredFile.Kind.XLSX, StoredFile.Kind.MP4}
# Mapped files would count as memory of the worker, and be read whole.
STREAM = pikepdf.AccessMode.stream


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
    """What the dossier as a file depends on: other content, another fingerprint."""
    rows = dossier.documents.current().order_by("pk")
    values = rows.values_list(
        "pk",
        "slot",
        "original_name",
        "stored__sha256",
        "stored__state",
        "first_page",
        "last_page",
        "number",
        "issued_on",
        "valid_until",
    )
    return hashlib.sha256(repr((dossier.regulation_id, list(values))).encode()).hexdigest()[:32]


def nothing(_job: Job, _reference: str) -> None:
    """All is done at the end, by `finish`: the result is one file."""


def of_job(job: Job) -> Dossier:
    """The dossier that a job speaks of."""
    rows = Dossier.objects.select_related("product__producer", "product__unit", "regulation")
    return rows.get(pk=job.parameters["dossier"])


def keep_result(job: Job, name: str, content: BinaryIO) -> None:
    """Give the job its result; one that a killed worker left is taken away first."""
    if job.result:
        job.result.delete(save=False)
    content.seek(0)
    job.result_name = name
    job.result.save(name, File(content), save=False)


def _finish(job: Job) -> None:
    dossier = of_job(job)
    with tempfile.TemporaryFile() as target:
        bind(dossier, target)
        keep_result(job, f"ho-so-{dossier.pk}.pdf", target)


def bind(dossier: Dossier, target: BinaryIO) -> None:
    """Write the index, then every file in the order of the regulation, each with its bookmark.

    Contents are never in memory: qpdf copies them from file to file.
    """
    slots = [row for row in filled_slots(dossier) if row.documents]
    every = [document for row in slots for document in row.documents]
    with tempfile.TemporaryDirectory() as folder:
        paths = {
            row.pk: local_path(_pages_of(row), Path(folder)) for row in every if _pages_of(row)
        }
        lengths = {row.pk: _length(row, paths.get(row.pk)) for row in every}
        # The index names page numbers, which begin after it: its own length is found by drawing it.
        own = _page_count(_index(dossier, slots, lengths, 1))
        index, merged = Path(folder) / "index.pdf", Path(folder) / "merged.pdf"
        index.write_bytes(_index(dossier, slots, lengths, own))
        documents = [row for row in every if lengths[row.pk]]
        places = [(str(paths[row.pk]), row.first_page, row.last_page) for row in documents]
        copy_pages([(str(index), None, None), *places], merged)
        with pikepdf.open(merged, access_mode=STREAM) as pdf:
            _write_outline(pdf, slots, lengths, own)
            name = Truncator(dossier.product.name).chars(70)
            stamp(pdf, f"Hồ sơ {name} ({dossier.year}) – trang")
            pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _pages_of(document: DossierDocument) -> Any:
    """The PDF of a document: itself, or what the worker made of a picture; empty without one."""
    stored = document.stored
    if stored.extension in WITHOUT_PAGES:
        return None
    return stored.file if stored.extension == StoredFile.Kind.PDF else stored.as_pdf


def _length(document: DossierDocument, path: Path | None) -> int:
    """How many pages a document has; 0 for one that has none, or that could not be read."""
    if path is None:
        return 0
    try:
        with pikepdf.open(path, access_mode=STREAM) as pdf:
            pages = len(pdf.pages)
    except pikepdf.PdfError:
        return 0
    return len(range(pages)[(document.first_page or 1) - 1 : document.last_page])


def _page_count(data: bytes) -> int:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return len(pdf.pages)


def _write_outline(
    pdf: pikepdf.Pdf, slots: list[FilledSlot], lengths: dict[int, int], own: int
) -> None:
    with pdf.open_outline() as outline:
        # The index brings a bookmark of its own heading.
        outline.root.clear()
        outline.root.append(pikepdf.OutlineItem("Mục lục", 0))
        for row, first_pages in _placed(slots, lengths, own):
            shown = [(row, page) for row, page in first_pages if page is not None]
            if not shown:
                continue
            heading = pikepdf.OutlineItem(row.slot.name, shown[0][1])
            outline.root.append(heading)
            for document, page in shown:
                heading.children.append(pikepdf.OutlineItem(document.original_name, page))


def _placed(
    slots: list[FilledSlot], lengths: dict[int, int], own: int
) -> Iterator[tuple[FilledSlot, list[tuple[DossierDocument, int | None]]]]:
    """Where each document begins, from 0, behind an index of `own` pages; None without pages."""
    page = own
    for row in slots:
        places: list[tuple[DossierDocument, int | None]] = []
        for document in row.documents:
            places.append((document, page if lengths[document.pk] else None))
            page += lengths[document.pk]
        yield row, places


def _index(dossier: Dossier, slots: list[FilledSlot], lengths: dict[int, int], own: int) -> bytes:
    lines = [
        {
            "name": row.slot.name,
            "files": [
                {"name": document.original_name, "page": None if page is None else page + 1}
                for document, page in places
            ],
        }
        for row, places in _placed(slots, lengths, own)
    ]
    context = {"dossier": dossier, "slots": lines}
    return html_to_pdf(render_to_string("products/pdf/index.html", context))


BUNDLE = jobs.Kind(name="dossier_bundle", do_item=nothing, finish=_finish)
