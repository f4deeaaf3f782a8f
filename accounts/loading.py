"""Load the official units and the agencies of the plan from accounts/data; safe to repeat."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.db import transaction

from accounts.models import AdministrativeUnit, Agency
from ocop_portal.text import search_key

DATA_DIR = Path(__file__).parent / "data"
HANOI = "01"
# Resolution 202/2025/QH15: two tiers of local government from 1/7/2025.
TWO_TIERS_FROM = date(2025, 7, 1)
LAST_DAY_OF_DISTRICTS = date(2025, 6, 30)
# The list of 2021 is that of the Statistics Office on 1/7/2021; Hanoi's units go back to 2008.
EDITION_2021_FROM = date(2008, 8, 1)
VALIDITY = {2021: (EDITION_2021_FROM, LAST_DAY_OF_DISTRICTS), 2025: (TWO_TIERS_FROM, None)}
Level = AdministrativeUnit.Level
UPDATED = [
    "level",
    "kind",
    "name",
    "full_name",
    "parent",
    "path",
    "is_rural",
    "valid_from",
    "valid_to",
    "search_key",
]


@transaction.atomic
def load_units() -> int:
    """Create or refresh all units and the links between the two editions; returns their number."""
    provinces = list(_rows("provinces.csv"))
    for edition in VALIDITY:
        rows = [row for row in provinces if row["edition"] == str(edition)]
        _save(edition, rows, Level.PROVINCE)
    below = [row for row in _rows("hanoi_admin_units_2021.csv") if row["level"] != "1"]
    for level in (Level.DISTRICT, Level.COMMUNE):
        _save(2021, [row for row in below if row["level"] == str(int(level))], level)
    _save(2025, list(_rows("hanoi_admin_units_2025.csv")), Level.COMMUNE)
    _link_successors()
    return AdministrativeUnit.objects.count()


@transaction.atomic
def load_agencies() -> int:
    """Create or refresh the bodies named in Plan 146/KH-UBND; returns their number."""
    hanoi = AdministrativeUnit.objects.get(edition=2021, code=HANOI)
    for row in _rows("agencies.csv"):
        Agency.objects.update_or_create(
            code=row["code"].lower(),
            defaults={
                "name": row["name_vi"],
                "abbreviation": row["abbreviation_vi"],
                "kind": row["kind"],
                "unit": None if row["kind"] == "ministry" else hanoi,
            },
        )
    return Agency.objects.count()


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA_DIR / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _save(edition: int, rows: list[dict[str, str]], level: Level) -> None:
    parents = {unit.code: unit for unit in AdministrativeUnit.objects.filter(edition=edition)}
    AdministrativeUnit.objects.bulk_create(
        [_unit(edition, row, level, parents.get(row.get("parent_code", ""))) for row in rows],
        update_conflicts=True,
        unique_fields=["edition", "code"],
        update_fields=UPDATED,
    )


def _unit(
    edition: int, row: dict[str, str], level: Level, parent: AdministrativeUnit | None
) -> AdministrativeUnit:
    valid_from, valid_to = VALIDITY[edition]
    return AdministrativeUnit(
        edition=edition,
        code=row["code"],
        level=level,
        kind=row["type_vi"],
        name=row["name"],
        full_name=row["full_name"],
        parent=parent,
        path=f"{parent.path if parent else f'{edition}/'}{row['code']}/",
        is_rural={"yes": True, "no": False}.get(row.get("is_rural", "")),
        valid_from=valid_from,
        valid_to=valid_to,
        search_key=search_key(row["full_name"]),
    )


def _link_successors() -> None:
    """Which units of 2025 each unit of 2021 went into, after the official conversion table."""
    units = {(unit.edition, unit.code): unit.pk for unit in AdministrativeUnit.objects.all()}
    links = AdministrativeUnit.successors.through
    links.objects.bulk_create(
        (
            links(
                from_administrativeunit_id=units[2021, old],
                to_administrativeunit_id=units[2025, new],
            )
            for old, new in _successions()
            if (2025, new) in units
        ),
        ignore_conflicts=True,
    )


def _successions() -> Iterator[tuple[str, str]]:
    for row in _rows("hanoi_admin_units_2021.csv"):
        yield from ((row["code"], new) for new in row["jul2025_codes"].split(";") if new)
    for row in _rows("provinces.csv"):
        if row["edition"] == "2021":
            codes = row["linked_codes_other_edition"].split(";")
            yield from ((row["code"], new) for new in codes if new)
