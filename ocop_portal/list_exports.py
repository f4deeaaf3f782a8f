"""A list as a file: XLSX, CSV or JSON with exactly the rows of the filter, in their order.

Short ones are made while the person waits, long ones by a worker in batches, so that the bar moves;
what a worker has made is for the person who asked and for nobody else.
"""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.utils import timezone

from ocop_portal import jobs
from ocop_portal.listing import Column, Listing, listing_named
from ocop_portal.models import Job
from ocop_portal.text import search_key

# More rows than this are made by a worker.
AT_ONCE = 2_000
BATCH = 1_000
# Rows in memory at the same time.
CHUNK = 250
# What a spreadsheet takes for the beginning of a formula (abuse case F9).
FORMULA = ("=", "+", "-", "@", "\t", "\r")
SHEET_NAME, ABOUT_NAME = "Dữ liệu", "Về tệp này"
WIDTH = 24


@dataclass(frozen=True)
class About:
    """What a file says about itself: the list, its conditions, when and by whom it was made."""

    title: str
    conditions: str
    made: str
    by: str


def neutral(value: Any) -> Any:
    """Text that would begin a formula begins with an apostrophe instead."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def data_of(
    listing: Listing, columns: Sequence[Column], keys: Sequence[Any]
) -> Iterator[list[Any]]:
    """The rows as plain data, a list of values each; a few rows are in memory at a time."""
    values = [column.value for column in columns]
    for part in batches(keys, CHUNK):
        for row in listing.records(part, columns):
            yield [value(row) for value in values]


def batches(keys: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for begin in range(0, len(keys), size):
        yield keys[begin : begin + size]


# --- Formats ------------------------------------------------------------------------------------


def write_xlsx(target: IO[bytes], labels: Sequence[str], rows: Iterable[Any], about: About) -> None:
    """A sheet with the rows, and one that says what they are; row by row, nothing is kept."""
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet(SHEET_NAME)
        sheet.set_column(0, max(0, len(labels) - 1), WIDTH)
        sheet.freeze_panes(1, 1)
        sheet.write_row(0, 0, labels, bold)
        count = 0
        for count, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                _write_cell(sheet, count, place, value, day)
        if count:
            sheet.autofilter(0, 0, count, max(0, len(labels) - 1))
        about_sheet = book.add_worksheet(ABOUT_NAME)
        about_sheet.set_column(0, 1, WIDTH * 2)
        facts: dict[str, Any] = {
            "Danh sách": about.title,
            "Điều kiện lọc": about.conditions or "không lọc",
            "Số dòng": count,
            "Xuất lúc": about.made,
            "Người xuất": about.by,
        }
        for line, (label, fact) in enumerate(facts.items()):
            about_sheet.write_string(line, 0, label, bold)
            _write_cell(about_sheet, line, 1, fact, day)


def _write_cell(sheet: Any, line: int, place: int, value: Any, day: Any) -> None:
    if isinstance(value, str):
        if value:
            sheet.write_string(line, place, neutral(value))
    elif isinstance(value, bool):
        sheet.write_string(line, place, "có" if value else "không")
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(line, place, value)
    elif isinstance(value, date):
        sheet.write_datetime(line, place, value, day)


def write_csv(target: IO[bytes], labels: Sequence[str], rows: Iterable[Any], _about: About) -> None:
    """UTF-8 with its mark, so that Excel opens Vietnamese right."""
    text = io.TextIOWrapper(target, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(labels)
    for row in rows:
        writer.writerow([_as_text(neutral(value)) for value in row])
    text.detach()


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else value


def write_json(target: IO[bytes], labels: Sequence[str], rows: Iterable[Any], about: About) -> None:
    """Rows as objects by column label; days as ISO 8601, points as text."""
    head = {"danh_sach": about.title, "dieu_kien": about.conditions, "xuat_luc": about.made}
    target.write(json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "dong": [\n')
    for number, row in enumerate(rows):
        line = json.dumps(dict(zip(labels, row, strict=True)), ensure_ascii=False, default=str)
        target.write((b",\n" if number else b"") + line.encode())
    target.write(b"\n]}\n")


Writer = Callable[[IO[bytes], Sequence[str], Iterable[Any], About], None]
FORMATS: dict[str, Writer] = {"xlsx": write_xlsx, "csv": write_csv, "json": write_json}
CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


def file_name(listing: Listing, kind: str) -> str:
    day = timezone.localdate()
    return f"{search_key(listing.title).replace(' ', '-')}-{day:%Y-%m-%d}.{kind}"


# --- At once ------------------------------------------------------------------------------------


def make(
    listing: Listing, columns: Sequence[Column], keys: Sequence[Any], kind: str, about: About
) -> IO[bytes]:
    """The file of these rows, ready to be read; it is gone when it is closed."""
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the answer reads and closes it
    labels = [column.label for column in columns]
    FORMATS[kind](target, labels, data_of(listing, columns, keys), about)
    target.seek(0)
    return target


# --- By a worker --------------------------------------------------------------------------------


def start(
    listing: Listing,
    columns: Sequence[Column],
    keys: Sequence[Any],
    kind: str,
    about: About,
    *,
    by: Any,
    key: str,
) -> Job:
    """Let a worker make the file; asked again with the same `key` it finds the first run."""
    numbers = range(len(list(batches(keys, BATCH))))
    return jobs.start(
        EXPORT,
        title=f"Xuất {about.title}: {len(keys)} dòng",
        items=[jobs.Item(str(n), f"Dòng {n * BATCH + 1} trở đi") for n in numbers],
        key=f"list-export/{by.pk}/{key}",
        by=by,
        parameters={
            "listing": listing.name,
            "columns": [column.name for column in columns],
            "kind": kind,
            "about": [about.title, about.conditions, about.made, about.by],
            # Which rows they are is settled now: what others change meanwhile moves none of them.
            "keys": list(keys),
        },
    )


def _do_batch(job: Job, reference: str) -> None:
    """Write one batch as it is now: only rows that the person may still see."""
    listing = listing_named(job.parameters["listing"])
    keys = list(batches(job.parameters["keys"], BATCH))[int(reference)]
    seen = set(listing.rows(job.owner).filter(pk__in=keys).values_list("pk", flat=True))
    rows = data_of(listing, _columns_of(job, listing), [key for key in keys if key in seen])
    part = _part(job, reference)
    part.parent.mkdir(parents=True, exist_ok=True)
    with part.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps([_packed(value) for value in row], ensure_ascii=False) + "\n")


def _finish(job: Job) -> None:
    listing = listing_named(job.parameters["listing"])
    parts = [_part(job, reference) for reference in job.items.values_list("reference", flat=True)]
    labels = [column.label for column in _columns_of(job, listing)]
    if job.result:
        job.result.delete(save=False)
    kind = job.parameters["kind"]
    job.result_name = file_name(listing, kind)
    with tempfile.TemporaryFile() as target:
        rows = (row for part in parts for row in _rows_in(part))
        FORMATS[kind](target, labels, rows, About(*job.parameters["about"]))
        target.seek(0)
        job.result.save(job.result_name, File(target), save=False)
    for part in parts:
        part.unlink(missing_ok=True)


def _columns_of(job: Job, listing: Listing) -> list[Column]:
    names = job.parameters["columns"]
    return [column for column in listing.columns_for(job.owner) if column.name in names]


def _part(job: Job, reference: str) -> Path:
    """Where a batch waits for the others: the same name whenever it is done."""
    return Path(settings.MEDIA_ROOT) / "jobs" / "parts" / str(job.pk) / f"{int(reference)}.jsonl"


def _rows_in(part: Path) -> Iterator[list[Any]]:
    if not part.exists():
        return
    with part.open(encoding="utf-8") as file:
        for line in file:
            yield [_unpacked(value) for value in json.loads(line)]


def _packed(value: Any) -> Any:
    """JSON knows no days and no exact numbers."""
    if isinstance(value, datetime):
        return ["d", value.date().isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    return ["n", str(value)] if isinstance(value, Decimal) else value


def _unpacked(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    kind, text = value
    return date.fromisoformat(text) if kind == "d" else Decimal(text)


EXPORT = jobs.Kind(name="list_export", do_item=_do_batch, finish=_finish, is_private=True)
