"""The XML inside an .xlsx file, read as a stream with limits.

A general reader builds each row, and the part after the rows, before anything can be counted, and
in its streaming mode it does not tell which cells are merged. Calamine, the fastest one, keeps a
sheet as a full rectangle: two cells at opposite corners of a small file ask it for hundreds of
gigabytes. Here values and merged ranges come in one pass, memory stays flat, and a limit that is
passed stops the reading at once.
"""

import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import IO, Any, NamedTuple
from xml.parsers import expat

from products.spool import Spool

CellValue = str | int | float | bool | date | None

LAST_ROW = 1_048_576  # of any .xlsx sheet
KEPT_COLUMNS = 200  # officers' tables have 10-30; formatting alone can reach column XFD
CELL_CHARACTERS = 40_000  # Excel keeps 32,767 in a cell; escapes are longer in the file
BOOK_CHARACTERS = 50_000_000
MERGED_RANGES = 100_000
_CHUNK = 64 * 1024
_TAG_BYTES = 1024 * 1024
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_RANGE = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")

DAMAGED = (
    "Tệp bị hỏng hoặc tải lên chưa trọn vẹn. Vui lòng mở tệp bằng Excel, lưu lại dạng .xlsx "
    "rồi tải lên lại."
)


class WorkbookError(Exception):
    """A workbook that is not read: `code` for programs, `message` (Vietnamese) for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Merge(NamedTuple):
    """A merged range; rows count from 1 as on the screen, columns from 0."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


class RawRow(NamedTuple):
    number: int
    cells: tuple[CellValue, ...]

    def cell(self, column: int) -> CellValue:
        return self.cells[column] if column < len(self.cells) else None


@dataclass
class Budget:
    """What the sheets of one workbook may still use together."""

    max_rows: int
    rows: int = 0
    characters: int = 0

    def take_row(self) -> None:
        """Count one row that holds a value. Raises WorkbookError past the limit."""
        self.rows += 1
        if self.rows > self.max_rows:
            limit = f"{self.max_rows:,}".replace(",", ".")
            raise WorkbookError(
                "too_many_rows",
                f"Sổ có hơn {limit} dòng dữ liệu, quá số dòng của một lần nhập. "
                "Vui lòng chia thành nhiều tệp nhỏ hơn, ví dụ mỗi huyện một tệp.",
            )

    def take_text(self, characters: int) -> None:
        """Count the text kept in memory. Raises WorkbookError past the limit."""
        self.characters += characters
        if self.characters > BOOK_CHARACTERS:
            raise WorkbookError("too_large", "Sổ có quá nhiều chữ. Vui lòng chia thành nhiều tệp.")


@dataclass(frozen=True)
class Book:
    """What every sheet of a workbook shares."""

    strings: Sequence[str] = ()
    date_styles: frozenset[int] = frozenset()
    epoch: date = date(1899, 12, 30)


def column_number(letters: str) -> int:
    """The column counted from 0: "A" is 0, "AA" is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def column_letters(number: int) -> str:
    """The letters over a column counted from 0."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


_KEPT = {column_letters(number): number for number in range(KEPT_COLUMNS)}


def damaged() -> WorkbookError:
    return WorkbookError("damaged", DAMAGED)


def _refuse_dtd(*_declaration: object) -> None:
    raise WorkbookError(
        "unsafe_xml",
        "Tệp chứa khai báo XML không an toàn mà Excel không bao giờ ghi. "
        "Vui lòng mở tệp bằng Excel và lưu lại dạng .xlsx.",
    )


@lru_cache(maxsize=1_000)
def _local(name: str) -> str:
    """The name without its prefix."""
    return name.rpartition(":")[2]


class Strings(Sequence[str]):
    """Many short texts in little memory: one block of bytes, and where each begins."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._begins = array("Q", [0])

    def append(self, text: str) -> None:
        self._bytes += text.encode("utf-8", "surrogatepass")
        self._begins.append(len(self._bytes))

    def __len__(self) -> int:
        return len(self._begins) - 1

    def __getitem__(self, index: Any) -> Any:
        begin, end = self._begins[index], self._begins[index + 1]
        return self._bytes[begin:end].decode("utf-8", "surrogatepass")


def stream(
    source: IO[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    """Send the elements of `source` to the handlers, names as they are written (see `_local`).

    Raises WorkbookError for broken XML, for any DTD (without which no entity can be declared) and
    for a tag or comment so long that reading it piece by piece would take quadratic time.
    """
    fed = 0
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_dtd
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        while chunk := source.read(_CHUNK):
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > _TAG_BYTES:
                raise damaged()
        parser.Parse(b"", True)
    except (expat.ExpatError, UnicodeError) as error:
        raise damaged() from error


@dataclass
class _TextParts:
    """Collects the text of one cell or shared string."""

    parts: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, text: str) -> None:
        """Raises WorkbookError for more text than a cell can hold."""
        self.length += len(text)
        if self.length > CELL_CHARACTERS:
            raise _cell_too_long()
        self.parts.append(text)

    def take(self) -> str:
        joined = _joined(self.parts)
        self.parts.clear()
        self.length = 0
        return joined


def _cell_too_long() -> WorkbookError:
    return WorkbookError("too_large", "Sổ có ô dài hơn mức Excel cho phép (32.767 ký tự).")


def _joined(parts: list[str]) -> str:
    """The text of a cell, Excel's escapes (_x000D_) resolved."""
    text = parts[0] if len(parts) == 1 else "".join(parts)
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return text


class _SharedStrings:
    def __init__(self, budget: Budget) -> None:
        self.strings = Strings()
        self._budget = budget
        self._text = _TextParts()
        self._in_text = self._in_phonetic = False

    def start(self, written: str, _attributes: dict[str, str]) -> None:
        name = _local(written)
        self._in_text = name == "t" and not self._in_phonetic
        if name == "rPh":  # how to pronounce the text; not part of it
            self._in_phonetic = True

    def end(self, written: str) -> None:
        name = _local(written)
        self._in_text = False
        if name == "rPh":
            self._in_phonetic = False
        elif name == "si":
            text = self._text.take()
            self._budget.take_text(len(text))
            self.strings.append(text)

    def text(self, text: str) -> None:
        if self._in_text:
            self._text.add(text)


def read_shared_strings(source: IO[bytes], budget: Budget) -> Strings:
    """The table of texts that cells refer to by number. Raises WorkbookError."""
    reader = _SharedStrings(budget)
    stream(source, reader.start, reader.end, reader.text)
    return reader.strings


class _SheetReader:
    """Called for every element of a sheet, so it asks the most frequent questions first."""

    def __init__(self, book: Book, budget: Budget) -> None:
        self.rows: Spool[RawRow] = Spool()
        self.merges: list[Merge] = []
        self._book = book
        self._budget = budget
        self._parts: list[str] = []
        self._length = 0
        self._in_text = self._in_phonetic = False
        self._row = 0
        self._column = -1
        self._cells: list[CellValue] = []
        self._type = "n"
        self._style = ""

    def start(self, written: str, attributes: dict[str, str]) -> None:
        name = _local(written)
        if name == "c":
            self._start_cell(attributes)
        elif name in {"v", "t"}:
            self._in_text = not self._in_phonetic
        elif name == "row":
            self._start_row(attributes)
        elif name == "rPh":
            self._in_phonetic = True
        elif name == "mergeCell":
            self._add_merge(attributes.get("ref", ""))

    def end(self, written: str) -> None:
        self._in_text = False
        name = _local(written)
        if name == "c":
            if self._parts:
                self._end_cell()
        elif name == "row":
            self._end_row()
        elif name == "rPh":
            self._in_phonetic = False

    def text(self, text: str) -> None:
        if self._in_text:
            self._length += len(text)
            if self._length > CELL_CHARACTERS:
                raise _cell_too_long()
            self._parts.append(text)

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = int(attributes.get("r", self._row + 1))
        if not self._row < number <= LAST_ROW:
            raise damaged()
        self._row, self._column, self._cells = number, -1, []

    def _end_row(self) -> None:
        if any(value is not None for value in self._cells):
            self._budget.take_row()
            self.rows.append(RawRow(self._row, tuple(self._cells)))

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            self._column = _KEPT.get(reference.rstrip("0123456789"), KEPT_COLUMNS)
        self._type = attributes.get("t", "n")
        self._style = attributes.get("s", "")

    def _end_cell(self) -> None:
        text = _joined(self._parts)
        self._parts = []
        self._length = 0
        if not text or text.isspace() or self._column >= KEPT_COLUMNS:
            return
        value = self._value(text)
        missing = self._column - len(self._cells)
        if missing == 0:
            self._cells.append(value)
            return
        self._cells.extend([None] * (missing + 1))
        self._cells[self._column] = value

    def _value(self, text: str) -> CellValue:
        if self._type == "s":
            shared: str = self._book.strings[int(text)]
            return shared.strip() or None
        if self._type == "n":
            return self._number(text)
        if self._type == "b":
            return text.strip() == "1"
        if self._type == "d":
            return date.fromisoformat(text.strip()[:10])
        self._budget.take_text(len(text))
        return text

    def _number(self, text: str) -> CellValue:
        number = float(text)
        if self._style and int(self._style) in self._book.date_styles:
            return self._date(number)
        return int(number) if number.is_integer() else number

    def _date(self, serial: float) -> CellValue:
        try:
            return self._book.epoch + timedelta(days=int(serial))
        except (OverflowError, ValueError):
            return "#VALUE!"  # what Excel shows for it

    def _add_merge(self, reference: str) -> None:
        if len(self.merges) >= MERGED_RANGES:
            raise WorkbookError(
                "too_large", "Sổ có quá nhiều ô gộp. Vui lòng chia thành nhiều tệp."
            )
        if match := _RANGE.fullmatch(reference):
            first, last = column_number(match[1]), column_number(match[3])
            self.merges.append(Merge(int(match[2]), first, int(match[4]), last))


def read_sheet(source: IO[bytes], book: Book, budget: Budget) -> tuple[Spool[RawRow], list[Merge]]:
    """The rows that hold a value and the merged ranges of one sheet.

    Raises WorkbookError for broken content and past the limits of `budget`.
    """
    reader = _SheetReader(book, budget)
    try:
        stream(source, reader.start, reader.end, reader.text)
    except (ValueError, IndexError, OverflowError) as error:
        raise damaged() from error
    return reader.rows, reader.merges
