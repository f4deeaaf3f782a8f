"""Import of officers' workbooks: the same run gives the preview and the saving."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import pghistory
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from ocop_portal import jobs
from ocop_portal.bulk import copy_rows
from ocop_portal.models import Job
from ocop_portal.problems import Refused
from products.actions.import_mappings import mappings_of, remember_mapping
from products.columns import Field
from products.header_mapping import HeaderFound, has_table, sheets_to_map
from products.import_records import Change
from products.import_report import ImportReport, ReportWriter, RowNote, RowOutcome, Sink
from products.matching import ImportPlan
from products.models import ImportBatch, ImportRow
from products.reading import Progress, read_products
from products.tabular import NO_MAPPINGS, Mappings
from products.uploads import display_name
from products.workbook import RawWorkbook, WorkbookError, open_workbook

__all__ = ["ImportReport", "RowNote", "run_import", "save_import", "upload_workbook"]

# A workbook with more rows is worked on in the background, with a bar.
ROWS_AT_ONCE = 2000
ATTEMPTS = 3
PROGRESS_SECONDS = 600


def run_import(
    source: Path | IO[bytes] | RawWorkbook,
    *,
    by: Any = None,
    dry_run: bool,
    leave_out_failed: bool = False,
    mappings: Mappings = NO_MAPPINGS,
    sink: Sink | None = None,
    progress: Progress = lambda *_: None,
) -> ImportReport:
    """Import a workbook, or try it out.

    All rows are saved, or none: a failed row stops everything unless `leave_out_failed`. `by` is
    the officer, whose territory limits what is taken; None is the shell. `sink` gets what became
    of each row, chunk by chunk. Raises WorkbookError for a file that cannot be read.
    """
    reading = read_products(
        cast(Path | BinaryIO | RawWorkbook, source),
        max_bytes=settings.IMPORT_MAX_BYTES,
        max_rows=settings.IMPORT_MAX_ROWS,
        mappings=mappings,
        progress=progress,
    )
    for attempt in range(1, ATTEMPTS + 1):
        writer = ReportWriter(reading, sink)
        plan = ImportPlan(by, reading.rows, writer)
        try:
            return _run(plan, writer, dry_run, leave_out_failed, progress)
        except IntegrityError as error:
            # Somebody saved one of these records meanwhile: the next plan finds it.
            if attempt == ATTEMPTS:
                raise _busy() from error
    raise AssertionError


@transaction.atomic
def _run(
    plan: ImportPlan,
    writer: ReportWriter,
    dry_run: bool,
    leave_out_failed: bool,
    progress: Progress,
) -> ImportReport:
    plan.prepare()
    is_saving = not dry_run and (leave_out_failed or not writer.failed)
    plan.run(progress, is_saving=is_saving)
    report = writer.finish()
    if report.failed and not leave_out_failed:
        report.created = report.updated = report.producers_created = 0
        transaction.set_rollback(is_saving)
        return report
    report.saved = is_saving
    return report


def _busy() -> Refused:
    return Refused.because(
        "changed_meanwhile",
        "Dữ liệu đang được người khác lưu cùng lúc nên chưa lưu dòng nào. Hãy thử lại sau ít phút.",
    )


@transaction.atomic
def upload_workbook(upload: UploadedFile, *, by: Any) -> ImportBatch:
    """Keep an uploaded workbook with the preview of what it would do; a large one is checked in
    the background, and one with a header that nobody knows waits for a person to say what its
    columns are.

    Raises WorkbookError for a file that cannot be read: then nothing is kept.
    """
    _check(by)
    book = _opened(upload)
    mappings = mappings_of(by)
    batch = ImportBatch(
        owner=by,
        original_name=display_name(upload.name or ""),
        is_csv=book.is_text,
        state=ImportBatch.State.CHECKING,
    )
    if not has_table(book, mappings):
        if not sheets_to_map(book):
            read_products(book)  # raises the error that says what is missing
        batch.state = ImportBatch.State.MAPPING
    _keep(batch, upload)
    if batch.state == ImportBatch.State.CHECKING:
        check_workbook(batch, book, mappings)
    return batch


def check_workbook(batch: ImportBatch, book: RawWorkbook, mappings: Mappings) -> None:
    """Make the preview, at once or in the background."""
    if _rows_of(book) > ROWS_AT_ONCE:
        batch.state = ImportBatch.State.CHECKING
        batch.save(update_fields=["state"])
        begin(batch, "check", f"Kiểm tra tệp {batch}", again=True)
    else:
        _preview(batch, book, mappings)


@transaction.atomic
def choose_columns(
    batch: ImportBatch, header: HeaderFound, columns: Mapping[Field, int], *, by: Any
) -> ImportBatch:
    """Read the workbook with the columns that a person has named, now and next time.

    Raises `Refused` once it is being checked, saved or taken back.
    """
    _check(by)
    locked = ImportBatch.objects.visible_to(by).select_for_update(of=("self",)).get(pk=batch.pk)
    if locked.state not in {ImportBatch.State.MAPPING, ImportBatch.State.PREVIEW}:
        raise Refused.because("not_open", "Tệp này đang được xử lý hoặc đã lưu nên không đổi được.")
    remember_mapping(header, columns, by=by)
    check_workbook(locked, book_of(locked), mappings_of(by))
    return locked


def book_of(batch: ImportBatch) -> RawWorkbook:
    """The workbook as it was uploaded. Raises WorkbookError."""
    with batch.file.open("rb") as file:
        return _opened(file)


def save_import(batch: ImportBatch, *, leave_out_failed: bool, by: Any) -> ImportBatch:
    """Save what the preview showed, a large workbook in the background. Sent twice, the second
    time finds it saved, or being saved.

    Raises `Refused` where rows failed and the officer did not agree to leave them out.
    """
    _check(by)
    with transaction.atomic():
        locked = ImportBatch.objects.visible_to(by).select_for_update(of=("self",)).get(pk=batch.pk)
        if locked.state in {ImportBatch.State.SAVED, ImportBatch.State.UNDONE}:
            return locked
        if locked.state != ImportBatch.State.PREVIEW:
            raise Refused.because("not_checked", "Tệp này chưa kiểm tra xong nên chưa lưu được.")
        if locked.report.get("rows_read", 0) <= ROWS_AT_ONCE:
            return _save(locked, leave_out_failed=leave_out_failed)
        if locked.report["failed"] and not leave_out_failed:
            raise _failed_rows(locked.report["failed"])
        step = "save_rest" if leave_out_failed else "save"
        begin(locked, step, f"Lưu sản phẩm từ tệp {locked}")
        return locked


def job_of(batch: ImportBatch) -> Job | None:
    """The background work on the workbook that was begun last."""
    rows = Job.objects.filter(key__startswith=_key(batch, ""))
    return rows.order_by("-touched_at", "-pk").first()


def progress_of(batch: ImportBatch) -> dict[str, Any]:
    """How far the background work is: what is being done, how much of how much."""
    return cache.get(_progress_key(batch)) or {"text": "Đang chờ đến lượt", "done": 0, "total": 0}


def _check(by: Any) -> None:
    if not by.has_perm("products.import_products"):
        raise PermissionDenied


def _opened(file: IO[bytes] | UploadedFile) -> RawWorkbook:
    return open_workbook(
        cast(BinaryIO, file),
        max_bytes=settings.IMPORT_MAX_BYTES,
        max_rows=settings.IMPORT_MAX_ROWS,
    )


def _rows_of(book: RawWorkbook) -> int:
    return sum(len(sheet.rows) for sheet in book.sheets)


def _keep(batch: ImportBatch, upload: UploadedFile) -> None:
    upload.seek(0)
    batch.sha256 = hashlib.file_digest(cast(Any, upload), "sha256").hexdigest()
    upload.seek(0)
    batch.file.save("", upload, save=False)
    batch.save()


def _preview(
    batch: ImportBatch,
    book: RawWorkbook,
    mappings: Mappings,
    progress: Progress = lambda *_: None,
) -> None:
    batch.rows.all().delete()
    report = run_import(
        book,
        by=batch.owner,
        dry_run=True,
        leave_out_failed=True,
        mappings=mappings,
        sink=_RowKeeper(batch),
        progress=progress,
    )
    batch.report = report.as_dict()
    batch.state = ImportBatch.State.PREVIEW
    batch.save()


def _save(
    batch: ImportBatch, *, leave_out_failed: bool, progress: Progress = lambda *_: None
) -> ImportBatch:
    with transaction.atomic(), pghistory.context(user=batch.owner_id, import_batch=batch.pk):
        batch.rows.all().delete()
        report = run_import(
            book_of(batch),
            by=batch.owner,
            dry_run=False,
            leave_out_failed=leave_out_failed,
            mappings=mappings_of(batch.owner),
            sink=_RowKeeper(batch, with_changes=True),
            progress=progress,
        )
        if not report.saved:
            raise _failed_rows(report.failed)
        batch.report = report.as_dict()
        batch.state = ImportBatch.State.SAVED
        batch.saved_at = timezone.now()
        batch.save()
    return batch


def _failed_rows(failed: int) -> Refused:
    return Refused.because(
        "failed_rows",
        f"Còn {failed} dòng lỗi nên chưa lưu dòng nào. Hãy sửa tệp rồi tải lại, "
        "hoặc đánh dấu để bỏ qua các dòng lỗi.",
    )


class _RowKeeper:
    """Keeps what became of each row, for the pages and for taking the import back."""

    def __init__(self, batch: ImportBatch, *, with_changes: bool = False) -> None:
        self._batch = batch
        self._with_changes = with_changes
        self._position = 0

    def __call__(self, outcomes: Sequence[RowOutcome]) -> None:
        rows = [
            {
                "batch_id": self._batch.pk,
                "position": self._position + n,
                "sheet": row.sheet[:200],
                "row": row.row,
                "name": row.name,
                "producer": row.producer_name,
                "place": ", ".join(unit.name for unit in (row.commune, row.district) if unit)[:300],
                "stars": row.stars,
                "year": row.year,
                "outcome": outcome,
                "changes": _stored(changes) if self._with_changes else [],
            }
            for n, (row, outcome, changes) in enumerate(outcomes)
        ]
        self._position += len(rows)
        copy_rows(ImportRow, rows)


def _stored(changes: Sequence[Change]) -> list[Any]:
    return [[kind, record.pk, is_new, values] for kind, record, is_new, values in changes]


# In the background: one item, because all rows are saved or none.


def _key(batch: ImportBatch, step: str) -> str:
    return f"imports/{batch.pk}/{step}"


def _progress_key(batch: ImportBatch) -> str:
    return f"import-progress-{batch.pk}"


def begin(batch: ImportBatch, step: str, title: str, *, again: bool = False) -> None:
    """Start a step in the background; `again` where a step is done more than once."""
    cache.delete(_progress_key(batch))
    key = _key(batch, step)
    if again and (earlier := Job.objects.filter(key__startswith=key).count()):
        key += f"/{earlier + 1}"
    job = jobs.start(
        IMPORT,
        title=title[:300],
        items=[jobs.Item(step, str(batch))],
        key=key,
        by=batch.owner,
        parameters={"batch": batch.pk},
    )
    if job.is_finished:  # it failed or was stopped before
        jobs.resume(job, by=batch.owner)


def _work(job: Job, step: str) -> None:
    """Check, save or take back a workbook. Run a second time it finds the work done."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=job.parameters["batch"])
    _check(batch.owner)
    tell = _teller(batch, job)
    if step == "check" and batch.state == ImportBatch.State.CHECKING:
        try:
            _preview(batch, book_of(batch), mappings_of(batch.owner), tell)
        except WorkbookError as error:
            raise Refused.because(error.code, error.message) from error
    elif step in {"save", "save_rest"} and batch.state == ImportBatch.State.PREVIEW:
        _save(batch, leave_out_failed=step == "save_rest", progress=tell)
    elif step in {"undo", "undo_rest"} and batch.state == ImportBatch.State.SAVED:
        from products.actions.import_undo import take_back  # which imports this module

        take_back(batch, leave_out_used=step == "undo_rest", by=batch.owner, progress=tell)


def _teller(batch: ImportBatch, job: Job) -> Callable[[str, int, int], None]:
    """Progress goes to the cache: the work itself is one transaction, which nobody sees into.
    Telling it also asks whether the work is still wanted.
    """

    def tell(text: str, done: int, total: int) -> None:
        progress = {"text": text, "done": done, "total": total}
        cache.set(_progress_key(batch), progress, PROGRESS_SECONDS)
        if Job.objects.filter(pk=job.pk, state=Job.State.CANCELLED).exists():
            raise Refused.because("cancelled", "Đã dừng theo yêu cầu. Chưa có gì bị thay đổi.")

    return tell


IMPORT = jobs.Kind(name="imports", do_item=_work)
