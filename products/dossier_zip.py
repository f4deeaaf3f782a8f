"""The whole dossier as a ZIP: a folder for each slot in the order of the regulation, and an index.

Files go through in pieces and are not packed again: what people hand in is packed already.
"""

import hashlib
import io
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import PurePath
from typing import Any, BinaryIO

import xlsxwriter
from django.utils import timezone

from ocop_portal import jobs
from ocop_portal.models import Job
from ocop_portal.text import clean_line
from products.completeness import FilledSlot, filled_slots
from products.dossier_bundle import fingerprint, keep_result, nothing, of_job
from products.models import Dossier, DossierDocument
from products.page_slices import content_of

INDEX = "00 Mục lục.xlsx"
HEADINGS = {
    "Mục": 42,
    "Tệp": 46,
    "Số trang": 9,
    "Số văn bản": 18,
    "Ngày cấp": 12,
    "Có hiệu lực đến": 15,
    "Dung lượng (byte)": 16,
    "SHA-256": 68,
}
# What Windows does not take in names, and what would be a path.
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
# Windows takes 260 characters for the whole path.
FOLDER_LENGTH, FILE_LENGTH = 60, 90
CHUNK_BYTES = 1024 * 1024


def start(dossier: Dossier, *, by: Any) -> Job:
    """Pack the dossier as it is now; asked again by the same person, the same job is found."""
    return jobs.start(
        ZIP,
        title=f"Nén hồ sơ {dossier} thành một tệp ZIP",
        items=[jobs.Item(str(dossier.pk), str(dossier))],
        key=f"zip/{dossier.pk}/{by.pk}/{fingerprint(dossier)}",
        by=by,
        parameters={"dossier": dossier.pk},
    )


def _finish(job: Job) -> None:
    dossier = of_job(job)
    with tempfile.TemporaryFile() as target:
        pack(dossier, target)
        keep_result(job, f"ho-so-{dossier.pk}.zip", target)


def pack(dossier: Dossier, target: BinaryIO) -> None:
    """Write every current file under its slot, and the index with its fingerprint."""
    lines = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for row, document, path in _paths(filled_slots(dossier)):
            size, sha256 = _add(archive, document, path)
            lines.append(
                [
                    row.slot.name,
                    path,
                    document.page_count,
                    document.number,
                    document.issued_on,
                    document.valid_until,
                    size,
                    sha256,
                ]
            )
        archive.writestr(_entry(INDEX, timezone.now()), _index(lines))


def _paths(rows: list[FilledSlot]) -> Iterator[tuple[FilledSlot, DossierDocument, str]]:
    """Where each document lies: numbers keep the order and make every name another."""
    for n, row in enumerate(rows, start=1):
        folder = f"{n:02d} {safe_name(row.slot.name, FOLDER_LENGTH)}"
        for m, document in enumerate(row.documents, start=1):
            yield row, document, f"{folder}/{m:02d} {safe_name(document.original_name)}"


def safe_name(name: str, length: int = FILE_LENGTH) -> str:
    """A name that every system takes and that leads nowhere else: NFC, short, its ending kept."""
    clean = FORBIDDEN.sub(" ", clean_line(unicodedata.normalize("NFC", name)))
    path = PurePath(" ".join(clean.split()).strip(" .") or "tep")
    ending = path.suffix if len(path.suffix) <= 6 else ""
    stem = path.name.removesuffix(ending)[: length - len(ending)].strip(" .")
    return f"{stem}{ending}"


def _add(archive: zipfile.ZipFile, document: DossierDocument, path: str) -> tuple[int, str]:
    """Copy a document into the archive in pieces; its size there and its fingerprint."""
    digest, size = hashlib.sha256(), 0
    entry = _entry(path, document.uploaded_at)
    with content_of(document) as source, archive.open(entry, "w") as place:
        while chunk := source.read(CHUNK_BYTES):
            place.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


def _entry(path: str, at: Any) -> zipfile.ZipInfo:
    local = timezone.localtime(at)
    entry = zipfile.ZipInfo(path, local.timetuple()[:6])
    entry.external_attr = 0o640 << 16
    return entry


def _index(lines: list[list[Any]]) -> bytes:
    target = io.BytesIO()
    # Words that begin like a formula or an address stay words (abuse case F9).
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet("Mục lục")
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy"})
        for column, (heading, width) in enumerate(HEADINGS.items()):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, heading, bold)
        sheet.freeze_panes(1, 0)
        for row, line in enumerate(lines, start=1):
            for column, value in enumerate(line):
                _write(sheet, row, column, value, day)
    return target.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any, day: Any) -> None:
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    elif value:
        sheet.write_string(row, column, value)


ZIP = jobs.Kind(name="dossier_zip", do_item=nothing, finish=_finish)
