"""Where the table of products is in a sheet, and what each of its rows is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType

from ocop_portal.text import search_key
from products.cells import (
    COMMUNE_KINDS,
    DISTRICT_KINDS,
    CellError,
    UnitName,
    is_old_encoding,
    parse_district,
    text_of,
)
from products.columns import ONE_PER_ROW, REQUIRED, TITLES, Field
from products.sheet_xml import KEPT_COLUMNS, CellValue, Merge, RawRow, column_letters
from products.workbook import Downward, RawSheet

_SEARCHED_ROWS = 60  # titles above a table are seldom more than ten rows
_HEADER_DEPTH = 3


_FIELDS = {search_key(title): field for field, titles in TITLES.items() for title in titles}
# Long titles first: "Tên chủ thể đăng ký" is a producer before it is anything else.
_OPENINGS = sorted((key for key in _FIELDS if " " in key), key=len, reverse=True)


class RowKind(StrEnum):
    PRODUCT = "product"
    SECTION = "section"
    TOTAL = "total"
    NOTE = "note"
    SIGNATURE = "signature"
    BLANK = "blank"
    NUMBERING = "numbering"
    REPEATED_HEADER = "repeated_header"


@dataclass(frozen=True)
class Layout:
    """Which column holds which field; columns count from 0."""

    last_row: int
    columns: Mapping[Field, int]
    titles: Mapping[int, str]
    header_keys: Mapping[int, frozenset[str]]

    def label(self, field: Field) -> str:
        """The column as people see it: "Hạng sao (H)"."""
        if field not in self.columns:
            return TITLES[field][0]
        column = self.columns[field]
        return f"{self.titles[column]} ({column_letters(column)})"


@dataclass(frozen=True)
class NoHeader:
    """A sheet without a table of products, with what was found that comes nearest."""

    missing: tuple[Field, ...]
    found_titles: tuple[str, ...]


@dataclass(frozen=True)
class TableRow:
    number: int
    kind: RowKind
    cells: Mapping[Field, CellValue]
    district: UnitName | None = None  # as the section rows above give it
    commune: UnitName | None = None
    has_ordinal: bool = False


_key = lru_cache(maxsize=2_000)(search_key)


def plain_text(value: CellValue) -> str:
    """The text of a cell, error values of Excel as they are shown."""
    try:
        return text_of(value)
    except CellError:
        return str(value)


def _is_surely_a_product(own: Mapping[Field, str]) -> bool:
    """A numbered row with a name that is no number: most rows, told without a closer look."""
    name = own.get(Field.NAME, "")
    is_numbered = _ORDINAL_NUMBER.fullmatch(own.get(Field.ORDINAL, ""))
    others = [text for field, text in own.items() if field not in {Field.NAME, Field.ORDINAL}]
    is_described = any(not _COUNT.fullmatch(text) for text in others)
    return bool(is_numbered and is_described and name and not _NUMBERING.fullmatch(name))


# The header


# What an office has said its columns mean: the signature of a header row → field by column.
Mappings = Mapping[str, Mapping[Field, int]]
NO_MAPPINGS: Mappings = MappingProxyType({})


def signature(titles: Mapping[int, str]) -> str:
    """What a header row is known by next time: its titles and their columns."""
    named = [f"{column}={key}" for column, text in sorted(titles.items()) if (key := _key(text))]
    return sha256("\n".join(named).encode()).hexdigest()


def header_rows(sheet: RawSheet) -> dict[int, dict[int, str]]:
    """The first rows by number, each column's text; every cell of a merge holds its text."""
    return _painted_header_rows(sheet)


def field_of_title(title: str) -> Field | None:
    """The field that a title names, alone or by its first words."""
    return _field([title]) or _field_by_opening(title) if title else None


def mapped_layout(row: int, titles: Mapping[int, str], columns: Mapping[Field, int]) -> Layout:
    """The layout that a person has given to a header row."""
    shown = {column: titles.get(column, "Cột") for column in {*titles, *columns.values()}}
    keys = {column: frozenset({search_key(text)}) for column, text in titles.items()}
    return Layout(row, dict(columns), shown, keys)


def find_layout(sheet: RawSheet, mappings: Mappings = NO_MAPPINGS) -> Layout | NoHeader:
    """What `mappings` say about one of the first rows, or else the header of up to three rows
    that names the most fields; the shortest of equals.
    """
    painted = _painted_header_rows(sheet)
    if mappings:
        for number, titles in painted.items():
            if columns := mappings.get(signature(titles)):
                return mapped_layout(number, titles, columns)
    numbers = list(painted)
    best, best_score = _no_layout(), (0, 0)
    for depth in range(1, _HEADER_DEPTH + 1):
        for start in range(len(numbers) - depth + 1):
            rows = numbers[start : start + depth]
            layout = _layout([painted[number] for number in rows], rows[-1])
            score = _score(layout)
            if score > best_score:
                best, best_score = layout, score
    if all(field in best.columns for field in REQUIRED):
        return best
    return _no_header(best)


def has_old_encoding(sheet: RawSheet) -> bool:
    """Whether the first rows are typed in the letters of a TCVN3 font."""
    texts = (value for row in sheet.rows.head(_SEARCHED_ROWS) for value in row.cells)
    return sum(isinstance(text, str) and is_old_encoding(text) for text in texts) > 1


def _no_layout() -> Layout:
    return Layout(last_row=0, columns={}, titles={}, header_keys={})


def _score(layout: Layout) -> tuple[int, int]:
    required = sum(field in layout.columns for field in REQUIRED)
    return required, len(layout.columns)


def _no_header(nearest: Layout) -> NoHeader:
    missing = tuple(field for field in REQUIRED if field not in nearest.columns)
    # One lucky word in running text is no header.
    titles = tuple(nearest.titles.values()) if len(nearest.columns) > 1 else ()
    return NoHeader(missing, titles)


def _painted_header_rows(sheet: RawSheet) -> dict[int, dict[int, str]]:
    """The first rows, every cell of a merge holding its text."""
    rows = {
        row.number: {
            column: text for column, value in enumerate(row.cells) if (text := plain_text(value))
        }
        for row in sheet.rows.head(_SEARCHED_ROWS)
    }
    for merge in sorted(sheet.merges):
        if merge.first_column in rows.get(merge.first_row, {}):
            _paint(rows, merge)
    return rows


def _paint(rows: dict[int, dict[int, str]], merge: Merge) -> None:
    """Fill the merge with its text, up to the first cell that has text of its own.

    A merge over a merge thus costs nothing, however many a hostile file declares.
    """
    text = rows[merge.first_row][merge.first_column]
    last_column = min(merge.last_column, KEPT_COLUMNS)
    for number in [number for number in rows if merge.first_row <= number <= merge.last_row]:
        for column in range(merge.first_column, last_column + 1):
            is_anchor = (number, column) == (merge.first_row, merge.first_column)
            if not is_anchor and column in rows[number]:
                return
            rows[number][column] = text


def _layout(rows: list[dict[int, str]], last_row: int) -> Layout:
    columns: dict[Field, int] = {}
    by_opening: dict[Field, int] = {}
    titles: dict[int, str] = {}
    keys: dict[int, frozenset[str]] = {}
    for column in sorted(set().union(*rows)):
        labels = list(dict.fromkeys(row[column] for row in rows if column in row))
        titles[column] = labels[-1]
        keys[column] = frozenset(search_key(label) for label in labels)
        if field := _field(labels):
            columns.setdefault(field, column)
        elif field := _field_by_opening(labels[-1]):
            by_opening.setdefault(field, column)
    taken = set(columns)
    columns.update({field: column for field, column in by_opening.items() if field not in taken})
    return Layout(last_row, columns, titles, keys)


def _field(labels: list[str]) -> Field | None:
    """The field of a column by its titles from top to bottom.

    All together first ("Chủ thể" over "Tên"), then the lowest ("Tên chủ thể").
    """
    together = _FIELDS.get(search_key(*labels))
    return together or _FIELDS.get(_title_key(labels[-1]))


def _title_key(title: str) -> str:
    """A title without what is explained in brackets, unless that leaves nothing."""
    return search_key(re.sub(r"\([^)]*\)?", " ", title)) or search_key(title)


def _field_by_opening(title: str) -> Field | None:
    key = _title_key(title)
    if len(title) > 60:  # a sentence, not a title
        return None
    return next((_FIELDS[opening] for opening in _OPENINGS if key.startswith(f"{opening} ")), None)


# The rows under it

_ORDINAL_NUMBER = re.compile(r"\(?\d+(\.\d+)*\)?\.?")
_ORDINAL_LETTER = re.compile(r"(?:[IVXLC]+|[A-Z])[.)]?")
_NUMBERING = re.compile(r"[(\[]?(\d{1,2}|[A-Z])[)\]]?(=.*)?")
_COUNT = re.compile(r"[\d.]+( (sản phẩm|sp|chủ thể))?", re.IGNORECASE)
_TOTAL = re.compile(
    r"(tổng cộng|tổng số|cộng (toàn|chung|huyện|quận|tx)|(tổng|cộng)[:.]?$)", re.IGNORECASE
)
_NOTE = re.compile(r"(ghi chú|chú thích|lưu ý|nguồn|nơi nhận)\s*:", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"(người (lập|tổng hợp|báo cáo)|thủ trưởng|(phó )?giám đốc|(kt|tm)[. ]"
    r"|(phó )?chủ tịch|(phó )?trưởng phòng|xác nhận của|.*ngày .*tháng .*năm \d*)",
    re.IGNORECASE,
)
_SECTION_ORDINAL = re.compile(r"^(?:[IVXLC]+|[A-Z]|\d+)[.)]\s+")
_SECTION_COUNT = re.compile(r"\s*[:(–-]\s*\d+ .*$")
_UNIT_WORDS = re.compile(r"(quận|huyện|thị xã|thành phố|phường|xã|thị trấn) \S", re.IGNORECASE)


class Table:
    """The rows of one sheet under its header."""

    def __init__(self, sheet: RawSheet, layout: Layout) -> None:
        self._sheet = sheet
        self._layout = layout
        self._downward = Downward(sheet.merges)
        self._wide_merge_rows = self._rows_with_wide_merges()
        self._has_ended = False
        self._district: UnitName | None = None
        self._commune: UnitName | None = None

    def rows(self) -> Iterator[TableRow]:
        """Every row under the header that holds a value, with its kind."""
        for row in self._sheet.rows:
            self._downward.show(row)
            if row.number > self._layout.last_row:
                yield self._read(row)

    def _read(self, row: RawRow) -> TableRow:
        own = self._own_texts(row)
        kind = self._kind(row, own)
        if kind is RowKind.SIGNATURE:
            self._has_ended = True
        if kind is RowKind.SECTION:
            self._enter_section(row)
        has_ordinal = bool(_ORDINAL_NUMBER.fullmatch(own.get(Field.ORDINAL, "")))
        cells = self._cells(row) if kind is RowKind.PRODUCT else {}
        return TableRow(row.number, kind, cells, self._district, self._commune, has_ordinal)

    def _own_texts(self, row: RawRow) -> dict[Field, str]:
        texts = {
            field: plain_text(row.cell(column)) for field, column in self._layout.columns.items()
        }
        return {field: text for field, text in texts.items() if text}

    def _cells(self, row: RawRow) -> dict[Field, CellValue]:
        cells: dict[Field, CellValue] = {}
        for field, column in self._layout.columns.items():
            value = row.cell(column)
            if value is None and field not in ONE_PER_ROW:
                value = self._downward.value(row.number, column)
            cells[field] = value
        return cells

    def _kind(self, row: RawRow, own: dict[Field, str]) -> RowKind:
        if _is_surely_a_product(own) or self._is_plainly_a_product(own):
            return RowKind.PRODUCT
        texts = [text for value in row.cells if (text := plain_text(value))]
        if self._is_numbering(texts):
            return RowKind.NUMBERING
        if self._repeats_header(row):
            return RowKind.REPEATED_HEADER
        has_number = _ORDINAL_NUMBER.fullmatch(own.get(Field.ORDINAL, ""))
        if not has_number and (kind := self._kind_by_words(texts, own)):
            return kind
        if self._is_section(row, own, texts):
            return RowKind.SECTION
        return self._kind_by_filling(own)

    def _is_plainly_a_product(self, own: Mapping[Field, str]) -> bool:
        """A full row of a table without ordinals, with a name in it that is no title."""
        name = own.get(Field.NAME, "")
        if len(own) < 4 or Field.ORDINAL in self._layout.columns or not name:
            return False
        titles = self._layout.header_keys.get(self._layout.columns[Field.NAME], ())
        is_other = _TOTAL.match(name) or _NOTE.match(name) or _COUNT.fullmatch(name)
        is_described = any(not _COUNT.fullmatch(own[field]) for field in own if field != Field.NAME)
        return bool(is_described and not is_other and _key(name) not in titles)

    def _kind_by_filling(self, own: dict[Field, str]) -> RowKind:
        filled = len(own.keys() - {Field.ORDINAL})
        if filled == 0:
            return RowKind.BLANK
        # Names under the signatures stand in any column.
        if self._has_ended and filled < 3:
            return RowKind.NOTE
        return RowKind.PRODUCT

    @staticmethod
    def _is_numbering(texts: list[str]) -> bool:
        """ "(1) (2) (3)" or "A B 1 2 3" below the header."""
        if len(texts) < 3:
            return False
        marks = [match[1] for text in texts if (match := _NUMBERING.fullmatch(text))]
        numbers = [int(mark) for mark in marks if mark.isdigit()]
        return len(marks) == len(texts) and numbers == sorted(set(numbers)) and len(numbers) > 1

    def _repeats_header(self, row: RawRow) -> bool:
        """Most cells say what the header says above them. Ends as soon as half of them do not:
        most rows are told apart by a few cells.
        """
        texts = {
            column: text for column, value in enumerate(row.cells) if (text := plain_text(value))
        }
        filled, same, others = len(texts), 0, 0
        for column, text in texts.items():
            key = _key(text)
            if not key:
                filled -= 1
            elif key in self._layout.header_keys.get(column, ()):
                same += 1
            else:
                others += 1
            if others * 2 >= len(texts):
                return False
        return same >= 2 and same * 2 > filled

    @staticmethod
    def _kind_by_words(texts: list[str], own: dict[Field, str]) -> RowKind | None:
        is_product = Field.NAME in own and len(own) > 3
        first_words = [text for text in texts if not _ORDINAL_LETTER.fullmatch(text)][:1]
        if any(_TOTAL.match(text) for text in first_words):
            return RowKind.TOTAL
        if not is_product and any(_SIGNATURE.match(text) for text in texts):
            return RowKind.SIGNATURE
        if any(_NOTE.match(text) for text in first_words):
            return RowKind.NOTE
        return None

    def _is_section(self, row: RawRow, own: dict[Field, str], texts: list[str]) -> bool:
        """A heading between rows: a merge across the table, a Roman number or a unit's name."""
        others = own.keys() - {Field.ORDINAL, Field.NAME}
        if not texts or any(not _COUNT.fullmatch(own[field]) for field in others):
            return False
        if row.number in self._wide_merge_rows:
            return True
        heading = self._heading(texts)
        is_unit = bool(_UNIT_WORDS.match(heading))
        return bool(_ORDINAL_LETTER.fullmatch(own.get(Field.ORDINAL, "")) or is_unit)

    def _rows_with_wide_merges(self) -> frozenset[int]:
        """Rows merged over the name and another field; a wide name column is no such merge."""
        name = self._layout.columns[Field.NAME]
        others = self._layout.columns.values()
        return frozenset(
            merge.first_row
            for merge in self._sheet.merges
            if merge.first_row == merge.last_row
            and merge.first_column <= name
            and any(name < column <= merge.last_column for column in others)
        )

    @staticmethod
    def _heading(texts: list[str]) -> str:
        words = [text for text in texts if not _ORDINAL_LETTER.fullmatch(text)]
        heading = _SECTION_ORDINAL.sub("", words[0] if words else "")
        return _SECTION_COUNT.sub("", heading)

    def _enter_section(self, row: RawRow) -> None:
        heading = self._heading([text for value in row.cells if (text := plain_text(value))])
        unit = parse_district(heading)
        if unit and unit.kind in DISTRICT_KINDS:
            self._district, self._commune = unit, None
        elif unit and unit.kind in COMMUNE_KINDS:
            self._commune = unit
