"""The blocks of a filled form as a Word document in the layout of Decree 30/2020/NĐ-CP.

Imported only where a document is drawn: python-docx takes a moment. The same form gives the same
bytes: python-docx stamps the day into the archive, so it is packed again.
"""

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt

from products.printed_forms.filling import (
    Box,
    Entry,
    FilledForm,
    Heading,
    Line,
    PageBreak,
    Prose,
    Signature,
    Table,
    Text,
    Ticks,
)

FONT = "Times New Roman"
BOX_FONT = "Segoe UI Symbol"
WIDTH = Mm(210 - 30 - 15)
INDENT = Mm(10)
NATION, MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"
LONG_AGO = datetime(2020, 3, 5)  # noqa: DTZ001 - core properties know no zone
ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
CENTER, RIGHT = ALIGN["center"], ALIGN["right"]


def draw(filled: FilledForm) -> bytes:
    """The form as the bytes of a DOCX file."""
    document = Document()
    _set_up(document, filled)
    _mark(document, filled)
    _head(document, filled)
    _paragraph(document, filled.title.upper(), bold=True, align=CENTER, before=6)
    _paragraph(document, filled.subject, bold=True, align=CENTER, after=12)
    begins_page = False
    for block in filled.blocks:
        if isinstance(block, PageBreak):
            begins_page = True
            continue
        before = len(document.paragraphs)
        BLOCKS[type(block)](document, block)
        if begins_page:
            # Not a break in a paragraph of its own: after a full page that leaves an empty one.
            document.paragraphs[before].paragraph_format.page_break_before = True
            begins_page = False
    target = io.BytesIO()
    document.save(target)
    return _without_time(target.getvalue())


def _set_up(document: Any, filled: FilledForm) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance = Mm(10)
    section.different_first_page_header_footer = True
    _page_number(section.header.paragraphs[0])
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(14)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:eastAsia", "w:cs", "w:hAnsi"):
        fonts.set(qn(name), FONT)
    normal.paragraph_format.space_after = Pt(5)
    normal.paragraph_format.line_spacing = 1.15
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    normal.element.get_or_add_rPr().append(language)
    facts = document.core_properties
    facts.title = filled.form.file_name
    facts.author = facts.last_modified_by = facts.comments = ""
    facts.language = "vi-VN"
    facts.created = facts.modified = LONG_AGO


def _page_number(paragraph: Any) -> None:
    """The number of the page, centred above the text; the first page shows none."""
    paragraph.alignment = CENTER
    run = paragraph.add_run()
    run.font.size = Pt(13)
    for kind in ("begin", "PAGE", "end"):
        if kind == "PAGE":
            part = OxmlElement("w:instrText")
            part.text = kind
        else:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)  # noqa: SLF001 - python-docx has no fields


def _mark(document: Any, filled: FilledForm) -> None:
    _paragraph(document, filled.form.number, bold=True, align=RIGHT, size=12, after=0)
    _paragraph(document, f"({filled.regulation})", italic=True, align=RIGHT, size=12, after=8)


def _head(document: Any, filled: FilledForm) -> None:
    if not filled.head:
        _paragraph(document, NATION, bold=True, align=CENTER, size=13, after=0)
        _underlined(_paragraph(document, "", align=CENTER, after=14), MOTTO, 14)
        return
    head = filled.head.upper() if filled.form.by_office else filled.head
    table = _plain_table(document, (44, 56))
    left, right = table.rows[0].cells
    _write(left.paragraphs[0], head, bold=True, align=CENTER, size=12, after=0)
    _write(left.add_paragraph(), "_______", align=CENTER, size=8, after=0)
    _write(right.paragraphs[0], NATION, bold=True, align=CENTER, size=12, after=0)
    _underlined(right.add_paragraph(), MOTTO, 13)
    right.paragraphs[-1].alignment = CENTER
    _paragraph(document, "", size=8, after=0)


def _underlined(paragraph: Any, text: str, size: float) -> None:
    run = paragraph.add_run(text)
    run.bold = run.underline = True
    run.font.size = Pt(size)


def _paragraph(document: Any, text: str, **style: Any) -> Any:
    return _write(document.add_paragraph(), text, **style)


def _write(
    paragraph: Any,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    align: Any = None,
    size: float | None = None,
    before: float | None = None,
    after: float | None = None,
) -> Any:
    if text:
        run = paragraph.add_run(text)
        run.bold, run.italic = bold, italic
        run.font.size = None if size is None else Pt(size)
    paragraph.alignment = align
    form = paragraph.paragraph_format
    if before is not None:
        form.space_before = Pt(before)
    if after is not None:
        form.space_after = Pt(after)
    return paragraph


def _dots(paragraph: Any, until: Length = WIDTH) -> None:
    """A dotted line from here to `until`, to write on."""
    stops = paragraph.paragraph_format.tab_stops
    stops.add_tab_stop(until, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    paragraph.add_run("\t")


# --- Blocks -------------------------------------------------------------------------------------


def _heading(document: Any, block: Heading) -> None:
    for n, line in enumerate(block.lines):
        paragraph = _paragraph(
            document,
            line,
            bold=True,
            italic=block.level == 3,
            align=CENTER if block.level == 1 else None,
            before=10 if n == 0 else 0,
            after=5 if n == len(block.lines) - 1 else 0,
        )
        paragraph.paragraph_format.keep_with_next = True


def _text(document: Any, block: Text) -> None:
    small = block.style == "note"
    _paragraph(
        document,
        block.text,
        bold=block.style == "bold",
        italic=small,
        size=11.5 if small else None,
    )


def _line(document: Any, block: Line) -> None:
    paragraph = document.add_paragraph()
    share = Length(WIDTH // len(block.entries))
    for n, entry in enumerate(block.entries):
        last = n == len(block.entries) - 1
        _entry(paragraph, entry, Length(share * (n + 1) - (0 if last else Mm(4))))
        if not last:
            paragraph.paragraph_format.tab_stops.add_tab_stop(Length(share * (n + 1)))
            paragraph.add_run("\t")


def _entry(paragraph: Any, entry: Entry, until: Length) -> None:
    paragraph.add_run(f"{entry.label} {entry.value}")
    if not entry.value:
        _dots(paragraph, until)


def _prose(document: Any, block: Prose) -> None:
    _label(document, block.label)
    for text in block.paragraphs:
        paragraph = _paragraph(document, text, align=WD_ALIGN_PARAGRAPH.JUSTIFY)
        paragraph.paragraph_format.first_line_indent = INDENT
    for _ in block.dotted_lines:
        _dots(document.add_paragraph())


def _label(document: Any, label: str) -> None:
    _paragraph(document, label).paragraph_format.keep_with_next = True


def _ticks(document: Any, block: Ticks) -> None:
    if block.inline:
        paragraph = _paragraph(document, f"{block.label} ")
        for box in block.boxes:
            # No break between a label and its box.
            paragraph.add_run(f"{box.label}\u00a0".replace(" ", "\u00a0"))
            _box(paragraph, box)
            paragraph.add_run("     ")
        return
    _label(document, block.label)
    for box in block.boxes:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.left_indent = Mm(6)
        paragraph.paragraph_format.right_indent = Mm(10)
        # The box stands in the right margin of the paragraph, behind the last line.
        paragraph.paragraph_format.tab_stops.add_tab_stop(WIDTH, WD_TAB_ALIGNMENT.RIGHT)
        paragraph.add_run(f"{box.label}\t")
        _box(paragraph, box)


def _box(paragraph: Any, box: Box) -> None:
    """A square, ticked or empty, in a font that has both on every machine with Word."""
    run = paragraph.add_run("☑" if box.ticked else "☐")
    run.font.name = BOX_FONT
    run.font.size = Pt(12)


def _table(document: Any, block: Table) -> None:
    _label(document, block.label)
    table = document.add_table(rows=1, cols=len(block.columns), style="Table Grid")
    _fix_widths(table, [column.width for column in block.columns])
    for cell, column in zip(table.rows[0].cells, block.columns, strict=True):
        _write(cell.paragraphs[0], column.label, bold=True, align=CENTER, size=12, after=2)
    _repeat(table.rows[0])
    for row in block.rows:
        cells = table.add_row().cells
        at = 0
        for cell in row.cells:
            target = cells[at]
            if cell.span > 1:
                target = target.merge(cells[at + cell.span - 1])
            _write(
                target.paragraphs[0],
                cell.text,
                bold=row.strong,
                align=ALIGN[cell.align],
                size=12,
                after=2,
            )
            # A heading inside the table stays with the row below it.
            target.paragraphs[0].paragraph_format.keep_with_next = cell.span > 1
            at += cell.span
    for row_of_cells in table.rows:
        _keep_whole(row_of_cells)
    _paragraph(document, "", size=6, after=2)


def _signature(document: Any, block: Signature) -> None:
    if document.paragraphs:
        document.paragraphs[-1].paragraph_format.keep_with_next = True
    table = _plain_table(document, (42, 58))
    _keep_whole(table.rows[0])
    side = table.rows[0].cells[1]
    paragraph = side.paragraphs[0]
    if block.place_and_day:
        _write(paragraph, block.place_and_day, italic=True, align=CENTER, size=13.5, after=0)
        paragraph = side.add_paragraph()
    _write(paragraph, block.title.upper(), bold=True, align=CENTER, after=0)
    _write(side.add_paragraph(), block.note, italic=True, align=CENTER, size=13, after=0)
    _write(side.add_paragraph(), "", after=60)
    _write(side.add_paragraph(), block.name, bold=True, align=CENTER, after=6)


BLOCKS: Mapping[type[Any], Callable[[Any, Any], None]] = {
    Heading: _heading,
    Text: _text,
    Line: _line,
    Prose: _prose,
    Ticks: _ticks,
    Table: _table,
    Signature: _signature,
}


def _plain_table(document: Any, widths: tuple[int, ...]) -> Any:
    """One row without lines; widths in percent."""
    table = document.add_table(rows=1, cols=len(widths))
    _fix_widths(table, list(widths))
    return table


def _fix_widths(table: Any, percents: list[int]) -> None:
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, percent in zip(table.columns, percents, strict=True):
        column.width = Length(WIDTH * percent // 100)


def _repeat(row: Any) -> None:
    """The head of a table stands on each of its pages."""
    _row_property(row, "w:tblHeader")


def _keep_whole(row: Any) -> None:
    _row_property(row, "w:cantSplit")


def _row_property(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))  # noqa: SLF001 - no API for it


def _without_time(data: bytes) -> bytes:
    """The same archive with one fixed time for all its parts."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as made,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in made.namelist():
            packed.writestr(zipfile.ZipInfo(name), made.read(name), zipfile.ZIP_DEFLATED)
    return target.getvalue()
