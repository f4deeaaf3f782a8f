"""What the columns of an unknown header may mean: the header's row, samples and a guess of each."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ocop_portal.text import search_key
from products import cells, tabular
from products.columns import TITLES, Field
from products.sheet_xml import CellValue, RawRow, column_letters
from products.tabular import Mappings, NoHeader
from products.workbook import RawSheet, RawWorkbook

SAMPLES = 3
_LOOKED_AT = 40  # rows under the header
_MOST = 0.7  # of a column's values must look like the field


@dataclass(frozen=True)
class ColumnFound:
    """A column as a person sees it; `guess` is None where nothing tells what it means."""

    number: int
    letters: str
    title: str
    samples: tuple[str, ...]
    guess: Field | None


@dataclass(frozen=True)
class HeaderFound:
    """A sheet's header; rows count from 1."""

    sheet: str
    row: int
    titles: Mapping[int, str]
    columns: tuple[ColumnFound, ...]
    choices: tuple[tuple[int, str], ...]  # rows that may be the header, with their words

    @property
    def signature(self) -> str:
        return tabular.signature(self.titles)


def has_table(book: RawWorkbook, mappings: Mappings) -> bool:
    """Whether some sheet has a table of products that is understood without help."""
    found = (tabular.find_layout(sheet, mappings) for sheet in book.sheets)
    return any(not isinstance(layout, NoHeader) for layout in found)


def sheets_to_map(book: RawWorkbook) -> list[RawSheet]:
    """The visible sheets with a row that may be a header, the most columns first."""
    if any(tabular.has_old_encoding(sheet) for sheet in book.sheets):
        return []
    sheets = [sheet for sheet in book.sheets if not sheet.is_hidden and _header_rows(sheet)]
    return sorted(sheets, key=lambda sheet: -max(map(len, _header_rows(sheet).values())))


def find_header(
    sheet: RawSheet, row: int | None = None, mappings: Mappings = tabular.NO_MAPPINGS
) -> HeaderFound:
    """The header in `row`, or where it most likely is, with what its columns seem to mean."""
    candidates = _header_rows(sheet)
    layout = tabular.find_layout(sheet, mappings)
    known: Mapping[Field, int] = {}
    if not isinstance(layout, NoHeader) and row in {None, layout.last_row}:
        row, known = layout.last_row, layout.columns
    if row not in candidates:
        row = max(candidates, key=lambda number: (_words(candidates[number]), -number))
    titles = candidates[row]
    under = [one for one in sheet.rows.head(row + _LOOKED_AT) if one.number > row]
    numbers = sorted({*titles, *(n for one in under for n, cell in enumerate(one.cells) if cell)})
    guesses = _guesses(numbers, titles, under, known)
    columns = tuple(
        ColumnFound(
            number,
            column_letters(number),
            titles.get(number, ""),
            _samples(under, number),
            guesses.get(number),
        )
        for number in numbers
    )
    return HeaderFound(sheet.title, row, titles, columns, tuple(_choices(candidates)))


def _header_rows(sheet: RawSheet) -> dict[int, dict[int, str]]:
    """Rows near the top with at least two cells that are words."""
    rows = tabular.header_rows(sheet)
    return {number: titles for number, titles in rows.items() if _words(titles) > 1}


def _words(titles: Mapping[int, str]) -> int:
    return len(
        {text for text in titles.values() if len(text) <= 80 and search_key(text)[:1].isalpha()}
    )


def _choices(candidates: Mapping[int, Mapping[int, str]]) -> list[tuple[int, str]]:
    return [
        (number, " | ".join(dict.fromkeys(titles.values()))[:90])
        for number, titles in list(candidates.items())[:15]
    ]


def _samples(rows: Sequence[RawRow], column: int) -> tuple[str, ...]:
    texts = (tabular.plain_text(row.cell(column)) for row in rows)
    return tuple(dict.fromkeys(text[:60] for text in texts if text))[:SAMPLES]


def _guesses(
    numbers: Sequence[int],
    titles: Mapping[int, str],
    rows: Sequence[RawRow],
    known: Mapping[Field, int],
) -> dict[int, Field]:
    """By the title, then by words in it, then by what the cells look like; each field once."""
    found = {column: field for field, column in known.items()}
    ways: tuple[Callable[[int], Field | None], ...] = (
        lambda number: tabular.field_of_title(titles.get(number, "")),
        lambda number: _by_words(titles.get(number, "")),
        lambda number: _by_values([row.cell(number) for row in rows]),
    )
    for way in ways:
        for number in numbers:
            field = None if number in found else way(number)
            if field and field not in found.values():
                found[number] = field
    return found


_HINTS: tuple[tuple[str, Field], ...] = (
    (r"\b(mst|ma so thue|thue)\b", Field.TAX_CODE),
    (r"\b(dien thoai|sdt|phone|di dong|zalo)\b", Field.PHONE),
    (r"\b(mail|thu dien tu)\b", Field.EMAIL),
    (r"\b(sao|xep hang|phan hang)\b", Field.STARS),
    (r"\bnam\b", Field.YEAR),
    (r"\b(ngay|thoi gian)\b", Field.ASSESSED_ON),
    (r"\b(xa|phuong|thi tran)\b", Field.COMMUNE),
    (r"\b(huyen|quan|thi xa)\b", Field.DISTRICT),
    (r"\b(dia chi|thon|noi san xuat)\b", Field.ADDRESS),
    (r"\b(nhom|nganh|bo san pham)\b", Field.GROUP),
    (r"\b(ma|so hieu)\b", Field.PRODUCT_CODE),
    (
        r"\b(chu the|don vi|co so|doanh nghiep|htx|ho san xuat|nguoi lam|nha san xuat)\b",
        Field.PRODUCER_NAME,
    ),
    (r"\b(san pham|mat hang|hang hoa|ten hang|ten goi)\b", Field.NAME),
    (r"\b(ghi chu|tinh trang)\b", Field.NOTE),
)


def _by_words(title: str) -> Field | None:
    key = search_key(title)
    return next((field for pattern, field in _HINTS if re.search(pattern, key)), None)


def _looks_like_tax_code(value: CellValue) -> bool:
    return bool(re.fullmatch(r"[0-9]{10}([- ]?[0-9]{3})?", tabular.plain_text(value)))


def _looks_like_year(value: CellValue) -> bool:
    text = tabular.plain_text(value)
    return text.isdigit() and int(text) in cells.YEARS if len(text) == 4 else False


def _looks_like_stars(value: CellValue) -> bool:
    return bool(re.fullmatch(r"[1-5]( ?sao|\*)?|★+", tabular.plain_text(value)))


def _looks_like_maker(value: CellValue) -> bool:
    kinds = r"(htx|hop tac xa|cong ty|cty|ho (kinh doanh|san xuat)|co so|to hop tac|trang trai)\b"
    return bool(re.match(kinds, search_key(tabular.plain_text(value))))


_LOOKS: tuple[tuple[Callable[[CellValue], bool], Field], ...] = (
    (lambda value: "@" in tabular.plain_text(value), Field.EMAIL),
    (_looks_like_tax_code, Field.TAX_CODE),
    (_looks_like_year, Field.YEAR),
    (_looks_like_stars, Field.STARS),
    (_looks_like_maker, Field.PRODUCER_NAME),
)


def _by_values(values: Sequence[CellValue]) -> Field | None:
    filled = [value for value in values if value is not None]
    if not filled:
        return None
    for looks, field in _LOOKS:
        if sum(map(looks, filled)) >= _MOST * len(filled):
            return field
    return None


def label(field: Field) -> str:
    """The field as people call it."""
    return TITLES[field][0]
