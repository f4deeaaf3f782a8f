"""Which records the rows of a workbook mean: everything is read once, matched in memory and
written in batches, so that twenty thousand rows take seconds.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from accounts.models import AdministrativeUnit
from products.cells import tax_code_digits
from products.columns import Field
from products.import_report import ReportWriter
from products.models import EarlierResult, Producer, Product
from products.models.producer import TWO_TIERS
from products.models.product import product_key
from products.places import Places, UnknownPlaceError
from products.reading import ProductRow, Progress

BATCH = 1000
Identity = tuple[int, str, str]


class RowError(Exception):
    """Why a row cannot be saved, and in which column the reason stands."""

    def __init__(self, column: Field, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason


@dataclass
class PlannedRow:
    """A row of the workbook with the records that its words mean."""

    row: ProductRow
    unit: AdministrativeUnit
    producer: Producer | None = None
    completes_producer: bool = False

    @property
    def identity(self) -> Identity:
        """What makes two rows the same product: the producer, else the district; the name."""
        key = product_key(self.row.name)
        if self.producer:
            return self.producer.district_id, self.producer.name_key, key
        return self.unit.district.pk, "", key

    @property
    def has_result(self) -> bool:
        return bool(self.row.year or self.row.stars or self.row.status)

    @property
    def rating(self) -> tuple[int | None, bool]:
        return self.row.stars, self.row.is_potential

    @property
    def place(self) -> str:
        return f"dòng {self.row.row} ({self.row.sheet})"


class Territory:
    """What a person may change; `by` is None in the shell, which may change everything."""

    def __init__(self, by: Any) -> None:
        self._path = by.territory if by else ""
        unit: AdministrativeUnit | None = by.unit if by else None
        self.own_district: AdministrativeUnit | None = None
        self._is_of_2025 = self._path.startswith(TWO_TIERS)
        if unit and unit.level > AdministrativeUnit.Level.PROVINCE and not self._is_of_2025:
            self.own_district = unit.district

    def holds(self, unit: AdministrativeUnit) -> bool:
        if self._is_of_2025:
            return any(row.path.startswith(self._path) for row in unit.successors.all())
        return unit.path.startswith(self._path)


class ImportPlan:
    """What an import would do. `save` does it; without it nothing is written."""

    def __init__(self, by: Any) -> None:
        self.territory = Territory(by)
        self.producers: _Producers
        self.products: _Products

    def make(self, rows: Sequence[ProductRow], writer: ReportWriter, progress: Progress) -> None:
        """Find or make the records the rows speak of; rows that cannot be saved are noted."""
        planned = list(_placed(rows, writer, self.territory))
        self.producers = _Producers(planned, self.territory)
        # Tax codes first: a row without one then finds its producer under each spelling.
        for plan in sorted(planned, key=lambda plan: not plan.row.tax_code):
            _or_note(writer, plan, lambda plan: self.producers.match(plan, writer))
        _note_conflicts(_good(planned, writer), writer)
        good = _good(planned, writer)
        self.products = _Products(good, self.territory)
        for n, plan in enumerate(good, 1):
            _or_note(writer, plan, lambda plan: writer.outcome(plan.row, self._outcome(plan)))
            if n % BATCH == 0 or n == len(good):
                progress("Đối chiếu với dữ liệu đã có", n, len(good))
        used = (plan for plan in _good(good, writer) if plan.producer)
        self.producers.keep({id(plan.producer) for plan in used})
        writer.report.producers_created = len(self.producers.new)

    @transaction.atomic
    def save(self, progress: Progress) -> None:
        """Write producers, then products, then results. Raises IntegrityError where somebody
        else saved one of them since the plan was made.
        """
        producers, products = self.producers, self.products
        Producer.objects.bulk_create(producers.new, batch_size=BATCH)
        _update(producers.completed, ["tax_code", *COMPLETED, "search_key", "updated_at"])
        total = len(products.new) + len(products.changed) + len(products.results)
        done = 0
        for batch in _batches(products.new):
            Product.objects.bulk_create(batch)
            done += len(batch)
            progress("Lưu", done, total)
        # A code may go from one product to another: none is held twice on the way.
        recoded = [product.pk for product in products.changed if id(product) in products.coded]
        Product.objects.filter(pk__in=recoded).update(code="")
        _update(
            products.changed,
            ["group_as_written", "code", "unit", "district", "search_key", "updated_at"],
        )
        done += len(products.changed)
        for results in _batches(products.results):
            stored = [row for row in results if row.pk]
            EarlierResult.objects.bulk_create([row for row in results if not row.pk])
            _update(stored, ["stars", "is_potential", "status", "note"])
            done += len(results)
            progress("Lưu", done, total)

    def _outcome(self, plan: PlannedRow) -> str:
        outcome = self.products.match(plan)
        return "updated" if outcome == "skipped" and plan.completes_producer else outcome


def _placed(
    rows: Sequence[ProductRow], writer: ReportWriter, territory: Territory
) -> Iterator[PlannedRow]:
    places = Places()
    for row in rows:
        if writer.has_failed(row):
            continue
        try:
            unit = places.find(row.district, row.commune, default=territory.own_district)
        except UnknownPlaceError as error:
            column = Field.COMMUNE if error.name and error.name is row.commune else Field.DISTRICT
            writer.problem(row, column, error.name.written if error.name else "", str(error))
            continue
        if territory.holds(unit):
            yield PlannedRow(row, unit)
        else:
            writer.outcome(row, "outside")


def _or_note(writer: ReportWriter, plan: PlannedRow, step: Callable[[PlannedRow], None]) -> None:
    try:
        step(plan)
    except RowError as error:
        writer.problem(plan.row, error.column, error.value, error.reason)


def _good(planned: Sequence[PlannedRow], writer: ReportWriter) -> list[PlannedRow]:
    return [plan for plan in planned if not writer.has_failed(plan.row)]


def _note_conflicts(planned: Sequence[PlannedRow], writer: ReportWriter) -> None:
    """Two rows that give one product different stars for the same year name each other.

    On the same day (or both without one) they cannot both be right; on two days they may.
    """
    by_year: dict[tuple[Identity, int | None], list[PlannedRow]] = defaultdict(list)
    for plan in planned:
        if plan.row.stars:
            by_year[plan.identity, plan.row.year].append(plan)
    for group in by_year.values():
        if len({plan.rating for plan in group}) == 1:
            continue
        for plan in group:
            others = [other for other in group if other.rating != plan.rating]
            same_day = [other for other in others if other.row.assessed_on == plan.row.assessed_on]
            note = writer.problem if same_day else writer.warning
            year = f" năm {plan.row.year}" if plan.row.year else ""
            note(
                plan.row,
                Field.STARS,
                _stars_in_words(plan),
                f"Cùng sản phẩm,{year} nhưng khác hạng sao: {plan.place} ghi "
                f"{_stars_in_words(plan)}, "
                + ", ".join(
                    f"{other.place} ghi {_stars_in_words(other)}"
                    for other in (same_day or others)[:5]
                )
                + ".",
            )


def _stars_in_words(plan: PlannedRow) -> str:
    return f"{'tiềm năng ' if plan.row.is_potential else ''}{plan.row.stars} sao"


# Producers

COMPLETED = ("kind", "address", "phone", "email")


class _Producers:
    """The producers of the districts in question, by tax code and by name."""

    def __init__(self, planned: Sequence[PlannedRow], territory: Territory) -> None:
        self.new: list[Producer] = []
        self._completed: dict[int, Producer] = {}
        self._territory = territory
        self._warned: set[tuple[int, str]] = set()
        codes = {plan.row.tax_code for plan in planned if plan.row.tax_code}
        found = Producer.objects.filter(
            Q(district__in={plan.unit.district.pk for plan in planned})
            | Q(tax_code__in=codes | {tax_code_digits(code) for code in codes})
        ).select_related("unit__parent", "district", "current_unit")
        found = found.select_related("merged_into__district", "merged_into__unit__parent")
        # A name or code that was merged away stands for the record that was kept.
        found = found.order_by(F("merged_into").asc(nulls_last=True))
        found = found.prefetch_related("unit__successors")
        self._by_name = {(row.district_id, row.name_key): row.kept for row in found}
        self._by_code = {tax_code_digits(row.tax_code): row.kept for row in found if row.tax_code}

    @property
    def completed(self) -> list[Producer]:
        """Stored producers that get what was empty."""
        return list(self._completed.values())

    def match(self, plan: PlannedRow, writer: ReportWriter) -> None:
        """Give the row its producer. Raises RowError where tax code and name contradict."""
        row = plan.row
        code = tax_code_digits(row.tax_code)
        plan.producer = self._with_code(plan, code) if code else None
        if plan.producer is None and row.producer_key:
            plan.producer = self._with_name(plan)
        if plan.producer is None:
            reason = "Chưa ghi chủ thể: sản phẩm được lưu, cần bổ sung trước khi nộp hồ sơ."
            writer.warning(row, Field.PRODUCER_NAME, "", reason)
            return
        if code:
            self._by_code[code] = plan.producer
        if row.producer_key:
            self._by_name.setdefault((plan.unit.district.pk, row.producer_key), plan.producer)
        self._warn_of_other_name(plan, writer)
        plan.completes_producer = self._complete(plan.producer, row)

    def keep(self, used: set[int]) -> None:
        """Forget producers of whom every row failed."""
        self.new = [row for row in self.new if id(row) in used]
        self._completed = {key: row for key, row in self._completed.items() if key in used}

    def _with_code(self, plan: PlannedRow, code: str) -> Producer | None:
        found = self._by_code.get(code)
        if found and found.district_id != plan.unit.district.pk:
            who = f"“{found.name}”, " if self._territory.holds(found.unit) else ""
            raise RowError(
                Field.TAX_CODE,
                plan.row.tax_code,
                f"Mã số thuế này đã là của chủ thể {who}{found.district.full_name}, khác địa bàn "
                f"ghi ở dòng này ({plan.unit.district.full_name}).",
            )
        return found

    def _with_name(self, plan: PlannedRow) -> Producer:
        row = plan.row
        found = self._by_name.get((plan.unit.district.pk, row.producer_key))
        if found is None:
            found = Producer(name=row.producer_name, unit=plan.unit, tax_code=row.tax_code)
            found.fill_keys()
            self.new.append(found)
        elif row.tax_code and found.tax_code:
            raise RowError(
                Field.TAX_CODE,
                row.tax_code,
                f"Chủ thể “{found.name}” đã có mã số thuế {found.tax_code}: hãy sửa mã số thuế, "
                "hoặc ghi tên khác nếu là chủ thể khác.",
            )
        return found

    def _warn_of_other_name(self, plan: PlannedRow, writer: ReportWriter) -> None:
        producer, row = plan.producer, plan.row
        if producer is None or row.producer_key in {"", producer.name_key}:
            return
        if (key := (id(producer), row.producer_key)) not in self._warned:
            self._warned.add(key)
            reason = f"Cùng mã số thuế với “{producer.name}” nên được coi là chủ thể này."
            writer.warning(row, Field.PRODUCER_NAME, row.producer_written, reason)

    def _complete(self, producer: Producer, row: ProductRow) -> bool:
        """Fill what the record leaves empty; True if that changes a stored producer."""
        if producer.pk and not self._territory.holds(producer.unit):
            return False
        wanted = {
            "tax_code": row.tax_code,
            "kind": row.producer_kind or "",
            "address": row.address,
            "phone": row.phone,
            "email": row.email,
        }
        missing = {
            name: value for name, value in wanted.items() if value and not getattr(producer, name)
        }
        for name, value in missing.items():
            setattr(producer, name, value)
        if "tax_code" in missing or (row.tax_code and producer.pk is None):
            producer.fill_keys()
        if missing and producer.pk:
            self._completed[id(producer)] = producer
        return bool(missing and producer.pk)


# Products and what was decided about them


class _Products:
    """The products in question with their results, by what identifies them and by code."""

    def __init__(self, planned: Sequence[PlannedRow], territory: Territory) -> None:
        self.new: list[Product] = []
        self.coded: dict[int, PlannedRow] = {}
        self._changed: dict[int, Product] = {}
        self._changed_results: dict[int, EarlierResult] = {}
        self._territory = territory
        names = {plan.identity[2] for plan in planned}
        codes = {plan.row.product_code for plan in planned if plan.row.product_code}
        found = Product.objects.filter(merged_into=None)
        found = found.filter(Q(name_key__in=names) | Q(code__in=codes)).select_related(
            "unit__parent", "producer__current_unit"
        )
        found = found.prefetch_related("unit__successors")
        self._known = {_identity(row): row for row in found}
        self._by_code = {row.code: row for row in found if row.code}
        stored = EarlierResult.objects.filter(product__in=[row.pk for row in found])
        by_pk = {row.pk: row for row in found}
        self._results = {
            (id(by_pk[row.product_id]), row.year, row.assessed_on): row for row in stored
        }

    @property
    def changed(self) -> list[Product]:
        return list(self._changed.values())

    @property
    def results(self) -> list[EarlierResult]:
        return list(self._changed_results.values())

    def match(self, plan: PlannedRow) -> str:
        """Bring the row's product up to date; tells whether it is created, updated or skipped.

        Raises RowError for a code that another product has, or a product of other people.
        """
        product = self._known.get(plan.identity)
        if product and not self._territory.holds(product.unit):
            raise RowError(
                Field.NAME,
                plan.row.name,
                "Chủ thể này đã có sản phẩm cùng tên, nơi sản xuất ngoài địa bàn của bạn.",
            )
        self._check_code(plan, product)
        is_new = product is None
        if product is None:
            product = self._known[plan.identity] = Product(
                name=plan.row.name, producer=plan.producer, unit=plan.unit
            )
            self.new.append(product)
        changed = self._set_values(product, plan)
        if changed or is_new:
            product.fill_keys()
        if changed and product.pk:
            self._changed[id(product)] = product
        changed |= self._set_result(product, plan)
        return "created" if is_new else "updated" if changed else "skipped"

    def _check_code(self, plan: PlannedRow, product: Product | None) -> None:
        code = plan.row.product_code
        holder = self._by_code.get(code) if code else None
        if holder and holder is not product:
            which = "một sản phẩm ngoài địa bàn của bạn"
            if self._territory.holds(holder.unit):
                which = f"sản phẩm “{holder.name}”"
            if earlier := self.coded.get(id(holder)):
                which += f", {earlier.place}"
            raise RowError(Field.PRODUCT_CODE, code, f"Mã này đã là mã của {which}.")
        earlier = self.coded.get(id(product)) if code and product else None
        if earlier and product and product.code != code:
            raise RowError(
                Field.PRODUCT_CODE,
                code,
                f"Cùng sản phẩm nhưng {earlier.place} ghi mã {product.code}.",
            )

    def _set_values(self, product: Product, plan: PlannedRow) -> bool:
        """What the row says about the product; empty cells say nothing."""
        values: dict[str, Any] = {"group_as_written": plan.row.group, "code": plan.row.product_code}
        # The district says less than the commune that is known already.
        if product.unit.district != plan.unit:
            values["unit"] = plan.unit
        changed = {
            name: value
            for name, value in values.items()
            if value and getattr(product, name) != value
        }
        if "code" in changed:
            self._by_code.pop(product.code, None)
            self._by_code[changed["code"]] = product
            self.coded[id(product)] = plan
        for name, value in changed.items():
            setattr(product, name, value)
        return bool(changed)

    def _set_result(self, product: Product, plan: PlannedRow) -> bool:
        row = plan.row
        if not plan.has_result:
            return False
        key = (id(product), row.year, row.assessed_on)
        is_new = key not in self._results
        if is_new:
            self._results[key] = EarlierResult(
                product=product, year=row.year, assessed_on=row.assessed_on
            )
        result = self._results[key]
        values: dict[str, Any] = {"status": row.status or "", "note": row.note}
        values = {name: value for name, value in values.items() if value}
        if row.stars:
            values |= {"stars": row.stars, "is_potential": row.is_potential}
        changed = any(getattr(result, name) != value for name, value in values.items())
        for name, value in values.items():
            setattr(result, name, value)
        if is_new or changed:
            self._changed_results[id(result)] = result
        return is_new or changed


def _identity(product: Product) -> Identity:
    if product.producer:
        return product.producer.district_id, product.producer.name_key, product.name_key
    return product.district_id, "", product.name_key


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def _update(rows: Sequence[Any], fields: Sequence[str]) -> None:
    """Write `fields` of stored rows: as an upsert, which is many times faster than bulk_update."""
    if rows:
        type(rows[0])._default_manager.bulk_create(
            rows,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=fields,
        )
