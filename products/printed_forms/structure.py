"""How a printed form is declared: blocks in the order of the paper, each with where its values come
from. The files in data/ hold the declarations; a wrong one fails when it is read.

A value comes from the records of the portal (`source`, see `sources`), from an answer that is kept
with the dossier (`question`, declared in data/questions.json and shared by all forms, so that
nothing is asked twice), or is written by hand on the paper (`by_hand`).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

DATA_DIR = Path(__file__).parent / "data"
QUESTIONS = "questions"


class QuestionKind(StrEnum):
    LINE = "line"
    TEXT = "text"
    ONE = "one"
    MANY = "many"
    TABLE = "table"


class Letterhead(StrEnum):
    """Who stands at the head of the paper, beside the nation and its motto."""

    NATION = "nation"
    PRODUCER = "producer"
    COMMUNE = "commune"


@dataclass(frozen=True, slots=True)
class Option:
    """A box to tick. `slot` is the document of the dossier that ticks it by being there."""

    code: str
    label: str
    slot: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `width` in percent of the table."""

    label: str
    width: int
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Question:
    """Something that no record of the portal holds, asked once for all forms of a dossier.

    `carried` answers go on into the product's next dossier; `optional` ones are not missed.
    """

    code: str
    kind: QuestionKind
    label: str
    hint: str = ""
    options: tuple[Option, ...] = ()
    columns: tuple[Column, ...] = ()
    carried: bool = True
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A label and its value on one line."""

    label: str
    source: str = ""
    question: str = ""
    by_hand: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """Level 1 is centred (Phần I), 2 and 3 stand at the left."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    """Fixed words; {names} of sources in braces are filled in. `style`: plain, bold or note."""

    text: str
    style: str = "plain"
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """Items beside each other, where they fit."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Prose:
    """A label, then paragraphs; `lines` dotted ones to write on where there is no answer."""

    label: str
    question: str = ""
    source: str = ""
    lines: int = 3
    kinds: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Ticks:
    """Boxes: ticked by a source, by documents in the dossier or by an answer, whichever says so."""

    label: str
    options: tuple[Option, ...] = ()
    source: str = ""
    question: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a source or of an answer; at least `rows` of them, empty ones to write in."""

    label: str
    columns: tuple[Column, ...] = ()
    source: str = ""
    question: str = ""
    rows: int = 3
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Criteria:
    """The criteria of the dossier's score sheet with the producer's own points and proof."""

    label: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Place and day, who signs, and the name where it is known."""

    title: str
    note: str
    place: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins a new page."""


Block = Heading | Text | Line | Prose | Ticks | Table | Criteria | Signature | PageBreak
BLOCKS: Mapping[str, type[Any]] = {
    "heading": Heading,
    "text": Text,
    "line": Line,
    "prose": Prose,
    "ticks": Ticks,
    "table": Table,
    "criteria": Criteria,
    "signature": Signature,
    "page_break": PageBreak,
}
_NESTED: Mapping[str, type[Any]] = {"items": Item, "options": Option, "columns": Column}


@dataclass(frozen=True, slots=True)
class Form:
    """One form: its number and name as the decision prints them, and its blocks.

    `by_office` forms are written by the commune, not by the producer (Mẫu số 03).
    """

    code: str
    number: str
    name: str
    title: str
    subject: str
    source: str
    blocks: tuple[Block, ...]
    letterhead: Letterhead = Letterhead.NATION
    by_office: bool = False

    @property
    def file_name(self) -> str:
        """The name of the file without its ending: "Biểu số 02. Phiếu đăng ký …"."""
        return f"{self.number}. {self.name}"

    def blocks_for(self, kind: str) -> Iterator[Block]:
        """The blocks of a dossier of this kind (first, upgrade or renewal)."""
        for block in self.blocks:
            kinds = getattr(block, "kinds", ())
            if not kinds or kind in kinds:
                yield block

    def questions_for(self, kind: str) -> tuple[Question, ...]:
        """The questions of the form in the order of the paper, each once."""
        codes: dict[str, None] = {}
        for block in self.blocks_for(kind):
            entries: tuple[Any, ...] = block.items if isinstance(block, Line) else (block,)
            codes.update(dict.fromkeys(getattr(entry, "question", "") for entry in entries))
        return tuple(questions()[code] for code in codes if code)

    @property
    def has_criteria(self) -> bool:
        return any(isinstance(block, Criteria) for block in self.blocks)


@cache
def form(code: str) -> Form:
    """The form with this code; raises `KeyError` if there is none."""
    if code not in codes():
        raise KeyError(code)
    data = _read(code)
    blocks = tuple(_block(block) for block in data.pop("blocks"))
    letterhead = Letterhead(data.pop("letterhead", Letterhead.NATION))
    return Form(code=code, blocks=blocks, letterhead=letterhead, **data)


@cache
def codes() -> frozenset[str]:
    """The codes of all forms: the names of their files."""
    return frozenset(path.stem for path in DATA_DIR.glob("*.json")) - {QUESTIONS}


@cache
def questions() -> dict[str, Question]:
    """Every question by its code."""
    return {
        code: Question(code=code, kind=QuestionKind(data.pop("kind")), **_nested(data))
        for code, data in _read(QUESTIONS).items()
    }


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((DATA_DIR / f"{name}.json").read_text(encoding="utf-8"))
    return content


def _block(data: dict[str, Any]) -> Block:
    made: Block = BLOCKS[data.pop("is")](**_nested(data))
    return made


def _nested(data: dict[str, Any]) -> dict[str, Any]:
    """Lists as tuples, and what they hold as values."""
    found = dict(data)
    for name, value in data.items():
        if not isinstance(value, list):
            continue
        inner = _NESTED.get(name)
        found[name] = tuple(_value(inner, entry) if inner else entry for entry in value)
    return found


def _value(kind: type[Any], entry: Any) -> Any:
    """A nested value, written as an object or shorter as the list of its first fields."""
    if isinstance(entry, list):
        names = [one.name for one in fields(kind)]
        return kind(**dict(zip(names, entry, strict=False)))
    return kind(**entry)
