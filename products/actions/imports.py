"""Import of officers' workbooks: the same run gives the preview and the saving."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from ocop_portal import jobs
from ocop_portal.models import Job
from ocop_portal.problems import Refused
from products.import_report import ImportReport, ReportWriter, RowNote
from products.matching import ImportPlan
from products.models import ImportBatch
from products.reading import Progress, WorkbookReading, read_products
from products.uploads import display_name
from products.workbook import WorkbookError, open_workbook

__all__ = ["ImportReport", "RowNote", "run_import", "save_import", "upload_workbook"]

# A workbook with more rows is worked on in the background, with a bar.
ROWS_AT_ONCE = 2000
ATTEMPTS = 3
PROGRESS_SECONDS = 600


def run_import(
    source: Path | IO[bytes],
    *,
    by: Any = None,
    dry_run: bool,
    leave_out_failed: bool = False,
    progress: Progress = lambda *_: None,
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
        progress=progress,
    )
    for attempt in range(1, ATTEMPTS + 1):
        plan, report = _plan(reading, by=by, progress=progress)
        refused = bool(report.failed) and not leave_out_failed
        if refused:
            report.created = report.updated = report.producers_created = 0
        if dry_run or refused:
            return report
        try:
            with transaction.atomic():
                plan.save(progress)
        except IntegrityError as error:
            # Somebody saved one of these records meanwhile: the next plan finds it.
            if attempt == ATTEMPTS:
                raise _busy() from error
        else:
            report.saved = True
            break
    return report


def _plan(
    reading: WorkbookReading, *, by: Any, progress: Progress
) -> tuple[ImportPlan, ImportReport]:
    writer = ReportWriter(reading)
    plan = ImportPlan(by)
    plan.make(reading.rows, writer, progress)
    return plan, writer.finish()


def _busy() -> Refused:
    return Refused.because(
        "changed_meanwhile",
        "Dữ liệu đang được người khác lưu cùng lúc nên chưa lưu dòng nào. Hãy thử lại sau ít phút.",
    )


@transaction.atomic
def upload_workbook(upload: UploadedFile, *, by: Any) -> ImportBatch:
    """Keep an uploaded workbook with the preview of what it would do; a large one is checked in
    the background.

    Raises WorkbookError for a file that cannot be read: then nothing is kept.
    """
    _check(by)
    is_large = _rows_of(upload) > ROWS_AT_ONCE
    batch = ImportBatch(
        owner=by, original_name=display_name(upload.name or ""), state=ImportBatch.State.CHECKING
    )
    if not is_large:
        _preview(batch, upload)
    upload.seek(0)
    batch.sha256 = hashlib.sha256(upload.read()).hexdigest()
    upload.seek(0)
    batch.file.save("", upload, save=False)
    batch.save()
    if is_large:
        _start(batch, "check", f"Kiểm tra tệp {batch}")
    return batch


def save_import(batch: ImportBatch, *, leave_out_failed: bool, by: Any) -> ImportBatch:
    """Save what the preview showed, a large workbook in the background. Sent twice, the second
    time finds it saved, or being saved.

    Raises `Refused` where rows failed and the officer did not agree to leave them out.
    """
    _check(by)
    with transaction.atomic():
        locked = ImportBatch.objects.visible_to(by).select_for_update(of=("self",)).get(pk=batch.pk)
        if locked.state == ImportBatch.State.SAVED:
            return locked
        if locked.state == ImportBatch.State.CHECKING:
            raise Refused.because("not_checked", "Tệp này chưa kiểm tra xong nên chưa lưu được.")
        if locked.report.get("rows_read", 0) <= ROWS_AT_ONCE:
            return _save(locked, leave_out_failed=leave_out_failed)
        if locked.report["failed"] and not leave_out_failed:
            raise _failed_rows(locked.report["failed"])
        step = "save_rest" if leave_out_failed else "save"
        _start(locked, step, f"Lưu sản phẩm từ tệp {locked}")
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


def _rows_of(upload: UploadedFile) -> int:
    book = open_workbook(
        cast(BinaryIO, upload),
        max_bytes=settings.IMPORT_MAX_BYTES,
        max_rows=settings.IMPORT_MAX_ROWS,
    )
    return sum(len(sheet.rows) for sheet in book.sheets)


def _preview(
    batch: ImportBatch, file: IO[bytes] | UploadedFile, progress: Progress = lambda *_: None
) -> None:
    report = run_import(
        cast(IO[bytes], file),
        by=batch.owner,
        dry_run=True,
        leave_out_failed=True,
        progress=progress,
    )
    batch.report = report.as_dict()
    batch.state = ImportBatch.State.PREVIEW


def _save(
    batch: ImportBatch, *, leave_out_failed: bool, progress: Progress = lambda *_: None
) -> ImportBatch:
    with batch.file.open("rb") as file:
        report = run_import(
            file,
            by=batch.owner,
            dry_run=False,
            leave_out_failed=leave_out_failed,
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


# In the background: one item, because all rows are saved or none.


def _key(batch: ImportBatch, step: str) -> str:
    return f"imports/{batch.pk}/{step}"


def _progress_key(batch: ImportBatch) -> str:
    return f"import-progress-{batch.pk}"


def _start(batch: ImportBatch, step: str, title: str) -> None:
    cache.delete(_progress_key(batch))
    job = jobs.start(
        IMPORT,
        title=title[:300],
        items=[jobs.Item(step, str(batch))],
        key=_key(batch, step),
        by=batch.owner,
        parameters={"batch": batch.pk},
    )
    if job.is_finished:  # it failed or was stopped before
        jobs.resume(job, by=batch.owner)


def _work(job: Job, step: str) -> None:
    """Check or save a workbook. Run a second time it finds the work done."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=job.parameters["batch"])
    _check(batch.owner)
    if batch.state == ImportBatch.State.SAVED:
        return
    tell = _teller(batch)
    if step == "check":
        try:
            with batch.file.open("rb") as file:
                _preview(batch, file, tell)
        except WorkbookError as error:
            raise Refused.because(error.code, error.message) from error
        batch.save()
    else:
        _save(batch, leave_out_failed=step == "save_rest", progress=tell)


def _teller(batch: ImportBatch) -> Callable[[str, int, int], None]:
    """Progress goes to the cache: the work itself is one transaction, which nobody sees into."""

    def tell(text: str, done: int, total: int) -> None:
        progress = {"text": text, "done": done, "total": total}
        cache.set(_progress_key(batch), progress, PROGRESS_SECONDS)

    return tell


IMPORT = jobs.Kind(name="imports", do_item=_work)
