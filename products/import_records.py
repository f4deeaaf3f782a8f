"""The stored and new records that an import works with: light ones, of which a workbook may need
twenty thousand, and how they are written.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.models import AdministrativeUnit
from ocop_portal.bulk import copy_rows, new_keys, update_rows
from ocop_portal.text import search_words
from products.columns import PRODUCER_TEXTS, PRODUCT_TEXTS
from products.models import EarlierResult, Producer, Product
from products.models.producer import unit_now
from products.models.product import product_key
from products.spelling import producer_key

# [kind, primary key, made by this row, {field: [before, after]}]; see ImportRow.changes.
Change = tuple[str, "Record", bool, dict[str, tuple[Any, Any]]]
COMPLETED = ("tax_code", "kind", *PRODUCER_TEXTS.values())
SAID_OF_PRODUCT = (*PRODUCT_TEXTS.values(), "unit_id")
SAID_OF_RESULT = ("stars", "is_potential", "status", "note")


class Record:
    """What the three kinds have in common: a key once stored, and the values that may change."""

    __slots__ = ("is_stored", "pk", "values")

    def __init__(self, pk: int | None, values: dict[str, Any]) -> None:
        self.pk = pk
        self.is_stored = pk is not None
        self.values = values

    def set(self, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
        """Take over the values; answers with what that changes."""
        changed = {
            name: (self.values[name], value)
            for name, value in values.items()
            if self.values[name] != value
        }
        self.values.update(values)
        return changed


class ProducerRecord(Record):
    __slots__ = ("district_id", "name", "name_key", "now", "unit")

    def __init__(
        self,
        name: str,
        unit: AdministrativeUnit,
        now: AdministrativeUnit | None,
        pk: int | None = None,
        **values: Any,
    ) -> None:
        super().__init__(pk, dict.fromkeys(COMPLETED, "") | values)
        self.name = name
        self.name_key = producer_key(name)
        self.unit = unit
        self.district_id = unit.district.pk
        self.now = now

    @classmethod
    def of(cls, row: Producer) -> "ProducerRecord":
        values = {name: getattr(row, name) for name in COMPLETED}
        return cls(row.name, row.unit, row.current_unit, row.pk, **values)

    @property
    def search_key(self) -> str:
        return search_words(
            self.name,
            self.name_key,
            self.values["tax_code"],
            self.unit.full_name,
            self.unit.district.full_name,
            self.now.full_name if self.now else "",
        )


class ProductRecord(Record):
    __slots__ = ("coded_by", "name", "name_key", "other_codes", "producer", "results", "unit")

    def __init__(
        self,
        name: str,
        unit: AdministrativeUnit,
        producer: ProducerRecord | None,
        pk: int | None = None,
        **values: Any,
    ) -> None:
        blank = dict.fromkeys(PRODUCT_TEXTS.values(), "") | {"unit_id": unit.pk}
        super().__init__(pk, blank | values)
        self.name = name
        self.name_key = product_key(name)
        self.unit = unit
        self.producer = producer
        self.results: dict[tuple[int | None, date | None], ResultRecord] = {}
        self.other_codes = ""  # those of other shapes, which workbooks do not name
        self.coded_by = ""  # the row of this workbook that gave it its code

    @property
    def district(self) -> AdministrativeUnit:
        return self.unit.district

    @property
    def identity(self) -> tuple[int, str, str]:
        if self.producer:
            return self.producer.district_id, self.producer.name_key, self.name_key
        return self.district.pk, "", self.name_key

    @property
    def search_key(self) -> str:
        maker = self.producer
        return search_words(
            self.name,
            f"{maker.name} {maker.name_key}" if maker else "",
            self.values["code"],
            self.other_codes,
            self.unit.full_name,
            self.district.full_name,
            maker.now.full_name if maker and maker.now else "",
        )


class ResultRecord(Record):
    __slots__ = ("assessed_on", "product", "year")

    def __init__(
        self,
        product: ProductRecord,
        year: int | None,
        assessed_on: date | None,
        pk: int | None = None,
        **values: Any,
    ) -> None:
        blank = {"stars": None, "is_potential": False, "status": "", "note": ""}
        super().__init__(pk, blank | values)
        self.product = product
        self.year = year
        self.assessed_on = assessed_on


class Batch:
    """What a chunk of rows makes and changes, written together."""

    def __init__(self) -> None:
        self.producers: dict[int, ProducerRecord] = {}
        self.products: dict[int, ProductRecord] = {}
        self.results: dict[int, ResultRecord] = {}
        self.recoded: set[int] = set()

    def write(self) -> None:
        """Producers, then products, then results. Raises IntegrityError where somebody else saved
        one of them meanwhile.
        """
        new, changed = _apart(self.producers.values())
        _number(Producer, new)
        copy_rows(Producer, [_producer_row(row) for row in new])
        _update(Producer, [*COMPLETED, "search_key"], changed, _producer_changes)
        new, changed = _apart(self.products.values())
        _number(Product, new)
        # A code may go from one product to another: none is held twice on the way.
        Product.objects.filter(pk__in=self.recoded).update(code="")
        copy_rows(Product, [_product_row(row) for row in new])
        _update(Product, [*SAID_OF_PRODUCT, "district_id", "search_key"], changed, _product_changes)
        new, changed = _apart(self.results.values())
        _number(EarlierResult, new)
        copy_rows(EarlierResult, [_result_row(row) for row in new])
        rows = [{"id": row.pk, **row.values} for row in changed]
        update_rows(EarlierResult, SAID_OF_RESULT, rows)


def _apart(records: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    new: list[Any] = []
    stored: list[Any] = []
    for record in records:
        (stored if record.is_stored else new).append(record)
    return new, stored


def _number(model: Any, records: Sequence[Record]) -> None:
    if records:
        for record, key in zip(records, new_keys(model, len(records)), strict=True):
            record.pk = key
            record.is_stored = True


def _update(model: Any, names: Sequence[str], records: Sequence[Any], values: Any) -> None:
    now = timezone.now()
    rows = [{"id": record.pk, "updated_at": now, **values(record)} for record in records]
    update_rows(model, [*names, "updated_at"], rows)


def _producer_row(record: ProducerRecord) -> dict[str, Any]:
    return {
        "id": record.pk,
        "name": record.name,
        "name_key": record.name_key,
        "unit_id": record.unit.pk,
        "district_id": record.district_id,
        "current_unit_id": record.now.pk if record.now else None,
        **_producer_changes(record),
    }


def _producer_changes(record: ProducerRecord) -> dict[str, Any]:
    return {**record.values, "search_key": record.search_key}


def _product_row(record: ProductRecord) -> dict[str, Any]:
    return {
        "id": record.pk,
        "name": record.name,
        "name_key": record.name_key,
        "producer_id": record.producer.pk if record.producer else None,
        **_product_changes(record),
    }


def _product_changes(record: ProductRecord) -> dict[str, Any]:
    return {
        **record.values,
        "district_id": record.district.pk,
        "search_key": record.search_key,
    }


def _result_row(record: ResultRecord) -> dict[str, Any]:
    return {
        "id": record.pk,
        "product_id": record.product.pk,
        "year": record.year,
        "assessed_on": record.assessed_on,
        **record.values,
    }


def new_producer(
    name: str, unit: AdministrativeUnit, *, now: AdministrativeUnit | None, tax_code: str
) -> ProducerRecord:
    """A producer not stored yet; `now` is the unit of 2025 where the old one was divided."""
    return ProducerRecord(name, unit, unit_now(unit, now), tax_code=tax_code)
