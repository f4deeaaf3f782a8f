"""What a dossier still lacks before it may be submitted. One function feeds page, action, test."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ocop_portal.problems import Problem
from products.models import Dossier, DossierDocument
from products.star_levels import StarLevel, missing_slots, star_levels
from products.uploads import UNSORTED_SLOT, types_for
from regulations.rules import DocumentKind

# Not a slot to fill: where files stay that the dossier's regulation does not ask for.
OTHER_DOCUMENTS = DocumentKind(
    code="other",
    compulsory=False,
    is_file=True,
    name="Tài liệu khác đã nộp",
    requirement="Quy định đang áp dụng không có mục này; tài liệu vẫn được giữ trong hồ sơ",
    source="",
)

# Files that were handed in together, before somebody says where they belong.
UNSORTED = DocumentKind(
    code=UNSORTED_SLOT,
    compulsory=False,
    is_file=True,
    name="Chưa xếp mục",
    requirement="Tệp tải lên chung, chờ xếp vào từng mục",
    source="",
)


@dataclass(frozen=True)
class FilledSlot:
    """A slot of the regulation's list with the files that the dossier has in it."""

    slot: DocumentKind
    documents: tuple[DossierDocument, ...]
    # Versions that were replaced, and files that were taken out: newest first.
    earlier: tuple[DossierDocument, ...] = ()

    @property
    def is_missing(self) -> bool:
        return self.slot.is_file and self.slot.compulsory and not self.documents

    @property
    def takes_files(self) -> bool:
        """Whether more files may be put in: not where only old ones are kept."""
        return self.slot.is_file and self.slot is not OTHER_DOCUMENTS

    @property
    def accept(self) -> str:
        """What the browser offers when files are chosen for the slot."""
        return ",".join(f".{extension}" for extension in (*types_for(self.slot.code), "jpeg"))


def slots_of(dossier: Dossier) -> tuple[DocumentKind, ...]:
    """The slots that the regulation has for this kind of dossier."""
    return dossier.regulation.rules.documents_for(dossier.kind)


def filled_slots(dossier: Dossier) -> list[FilledSlot]:
    """Every slot of the regulation in its order, with its files; one query.

    Files that nobody has sorted yet, and those in slots that the regulation does not have, from
    before the dossier came under it, are kept at the end.
    """
    by_slot: dict[str, list[DossierDocument]] = {}
    earlier: dict[str, list[DossierDocument]] = {}
    rows = dossier.documents.select_related("stored", "uploaded_by", "removed_by", "replaced_by")
    for document in rows:
        gone = document.removed_at or document.replaced_by_id
        (earlier if gone else by_slot).setdefault(document.slot, []).append(document)
    slots = [
        FilledSlot(
            slot, tuple(by_slot.pop(slot.code, ())), tuple(reversed(earlier.pop(slot.code, [])))
        )
        for slot in slots_of(dossier)
    ]
    waiting = tuple(by_slot.pop(UNSORTED.code, ()))
    others = tuple(document for documents in by_slot.values() for document in documents)
    ends = [FilledSlot(UNSORTED, waiting), FilledSlot(OTHER_DOCUMENTS, others)]
    return [*slots, *(row for row in ends if row.documents)]


def submission_problems(dossier: Dossier) -> list[Problem]:
    """Why the dossier cannot be submitted now; empty when it can: the compulsory documents of its
    regulation (1048/QĐ-TTg, Phụ lục II mục 3; 26/2026/QĐ-TTg, Điều 6 khoản 1).
    """
    problems = []
    if dossier.product.producer is None:
        problems.append(
            Problem("no_producer", "Chưa ghi chủ thể của sản phẩm: hãy bổ sung ở trang sản phẩm.")
        )
    if not dossier.criteria_set.is_usable:
        problems.append(
            Problem(
                "sheet_incomplete",
                f"Phiếu chấm của bộ “{dossier.criteria_set}” chưa cộng đủ điểm nên chưa dùng được.",
            )
        )
    counts = Counter(dossier.documents.current().values_list("slot", flat=True))
    problems += [
        Problem(f"missing_{slot.code}", f"Thiếu tài liệu bắt buộc: {slot.name}.")
        for slot in missing_slots(slots_of(dossier), counts)
    ]
    if unsorted := counts[UNSORTED.code]:
        problems.append(
            Problem("unsorted_files", f"Còn {unsorted} tệp chưa xếp mục: hãy xếp vào mục hoặc xóa.")
        )
    return problems


def levels_of(dossier: Dossier, slots: Iterable[FilledSlot], day: date) -> tuple[StarLevel, ...]:
    """What the dossier lacks for each star on `day`, from its slots as they are shown."""
    held = {row.slot.code: [one.valid_until for one in row.documents] for row in slots}
    rules, sheet = dossier.regulation.rules, dossier.criteria_set.sheet
    return star_levels(rules, sheet, dossier.kind, held, day)
