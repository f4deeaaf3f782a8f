"""A workbook again, row for row, with the cells marked that need an officer's eye."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from products.sheet_xml import CellValue, Merge, column_number
from products.workbook import RawSheet, RawWorkbook

_LETTERS = re.compile(r"\(([A-Z]{1,3})\)$")
_MOST_MERGES = 5_000
_WIDEST = 45
_MEASURED_ROWS = 200
Notes = Mapping[tuple[int, int], Sequence[str]]


def marked_workbook(book: RawWorkbook, notes: Sequence[Mapping[str, Any]]) -> BytesIO:
    """The same rows, columns and merges; where a note speaks of a cell it is coloured and its
    comment says why. Whatever looks like a formula is text, so nothing runs when it is opened.

    `notes` are those of an import report: sheet, row, column ("Hạng sao (H)"), reason.
    """
    target = BytesIO()
    made = xlsxwriter.Workbook(
        target,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    by_sheet = _by_sheet(notes)
    formats = _Formats(made)
    for sheet in book.sheets:
        if not sheet.is_hidden and sheet.rows:
            _write(made.add_worksheet(sheet.title), sheet, by_sheet.get(sheet.title, {}), formats)
    made.close()
    target.seek(0)
    return target


class _Formats:
    def __init__(self, made: xlsxwriter.Workbook) -> None:
        self.plain = made.add_format({"text_wrap": True, "valign": "top"})
        self.day = made.add_format({"num_format": "dd/mm/yyyy", "valign": "top"})
        marked = {"bg_color": "#FFD6D6", "border": 1, "border_color": "#B3261E", "valign": "top"}
        self.marked = made.add_format({**marked, "text_wrap": True})
        self.marked_day = made.add_format({**marked, "num_format": "dd/mm/yyyy"})


def _by_sheet(notes: Sequence[Mapping[str, Any]]) -> dict[str, dict[tuple[int, int], list[str]]]:
    found: dict[str, dict[tuple[int, int], list[str]]] = defaultdict(lambda: defaultdict(list))
    for note in notes:
        letters = _LETTERS.search(note["column"])
        # A column that the table does not have is told at the first cell of the row.
        column = column_number(letters[1]) if letters else 0
        reason = note["reason"] if letters else f"{note['column']}: {note['reason']}"
        found[note["sheet"]][note["row"], column].append(reason)
    return found


def _write(target: Worksheet, sheet: RawSheet, notes: Notes, formats: _Formats) -> None:
    widths = _widths(sheet)
    for column, width in widths.items():
        target.set_column(column, column, width)
    by_row: dict[int, list[int]] = defaultdict(list)
    for number, column in notes:
        by_row[number].append(column)
    for row in sheet.rows:
        marked = by_row.get(row.number, [])
        for column in range(max(len(row.cells), *(n + 1 for n in marked), 0)):
            reasons = notes.get((row.number, column))
            _write_cell(target, row.number - 1, column, row.cell(column), formats, reasons)
    for merge in _apart(sheet.merges):
        # `merge_range` would write the covered cells, which streaming has passed already.
        target.merge.append([merge[0] - 1, merge[1], merge[2] - 1, merge[3]])


def _write_cell(
    target: Worksheet,
    row: int,
    column: int,
    value: CellValue,
    formats: _Formats,
    reasons: Sequence[str] | None,
) -> None:
    shown = formats.marked if reasons else formats.plain
    if isinstance(value, str):
        target.write_string(row, column, value[:32_767], shown)
    elif isinstance(value, bool):
        target.write_boolean(row, column, value, shown)
    elif isinstance(value, date):
        day = formats.marked_day if reasons else formats.day
        target.write_datetime(row, column, value, day)
    elif value is not None:
        target.write_number(row, column, value, shown)
    elif reasons:
        target.write_blank(row, column, None, shown)
    if reasons:
        target.write_comment(row, column, "\n".join(reasons), {"x_scale": 2.2, "author": "OCOP"})


def _widths(sheet: RawSheet) -> dict[int, int]:
    """As wide as the texts of the first rows."""
    widths: dict[int, int] = {}
    for row in sheet.rows.head(_MEASURED_ROWS):
        for column, value in enumerate(row.cells):
            if value is not None:
                widths[column] = min(_WIDEST, max(widths.get(column, 8), len(str(value)) + 2))
    return widths


def _apart(merges: Sequence[Merge]) -> list[Merge]:
    """Merges that touch no other one: Excel calls a file with overlapping ones damaged."""
    kept: list[Merge] = []
    for merge in sorted(merges)[:_MOST_MERGES]:
        near = kept[-200:]
        overlaps = any(
            merge.first_row <= other.last_row
            and merge.first_column <= other.last_column
            and other.first_column <= merge.last_column
            for other in near
        )
        if not overlaps and (merge.last_row, merge.last_column) != merge[:2]:
            kept.append(merge)
    return kept
