"""What a dossier still lacks before it may be submitted. One function feeds page, action, test."""

from collections import Counter
from dataclasses import dataclass

from ocop_portal.problems import Problem
from products.models import Dossier, DossierDocument
from regulations.rules import DocumentKind


@dataclass(frozen=True)
class FilledSlot:
    """A slot of the regulation's list with the files that the dossier has in it."""

    slot: DocumentKind
    documents: tuple[DossierDocument, ...]

    @property
    def is_missing(self) -> bool:
        return self.slot.is_file and self.slot.compulsory and not self.documents


def filled_slots(dossier: Dossier) -> list[FilledSlot]:
    """Every slot of the regulation in its order, with its files; two queries."""
    by_slot: dict[str, list[DossierDocument]] = {}
    for document in dossier.documents.select_related("uploaded_by"):
        by_slot.setdefault(document.slot, []).append(document)
    return [
        FilledSlot(slot, tuple(by_slot.get(slot.code, ())))
        for slot in dossier.regulation.rules.documents
    ]


def submission_problems(dossier: Dossier) -> list[Problem]:
    """Why the dossier cannot be submitted now; empty when it can (Decision 1048/QĐ-TTg, the
    compulsory part of the product dossier).
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
    counts = Counter(dossier.documents.values_list("slot", flat=True))
    problems += [
        Problem(f"missing_{slot.code}", f"Thiếu tài liệu bắt buộc: {slot.name}.")
        for slot in dossier.regulation.rules.documents
        if slot.compulsory and slot.is_file and not counts[slot.code]
    ]
    return problems
