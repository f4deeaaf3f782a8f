"""Where the values of printed forms come from in the portal's records, by the names that the
declarations use, and on which page a missing one is entered.

A text source gives "" for what is not known. Rows and sets are read once for all forms of a page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.urls import reverse
from django.utils.formats import number_format

from accounts.models import AdministrativeUnit
from ocop_portal.text import search_key
from products.completeness import FilledSlot, filled_slots
from products.models import ChainMembership, CommuneReport, Dossier, Producer, ProducerYear
from products.self_score import points_of


@dataclass(frozen=True)
class SelfPoints:
    """The producer's own points: in total, and by the code of the criterion where known."""

    total: int | None
    by_criterion: Mapping[str, int] = field(default_factory=dict)


def self_points(dossier: Dossier) -> SelfPoints:
    """What the producer scored itself: the one place that the forms ask."""
    return SelfPoints(dossier.self_score, points_of(dossier))


class Records:
    """A dossier with what belongs to it, read as the forms need it."""

    def __init__(self, dossier: Dossier) -> None:
        self.dossier = dossier
        self.product = dossier.product
        self.producer: Producer | None = dossier.product.producer
        self.sheet = dossier.criteria_set.sheet

    @cached_property
    def years(self) -> list[ProducerYear]:
        """The last three years up to the one of the dossier, the earliest first."""
        if self.producer is None:
            return []
        rows = self.producer.years.filter(year__lte=self.dossier.year).order_by("-year")[:3]
        return sorted(rows, key=lambda row: row.year)

    @cached_property
    def commune_report(self) -> CommuneReport | None:
        return CommuneReport.objects.filter(dossier=self.dossier).first()

    @cached_property
    def chains(self) -> list[ChainMembership]:
        return list(self.producer.chains.all()) if self.producer else []

    @cached_property
    def slots(self) -> list[FilledSlot]:
        return filled_slots(self.dossier)

    @cached_property
    def filled_slots(self) -> frozenset[str]:
        """The codes of the slots with a file."""
        return frozenset(row.slot.code for row in self.slots if row.documents)

    @cached_property
    def self_points(self) -> SelfPoints:
        return self_points(self.dossier)

    def text(self, name: str) -> str:
        return TEXTS[name](self)

    def rows(self, name: str) -> list[tuple[str, ...]]:
        return ROWS[name](self)

    def ticked(self, name: str) -> frozenset[str]:
        return frozenset({TEXTS[name](self)})

    def entered_at(self, name: str) -> tuple[str, str]:
        """The address of the page where the value is entered, and the permission that opens it."""
        kind = ENTERED_AT.get(name, "producer")
        if kind == "dossier":
            return reverse("products:dossier_edit", args=[self.dossier.pk]), "products.edit_dossier"
        if kind == "product" or self.producer is None:
            return reverse("products:product_edit", args=[self.product.pk]), "products.edit_product"
        pages = {"years": "producer_years", "chains": "producer_chains"}
        page = pages.get(kind, "producer_edit")
        return reverse(f"products:{page}", args=[self.producer.pk]), "products.edit_producer"


def _of_producer(name: str) -> Callable[[Records], str]:
    return lambda records: str(getattr(records.producer, name)) if records.producer else ""


def _producer_kind(records: Records) -> str:
    return str(records.producer.get_kind_display()) if records.producer else ""


def _founded(records: Records) -> str:
    producer = records.producer
    if producer is None:
        return ""
    if producer.registered_on:
        return f"{producer.registered_on:%d/%m/%Y}"
    return f"năm {producer.founded_year}" if producer.founded_year else ""


def _registration(records: Records) -> str:
    producer = records.producer
    number = (producer.registration_number or producer.tax_code) if producer else ""
    place = producer.registered_at if producer else ""
    return f"{number}, nơi cấp: {place}" if number and place else number


def _address(*places: AdministrativeUnit | None, street: str) -> str:
    """Street and units, without a unit that the street names already; "" without a street."""
    if not street:
        return ""
    parts = [street]
    parts += [
        place.full_name
        for place in places
        if place and f" {search_key(place.name)} " not in f" {search_key(*parts)} "
    ]
    return ", ".join(parts)


def _address_then(records: Records) -> str:
    """The address with the units of the list of 2021."""
    producer = records.producer
    if producer is None:
        return ""
    units = [producer.unit, producer.district, province_of(records)]
    units = [unit for n, unit in enumerate(units) if unit not in units[:n]]
    return _address(*units, street=producer.address)


def _address_now(records: Records) -> str:
    """The address with the commune of the list of 2025, where it is known."""
    producer = records.producer
    if producer is None or producer.current_unit is None:
        return _address_then(records)
    return _address(producer.current_unit, province_of(records), street=producer.address)


def _commune_now(records: Records) -> AdministrativeUnit | None:
    producer = records.producer
    if producer and producer.current_unit:
        return producer.current_unit
    unit = records.product.unit
    return unit if unit.level == AdministrativeUnit.Level.COMMUNE else None


def _commune_proposal(records: Records) -> str:
    """What the commune asks for, inside the sentence of Mẫu số 03; the form's own words until the
    commune has said it.
    """
    report = records.commune_report
    if report and report.proposed == CommuneReport.Proposal.NOT_PROPOSED:
        return "chưa đề nghị"
    return "đề nghị"


def _commune_signatory(records: Records) -> str:
    return records.commune_report.signatory_name if records.commune_report else ""


def province_of(records: Records) -> AdministrativeUnit:
    district = records.product.district
    return district.parent or district


def _lower(unit: AdministrativeUnit | None) -> str:
    """A unit inside a sentence: "xã Đông Anh"."""
    return unit.full_name[:1].lower() + unit.full_name[1:] if unit else ""


def _name(unit: AdministrativeUnit | None) -> str:
    return unit.name if unit else ""


def _code(unit: AdministrativeUnit | None) -> str:
    return unit.code if unit else ""


def _classification(records: Records) -> str:
    sheet = records.sheet
    parts = (sheet.sector, sheet.group, sheet.subgroup or sheet.title)
    return "; ".join(dict.fromkeys(part for part in parts if part))


def _samples(records: Records) -> str:
    """As the list of documents asks for them; none for services."""
    return "05" if records.sheet.sample_required else "Không (sản phẩm dịch vụ)"


def _workforce(records: Records) -> str:
    known = [row for row in records.years if row.workers is not None]
    if not known:
        return ""
    last = known[-1]
    local = f", trong đó {last.local_workers} người địa phương" if last.local_workers else ""
    return f"{last.workers} người{local} (năm {last.year})"


def _number(value: int | None) -> str:
    """1.250.000, as the portal writes numbers."""
    return "" if value is None else str(number_format(value, force_grouping=True))


def _years(records: Records) -> list[tuple[str, ...]]:
    return [
        (str(row.year), _number(row.revenue), _number(row.workers), _number(row.local_workers))
        for row in records.years
    ]


def _chains(records: Records) -> list[tuple[str, ...]]:
    return [(row.name, str(row.get_part_display()), row.partner) for row in records.chains]


def _evidence(records: Records) -> list[tuple[str, ...]]:
    """The supplementary documents of the regulation that the dossier has."""
    held = [row for row in records.slots if row.documents and not row.slot.compulsory]
    return [
        (str(n), row.slot.name, "; ".join(one.original_name for one in row.documents))
        for n, row in enumerate(held, start=1)
    ]


TEXTS: Mapping[str, Callable[[Records], str]] = {
    "producer": _of_producer("name"),
    "producer_kind": _producer_kind,
    "representative": _of_producer("representative"),
    "representative_title": _of_producer("representative_title"),
    "phone": _of_producer("phone"),
    "email": _of_producer("email"),
    "website": _of_producer("website"),
    "founded": _founded,
    "registration": _registration,
    "address": _address_then,
    "address_now": _address_now,
    "workforce": _workforce,
    "product": lambda records: records.product.name,
    "classification": _classification,
    "samples": _samples,
    "year": lambda records: str(records.dossier.year),
    "dossier_kind": lambda records: records.dossier.kind,
    "district": lambda records: _lower(records.product.district),
    "province": lambda records: _lower(province_of(records)),
    "province_name": lambda records: _name(province_of(records)),
    "province_code": lambda records: _code(province_of(records)),
    "commune_now": lambda records: _lower(_commune_now(records)),
    "commune_name": lambda records: _name(_commune_now(records)),
    "commune_proposal": _commune_proposal,
    "commune_signatory": _commune_signatory,
    "commune_code": lambda records: _code(_commune_now(records)),
}
ROWS: Mapping[str, Callable[[Records], list[tuple[str, ...]]]] = {
    "years": _years,
    "chains": _chains,
    "evidence": _evidence,
}
# The kind of page where a value is entered; the others are facts of the producer.
ENTERED_AT: Mapping[str, str] = {
    "product": "product",
    "classification": "dossier",
    "years": "years",
    "workforce": "years",
    "chains": "chains",
    "evidence": "dossier",
    "self_points": "dossier",
}
# What a missing value is called in a list, where the words on the paper need their neighbours.
LABELS: Mapping[str, str] = {
    "representative": "Người đại diện",
    "representative_title": "Chức vụ người đại diện",
    "classification": "Bộ tiêu chí",
}
