"""What goes on from a product's earlier dossier into the new one, what does not, and why."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from products.models import Dossier, DossierDocument, ProducerDocument
from products.papers import SLOTS
from regulations import rules
from regulations.models import Regulation
from regulations.rules import DocumentKind
from regulations.succession import slot_counterparts


class Fate(StrEnum):
    """What becomes of a document of the earlier dossier."""

    CARRIED = "carried"
    READY = "ready"
    EXPIRED = "expired"
    CHOOSE = "choose"
    MADE_ANEW = "made_anew"
    NO_SLOT = "no_slot"
    TAKEN_OUT = "taken_out"


# The words and the tone of the badge.
SAID = {
    Fate.CARRIED: ("Đã mang sang", "success"),
    Fate.READY: ("Mang sang được", "info"),
    Fate.EXPIRED: ("Cần bản mới", "warning"),
    Fate.CHOOSE: ("Cần chọn mục", "warning"),
    Fate.MADE_ANEW: ("Lập mới", ""),
    Fate.NO_SLOT: ("Không có mục", ""),
    Fate.TAKEN_OUT: ("Đã bỏ ra", ""),
}


class Content(NamedTuple):
    """What a slot holds once: a file, or some of its pages."""

    slot: str
    stored: int
    first_page: int | None
    last_page: int | None


@dataclass(frozen=True)
class CarryRow:
    """One document of the earlier dossier; `slots` are those of the new one that may take it."""

    document: DossierDocument
    earlier_slot: str
    slots: tuple[DocumentKind, ...]
    fate: Fate
    reason: str

    @property
    def label(self) -> str:
        return SAID[self.fate][0]

    @property
    def tone(self) -> str:
        return SAID[self.fate][1]


@dataclass(frozen=True)
class PaperRow:
    """One paper of the producer that the dossier has a slot for."""

    paper: ProducerDocument
    slot: DocumentKind
    fate: Fate
    reason: str

    @property
    def label(self) -> str:
        return SAID[self.fate][0]

    @property
    def tone(self) -> str:
        return SAID[self.fate][1]


@dataclass(frozen=True)
class Asked:
    """A slot without a document, and why it is asked for."""

    slot: DocumentKind
    label: str
    reason: str
    tone: str


@dataclass(frozen=True)
class CarryPlan:
    """Everything about the start of a dossier from what is there already."""

    rows: tuple[CarryRow, ...] = ()
    papers: tuple[PaperRow, ...] = ()
    asked: tuple[Asked, ...] = ()

    @property
    def ready(self) -> int:
        """How many documents and papers could still be carried."""
        return self._count(Fate.READY)

    @property
    def carried(self) -> int:
        return self._count(Fate.CARRIED)

    def _count(self, fate: Fate) -> int:
        found = [row.fate for row in self.rows] + [row.fate for row in self.papers]
        return found.count(fate)


@dataclass
class Own:
    """What the dossier holds already, and what was taken out of it by hand."""

    contents: set[Content] = field(default_factory=set)
    carried: set[int] = field(default_factory=set)
    papers: set[int] = field(default_factory=set)
    taken_out: set[int] = field(default_factory=set)
    papers_taken_out: set[int] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, documents: Iterable[DossierDocument]) -> "Own":
        """Read every row of the dossier, those that were removed or replaced included."""
        own = cls()
        for row in documents:
            if row.removed_at:
                own.taken_out.add(row.carried_from_id or 0)
                own.papers_taken_out.add(row.producer_document_id or 0)
                continue
            own.carried.add(row.carried_from_id or 0)
            own.papers.add(row.producer_document_id or 0)
            if row.replaced_by_id is None:
                own.contents.add(content_of(row, row.slot))
                own.filled.add(row.slot)
        return own


def content_of(document: DossierDocument, slot: str) -> Content:
    return Content(slot, document.stored_id, document.first_page, document.last_page)


def plan(dossier: Dossier, day: date) -> CarryPlan:
    """Say what becomes of each document of the earlier dossier and of the producer's papers, where
    they must hold on `day`; four queries at most.
    """
    own = Own.of(dossier.documents.all())
    slots = {row.code: row for row in dossier.regulation.rules.documents_for(dossier.kind)}
    earlier = dossier.previous
    rows: list[CarryRow] = []
    if earlier:
        way = counterparts_by_slot(earlier.regulation.rules, dossier.regulation.rules)
        documents = earlier.documents.current().select_related("stored", "producer_document")
        rows = [_row(one, earlier.regulation.rules, slots, way, own, day) for one in documents]
    papers = [_paper_row(one, slots, own, day) for one in papers_for(dossier, slots)]
    asked = _asked(dossier, slots, rows, papers, own)
    return CarryPlan(tuple(rows), tuple(papers), tuple(asked))


def counterparts_by_slot(
    origin: rules.Regulation, target: rules.Regulation
) -> dict[str, tuple[str, ...]]:
    """For each slot of one regulation the slots of the other that take its documents."""
    published = [row.rules for row in Regulation.objects.published()]
    known = list({row.code: row for row in (*published, origin, target)}.values())
    return {
        row.code: slot_counterparts(row.code, origin, target, known) for row in origin.documents
    }


def papers_for(dossier: Dossier, slots: Mapping[str, DocumentKind]) -> list[ProducerDocument]:
    """The producer's current papers that the dossier has a slot for."""
    producer = dossier.product.producer
    if producer is None:
        return []
    fitting = [code for code, slot in slots.items() if slot.is_file and code in SLOTS]
    return list(producer.documents.current().filter(slot__in=fitting).select_related("stored"))


def _row(
    document: DossierDocument,
    origin: rules.Regulation,
    slots: Mapping[str, DocumentKind],
    way: Mapping[str, tuple[str, ...]],
    own: Own,
    day: date,
) -> CarryRow:
    earlier = origin.slot(document.slot)
    codes = way.get(document.slot, ())
    fitting = tuple(slots[code] for code in codes if code in slots and slots[code].is_file)
    fate, reason = _fate(document, earlier, fitting, own, day)
    return CarryRow(document, earlier.name if earlier else "Tài liệu khác", fitting, fate, reason)


def _fate(
    document: DossierDocument,
    earlier: DocumentKind | None,
    slots: Sequence[DocumentKind],
    own: Own,
    day: date,
) -> tuple[Fate, str]:
    there = any(content_of(document, slot.code) in own.contents for slot in slots)
    if there or document.pk in own.carried:
        return Fate.CARRIED, ""
    if document.pk in own.taken_out:
        return Fate.TAKEN_OUT, "Đã mang sang rồi bỏ ra; vẫn đưa vào lại được."
    if earlier and earlier.made_anew:
        return Fate.MADE_ANEW, "Tài liệu này lập riêng cho từng hồ sơ."
    if not slots:
        return Fate.NO_SLOT, "Quy định của hồ sơ mới không có mục tương ứng."
    if document.valid_until and document.valid_until < day:
        return Fate.EXPIRED, expired_text(document.valid_until, day)
    paper = document.producer_document
    if paper and (paper.replaced_by_id or paper.removed_at):
        return Fate.EXPIRED, "Chủ thể đã thay hoặc gỡ giấy tờ này."
    if len(slots) > 1:
        names = " hoặc ".join(f"“{slot.name}”" for slot in slots)
        return Fate.CHOOSE, f"Quy định mới tách mục này: {names}."
    return Fate.READY, ""


def _paper_row(
    paper: ProducerDocument, slots: Mapping[str, DocumentKind], own: Own, day: date
) -> PaperRow:
    slot = slots[paper.slot]
    fate, reason = Fate.READY, ""
    if paper.pk in own.papers or Content(slot.code, paper.stored_id, None, None) in own.contents:
        fate = Fate.CARRIED
    elif paper.pk in own.papers_taken_out:
        fate, reason = Fate.TAKEN_OUT, "Đã đưa vào rồi bỏ ra; vẫn đưa vào lại được."
    elif paper.valid_until and paper.valid_until < day:
        fate, reason = Fate.EXPIRED, expired_text(paper.valid_until, day)
    return PaperRow(paper, slot, fate, reason)


def expired_text(ends_on: date, day: date) -> str:
    """Why a document that ends on `ends_on` does not serve on `day`."""
    return f"Hết hạn ngày {ends_on:%d/%m/%Y}, không còn hiệu lực vào ngày {day:%d/%m/%Y}."


def _asked(
    dossier: Dossier,
    slots: Mapping[str, DocumentKind],
    rows: Sequence[CarryRow],
    papers: Sequence[PaperRow],
    own: Own,
) -> list[Asked]:
    """The empty slots that somebody has to fill, those that the law compels first."""
    lapsed: dict[str, str] = defaultdict(str)
    for row in rows:
        if row.fate is Fate.EXPIRED:
            lapsed.update({slot.code: row.reason for slot in row.slots})
    lapsed.update({row.slot.code: row.reason for row in papers if row.fate is Fate.EXPIRED})
    known = {slot.code for row in rows for slot in row.slots}
    found = []
    for slot in slots.values():
        if not slot.is_file or slot.code in own.filled:
            continue
        if slot.code in lapsed:
            found.append(Asked(slot, "Cần bản mới", lapsed[slot.code], "warning"))
        elif slot.made_anew:
            reason = "Lập riêng cho hồ sơ này."
            found.append(Asked(slot, "Lập mới", reason, "warning" if slot.compulsory else ""))
        elif slot.compulsory and slot.code not in known:
            reason = f"{dossier.regulation.rules.short_name} bắt buộc có."
            found.append(Asked(slot, "Yêu cầu mới", reason, "warning"))
        elif dossier.previous and _is_new(dossier, slot):
            reason = f"Mục của {dossier.regulation.rules.short_name}, quy định trước không có."
            found.append(Asked(slot, "Mục mới", reason, "info"))
    return sorted(found, key=lambda one: not one.slot.compulsory)


def _is_new(dossier: Dossier, slot: DocumentKind) -> bool:
    """Whether the regulation of the earlier dossier asked for nothing of the kind."""
    assert dossier.previous is not None
    earlier = dossier.previous.regulation.rules
    if earlier.code == dossier.regulation.code:
        return False
    return not slot.follows and earlier.slot(slot.code) is None
