"""An officer's workbook as product rows, with every doubt named by sheet, row and column."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

from products import cells, tabular
from products.cells import CellError, ProducerKind, ReportedStatus, UnitName
from products.columns import LONGEST, PRODUCT_TEXTS, TITLES, Field
from products.sheet_xml import CellValue
from products.spelling import SpellingGroup, Spellings, producer_key, spelling_key
from products.spool import Spool
from products.tabular import NO_MAPPINGS, Layout, Mappings, NoHeader, RowKind, Table, TableRow
from products.workbook import (
    MAX_BYTES,
    MAX_ROWS,
    MAX_UNPACKED_BYTES,
    RawSheet,
    RawWorkbook,
    WorkbookError,
    open_workbook,
)

T = TypeVar("T")
_USUAL = (Field.DISTRICT, Field.STARS, Field.YEAR)
_SHOWN_TITLES = 20
_TOLD_EVERY = 1000
_KNOWN_TEXTS = 2_000
# What is being done, how much of how much.
Progress = Callable[[str, int, int], None]


class ProductRow(NamedTuple):
    """One product of the workbook. "" and None mean that the row does not state it.

    `producer_name` is the spelling chosen for all rows of the producer. The names of units are to
    be looked up by their keys; `product_group` is text as written.
    """

    sheet: str
    row: int
    name: str
    name_key: str
    producer_name: str = ""
    producer_written: str = ""
    producer_key: str = ""
    producer_kind: ProducerKind | None = None
    district: UnitName | None = None
    commune: UnitName | None = None
    group: str = ""
    stars: int | None = None
    is_potential: bool = False
    year: int | None = None
    assessed_on: date | None = None
    status: ReportedStatus | None = None
    note: str = ""
    tax_code: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    product_code: str = ""


@dataclass(frozen=True)
class RowProblem:
    """A cell the officer must look at; `column` is its title and letter, "Hạng sao (H)"."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class SheetRead:
    title: str
    products: int
    columns: Mapping[Field, str]
    missing: tuple[str, ...]  # usual columns the table does not have


@dataclass(frozen=True)
class SheetLeftOut:
    title: str
    reason: str


@dataclass(frozen=True)
class WorkbookReading:
    """`rows` holds a product even if some of its cells have a problem; those are then empty.
    `rows_read` counts every row that is meant to be a product.
    """

    rows: Spool[ProductRow]
    rows_read: int
    problems: tuple[RowProblem, ...]
    producers: tuple[SpellingGroup, ...]
    skipped: Mapping[RowKind, int]
    sheets_read: tuple[SheetRead, ...]
    sheets_left_out: tuple[SheetLeftOut, ...]


def read_products(
    source: Path | BinaryIO | RawWorkbook,
    *,
    max_bytes: int = MAX_BYTES,
    max_unpacked_bytes: int = MAX_UNPACKED_BYTES,
    max_rows: int = MAX_ROWS,
    mappings: Mappings = NO_MAPPINGS,
    progress: Progress = lambda *_: None,
) -> WorkbookReading:
    """Read the products of a workbook; `progress` is told how far it is. `mappings` say what the
    columns of headers mean that an office has named before.

    Raises WorkbookError for what open_workbook refuses and, with the code no_header or
    old_encoding, for a workbook in which no visible sheet has the needed columns.
    """
    if isinstance(source, RawWorkbook):
        return _read(source, mappings, progress)
    workbook = open_workbook(
        source, max_bytes=max_bytes, max_unpacked_bytes=max_unpacked_bytes, max_rows=max_rows
    )
    return _read(workbook, mappings, progress)


def _read(workbook: RawWorkbook, mappings: Mappings, progress: Progress) -> WorkbookReading:
    total = sum(len(sheet.rows) for sheet in workbook.sheets)
    done = rows_read = 0
    rows: Spool[ProductRow] = Spool()
    problems: list[RowProblem] = []
    skipped: Counter[RowKind] = Counter()
    read: list[SheetRead] = []
    left_out: list[SheetLeftOut] = []
    misses: list[tuple[str, NoHeader]] = []
    spellings = Spellings()
    for sheet in workbook.sheets:
        found = tabular.find_layout(sheet, mappings)
        if isinstance(found, NoHeader):
            left_out.append(SheetLeftOut(sheet.title, _why_left_out(sheet, found)))
            misses.append((sheet.title, found))
            continue
        reader = _SheetRows(sheet, found)
        products = 0
        for n, product in reader.read():
            if n % _TOLD_EVERY == 0:
                progress("Đọc tệp", done + n, total)
            if product:
                spellings.add(product.producer_written)
                rows.append(product)
                products += 1
        done += len(sheet.rows)
        rows_read += reader.rows_read
        problems += reader.problems
        skipped += reader.skipped
        read.append(_sheet_read(sheet, found, products))
    if not read:
        raise _no_table(workbook, misses)
    groups = spellings.groups()
    return WorkbookReading(
        _with_chosen_names(rows, groups),
        rows_read,
        tuple(problems),
        tuple(groups),
        dict(skipped),
        tuple(read),
        tuple(left_out),
    )


def _with_chosen_names(
    rows: Spool[ProductRow], producers: list[SpellingGroup]
) -> Spool[ProductRow]:
    chosen = {group.key: group.display for group in producers if len(group.spellings) > 1}
    if not chosen:
        return rows

    def named(row: ProductRow) -> ProductRow:
        display = chosen.get(row.producer_key, row.producer_name)
        return row if display == row.producer_name else row._replace(producer_name=display)

    return rows.mapped(named)


def _sheet_read(sheet: RawSheet, layout: Layout, products: int) -> SheetRead:
    columns = {field: layout.label(field) for field in layout.columns}
    missing = tuple(TITLES[field][0] for field in _USUAL if field not in layout.columns)
    return SheetRead(sheet.title, products, columns, missing)


def _why_left_out(sheet: RawSheet, found: NoHeader) -> str:
    if sheet.is_hidden:
        return "Trang tính đang ẩn."
    if not sheet.rows:
        return "Trang tính trống."
    if not found.found_titles:
        return "Không có bảng sản phẩm."
    return f"Không phải bảng sản phẩm: thiếu cột {_titles(found.missing)}."


def _titles(fields: tuple[Field, ...]) -> str:
    return ", ".join(f"“{TITLES[field][0]}”" for field in fields)


def _no_table(workbook: RawWorkbook, misses: list[tuple[str, NoHeader]]) -> WorkbookError:
    if any(tabular.has_old_encoding(sheet) for sheet in workbook.sheets):
        return WorkbookError("old_encoding", f"Không đọc được tiêu đề cột. {cells.OLD_ENCODING}")
    return _no_header(misses, any(sheet.is_hidden for sheet in workbook.sheets))


def _no_header(misses: list[tuple[str, NoHeader]], some_hidden: bool) -> WorkbookError:
    """Tells about the sheet that comes nearest."""
    title, nearest = min(
        misses, key=lambda miss: (len(miss[1].missing), -len(miss[1].found_titles))
    )
    message = f"Không tìm thấy bảng sản phẩm: thiếu cột {_titles(nearest.missing)}."
    if nearest.found_titles:
        found = ", ".join(f"“{text[:40]}”" for text in nearest.found_titles[:_SHOWN_TITLES])
        message += f" Trang tính “{title}” chỉ có các cột: {found}."
    else:
        message += " Không trang tính nào có dòng tiêu đề cột."
    if some_hidden:
        message += " Các trang tính đang ẩn không được đọc; vui lòng bỏ ẩn nếu cần."
    return WorkbookError("no_header", message)


class _SheetRows:
    """Reads the products of one sheet, and collects its problems."""

    def __init__(self, sheet: RawSheet, layout: Layout) -> None:
        self.rows_read = 0
        self.problems: list[RowProblem] = []
        self.skipped: Counter[RowKind] = Counter()
        self._sheet = sheet
        self._layout = layout
        self._known: dict[tuple[Field, str], Any] = {}

    def read(self) -> Iterator[tuple[int, ProductRow | None]]:
        """Each row's number in order, and its product if it is one."""
        for n, row in enumerate(Table(self._sheet, self._layout).rows(), 1):
            product = None
            if row.kind is not RowKind.PRODUCT:
                self.skipped[row.kind] += 1
            else:
                before = len(self.problems)
                product = self._product(row)
                self.rows_read += product is not None or len(self.problems) > before
            yield n, product

    def _product(self, row: TableRow) -> ProductRow | None:
        name = self._parsed(row, Field.NAME, cells.parse_product_name)
        if not name:
            if name is not None:
                self._add_problem(row, Field.NAME, "Thiếu tên sản phẩm.")
            return None
        if not row.has_ordinal and _has_only_a_name(row):
            self._add_problem(row, Field.NAME, "Dòng chỉ có tên, không có thông tin nào khác.")
            return None
        return self._filled(row, name)

    def _filled(self, row: TableRow, name: str) -> ProductRow:
        producer = self._text(row, Field.PRODUCER_NAME)
        rating = self._repeated(row, Field.STARS, cells.parse_stars)
        note = self._text(row, Field.NOTE)
        return ProductRow(
            sheet=self._sheet.title,
            row=row.number,
            name=name,
            name_key=spelling_key(name),
            producer_name=producer,
            producer_written=producer,
            producer_key=producer_key(producer),
            producer_kind=self._parsed(
                row,
                Field.PRODUCER_KIND,
                lambda value: cells.parse_producer_kind(value, producer),
            ),
            district=self._repeated(row, Field.DISTRICT, cells.parse_district) or row.district,
            commune=self._repeated(row, Field.COMMUNE, cells.parse_commune) or row.commune,
            stars=rating.stars if rating else None,
            is_potential=bool(rating and rating.is_potential),
            year=self._repeated(row, Field.YEAR, cells.parse_year),
            assessed_on=self._repeated(row, Field.ASSESSED_ON, cells.parse_date),
            status=cells.parse_status(note) if note else None,
            note=note,
            tax_code=self._repeated(row, Field.TAX_CODE, cells.parse_tax_code) or "",
            address=self._text(row, Field.ADDRESS),
            phone=self._repeated(row, Field.PHONE, cells.parse_phone) or "",
            email=self._repeated(row, Field.EMAIL, cells.parse_email) or "",
            **{field.value: self._text(row, field) for field in PRODUCT_TEXTS},
        )

    def _text(self, row: TableRow, field: Field) -> str:
        return self._parsed(row, field, cells.parse_text) or ""

    def _repeated(
        self, row: TableRow, field: Field, parse: Callable[[CellValue], T | None]
    ) -> T | None:
        """Like `_parsed`, for columns in which the same few texts come again and again."""
        value = row.cells.get(field)
        if value is None:
            return None
        if not isinstance(value, str):
            return self._parsed(row, field, parse)
        if (field, value) in self._known:
            known: T | None = self._known[field, value]
            return known
        before = len(self.problems)
        found = self._parsed(row, field, parse)
        if len(self.problems) == before:
            if len(self._known) >= _KNOWN_TEXTS:
                self._known.clear()
            self._known[field, value] = found
        return found

    def _parsed(self, row: TableRow, field: Field, parse: Callable[[CellValue], T]) -> T | None:
        """The parsed cell; an unreadable one is None and becomes a problem."""
        try:
            found = parse(row.cells.get(field))
            if isinstance(found, str) and field in LONGEST:
                cells.in_length(found, LONGEST[field])
            return found
        except CellError as error:
            self._add_problem(row, field, error.reason)
            return None

    def _add_problem(self, row: TableRow, field: Field, reason: str) -> None:
        value = tabular.plain_text(row.cells.get(field))
        label = self._layout.label(field)
        self.problems.append(RowProblem(self._sheet.title, row.number, label, value, reason))


def _has_only_a_name(row: TableRow) -> bool:
    others = [value for field, value in row.cells.items() if field is not Field.NAME]
    return all(value is None for value in others)
