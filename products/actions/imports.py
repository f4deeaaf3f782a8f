"""Import of officers' workbooks: the same run gives the preview and the saving."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.models import AdministrativeUnit
from ocop_portal.problems import Refused
from products.models import ImportBatch, Producer
from products.places import Places, UnknownPlaceError
from products.reading import ProductRow, WorkbookReading, read_products
from products.resources import PlannedRow, ProductResource
from products.uploads import display_name

OUTCOMES = {"new": "created", "update": "updated", "skip": "skipped"}


@dataclass(frozen=True)
class RowNote:
    """One cell that needs an officer's eye."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str


@dataclass
class ImportReport:
    """What a workbook amounts to. The figures of a trial are those of the saving; where a row
    failed nothing is saved, so nothing was created or updated.
    """

    rows_read: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    saved: bool = False
    producers_created: int = 0
    problems: list[RowNote] = field(default_factory=list)
    warnings: list[RowNote] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    spellings: list[dict[str, Any]] = field(default_factory=list)
    sheets_left_out: list[dict[str, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def run_import(
    source: Path | IO[bytes],
    *,
    by: Any = None,
    dry_run: bool,
    leave_out_failed: bool = False,
) -> ImportReport:
    """Import a workbook, or try it out.

    All rows are saved, or none: a failed row stops everything unless `leave_out_failed`. `by` is
    the officer, whose territory limits what is taken; None is the shell. Raises WorkbookError for
    a file that cannot be read.
    """
    reading = read_products(
        cast(Path | BinaryIO, source),
        max_bytes=settings.IMPORT_MAX_BYTES,
        max_rows=settings.IMPORT_MAX_ROWS,
    )
    report = _start(reading)
    with transaction.atomic():
        planned = _plan(reading, report, by=by)
        _run_resource(planned, report)
        failed = {(note.sheet, note.row) for note in report.problems}
        report.failed = len(failed)
        refused = bool(failed) and not leave_out_failed
        if dry_run or refused:
            transaction.set_rollback(True)
    report.saved = not (dry_run or refused)
    if refused:
        report.created = report.updated = report.producers_created = 0
    return report


@transaction.atomic
def upload_workbook(upload: UploadedFile, *, by: Any) -> ImportBatch:
    """Keep an uploaded workbook with the preview of what it would do.

    Raises WorkbookError for a file that cannot be read: then nothing is kept.
    """
    if not by.has_perm("products.import_products"):
        raise PermissionDenied
    report = run_import(upload, by=by, dry_run=True, leave_out_failed=True)
    upload.seek(0)
    batch = ImportBatch(
        owner=by,
        original_name=display_name(upload.name or ""),
        sha256=hashlib.sha256(upload.read()).hexdigest(),
        report=report.as_dict(),
    )
    upload.seek(0)
    batch.file.save("", upload, save=False)
    batch.save()
    return batch


@transaction.atomic
def save_import(batch: ImportBatch, *, leave_out_failed: bool, by: Any) -> ImportBatch:
    """Save what the preview showed. Sent twice, the second time finds it saved.

    Raises `Refused` where rows failed and the officer did not agree to leave them out.
    """
    locked = ImportBatch.objects.visible_to(by).select_for_update(of=("self",)).get(pk=batch.pk)
    if locked.state == ImportBatch.State.SAVED:
        return locked
    with locked.file.open("rb") as file:
        report = run_import(file, by=by, dry_run=False, leave_out_failed=leave_out_failed)
    if not report.saved:
        raise Refused.because(
            "failed_rows",
            f"Còn {report.failed} dòng lỗi nên chưa lưu dòng nào. Hãy sửa tệp rồi tải lại, "
            "hoặc đánh dấu để bỏ qua các dòng lỗi.",
        )
    locked.report = report.as_dict()
    locked.state = ImportBatch.State.SAVED
    locked.saved_at = timezone.now()
    locked.save()
    return locked


def _start(reading: WorkbookReading) -> ImportReport:
    places = {(row.sheet, row.row) for row in reading.rows}
    places |= {(problem.sheet, problem.row) for problem in reading.problems}
    return ImportReport(
        rows_read=len(places),
        problems=[
            RowNote(note.sheet, note.row, note.column, note.value, note.reason)
            for note in reading.problems
        ],
        spellings=[
            {"name": group.display, "spellings": [list(pair) for pair in group.spellings]}
            for group in reading.producers
            if len(group.spellings) > 1
        ],
        sheets_left_out=[
            {"title": sheet.title, "reason": sheet.reason} for sheet in reading.sheets_left_out
        ],
    )


def _plan(reading: WorkbookReading, report: ImportReport, *, by: Any) -> list[PlannedRow]:
    """Find or make the records that the rows speak of; rows that cannot be placed are noted."""
    failed = {(note.sheet, note.row) for note in report.problems}
    placed = []
    for row, unit in _placed(reading.rows, report, by=by):
        if (row.sheet, row.row) not in failed:
            placed.append((row, unit))
    producers = _producers(placed, report)
    planned = []
    for row, unit in placed:
        producer = producers.get((unit.district.pk, row.producer_key))
        if producer is None:
            reason = "Chưa ghi chủ thể: sản phẩm được lưu, cần bổ sung trước khi nộp hồ sơ."
            report.warnings.append(RowNote(row.sheet, row.row, "Chủ thể", "", reason))
        planned.append(PlannedRow(row, unit, producer))
    return planned


def _placed(
    rows: Iterable[ProductRow], report: ImportReport, *, by: Any
) -> Iterable[tuple[ProductRow, AdministrativeUnit]]:
    places = Places()
    own = by.unit if by and by.unit and by.unit.level > AdministrativeUnit.Level.PROVINCE else None
    for row in rows:
        try:
            unit = places.find(row.district, row.commune, default=own and own.district)
        except UnknownPlaceError as error:
            written = row.commune or row.district
            note = RowNote(
                row.sheet, row.row, "Địa chỉ", written.written if written else "", str(error)
            )
            report.problems.append(note)
            continue
        if by and not unit.path.startswith(by.territory):
            report.skipped += 1
            _note_outcome(report, row, "outside")
            continue
        yield row, unit


def _producers(
    placed: Sequence[tuple[ProductRow, AdministrativeUnit]], report: ImportReport
) -> dict[tuple[int, str], Producer]:
    """The producers named in the rows, by district and key; new ones are made."""
    districts = {unit.district.pk for _row, unit in placed}
    found = Producer.objects.filter(district__in=districts).select_related("unit")
    producers = {(producer.district_id, producer.name_key): producer for producer in found}
    for row, unit in placed:
        key = (unit.district.pk, row.producer_key)
        if row.producer_name and key not in producers:
            producers[key] = Producer.objects.create(
                name=row.producer_name,
                kind=row.producer_kind or "",
                unit=unit,
                tax_code=row.tax_code,
                address=row.address,
                phone=row.phone,
                email=row.email,
            )
            report.producers_created += 1
    return producers


def _run_resource(planned: Sequence[PlannedRow], report: ImportReport) -> None:
    resource = ProductResource(planned)
    result = resource.import_data(resource.dataset(), dry_run=False, raise_errors=False)
    for plan, outcome in zip(planned, result.rows, strict=True):
        row = plan.row
        if outcome.import_type in OUTCOMES:
            name = OUTCOMES[outcome.import_type]
            setattr(report, name, getattr(report, name) + 1)
            _note_outcome(report, row, name)
        else:
            reasons = "; ".join(str(error.error) for error in outcome.errors) or "Không lưu được."
            report.problems.append(RowNote(row.sheet, row.row, "Tên sản phẩm", row.name, reasons))
    report.rows.sort(key=lambda shown: (shown["sheet"], shown["row"]))


def _note_outcome(report: ImportReport, row: ProductRow, outcome: str) -> None:
    report.rows.append(
        {
            "sheet": row.sheet,
            "row": row.row,
            "name": row.name,
            "producer": row.producer_name,
            "place": ", ".join(unit.name for unit in (row.commune, row.district) if unit),
            "stars": row.stars,
            "year": row.year,
            "outcome": outcome,
        }
    )
