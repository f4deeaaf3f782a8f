"""Which products and results the rows of a workbook mean, chunk by chunk."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from products.columns import PRODUCT_TEXTS, Field
from products.import_records import (
    Batch,
    Change,
    ProducerRecord,
    ProductRecord,
    ResultRecord,
)
from products.matching_producers import Survey
from products.matching_rows import Identity, PlannedRow, RowError, Territory, all_values, mark_of
from products.models import EarlierResult, Product


class ProductMatcher:
    """The products of a chunk of rows with their results, by what identifies them and by code;
    those that come again in later rows are kept.
    """

    def __init__(self, territory: Territory, survey: Survey) -> None:
        self._territory = territory
        self._survey = survey
        self._known: dict[Identity, ProductRecord] = {}
        self._by_code: dict[str, ProductRecord] = {}
        self._kept: dict[int, ProductRecord] = {}  # stored ones, by primary key
        # Codes that earlier rows took away, which in a trial the database still knows.
        self._released: set[str] = set()

    def load(self, planned: Sequence[PlannedRow]) -> None:
        """Read what the portal knows about the rows of a chunk."""
        names = {plan.row.name_key for plan in planned}
        codes = {plan.row.product_code for plan in planned if plan.row.product_code}
        found = Product.objects.filter(merged_into=None)
        found = found.filter(Q(name_key__in=names) | Q(code__in=codes)).select_related(
            "unit__parent", "producer__current_unit", "producer__unit__parent"
        )
        new = {}
        for row in found.prefetch_related("unit__successors"):
            if row.pk not in self._kept:
                record = new[row.pk] = _product_of(row)
                self._known.setdefault(record.identity, record)
                if row.code and row.code not in self._released:
                    self._by_code.setdefault(row.code, record)
        self._kept |= new
        for result in EarlierResult.objects.filter(product__in=list(new)):
            product = new[result.product_id]
            product.results[result.year, result.assessed_on] = ResultRecord(
                product,
                result.year,
                result.assessed_on,
                result.pk,
                stars=result.stars,
                is_potential=result.is_potential,
                status=result.status,
                note=result.note,
            )

    def forget(self) -> None:
        """Let go of the products that no later row speaks of."""
        survey = self._survey
        self._known = {
            identity: record
            for identity, record in self._known.items()
            if mark_of(identity) in survey.repeated
            or record.values["code"] in survey.repeated_codes
        }
        self._by_code = {
            code: record for code, record in self._by_code.items() if code in survey.repeated_codes
        }
        records = (*self._known.values(), *self._by_code.values())
        self._kept = {record.pk: record for record in records if record.pk}

    def match(self, plan: PlannedRow, batch: Batch) -> tuple[str, list[Change]]:
        """Bring the row's product up to date; tells whether it is created, updated or skipped.

        Raises RowError for a code that another product has, or a product of other people.
        """
        identity = plan.identity
        product = self._known.get(identity)
        if product and not self._territory.holds(product.unit):
            raise RowError(
                Field.NAME,
                plan.row.name,
                "Chủ thể này đã có sản phẩm cùng tên, nơi sản xuất ngoài địa bàn của bạn.",
            )
        self._check_code(plan, product)
        is_new = product is None
        if product is None:
            product = ProductRecord(plan.row.name, plan.unit, plan.producer)
            self._known[identity] = product
        changed = self._set_values(product, plan, batch)
        changes: list[Change] = []
        if is_new or changed:
            batch.products[id(product)] = product
            values = all_values(product) if is_new else changed
            changes.append(("product", product, is_new, values))
        if result := self._set_result(product, plan, batch):
            changes.append(result)
        return "created" if is_new else "updated" if changes else "skipped", changes

    def _check_code(self, plan: PlannedRow, product: ProductRecord | None) -> None:
        code = plan.row.product_code
        holder = self._by_code.get(code) if code else None
        if holder and holder is not product:
            which = "một sản phẩm ngoài địa bàn của bạn"
            if self._territory.holds(holder.unit):
                which = f"sản phẩm “{holder.name}”"
            if holder.coded_by:
                which += f", {holder.coded_by}"
            raise RowError(Field.PRODUCT_CODE, code, f"Mã này đã là mã của {which}.")
        known = product.values["code"] if product else ""
        if code and product and product.coded_by and known != code:
            raise RowError(
                Field.PRODUCT_CODE, code, f"Cùng sản phẩm nhưng {product.coded_by} ghi mã {known}."
            )

    def _set_values(
        self, product: ProductRecord, plan: PlannedRow, batch: Batch
    ) -> dict[str, tuple[Any, Any]]:
        """What the row says about the product; empty cells say nothing."""
        values: dict[str, Any] = {
            name: value
            for field, name in PRODUCT_TEXTS.items()
            if (value := getattr(plan.row, field.value))
        }
        # The district says less than the commune that is known already.
        if product.district != plan.unit and product.unit != plan.unit:
            values["unit_id"] = plan.unit.pk
            product.unit = plan.unit
        changed = product.set(values)
        if "code" in changed:
            before, code = changed["code"]
            self._by_code.pop(before, None)
            self._released.add(before)
            self._by_code[code] = product
            product.coded_by = plan.place
            if product.pk:
                batch.recoded.add(product.pk)
        return changed

    def _set_result(self, product: ProductRecord, plan: PlannedRow, batch: Batch) -> Change | None:
        row = plan.row
        if not (row.year or row.stars or row.status):
            return None
        key = row.year, row.assessed_on
        result = product.results.get(key)
        is_new = result is None
        if result is None:
            result = product.results[key] = ResultRecord(product, *key)
        values: dict[str, Any] = {"status": row.status or "", "note": row.note}
        values = {name: value for name, value in values.items() if value}
        if row.stars:
            values |= {"stars": row.stars, "is_potential": row.is_potential}
        changed = result.set(values)
        if not is_new and not changed:
            return None
        batch.results[id(result)] = result
        if is_new:
            changed = {name: (None, value) for name, value in result.values.items()}
        return "result", result, is_new, changed


def _product_of(row: Product) -> ProductRecord:
    producer = ProducerRecord.of(row.producer) if row.producer else None
    values = {name: getattr(row, name) for name in PRODUCT_TEXTS.values()}
    record = ProductRecord(row.name, row.unit, producer, row.pk, **values)
    record.other_codes = row.other_codes
    return record
