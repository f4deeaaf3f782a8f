"""A table in a text file (CSV): its encoding and separator told by its content, then its rows."""

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterator
from io import BytesIO, StringIO, TextIOWrapper
from itertools import islice
from statistics import median

from products.sheet_xml import (
    CELL_CHARACTERS,
    KEPT_COLUMNS,
    Budget,
    CellValue,
    RawRow,
    WorkbookError,
)
from products.spool import Spool

TITLE = "Tệp CSV"
SEPARATORS = ";,\t|"
_JUDGED_LINES = 30
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# A number as programs write it; with a leading zero it is a code and stays text.
_NUMBER = re.compile(r"[1-9][0-9]{0,14}")
# Letters that Vietnamese writes with a mark; in another old encoding such text shows none.
_VIETNAMESE = re.compile("[ăâđêôơưàáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụỳýỷỹỵ]", re.IGNORECASE)
UNKNOWN = (
    "Không nhận ra bảng mã chữ của tệp CSV. Vui lòng mở tệp bằng Excel, chọn Lưu thành (Save As), "
    "kiểu “CSV UTF-8” hoặc “Excel Workbook (*.xlsx)” rồi tải lên lại."
)


def is_text_table(content: bytes) -> bool:
    """Whether the content may be a table in text: no binary, and two columns in its first lines."""
    encoding = _encoding(content[:200_000])
    if not encoding:
        return False
    try:
        head = _head(content, encoding)
    except UnicodeError:
        return False
    return "\0" not in head and _columns(head, _separator(head)) > 1


def read_text_table(content: bytes, budget: Budget) -> Spool[RawRow]:
    """The rows that hold a value.

    Raises WorkbookError past the limits of `budget`, for text that no known encoding fits, and
    for a line that breaks the rules of CSV.
    """
    encoding = _encoding(content)
    if not encoding:
        raise WorkbookError("unknown_encoding", UNKNOWN)
    separator = _separator(_head(content, encoding))
    rows: Spool[RawRow] = Spool()
    with TextIOWrapper(BytesIO(content), encoding=encoding, newline="") as text:
        for number, texts in _lines(text, separator):
            cells = tuple(_cell(value, budget) for value in texts[:KEPT_COLUMNS])
            if any(value is not None for value in cells):
                budget.take_row()
                rows.append(RawRow(number, cells))
    return rows


def _encoding(content: bytes) -> str:
    """UTF-8 or UTF-16 by their marks, UTF-8 by its rules, else Windows-1258 if that gives
    Vietnamese words; "" for nothing known.
    """
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return encoding
    try:
        # The end of what is looked at may cut a letter in two.
        codecs.getincrementaldecoder("utf-8")().decode(content)
        return "utf-8"
    except UnicodeError:
        pass
    try:
        text = unicodedata.normalize("NFC", content.decode("cp1258"))
    except UnicodeError:
        return ""
    return "cp1258" if _VIETNAMESE.search(text) and not _is_garbled(text) else ""


def _is_garbled(text: str) -> bool:
    """Signs inside words, as text of another encoding shows them (TCVN3: "®Ëu", VNI: "ñaäu")."""
    return len(re.findall(r"[^\W\d_][¤¦§¨©ª«¬®¯°±²³´µ¶·¸¹º»¼½¾¿÷×]|[®¸µ][^\W\d_]", text)) > 2


def _head(content: bytes, encoding: str) -> str:
    """The first lines, without what the end cuts off."""
    text = codecs.getincrementaldecoder(encoding)().decode(content[:200_000])
    return "".join(islice(StringIO(text, newline=""), _JUDGED_LINES))


def _separator(head: str) -> str:
    """The sign that gives the most columns; the first of equals."""
    return max(SEPARATORS, key=lambda separator: _columns(head, separator))


def _columns(head: str, separator: str) -> float:
    try:
        lines = [line for line in csv.reader(StringIO(head), delimiter=separator) if any(line)]
    except csv.Error:
        return 0
    return median(len(line) for line in lines) if lines else 0


def _lines(text: TextIOWrapper, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each line with its number as a spreadsheet counts it."""
    lines = csv.reader(text, delimiter=separator)
    number = 0
    while True:
        number += 1
        try:
            line = next(lines)
        except StopIteration:
            return
        except (csv.Error, UnicodeError) as error:
            message = f"Dòng {number} của tệp CSV không đọc được (thiếu dấu nháy hoặc sai bảng mã)."
            raise WorkbookError("damaged", message) from error
        yield number, line


def _cell(text: str, budget: Budget) -> CellValue:
    text = unicodedata.normalize("NFC", text).strip()
    if not text:
        return None
    if len(text) > CELL_CHARACTERS:
        raise WorkbookError("too_large", "Tệp CSV có ô dài hơn mức Excel cho phép (32.767 ký tự).")
    if _NUMBER.fullmatch(text):
        return int(text)
    budget.take_text(len(text))
    return text
