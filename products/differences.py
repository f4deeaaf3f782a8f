"""What was changed of a dossier since it was asked for more: documents and fields, old and new."""

from collections.abc import Sequence
from dataclasses import dataclass

from products.models import Dossier, DossierDocument, SupplementItem, SupplementRequest
from products.snapshots import PARTS, fields_of, label_for

# The commune's report has no slot in the regulations so far, but it can be asked for like one.
COMMUNE_REPORT = "commune_report"


@dataclass(frozen=True)
class FileChange:
    """A document that was added (no `old`), removed (no `new`) or replaced."""

    slot: str
    slot_name: str
    old: DossierDocument | None
    new: DossierDocument | None

    @property
    def label(self) -> str:
        if self.old is None:
            return "Thêm mới"
        return "Thay bằng bản mới" if self.new else "Đã gỡ khỏi hồ sơ"

    @property
    def tone(self) -> str:
        if self.old is None:
            return "success"
        return "info" if self.new else "warning"


@dataclass(frozen=True)
class FieldChange:
    """A field of the dossier, its product or its producer."""

    part: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Differences:
    """All that changed; `kept` documents are the same as before."""

    files: tuple[FileChange, ...]
    fields: tuple[FieldChange, ...]
    kept: int

    def __bool__(self) -> bool:
        return bool(self.files or self.fields)


@dataclass(frozen=True)
class AskedItem:
    """One item of a request with what answers it."""

    item: SupplementItem
    answers: tuple[DossierDocument, ...]
    is_answered: bool

    @property
    def is_report(self) -> bool:
        return self.item.slot == COMMUNE_REPORT


def differences(
    request: SupplementRequest, dossier: Dossier, documents: Sequence[DossierDocument]
) -> Differences:
    """Compare what the request has seen with `documents`, every row of the dossier, and with the
    fields as they are now; no query beyond what `dossier` has loaded.
    """
    seen = set(request.seen.get("documents", []))
    by_pk = {row.pk: row for row in documents}
    names = slot_names(dossier)
    current = [row for row in documents if is_current(row)]
    heirs = {}
    changes = []
    for row in documents:
        if row.pk in seen and not is_current(row):
            new = newest(row, by_pk)
            if new:
                heirs[new.pk] = row
            changes.append(FileChange(row.slot, names.get(row.slot, row.slot), row, new))
    changes += [
        FileChange(row.slot, names.get(row.slot, row.slot), None, row)
        for row in current
        if row.pk not in seen and row.pk not in heirs
    ]
    order = {code: place for place, code in enumerate(names)}
    changes.sort(key=lambda change: order.get(change.slot, len(order)))
    kept = sum(1 for row in current if row.pk in seen)
    return Differences(tuple(changes), tuple(_field_changes(request, dossier)), kept)


def asked_items(
    request: SupplementRequest, dossier: Dossier, documents: Sequence[DossierDocument]
) -> list[AskedItem]:
    """Every item of the request with its answers among `documents`, every row of the dossier."""
    seen = set(request.seen.get("documents", []))
    by_pk = {row.pk: row for row in documents}
    return [_asked(item, request, dossier, by_pk, seen) for item in request.items.all()]


def slot_names(dossier: Dossier) -> dict[str, str]:
    """The slots of the dossier's regulation in their order."""
    return {slot.code: slot.name for slot in dossier.regulation.rules.documents_for(dossier.kind)}


def is_current(document: DossierDocument) -> bool:
    return document.removed_at is None and document.replaced_by_id is None


def newest(document: DossierDocument, by_pk: dict[int, DossierDocument]) -> DossierDocument | None:
    """The version that stands for the document now; None where it was taken out."""
    row: DossierDocument | None = document
    while row is not None and row.replaced_by_id:
        row = by_pk.get(row.replaced_by_id)
    return row if row is not None and is_current(row) else None


def _asked(
    item: SupplementItem,
    request: SupplementRequest,
    dossier: Dossier,
    by_pk: dict[int, DossierDocument],
    seen: set[int],
) -> AskedItem:
    if item.slot == COMMUNE_REPORT:
        report = getattr(dossier, "commune_report", None)
        return AskedItem(item, (), bool(report and report.updated_at > request.requested_at))
    asked_for = by_pk.get(item.document_id) if item.document_id else None
    if asked_for is not None and asked_for.replaced_by_id:
        new = newest(asked_for, by_pk)
        return AskedItem(item, (new,) if new else (), True)
    # A new version of another document answers for that one alone.
    successors = {row.replaced_by_id for row in by_pk.values() if row.replaced_by_id}
    added = tuple(
        row
        for row in by_pk.values()
        if row.slot == item.slot
        and is_current(row)
        and row.pk not in seen
        and row.pk not in successors
    )
    gone = asked_for is not None and asked_for.removed_at is not None
    return AskedItem(item, added, bool(added) or gone)


def _field_changes(request: SupplementRequest, dossier: Dossier) -> list[FieldChange]:
    before, after = request.seen.get("fields", {}), fields_of(dossier)
    found = []
    for key in {**before, **after}:
        old, new = before.get(key, ""), after.get(key, "")
        if old != new:
            part, label = label_for(dossier, key)
            found.append(FieldChange(part, label, old, new))
    return sorted(found, key=lambda change: list(PARTS.values()).index(change.part))
