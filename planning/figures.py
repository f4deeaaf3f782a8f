"""Figures of the programme: recognised and still valid apart, by district and star."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q

from evaluation.models import Certificate
from products.models import Dossier

STARS = (3, 4, 5)


@dataclass(frozen=True)
class DistrictRow:
    """One district: certificates in force by star, and all that were ever issued."""

    district_id: int
    district: str
    by_stars: tuple[int, ...]
    issued: int

    @property
    def valid(self) -> int:
        return sum(self.by_stars)


def by_district(user: Any, day: date) -> list[DistrictRow]:
    """Every district with certificates, by name; one query."""
    in_force = Q(valid_from__lte=day, valid_until__gte=day, revoked_on=None, replaced_by=None)
    counts = {f"stars_{n}": Count("pk", filter=in_force & Q(stars=n)) for n in STARS}
    rows = (
        Certificate.objects.visible_to(user)
        .values(key=F("product__district"), name=F("product__district__full_name"))
        .annotate(issued=Count("pk"), **counts)
        .order_by("product__district__name")
    )
    return [DistrictRow(row["key"], row["name"], _star_counts(row), row["issued"]) for row in rows]


def _star_counts(row: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(row[f"stars_{n}"] for n in STARS)


@dataclass(frozen=True)
class StateRow:
    """How many dossiers are in one state at one tier."""

    state: str
    label: str
    tier: str
    count: int


def by_state(user: Any) -> list[StateRow]:
    """Where the dossiers that are on their way stand; one query."""
    labels = dict(Dossier.State.choices)
    order = list(Dossier.State.values)
    rows = (
        Dossier.objects.visible_to(user)
        .open()
        .order_by()
        .values("state", "tier")
        .annotate(count=Count("pk"))
    )
    found = [
        StateRow(row["state"], labels[row["state"]], row["tier"], row["count"]) for row in rows
    ]
    return sorted(found, key=lambda row: (order.index(row.state), row.tier))
