"""Officers' workbooks: refuse what is unsafe or no .xlsx, read the rest as rows of values."""

import posixpath
import re
import struct
import zipfile
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from products.sheet_xml import (
    Book,
    Budget,
    CellValue,
    Merge,
    RawRow,
    WorkbookError,
    damaged,
    read_shared_strings,
    read_sheet,
)
from products.spool import Spool
from products.text_table import TITLE, is_text_table, read_text_table

__all__ = ["CellValue", "RawRow", "RawSheet", "RawWorkbook", "WorkbookError", "open_workbook"]

MEGABYTE = 1024 * 1024
MAX_BYTES = 20 * MEGABYTE
MAX_UNPACKED_BYTES = 300 * MEGABYTE
MAX_ROWS = 20_000
_MAX_ENTRIES = 2_000
_MAX_RATIO = 200  # real sheets pack 5 to 40 times
_RATIO_COUNTS_FROM = 5 * MEGABYTE
_MAX_PART_BYTES = 16 * MEGABYTE  # parts read as a whole: the list of sheets, styles
_MAX_STRINGS_BYTES = 128 * MEGABYTE

_OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
_EXCEL_PACKING = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ZIP = b"PK\x03\x04"
_SAVE_AS = "Vui lòng mở tệp bằng Excel, chọn Lưu thành (Save As), kiểu “Excel Workbook (*.xlsx)”"

_REFUSALS = {
    "empty": "Tệp rỗng, không có dữ liệu.",
    "not_workbook": f"Tệp không phải là sổ Excel .xlsx hay tệp CSV. {_SAVE_AS} rồi tải lên lại.",
    "old_xls": f"Tệp ở dạng Excel cũ (.xls) nên chưa đọc được. {_SAVE_AS} rồi tải lên lại.",
    "binary_xlsb": f"Tệp ở dạng Excel nhị phân (.xlsb). {_SAVE_AS} rồi tải lên lại.",
    "encrypted": (
        "Tệp được bảo vệ bằng mật khẩu. Vui lòng mở tệp bằng Excel, vào Tệp > Thông tin > "
        "Bảo vệ sổ làm việc > Mã hóa bằng mật khẩu, xóa mật khẩu, lưu lại rồi tải lên lại."
    ),
    "macro": f"Tệp có macro nên không được nhận. {_SAVE_AS} rồi tải lên lại.",
    "zip_bomb": (
        "Tệp giải nén ra lớn bất thường nên không được mở. "
        "Vui lòng chép riêng bảng sản phẩm sang một sổ mới, lưu dạng .xlsx rồi tải lên lại."
    ),
}


@dataclass(frozen=True)
class RawSheet:
    """One sheet as it is; hidden sheets are named but not read."""

    title: str
    rows: Spool[RawRow] = field(default_factory=Spool)
    merges: tuple[Merge, ...] = ()
    is_hidden: bool = False


class Downward:
    """What cells take from the merge that covers them downwards in their column.

    The rows are shown one after the other, from the top: only the values of merges that are
    open are kept.
    """

    def __init__(self, merges: Iterable[Merge]) -> None:
        self._coming: dict[int, deque[Merge]] = {}
        self._open: dict[int, tuple[int, CellValue]] = {}
        for merge in sorted(merges):
            if merge.last_row > merge.first_row:
                self._coming.setdefault(merge.first_column, deque()).append(merge)

    def show(self, row: RawRow) -> None:
        """The next row."""
        for column, merges in self._coming.items():
            while merges and merges[0].first_row <= row.number:
                merge = merges.popleft()
                value = row.cell(column) if merge.first_row == row.number else None
                self._open[column] = merge.last_row, value

    def value(self, row: int, column: int) -> CellValue:
        last_row, value = self._open.get(column, (0, None))
        return value if row <= last_row else None


@dataclass(frozen=True)
class RawWorkbook:
    sheets: tuple[RawSheet, ...]
    is_text: bool = False  # a CSV file


def open_workbook(
    source: Path | BinaryIO,
    *,
    max_bytes: int = MAX_BYTES,
    max_unpacked_bytes: int = MAX_UNPACKED_BYTES,
    max_rows: int = MAX_ROWS,
) -> RawWorkbook:
    """Read every visible sheet of an .xlsx file, or the table of a .csv file.

    `max_rows` counts rows that hold a value, over all visible sheets together.
    Raises WorkbookError with one of the codes empty, too_large, not_workbook, old_xls,
    binary_xlsb, encrypted, macro, zip_bomb, damaged, unsafe_xml, too_many_rows,
    unknown_encoding.
    """
    content = _content(source, max_bytes)
    if not content.startswith(_ZIP) and not content.startswith(_OLE2) and is_text_table(content):
        rows = read_text_table(content, Budget(max_rows))
        return RawWorkbook((RawSheet(TITLE, rows),), is_text=True)
    _refuse_other_content(content)
    with _as_workbook_errors(), zipfile.ZipFile(BytesIO(content)) as archive:
        _refuse_bomb(archive, max_unpacked_bytes)
        return _Package(archive, Budget(max_rows)).read()


def _refused(code: str) -> WorkbookError:
    return WorkbookError(code, _REFUSALS[code])


def _content(source: Path | BinaryIO, max_bytes: int) -> bytes:
    if isinstance(source, Path):
        with source.open("rb") as file:
            return _content(file, max_bytes)
    source.seek(0)
    content = source.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise WorkbookError(
            "too_large",
            f"Tệp nặng hơn {max_bytes // MEGABYTE} MB. Vui lòng bỏ ảnh trong sổ hoặc chia thành "
            "nhiều tệp nhỏ hơn.",
        )
    return content


def _refuse_other_content(content: bytes) -> None:
    """Tell by the content, never by the file name, what is not an .xlsx file."""
    if not content.strip(b"\x00\t\r\n "):
        raise _refused("empty")
    if content.startswith(_OLE2):
        # Office keeps an encrypted .xlsx inside an old-style container with these two streams.
        names = ("EncryptedPackage".encode("utf-16-le"), "EncryptionInfo".encode("utf-16-le"))
        raise _refused("encrypted" if any(name in content for name in names) else "old_xls")
    if not content.startswith(_ZIP):
        raise _refused("not_workbook")


@contextmanager
def _as_workbook_errors() -> Iterator[None]:
    """What broken archives and parts raise, as the one error people can read."""
    try:
        yield
    except DefusedXmlException as error:
        raise WorkbookError("unsafe_xml", "Tệp chứa khai báo XML không an toàn.") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        ParseError,
        struct.error,
        EOFError,
        KeyError,
        ValueError,
    ) as error:
        raise damaged() from error


def _refuse_bomb(archive: zipfile.ZipFile, max_unpacked_bytes: int) -> None:
    """Judge by the archive's own list, before anything is unpacked.

    The sizes cannot lie: unpacking stops at the declared size and then fails on the checksum.
    """
    entries = archive.infolist()
    if any(entry.compress_type not in _EXCEL_PACKING for entry in entries):
        raise damaged()
    if any(entry.flag_bits & 1 for entry in entries):
        raise _refused("encrypted")
    total = sum(entry.file_size for entry in entries)
    if len(entries) > _MAX_ENTRIES or total > max_unpacked_bytes:
        raise _refused("zip_bomb")
    if any(_is_packed_too_well(entry) for entry in entries):
        raise _refused("zip_bomb")


def _is_packed_too_well(entry: zipfile.ZipInfo) -> bool:
    if entry.file_size < _RATIO_COUNTS_FROM:
        return False
    return entry.file_size > _MAX_RATIO * max(entry.compress_size, 1)


class _Package:
    """The parts of an .xlsx archive and how they refer to each other."""

    def __init__(self, archive: zipfile.ZipFile, budget: Budget) -> None:
        self._archive = archive
        self._budget = budget
        self._names = set(archive.namelist())

    def read(self) -> RawWorkbook:
        path = self._workbook_path()
        workbook = self._part(path)
        parts = self._related_parts(path)
        book = self._book(workbook, parts)
        sheets = [
            self._sheet(element, parts, book)
            for element in _all(workbook, "sheet")
            if _target_kind(element, parts) == "worksheet"
        ]
        if not sheets:
            raise _refused("not_workbook")
        return RawWorkbook(tuple(sheets))

    def _workbook_path(self) -> str:
        """Where the list of sheets is. Raises WorkbookError for other kinds of file."""
        if "[Content_Types].xml" not in self._names:
            raise _refused("not_workbook")
        types = self._part("[Content_Types].xml")
        kinds = {
            element.get("ContentType", "").lower(): element.get("PartName", "").lstrip("/")
            for element in (*_all(types, "Override"), *_all(types, "Default"))
        }
        names = " ".join(self._names).lower()
        if any("ms-excel.sheet.binary" in kind for kind in kinds):
            raise _refused("binary_xlsb")
        if any("macro" in kind for kind in kinds) or re.search(
            r"vbaproject\.bin|macrosheets/", names
        ):
            raise _refused("macro")
        for kind, path in kinds.items():
            if re.search(r"spreadsheetml\.(sheet|template)\.main\+xml$", kind):
                return path or "xl/workbook.xml"
        raise _refused("not_workbook")

    def _part(self, path: str) -> Any:
        if self._archive.getinfo(path).file_size > _MAX_PART_BYTES:
            raise _refused("zip_bomb")
        return fromstring(self._archive.read(path), forbid_dtd=True)

    def _related_parts(self, path: str) -> dict[str, tuple[str, str]]:
        """Relation number to kind and path."""
        folder, name = posixpath.split(path)
        relations = self._part(posixpath.join(folder, "_rels", f"{name}.rels"))
        return {
            relation.get("Id", ""): (
                posixpath.basename(relation.get("Type", "")),
                posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip(
                    "/"
                ),
            )
            for relation in _all(relations, "Relationship")
        }

    def _book(self, workbook: Any, parts: dict[str, tuple[str, str]]) -> Book:
        paths = dict(parts.values())
        counts_from_1904 = any(
            element.get("date1904") in {"1", "true"} for element in _all(workbook, "workbookPr")
        )
        return Book(
            strings=self._strings(paths.get("sharedStrings")),
            date_styles=self._date_styles(paths.get("styles")),
            epoch=date(1904, 1, 1) if counts_from_1904 else date(1899, 12, 30),
        )

    def _strings(self, path: str | None) -> Sequence[str]:
        if path not in self._names:
            return []
        if self._archive.getinfo(path).file_size > _MAX_STRINGS_BYTES:
            raise _refused("zip_bomb")
        with self._archive.open(path) as source:
            return read_shared_strings(source, self._budget)

    def _date_styles(self, path: str | None) -> frozenset[int]:
        """The numbers of the cell styles that show a number as a date."""
        if path not in self._names:
            return frozenset()
        styles = self._part(path)
        own_formats = {
            element.get("numFmtId"): element.get("formatCode", "")
            for element in _all(styles, "numFmt")
        }
        cell_styles = [xf for formats in _all(styles, "cellXfs") for xf in formats]
        return frozenset(
            number
            for number, xf in enumerate(cell_styles)
            if _shows_date(xf.get("numFmtId", "0"), own_formats.get(xf.get("numFmtId")))
        )

    def _sheet(self, element: Any, parts: dict[str, tuple[str, str]], book: Book) -> RawSheet:
        title = element.get("name", "")
        if element.get("state", "visible") != "visible":
            return RawSheet(title, is_hidden=True)
        with self._archive.open(parts[_relation(element)][1]) as source:
            rows, merges = read_sheet(source, book, self._budget)
        return RawSheet(title, rows, tuple(merges))


def _all(root: Any, name: str) -> Iterator[Any]:
    """Elements by name, whichever of the two OOXML namespaces the program wrote."""
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == name)


def _relation(element: Any) -> str:
    for name, value in element.attrib.items():
        if name.endswith("}id"):
            return str(value)
    return ""


def _target_kind(element: Any, parts: dict[str, tuple[str, str]]) -> str:
    return parts.get(_relation(element), ("", ""))[0]


def _shows_date(number: str, code: str | None) -> bool:
    if code is None:  # built into Excel: 14-22 and the East Asian 27-36, 50-58
        return bool(re.fullmatch("1[4-9]|2[0-27-9]|3[0-6]|5[0-8]", number))
    letters = re.sub(r'"[^"]*"|\\.|_.|\[[^\]]*\]', "", code.lower())
    return bool(re.search("[dy]", letters)) and "general" not in letters
