"""A form filled for one dossier: what both renderers draw, and what is still missing.

Everything that PDF and DOCX have in common is decided here: which values stand where, how many
dotted lines are left, what stands beside what.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ocop_portal.text import clean_line, clean_text
from products.printed_forms import structure
from products.printed_forms.sources import LABELS, Records

# Letters of an item that shares its line with another one; longer ones get lines of their own.
SHARED_ITEM = 34
DOTS = "……………"
NAMES = re.compile(r"\{([a-z_]+)\}")
# The proof of a criterion is kept under its code behind this.
PROOF = "proof."
CRITERIA_COLUMNS = (
    structure.Column("TT", 8, "center"),
    structure.Column("Tiêu chí", 34),
    structure.Column("Điểm tối đa", 10, "center"),
    structure.Column("Điểm tự chấm", 12, "center"),
    structure.Column("Mô tả, tài liệu minh chứng", 36),
)


@dataclass(frozen=True)
class Heading:
    lines: tuple[str, ...]
    level: int
    kind: str = field(default="heading", init=False)


@dataclass(frozen=True)
class Text:
    text: str
    style: str
    kind: str = field(default="text", init=False)


@dataclass(frozen=True)
class Entry:
    """A label and its value; an empty value is a dotted line."""

    label: str
    value: str


@dataclass(frozen=True)
class Line:
    entries: tuple[Entry, ...]
    kind: str = field(default="line", init=False)


@dataclass(frozen=True)
class Prose:
    """A label, its paragraphs, or so many dotted lines in their place."""

    label: str
    paragraphs: tuple[str, ...]
    dotted: int
    kind: str = field(default="prose", init=False)

    @property
    def dotted_lines(self) -> range:
        return range(self.dotted)


@dataclass(frozen=True)
class Box:
    label: str
    ticked: bool


@dataclass(frozen=True)
class Ticks:
    label: str
    boxes: tuple[Box, ...]
    inline: bool
    kind: str = field(default="ticks", init=False)


@dataclass(frozen=True)
class Cell:
    text: str
    align: str
    span: int = 1


@dataclass(frozen=True)
class Row:
    cells: tuple[Cell, ...]
    strong: bool = False


@dataclass(frozen=True)
class Table:
    label: str
    columns: tuple[structure.Column, ...]
    rows: tuple[Row, ...]
    kind: str = field(default="table", init=False)


@dataclass(frozen=True)
class Signature:
    """`place_and_day` is empty where the paper has none."""

    title: str
    note: str
    place_and_day: str
    name: str
    kind: str = field(default="signature", init=False)


@dataclass(frozen=True)
class PageBreak:
    kind: str = field(default="page_break", init=False)


Drawn = Heading | Text | Line | Prose | Ticks | Table | Signature | PageBreak


@dataclass(frozen=True)
class Missing:
    """What the paper still lacks: the question to answer, or the page where it is entered."""

    label: str
    question: str = ""
    url: str = ""
    permission: str = ""


@dataclass(frozen=True)
class FilledForm:
    """One form of one dossier, ready to be drawn."""

    form: structure.Form
    regulation: str
    title: str
    subject: str
    head: str
    blocks: tuple[Drawn, ...]
    filled: int
    missing: tuple[Missing, ...]

    @property
    def total(self) -> int:
        return self.filled + len(self.missing)


def fill(form: structure.Form, records: Records, answers: Mapping[str, Any]) -> FilledForm:
    """Fill `form` from the records and the answers, which are trusted to have their shape."""
    return _Filling(form, records, answers).done()


class _Filling:
    def __init__(self, form: structure.Form, records: Records, answers: Mapping[str, Any]) -> None:
        self.form, self.records, self.answers = form, records, answers
        self.filled = 0
        self.missing: list[Missing] = []

    def done(self) -> FilledForm:
        draw: Mapping[type[Any], Callable[[Any], tuple[Drawn, ...]]] = {
            structure.Heading: self._heading,
            structure.Text: self._text,
            structure.Line: self._line,
            structure.Prose: self._prose,
            structure.Ticks: self._ticks,
            structure.Table: self._table,
            structure.Criteria: self._criteria,
            structure.Signature: self._signature,
            structure.PageBreak: lambda _block: (PageBreak(),),
        }
        dossier = self.records.dossier
        blocks = tuple(
            drawn
            for block in self.form.blocks_for(dossier.kind)
            for drawn in draw[type(block)](block)
        )
        return FilledForm(
            form=self.form,
            regulation=dossier.regulation.title,
            title=self._named(self.form.title),
            subject=self._named(self.form.subject),
            head=self._head(),
            blocks=blocks,
            filled=self.filled,
            missing=tuple(self.missing),
        )

    # --- values ---------------------------------------------------------------------------------

    def _source(self, name: str) -> str:
        return clean_line(self.records.text(name))

    def _named(self, text: str) -> str:
        """`text` with the sources it names in braces."""
        return NAMES.sub(lambda found: self._source(found[1]) or DOTS, text)

    def _answer(self, code: str) -> Any:
        return self.answers.get(code) or ""

    def _value(self, entry: Any) -> str:
        """The answer, else the source."""
        value = clean_text(str(self._answer(entry.question))) if entry.question else ""
        return value or (self._source(entry.source) if entry.source else "")

    def _note(self, entry: Any, has_value: bool) -> None:
        """Count a value, or remember that it is missing and where it is entered."""
        question = structure.questions().get(entry.question)
        if has_value:
            self.filled += 1
        elif not (entry.optional or (question and question.optional)):
            label = question.label if question else LABELS.get(entry.source) or _bare(entry.label)
            if question:
                self.missing.append(Missing(label, question=question.code))
            else:
                self._missing_source(label, entry.source)

    def _missing_source(self, label: str, source: str) -> None:
        url, permission = self.records.entered_at(source)
        self.missing.append(Missing(label, url=url, permission=permission))

    def _head(self) -> str:
        if self.form.letterhead == structure.Letterhead.PRODUCER:
            return self._source("producer") or DOTS
        if self.form.letterhead == structure.Letterhead.COMMUNE:
            return f"Ủy ban nhân dân {self._source('commune_now') or DOTS}"
        return ""

    # --- blocks ---------------------------------------------------------------------------------

    def _heading(self, block: structure.Heading) -> tuple[Drawn, ...]:
        return (Heading(tuple(block.text.split("\n")), block.level),)

    def _text(self, block: structure.Text) -> tuple[Drawn, ...]:
        return (Text(self._named(block.text), block.style),)

    def _line(self, block: structure.Line) -> tuple[Drawn, ...]:
        entries = []
        for item in block.items:
            value = "" if item.by_hand else clean_line(self._value(item))
            if not item.by_hand:
                self._note(item, bool(value))
            entries.append(Entry(item.label, value))
        if any(len(f"{entry.label} {entry.value}") > SHARED_ITEM for entry in entries):
            return tuple(Line((entry,)) for entry in entries)
        return (Line(tuple(entries)),)

    def _prose(self, block: structure.Prose) -> tuple[Drawn, ...]:
        paragraphs = tuple(filter(None, self._value(block).split("\n")))
        self._note(block, bool(paragraphs))
        return (Prose(block.label, paragraphs, 0 if paragraphs else block.lines),)

    def _ticks(self, block: structure.Ticks) -> tuple[Drawn, ...]:
        question = structure.questions().get(block.question)
        options = question.options if question else block.options
        ticked = set(self._answer(block.question) or ()) if question else set()
        if block.source:
            ticked |= self.records.ticked(block.source)
        boxes = tuple(
            Box(option.label, option.code in ticked or option.slot in self.records.filled_slots)
            for option in options
        )
        if question and not question.optional:
            if any(box.ticked for box in boxes):
                self.filled += 1
            else:
                self.missing.append(Missing(question.label, question=question.code))
        return (Ticks(block.label, boxes, block.inline),)

    def _table(self, block: structure.Table) -> tuple[Drawn, ...]:
        question = structure.questions().get(block.question)
        columns = question.columns if question else block.columns
        found = self._answer(block.question) if question else self.records.rows(block.source)
        rows = [tuple(clean_line(str(cell)) for cell in row) for row in found or ()]
        self._note(block, bool(rows))
        rows += [("",) * len(columns)] * (block.rows - len(rows))
        return (Table(block.label, columns, tuple(_row(columns, row) for row in rows)),)

    def _criteria(self, block: structure.Criteria) -> tuple[Drawn, ...]:
        points = self.records.self_points
        rows = []
        for part in self.records.sheet.parts:
            title = f"PHẦN {part.code}: {part.name.upper()} ({part.max_points} điểm)"
            rows.append(Row((Cell(title, "left", len(CRITERIA_COLUMNS)),), strong=True))
            for section in part.sections:
                heading = f"{section.code}. {section.name} ({section.max_points} điểm)"
                alone = len(section.criteria) == 1 and section.criteria[0].name == section.name
                if not alone:
                    rows.append(Row((Cell(heading, "left", len(CRITERIA_COLUMNS)),), strong=True))
                for criterion in section.criteria:
                    own = points.by_criterion.get(criterion.code)
                    cells = (
                        criterion.code,
                        criterion.name,
                        str(criterion.max_points),
                        "" if own is None else str(own),
                        clean_line(str(self._answer(PROOF + criterion.code))),
                    )
                    rows.append(_row(CRITERIA_COLUMNS, cells))
        total = "" if points.total is None else str(points.total)
        sheet_total = str(self.records.sheet.max_points)
        rows.append(_row(CRITERIA_COLUMNS, ("", "TỔNG CỘNG", sheet_total, total, ""), strong=True))
        if total:
            self.filled += 1
        else:
            self._missing_source("Điểm tự chấm", "self_points")
        return (Table(block.label, CRITERIA_COLUMNS, tuple(rows)),)

    def _signature(self, block: structure.Signature) -> tuple[Drawn, ...]:
        place = self._source(block.place) or DOTS if block.place else ""
        day = f"{place}, ngày …… tháng …… năm ………" if place else ""
        name = self._source(block.name) if block.name else ""
        return (Signature(self._named(block.title), block.note, day, name),)


def _row(
    columns: tuple[structure.Column, ...], cells: tuple[str, ...], *, strong: bool = False
) -> Row:
    pairs = zip(columns, cells, strict=True)
    return Row(tuple(Cell(text, column.align) for column, text in pairs), strong)


def _bare(label: str) -> str:
    """A label without number, dash and colon: "- Tên đơn vị:" becomes "Tên đơn vị"."""
    return re.sub(r"^(?:[-+]|\d+\.|[a-zđ]\))\s*", "", label).rstrip(":").strip()


def all_text(filled: FilledForm) -> list[str]:
    """Every text on the paper in its order, without dots: what both renderers must show."""
    found: list[str] = [filled.title, filled.subject]
    for block in filled.blocks:
        found += _texts(block)
    return [text for text in found if text]


def _texts(block: Drawn) -> list[str]:
    if isinstance(block, Heading):
        return list(block.lines)
    if isinstance(block, Text):
        return [block.text]
    if isinstance(block, Line):
        return [f"{entry.label} {entry.value}".strip() for entry in block.entries]
    if isinstance(block, Prose):
        return [block.label, *block.paragraphs]
    if isinstance(block, Ticks):
        return [block.label, *(box.label for box in block.boxes)]
    if isinstance(block, Table):
        heads = [column.label for column in block.columns]
        return [block.label, *heads, *(cell.text for row in block.rows for cell in row.cells)]
    if isinstance(block, Signature):
        return [block.place_and_day, block.title, block.note, block.name]
    return []
