"""What taking a whole import back would do: shown to people first, then done by the action.

Every row of the import says what it did to the stored records. All rows about one product are
taken back together, or not at all: if one of the records was changed since, or the product is in
use, they stay, each with the reason.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q

from products.merging import label_of, pointing_at_any, references
from products.models import EarlierResult, ImportBatch, Producer, ProducerMerge, Product

CHUNK = 1_000
MODELS: dict[str, type[models.Model]] = {
    "producer": Producer,
    "product": Product,
    "result": EarlierResult,
}


@dataclass
class Touched:
    """A record that the import made or changed: field → [before the import, after it]."""

    kind: str
    pk: int
    is_new: bool
    values: dict[str, list[Any]]

    def add(self, values: dict[str, list[Any]]) -> None:
        """A later row of the same import."""
        for name, (before, after) in values.items():
            self.values.setdefault(name, [before, after])[1] = after


@dataclass
class RowUndone:
    """One row of the workbook; `reasons` say why it cannot be taken back."""

    position: int
    sheet: str
    row: int
    name: str
    records: list[Touched]
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class UndoPlan:
    """Rows that can be taken back and rows that stay; the records to take back, by kind."""

    undone: list[RowUndone]
    staying: list[RowUndone]
    records: dict[str, list[Touched]]
    kept_producers: list[tuple[str, str]]  # made by the import, and why they stay

    @property
    def figures(self) -> dict[str, int]:
        """How many records are removed and how many restored."""
        made = {kind: [one for one in rows if one.is_new] for kind, rows in self.records.items()}
        changed = {kind: len(self.records[kind]) - len(made[kind]) for kind in made}
        return {
            "rows": len(self.undone),
            "staying": len(self.staying),
            "products_removed": len(made["product"]),
            "producers_removed": len(made["producer"]),
            "results_removed": len(made["result"]),
            "products_restored": changed["product"],
            "producers_restored": changed["producer"],
            "results_restored": changed["result"],
        }


def plan_undo(batch: ImportBatch) -> UndoPlan:
    """What taking the import back would do now. Nothing is changed."""
    records: dict[tuple[str, int], Touched] = {}
    rows = list(_rows(batch, records))
    reasons = _reasons(batch, records)
    together: dict[int, list[RowUndone]] = defaultdict(list)
    products = _products_of_results(records)
    for row in rows:
        about = _product_of(row, products)
        together[about].append(row)
        for record in row.records:
            if not (record.kind == "producer" and record.is_new):
                row.reasons += reasons.get((record.kind, record.pk), [])
    for group in together.values():
        first = next((row for row in group if row.reasons), None)
        for row in group:
            if first and not row.reasons:
                row.reasons = [f"Cùng sản phẩm với dòng {first.row} ({first.sheet})."]
    undone = [row for row in rows if not row.reasons]
    staying = [row for row in rows if row.reasons]
    taken, kept = _taken(undone, staying, reasons)
    return UndoPlan(undone, staying, taken, kept)


def _rows(batch: ImportBatch, records: dict[tuple[str, int], Touched]) -> Iterator[RowUndone]:
    """The rows that did something, each with its records; a record is one object for all rows."""
    wanted = batch.rows.exclude(changes=[]).order_by("position")
    for position, sheet, number, name, changes in wanted.values_list(
        "position", "sheet", "row", "name", "changes"
    ).iterator(CHUNK):
        row = RowUndone(position, sheet, number, name, [])
        for kind, pk, is_new, values in changes:
            known = records.get((kind, pk))
            if known is None:
                known = records[kind, pk] = Touched(kind, pk, is_new, {})
            known.add(values)
            row.records.append(known)
        yield row


def _product_of(row: RowUndone, products: dict[int, int]) -> int:
    for record in row.records:
        if record.kind == "product":
            return record.pk
        if record.kind == "result":
            return products.get(record.pk, -row.position)
    return -row.position  # the row only completed its producer


def _products_of_results(records: dict[tuple[str, int], Touched]) -> dict[int, int]:
    keys = [pk for kind, pk in records if kind == "result"]
    found: dict[int, int] = {}
    for part in _parts(keys):
        rows = EarlierResult.objects.filter(pk__in=part)
        found.update(rows.values_list("pk", "product_id"))
    return found


def _reasons(
    batch: ImportBatch, records: dict[tuple[str, int], Touched]
) -> dict[tuple[str, int], list[str]]:
    found: dict[tuple[str, int], list[str]] = defaultdict(list)
    for kind, model in MODELS.items():
        touched = {pk: one for (other, pk), one in records.items() if other == kind}
        for part in _parts(list(touched)):
            stored = {row.pk: row for row in model._default_manager.filter(pk__in=part)}
            for pk in part:
                reason = _change_since(batch, touched[pk], stored.get(pk))
                if reason:
                    found[kind, pk].append(reason)
    products = {pk: one for (kind, pk), one in records.items() if kind == "product"}
    results = {pk for kind, pk in records if kind == "result"}
    for part in _parts(list(products)):
        for pk, reason in _uses_of_products(batch, part, products, results):
            found["product", pk].append(reason)
    for part in _parts([pk for pk, one in products.items() if "code" in one.values]):
        for pk, reason in _codes_taken(part, products):
            found["product", pk].append(reason)
    return found


def _change_since(batch: ImportBatch, record: Touched, row: Any) -> str:
    """What somebody did to the record after the import; "" for nothing."""
    noun = {"producer": "Chủ thể", "product": "Sản phẩm", "result": "Kết quả"}[record.kind]
    if row is None:
        return f"{noun} này đã bị xóa."
    if getattr(row, "merged_into_id", None):
        return f"{noun} này đã được gộp vào bản ghi khác."
    changed = [
        label_of(row, name.removesuffix("_id")).lower()
        for name, (_before, after) in record.values.items()
        if getattr(row, name) != after
    ]
    if changed:
        return f"{noun} đã được sửa sau khi nhập: {', '.join(changed)}."
    # Fields that the import did not set count only for a record that would disappear.
    saved_at = batch.saved_at
    if record.is_new and saved_at and getattr(row, "updated_at", saved_at) > saved_at:
        return f"{noun} đã được sửa sau khi nhập."
    return ""


def _uses_of_products(
    batch: ImportBatch,
    keys: Sequence[int],
    products: dict[int, Touched],
    results: Collection[int],
) -> Iterator[tuple[int, str]]:
    new = [pk for pk in keys if products[pk].is_new]
    for relation in references(Product):
        owner: Any = relation.model
        words = str(owner._meta.verbose_name)
        rows = pointing_at_any(relation, new)
        if owner is EarlierResult:
            rows = rows.exclude(pk__in=list(results))
        for pk in set(rows.values_list(f"{relation.name}_id", flat=True)):
            yield pk, f"Sản phẩm đã có {words}."
        if owner._meta.label == "products.Dossier":
            changed = [pk for pk in keys if not products[pk].is_new]
            since = pointing_at_any(relation, changed).filter(created_at__gt=batch.saved_at)
            for pk in set(since.values_list(f"{relation.name}_id", flat=True)):
                yield pk, f"Sản phẩm đã có {words} lập sau khi nhập."
    for pk in Product.objects.filter(merged_into__in=new).values_list("merged_into_id", flat=True):
        yield pk, "Sản phẩm khác đã được gộp vào sản phẩm này."


def _codes_taken(keys: Sequence[int], products: dict[int, Touched]) -> Iterator[tuple[int, str]]:
    """Codes to give back that another product has by now, one the import does not free."""
    before = {products[pk].values["code"][0]: pk for pk in keys if not products[pk].is_new}
    before.pop("", None)
    holders = Product.objects.filter(code__in=list(before), merged_into=None)
    for holder, code in holders.values_list("pk", "code"):
        touched = products.get(holder)
        if touched is None or "code" not in touched.values:
            yield before[code], f"Mã cũ {code} nay là mã của sản phẩm khác."


def _taken(
    undone: Sequence[RowUndone],
    staying: Sequence[RowUndone],
    reasons: dict[tuple[str, int], list[str]],
) -> tuple[dict[str, list[Touched]], list[tuple[str, str]]]:
    """The records to take back. A producer that the import made goes with its last product."""
    used = {(one.kind, one.pk) for row in staying for one in row.records}
    taken: dict[str, dict[int, Touched]] = {kind: {} for kind in MODELS}
    for row in undone:
        for one in row.records:
            if (one.kind, one.pk) not in used:
                taken[one.kind][one.pk] = one
    kept = []
    made = {pk: one for pk, one in taken["producer"].items() if one.is_new}
    removed = {pk for pk, one in taken["product"].items() if one.is_new}
    in_use = dict(_uses_of_producers(list(made), removed))
    for pk in made:
        changed = reasons.get(("producer", pk), [])
        why = in_use.get(pk) or (changed[0] if changed else "")
        if why:
            del taken["producer"][pk]
            kept.append((pk, why))
    names = Producer.objects.in_bulk([pk for pk, _why in kept])
    shown = [(names[pk].name, why) for pk, why in kept if pk in names]
    return {kind: list(rows.values()) for kind, rows in taken.items()}, shown


def _uses_of_producers(keys: Sequence[int], removed: Collection[int]) -> Iterator[tuple[int, str]]:
    for part in _parts(keys):
        others = Product.objects.filter(producer__in=part)
        for pk, product in others.values_list("producer_id", "pk"):
            if product not in removed:
                yield pk, "Chủ thể còn sản phẩm khác."
        for relation in references(Producer):
            owner: Any = relation.model
            rows = pointing_at_any(relation, part)
            for pk in set(rows.values_list(f"{relation.name}_id", flat=True)):
                yield pk, f"Chủ thể đã có {owner._meta.verbose_name}."
        ties = Producer.objects.filter(pk__in=part)
        ties = ties.filter(Q(accounts__isnull=False) | Q(absorbed__isnull=False))
        for pk in set(ties.values_list("pk", flat=True)):
            yield pk, "Chủ thể đã có tài khoản hoặc bản ghi khác gộp vào."
        merges = ProducerMerge.objects.filter(Q(kept__in=part) | Q(merged__in=part))
        for both in merges.values_list("kept_id", "merged_id"):
            yield from ((pk, "Chủ thể đã từng được gộp.") for pk in both)


def _parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]
