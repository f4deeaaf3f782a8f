"""What the checking page shows: each document with its verdict, and what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass

from products.check_forms import mark_of
from products.completeness import FilledSlot
from products.models import DossierDocument

Verdict = DossierDocument.Verdict


@dataclass(frozen=True)
class CheckRow:
    """A document as its row shows it; what was typed and not saved stays in sight."""

    document: DossierDocument
    verdict: str
    comment: str
    mark: str
    conflict: str = ""

    @classmethod
    def of(cls, document: DossierDocument) -> "CheckRow":
        verdict, comment = document.verdict, document.verdict_comment
        return cls(document, verdict, comment, mark_of(verdict, comment))

    @classmethod
    def unsaved(
        cls, document: DossierDocument, verdict: str, comment: str, conflict: str
    ) -> "CheckRow":
        """What a person chose beside what is stored, with the mark of what is stored."""
        stored = cls.of(document)
        return cls(document, verdict, comment, stored.mark, conflict)


@dataclass(frozen=True)
class Progress:
    """How far the checking is."""

    checked: int
    total: int
    lacking: int


def progress_of(slots: list[FilledSlot]) -> Progress:
    """Counted over the documents that the dossier has now."""
    verdicts = [document.verdict for document in documents_of(slots)]
    return Progress(
        checked=sum(1 for verdict in verdicts if verdict),
        total=len(verdicts),
        lacking=verdicts.count(Verdict.TO_SUPPLEMENT),
    )


def documents_of(slots: list[FilledSlot]) -> Iterator[DossierDocument]:
    """The current documents, in the order of the regulation."""
    for row in slots:
        yield from row.documents


def all_rows(slots: list[FilledSlot]) -> list[DossierDocument]:
    """Every document of the dossier, with earlier versions and what was taken out."""
    return [document for row in slots for document in (*row.documents, *row.earlier)]
