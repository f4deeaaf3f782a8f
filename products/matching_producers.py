"""Which producers the rows of a workbook mean: looked at all together, then row by row."""

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import F, Q

from accounts.models import AdministrativeUnit
from products.cells import tax_code_digits
from products.columns import PRODUCER_TEXTS, Field
from products.import_records import (
    Batch,
    Change,
    ProducerRecord,
    new_producer,
)
from products.matching_rows import Maker, PlannedRow, RowError, Territory, all_values
from products.models import Producer
from products.reading import ProductRow

BATCH = 1000


class Survey:
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

    def compare(self, producers: "ProducerMatcher") -> None:
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


class ProducerMatcher:
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

    def resolve(self, survey: Survey) -> None:
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
            return "producer", producer, True, all_values(producer)
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
