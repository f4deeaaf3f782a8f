"""What a row of a workbook says, before it is known which records it means."""

from typing import Any, NamedTuple

from accounts.models import AdministrativeUnit
from products.cells import UnitName
from products.columns import Field
from products.import_records import (
    ProducerRecord,
    Record,
)
from products.models.producer import TWO_TIERS
from products.places import Places
from products.reading import ProductRow

Identity = tuple[int, str, str]


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
        return identity_of(self.producer, self.unit, self.row.name_key)

    @property
    def rating(self) -> tuple[int | None, bool]:
        return self.row.stars, self.row.is_potential

    @property
    def place(self) -> str:
        return f"dòng {self.row.row} ({self.row.sheet})"


def identity_of(producer: ProducerRecord | None, unit: AdministrativeUnit, key: str) -> Identity:
    if producer:
        return producer.district_id, producer.name_key, key
    return unit.district.pk, "", key


def mark_of(identity: Identity) -> int:
    """An identity as one number, which takes less memory."""
    district, producer, name = identity
    return hash((district, producer, hash(name)))


class PlaceFinder:
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


def all_values(record: Record) -> dict[str, tuple[Any, Any]]:
    """Everything a new record says, as changes from nothing."""
    return {name: (None, value) for name, value in record.values.items() if value}


# Products and what was decided about them
