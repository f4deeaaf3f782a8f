"""Which records the rows of a workbook mean.

Rows come in chunks, so that memory does not grow with them. Before anything is decided the whole
workbook is looked at once for what concerns several rows: which producers there are (a tax code in
a later row names the producer of an earlier one), products that come more than once, ratings that
contradict each other. Of each row that look keeps a few numbers.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import F, Q

from accounts.models import AdministrativeUnit
from products import tax_codes
from products.cells import UnitName, tax_code_digits
from products.columns import PRODUCER_TEXTS, PRODUCT_TEXTS, Field
from products.import_records import (
    Batch,
    Change,
    ProducerRecord,
    ProductRecord,
    Record,
    ResultRecord,
    new_producer,
)
from products.import_report import ReportWriter
from products.models import EarlierResult, Producer, Product
from products.models.producer import TWO_TIERS
from products.places import Places, UnknownPlaceError
from products.reading import ProductRow, Progress
from products.spool import Spool

BATCH = 1000
Identity = tuple[int, str, str]
NO_PRODUCER = "Chưa ghi chủ thể: sản phẩm được lưu, cần bổ sung trước khi nộp hồ sơ."


class RowError(Exception):
    """Why a row cannot be saved, and in which column the reason stands."""

    def __init__(self, column: Field, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason


class Territory:
    """What a person may change; `by` is None in the shell, which may change everything."""

    def __init__(self, by: Any) -> None:
        self._path = by.territory if by else ""
        self._known: dict[int, bool] = {}
        unit: AdministrativeUnit | None = by.unit if by else None
        self.own_district: AdministrativeUnit | None = None
        self.own_commune: AdministrativeUnit | None = None
        self._is_of_2025 = self._path.startswith(TWO_TIERS)
        if unit and unit.level > AdministrativeUnit.Level.PROVINCE:
            if self._is_of_2025:
                self.own_commune = unit
            else:
                self.own_district = unit.district

    def holds(self, unit: AdministrativeUnit) -> bool:
        if unit.pk not in self._known:
            self._known[unit.pk] = self._holds(unit)
        return self._known[unit.pk]

    def _holds(self, unit: AdministrativeUnit) -> bool:
        if self._is_of_2025:
            return any(row.path.startswith(self._path) for row in unit.successors.all())
        return unit.path.startswith(self._path)


class Maker(NamedTuple):
    """What the rows say about their producer: one for all rows that say the same."""

    district_id: int
    key: str
    tax_code: str


class PlannedRow(NamedTuple):
    """A row of the workbook with the records that its words mean."""

    row: ProductRow
    unit: AdministrativeUnit
    producer: ProducerRecord | None

    @property
    def identity(self) -> Identity:
        """What makes two rows the same product: the producer, else the district; the name."""
        return _identity(self.producer, self.unit, self.row.name_key)

    @property
    def rating(self) -> tuple[int | None, bool]:
        return self.row.stars, self.row.is_potential

    @property
    def place(self) -> str:
        return f"dòng {self.row.row} ({self.row.sheet})"


def _identity(producer: ProducerRecord | None, unit: AdministrativeUnit, key: str) -> Identity:
    if producer:
        return producer.district_id, producer.name_key, key
    return unit.district.pk, "", key


def _mark(identity: Identity) -> int:
    """An identity as one number, which takes less memory."""
    district, producer, name = identity
    return hash((district, producer, hash(name)))


class ImportPlan:
    """What an import would do, and where `is_saving` does."""

    def __init__(self, by: Any, rows: Spool[ProductRow], writer: ReportWriter) -> None:
        self._rows = rows
        self._writer = writer
        self._territory = Territory(by)
        self._places = _PlaceFinder(self._territory)
        self._survey = _Survey()
        self._producers = _Producers(self._territory)

    def prepare(self) -> None:
        """Everything that concerns several rows. Nothing is written."""
        for row in self._rows:
            self._look_at(row)
        self._producers.resolve(self._survey)
        self._survey.compare(self._producers)
        if self._survey.conflicts:
            self._note_conflicts()

    def run(self, progress: Progress, *, is_saving: bool) -> None:
        """Go through the rows, and write them chunk by chunk. Raises IntegrityError where
        somebody else saved one of the records meanwhile.
        """
        products = _Products(self._territory, self._survey)
        text = "Lưu" if is_saving else "Đối chiếu với dữ liệu đã có"
        done, total = 0, len(self._rows)
        for chunk in self._rows.chunks():
            batch = Batch()
            planned = [plan for row in chunk if (plan := self._plan(row))]
            products.load(planned)
            for plan in planned:
                self._do(plan, products, batch)
            if is_saving:
                batch.write()
            self._writer.flush()
            products.forget()
            done += len(chunk)
            progress(text, done, total)
        self._writer.report.producers_created = self._producers.used_new

    def _look_at(self, row: ProductRow) -> None:
        if self._writer.has_failed(row):
            return
        try:
            unit = self._places.find(row)
        except UnknownPlaceError as error:
            column = Field.COMMUNE if error.name and error.name is row.commune else Field.DISTRICT
            self._writer.problem(row, column, error.name.written if error.name else "", str(error))
            return
        if not self._territory.holds(unit):
            return
        if row.tax_code and (reason := tax_codes.problem(row.tax_code)):
            self._writer.warning(row, Field.TAX_CODE, row.tax_code, reason)
        self._survey.add(row, unit)

    def _plan(self, row: ProductRow) -> PlannedRow | None:
        """The row with its records; None where it is left alone."""
        if self._writer.has_failed(row):
            return None
        unit = self._places.find(row)
        if not self._territory.holds(unit):
            self._writer.outcome(row, "outside", ())
            return None
        try:
            producer = self._producers.of(row, unit)
        except RowError as error:
            self._writer.problem(row, error.column, error.value, error.reason)
            return None
        return PlannedRow(row, unit, producer)

    def _do(self, plan: PlannedRow, products: "_Products", batch: Batch) -> None:
        row, producer = plan.row, plan.producer
        try:
            outcome, changes = products.match(plan, batch)
        except RowError as error:
            self._writer.problem(row, error.column, error.value, error.reason)
            return
        if producer is None:
            self._writer.warning(row, Field.PRODUCER_NAME, "", NO_PRODUCER)
        else:
            before = self._producers.use(plan, batch)
            if before and outcome == "skipped" and not before[2]:
                outcome = "updated"
            changes = [before, *changes] if before else changes
            if reason := self._producers.other_name(row, producer):
                self._writer.warning(row, Field.PRODUCER_NAME, row.producer_written, reason)
        self._writer.outcome(row, outcome, changes)

    def _note_conflicts(self) -> None:
        """Two rows that give one product different stars for the same year name each other.

        On the same day (or both without one) they cannot both be right; on two days they may.
        """
        by_year: dict[tuple[Identity, int | None], list[PlannedRow]] = defaultdict(list)
        for row in self._rows:
            if not row.stars or self._writer.has_failed(row):
                continue
            unit = self._places.find(row)
            if not self._territory.holds(unit):
                continue
            try:
                plan = PlannedRow(row, unit, self._producers.of(row, unit))
            except RowError:
                continue
            identity = plan.identity
            if hash((_mark(identity), row.year or 0)) in self._survey.conflicts:
                by_year[identity, row.year].append(plan)
        for group in by_year.values():
            _note_conflict(group, self._writer)


def _note_conflict(group: Sequence[PlannedRow], writer: ReportWriter) -> None:
    if len({plan.rating for plan in group}) == 1:
        return
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
                f"{other.place} ghi {_stars_in_words(other)}" for other in (same_day or others)[:5]
            )
            + ".",
        )


def _stars_in_words(plan: PlannedRow) -> str:
    return f"{'tiềm năng ' if plan.row.is_potential else ''}{plan.row.stars} sao"


class _PlaceFinder:
    """The units that rows name, each pair of names looked up once."""

    def __init__(self, territory: Territory) -> None:
        self._places = Places()
        self._territory = territory
        self._known: dict[tuple[UnitName | None, UnitName | None], AdministrativeUnit] = {}

    def find(self, row: ProductRow) -> AdministrativeUnit:
        """Raises UnknownPlaceError."""
        names = row.district, row.commune
        if names not in self._known:
            self._known[names] = self._places.find(
                *names,
                default=self._territory.own_district,
                within=self._territory.own_commune,
            )
        return self._known[names]


class _Survey:
    """What the first look at the workbook finds, a few numbers for each row."""

    def __init__(self) -> None:
        self.makers: dict[Maker, tuple[int, str, AdministrativeUnit]] = {}
        self.repeated: set[int] = set()
        self.repeated_codes: set[str] = set()
        self.conflicts: set[int] = set()
        self._codes: set[int] = set()
        self._maker_numbers: list[Maker] = []
        self._makers = array("l")
        self._names = array("q")
        self._years = array("h")
        self._ratings = array("b")

    def add(self, row: ProductRow, unit: AdministrativeUnit) -> None:
        maker = Maker(unit.district.pk, row.producer_key, row.tax_code)
        if maker not in self.makers:
            self.makers[maker] = len(self._maker_numbers), row.producer_name, unit
            self._maker_numbers.append(maker)
        self._makers.append(self.makers[maker][0])
        self._names.append(hash(row.name_key))
        self._years.append(row.year or 0)
        self._ratings.append((row.stars or 0) * 2 + row.is_potential)
        if code := row.product_code:
            if hash(code) in self._codes:
                self.repeated_codes.add(code)
            self._codes.add(hash(code))

    def compare(self, producers: "_Producers") -> None:
        """Find the products that come more than once and the ratings that differ."""
        self._codes = set()
        keys = [producers.key_of(maker) for maker in self._maker_numbers]
        seen: set[int] = set()
        ratings: dict[int, int] = {}
        for number, name, year, rating in zip(
            self._makers, self._names, self._years, self._ratings, strict=True
        ):
            identity = hash((*keys[number], name))
            if identity in seen:
                self.repeated.add(identity)
            seen.add(identity)
            if rating > 1:
                rated = hash((identity, year))
                if ratings.setdefault(rated, rating) != rating:
                    self.conflicts.add(rated)


# Producers


class _Producers:
    """The producers of the workbook, by tax code and by name."""

    def __init__(self, territory: Territory) -> None:
        self.used_new = 0
        self._territory = territory
        self._found: dict[Maker, ProducerRecord | RowError | None] = {}
        self._by_name: dict[tuple[int, str], ProducerRecord] = {}
        self._by_code: dict[str, ProducerRecord] = {}
        self._coded: dict[int, str] = {}  # stored records that get a tax code
        self._used: set[int] = set()
        self._warned: set[tuple[int, str]] = set()

    def resolve(self, survey: _Survey) -> None:
        """Find or make the producers. Tax codes first: a row without one then finds its producer
        under each spelling.
        """
        makers = sorted(survey.makers, key=lambda maker: not maker.tax_code)
        for start in range(0, len(makers), BATCH):
            self._load(makers[start : start + BATCH])
        for maker in makers:
            _number, name, unit = survey.makers[maker]
            try:
                self._found[maker] = self._match(maker, name, unit)
            except RowError as error:
                self._found[maker] = error

    def of(self, row: ProductRow, unit: AdministrativeUnit) -> ProducerRecord | None:
        """Raises RowError where tax code and name contradict."""
        found = self._found[Maker(unit.district.pk, row.producer_key, row.tax_code)]
        if isinstance(found, RowError):
            raise found
        return found

    def key_of(self, maker: Maker) -> tuple[int, str]:
        found = self._found[maker]
        if isinstance(found, ProducerRecord):
            return found.district_id, found.name_key
        return maker.district_id, ""

    def other_name(self, row: ProductRow, producer: ProducerRecord) -> str:
        """What to tell, once, where a tax code leads to a producer of another name."""
        key = id(producer), row.producer_key
        if row.producer_key in {"", producer.name_key} or key in self._warned:
            return ""
        self._warned.add(key)
        return f"Cùng mã số thuế với “{producer.name}” nên được coi là chủ thể này."

    def use(self, plan: PlannedRow, batch: Batch) -> Change | None:
        """Make the producer if it is new, and fill what its record leaves empty."""
        producer, row = plan.producer, plan.row
        assert producer is not None
        is_first = id(producer) not in self._used
        self._used.add(id(producer))
        is_new = is_first and not producer.is_stored
        if not is_new and not self._territory.holds(producer.unit):
            return None
        wanted = {"kind": row.producer_kind or ""}
        wanted |= {name: getattr(row, field.value) for field, name in PRODUCER_TEXTS.items()}
        missing = {
            name: value for name, value in wanted.items() if value and not producer.values[name]
        }
        changed = producer.set(missing) if missing else {}
        if is_new:
            self.used_new += 1
            batch.producers[id(producer)] = producer
            return "producer", producer, True, _all(producer)
        if self._coded.get(id(producer)) == row.tax_code != "":
            changed["tax_code"] = "", self._coded.pop(id(producer))
        if not changed:
            return None
        batch.producers[id(producer)] = producer
        return "producer", producer, False, changed

    def _load(self, makers: Sequence[Maker]) -> None:
        names = defaultdict(list)
        for maker in makers:
            names[maker.district_id].append(maker.key)
        codes = {maker.tax_code for maker in makers if maker.tax_code}
        wanted = Q(tax_code__in=codes | {tax_code_digits(code) for code in codes})
        wanted |= Q(district__in=names, name_key__in={maker.key for maker in makers if maker.key})
        found = Producer.objects.filter(wanted).select_related(
            "unit__parent", "current_unit", "merged_into__current_unit"
        )
        found = found.select_related("merged_into__unit__parent")
        # A name or code that was merged away stands for the record that was kept.
        found = found.order_by(F("merged_into").asc(nulls_last=True))
        records = {row.pk: row for row in self._stored()}
        for row in found.prefetch_related("unit__successors", "merged_into__unit__successors"):
            kept = row.kept
            record = records.setdefault(kept.pk, ProducerRecord.of(kept))
            self._by_name[row.district_id, row.name_key] = record
            if row.tax_code:
                self._by_code[tax_code_digits(row.tax_code)] = record

    def _stored(self) -> Iterator[Any]:
        yield from self._by_name.values()
        yield from self._by_code.values()

    def _match(self, maker: Maker, name: str, unit: AdministrativeUnit) -> ProducerRecord | None:
        code = tax_code_digits(maker.tax_code)
        found = self._with_code(maker, unit, code) if code else None
        if found is None and maker.key:
            found = self._with_name(maker, name, unit)
        if found is None:
            return None
        if code:
            self._by_code[code] = found
            if not found.values["tax_code"] and self._territory.holds(found.unit):
                found.values["tax_code"] = maker.tax_code
                if found.is_stored:
                    self._coded[id(found)] = maker.tax_code
        if maker.key:
            self._by_name.setdefault((maker.district_id, maker.key), found)
        return found

    def _with_code(
        self, maker: Maker, unit: AdministrativeUnit, code: str
    ) -> ProducerRecord | None:
        found = self._by_code.get(code)
        if found and found.district_id != maker.district_id:
            who = f"“{found.name}”, " if self._territory.holds(found.unit) else ""
            raise RowError(
                Field.TAX_CODE,
                maker.tax_code,
                f"Mã số thuế này đã là của chủ thể {who}{found.unit.district.full_name}, khác địa "
                f"bàn ghi ở dòng này ({unit.district.full_name}).",
            )
        return found

    def _with_name(self, maker: Maker, name: str, unit: AdministrativeUnit) -> ProducerRecord:
        found = self._by_name.get((maker.district_id, maker.key))
        if found is None:
            now = self._territory.own_commune
            return new_producer(name, unit, now=now, tax_code=maker.tax_code)
        known = found.values["tax_code"]
        if maker.tax_code and known:
            raise RowError(
                Field.TAX_CODE,
                maker.tax_code,
                f"Chủ thể “{found.name}” đã có mã số thuế {known}: hãy sửa mã số thuế, "
                "hoặc ghi tên khác nếu là chủ thể khác.",
            )
        return found


def _all(record: Record) -> dict[str, tuple[Any, Any]]:
    """Everything a new record says, as changes from nothing."""
    return {name: (None, value) for name, value in record.values.items() if value}


# Products and what was decided about them


class _Products:
    """The products of a chunk of rows with their results, by what identifies them and by code;
    those that come again in later rows are kept.
    """

    def __init__(self, territory: Territory, survey: _Survey) -> None:
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
            if _mark(identity) in survey.repeated or record.values["code"] in survey.repeated_codes
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
            values = _all(product) if is_new else changed
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
