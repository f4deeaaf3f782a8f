"""A regulation is dated data: what a decision of the Prime Minister says, with its sources.

Each folder of `data/` holds one regulation: `regulation.json` (bands, tiers, outcomes,
documents …), `product_groups.json` (sector → group → subgroup) and `sheets/` (one scoring sheet
per subgroup). A regulation that changes only the procedure names another one in `sheets_of` and
uses its sheets and product groups. The next decision is a new folder, not new code. `source`
names the decision and the article or annex, or says that there is none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from regulations.checking import SHEET_TOTAL, checked_sheet
from regulations.reading import DataError, Record, read_record
from regulations.sheets import Sheet, read_sheet

DATA_DIR = Path(__file__).parent / "data"


class NoRegulationError(LookupError):
    """No regulation was in force on the day."""


class Outcome(StrEnum):
    """What a tier's result leads to."""

    FORWARD = "forward"
    RECOGNISE = "recognise"
    POTENTIAL_5 = "potential_5"
    RETURN = "return"
    NOT_RECOGNISED = "not_recognised"
    RESCORE = "rescore"
    AGREE = "agree"


# What a row of a tier may lead to; the other two come before any row.
ROW_OUTCOMES = frozenset(Outcome) - {Outcome.RESCORE, Outcome.AGREE}


class KnockOutKind(StrEnum):
    """Whether a reason disqualifies the product or stops the scoring of its sheet."""

    DISQUALIFIED = "disqualified"
    STOP = "stop"


class JudgedBy(StrEnum):
    """Who says whether the minimums of a star are met: the council, or the marks in the sheet."""

    COUNCIL = "council"
    MARKS = "marks"


@dataclass(frozen=True, slots=True)
class Decision:
    """One of the decisions that make up the regulation."""

    number: str
    day: date
    role: str


@dataclass(frozen=True, slots=True)
class PartMaximum:
    """The points that part A, B or C is worth."""

    code: str
    name: str
    max_points: int
    source: str


@dataclass(frozen=True, slots=True)
class StarBand:
    """The stars of a mean of at least `floor` points; there is no upper limit, so no gap."""

    stars: int
    floor: Decimal
    label: str
    source: str


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One row of a tier's outcome table: its conditions (None: none) and what they lead to."""

    outcome: Outcome
    reason: str
    source: str
    mean_at_least: Decimal | None = None
    stars_at_least: int | None = None
    recognised_stars: int | None = None
    next_tier: str | None = None

    def fits(self, mean: Decimal, stars: int) -> bool:
        """Tell whether the unrounded mean and the stars meet the row's conditions."""
        enough_points = self.mean_at_least is None or mean >= self.mean_at_least
        return enough_points and (self.stars_at_least is None or stars >= self.stars_at_least)

    @property
    def unconditional(self) -> bool:
        """True for a row that fits every result."""
        return self.mean_at_least is None and self.stars_at_least is None


@dataclass(frozen=True, slots=True)
class Tier:
    """A level that evaluates. The first outcome row that fits counts; the last one always fits."""

    code: str
    name: str
    evaluated_by: str
    signed_by: str
    outcomes: tuple[OutcomeRow, ...]
    source: str

    def outcome(self, mean: Decimal, stars: int) -> OutcomeRow:
        """Return the row that a result of this tier falls under."""
        return next(row for row in self.outcomes if row.fits(mean, stars))


@dataclass(frozen=True, slots=True)
class Aggregation:
    """How the sheets of the members become one score.

    `display_decimals` is for showing only. Totals of two members may differ by `spread_limit`
    points; more calls for scoring again.
    """

    method: str
    scored_by: str
    source: str
    display_decimals: int
    display_rounding: str
    display_source: str
    spread_limit: int
    spread_source: str


@dataclass(frozen=True, slots=True)
class StarMinimums:
    """The requirements known for one star, as text; not `complete` where the list has gaps."""

    stars: int
    requirements: tuple[str, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Minimums:
    """Who judges the minimums of a star, for which sheets there are none, and what is known."""

    judged_by: JudgedBy
    exempt_sheets: tuple[str, ...]
    by_star: tuple[StarMinimums, ...]
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class KnockOut:
    """A reason for which a product is not recognised, whatever its points."""

    code: str
    kind: KnockOutKind
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A slot of the dossier's list of documents; samples of the product are no file."""

    code: str
    compulsory: bool
    is_file: bool
    name: str
    requirement: str
    source: str


@dataclass(frozen=True, slots=True)
class Copies:
    """When the members must have the copies, in working days before the session."""

    working_days_before_session: int
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class NumberField:
    """A token of a number's pattern; `digits` is None where the length is free."""

    token: str
    meaning: str
    digits: int | None


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """How a number is written, such as TT-HHH-XXXXX-STT-YYYY, and what each token means."""

    pattern: str
    fields: tuple[NumberField, ...]
    source: str


@dataclass(frozen=True, slots=True)
class CertificateRule:
    """How long a certificate is valid, for which stars it is issued and how it is numbered."""

    validity_months: int
    validity_from: str
    stars: tuple[int, ...]
    number: NumberPattern
    source: str


@dataclass(frozen=True, slots=True)
class ProductSubgroup:
    """The finest class of products; each has one scoring sheet, named by `sheet`."""

    number: int
    name: str
    sheet: str
    ministries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProductGroup:
    """A group of a sector."""

    code: str
    name: str
    subgroups: tuple[ProductSubgroup, ...]


@dataclass(frozen=True, slots=True)
class ProductSector:
    """One of the six sectors of the programme."""

    code: str
    name: str
    groups: tuple[ProductGroup, ...]


@dataclass(frozen=True, slots=True)
class Classification:
    """The products of the programme: sector → group → subgroup."""

    sectors: tuple[ProductSector, ...]
    source: str

    @property
    def subgroups(self) -> tuple[ProductSubgroup, ...]:
        """Every subgroup, in the order of the annex."""
        groups = (group for sector in self.sectors for group in sector.groups)
        return tuple(subgroup for group in groups for subgroup in group.subgroups)


@dataclass(frozen=True)
class Regulation:
    """Everything that one regulation says; dossiers keep the one they were received under."""

    code: str
    title: str
    decisions: tuple[Decision, ...]
    effective_from: date
    effective_to: date | None
    effective_source: str
    parts: tuple[PartMaximum, ...]
    star_bands: tuple[StarBand, ...]
    tiers: tuple[Tier, ...]
    aggregation: Aggregation
    minimums: Minimums
    knockouts: tuple[KnockOut, ...]
    documents: tuple[DocumentKind, ...]
    copies: Copies | None
    certificate: CertificateRule
    product_code: NumberPattern
    classification: Classification
    sheets: Mapping[str, Sheet]

    @property
    def part_maximums(self) -> dict[str, int]:
        """The points of each part by its code."""
        return {part.code: part.max_points for part in self.parts}

    def in_force_on(self, day: date) -> bool:
        """Tell whether the regulation was in force on `day`; both ends are included."""
        return self.effective_from <= day and (
            self.effective_to is None or day <= self.effective_to
        )

    def tier(self, code: str) -> Tier | None:
        """Return the tier with this code, None if the regulation does not have it."""
        return next((tier for tier in self.tiers if tier.code == code), None)

    def knockout(self, code: str) -> KnockOut | None:
        """Return the knock-out with this code, None if the regulation does not list it."""
        return next((knockout for knockout in self.knockouts if knockout.code == code), None)

    def band(self, mean: Decimal) -> StarBand:
        """Return the star band of an unrounded mean of 0–100 points."""
        return next(band for band in self.star_bands if mean >= band.floor)


def regulation_on(day: date, regulations: Iterable[Regulation]) -> Regulation:
    """Return the regulation for dossiers received on `day`.

    Where an old regulation runs out while the new one is already in force, the new one counts.
    Raises NoRegulationError if none was in force.
    """
    in_force = [regulation for regulation in regulations if regulation.in_force_on(day)]
    if not in_force:
        raise NoRegulationError(f"Không có quy định nào có hiệu lực vào ngày {day:%d/%m/%Y}")
    return max(in_force, key=lambda regulation: regulation.effective_from)


def read_regulations(base: Path = DATA_DIR) -> dict[str, Regulation]:
    """Load every regulation under `base` by its code, oldest first; raise DataError."""
    directories = sorted(path.parent for path in base.glob("*/regulation.json"))
    regulations = [load_regulation(directory) for directory in directories]
    regulations.sort(key=lambda regulation: regulation.effective_from)
    return {regulation.code: regulation for regulation in regulations}


def load_regulation(directory: Path) -> Regulation:
    """Load one regulation with its sheets, each checked; raise DataError on wrong data.

    A sheet that does not add up is loaded too, with its problems, and is not usable.
    """
    record = read_record(directory / "regulation.json")
    if record.text("code") != directory.name:
        raise record.fail("code", f"“{directory.name}”, tên thư mục")
    sheets_directory = directory.parent / record.text("sheets_of", default=directory.name)
    sheets = [read_sheet(path) for path in (sheets_directory / "sheets").glob("*.json")]
    return parse_regulation(record, read_record(sheets_directory / "product_groups.json"), sheets)


def parse_regulation(record: Record, groups: Record, sheets: Iterable[Sheet]) -> Regulation:
    """Build a regulation from its JSON objects, with its sheets checked; raise DataError."""
    parts = _parts(record)
    regulation = Regulation(
        code=record.text("code"),
        title=record.text("title"),
        decisions=tuple(_decision(decision) for decision in record.records("decisions")),
        effective_from=record.day("effective_from"),
        effective_to=record.day_or_none("effective_to"),
        effective_source=record.text("effective_source"),
        parts=parts,
        star_bands=_star_bands(record),
        tiers=_tiers(record),
        aggregation=_aggregation(record.record("aggregation")),
        minimums=_minimums(record.record("minimums")),
        knockouts=tuple(_knockout(knockout) for knockout in record.records("knockouts")),
        documents=tuple(_document(document) for document in record.records("documents")),
        copies=_copies(record.record("copies")) if record.data.get("copies") else None,
        certificate=_certificate(record.record("certificate")),
        product_code=_number_pattern(record.record("product_code")),
        classification=_classification(groups),
        sheets=_checked(sheets, parts),
    )
    _check_references(regulation, record)
    return regulation


def _check_references(regulation: Regulation, record: Record) -> None:
    """Refuse codes that are used twice or that name something that does not exist."""
    for what, codes in {
        "tiers": [tier.code for tier in regulation.tiers],
        "knockouts": [knockout.code for knockout in regulation.knockouts],
        "documents": [document.code for document in regulation.documents],
    }.items():
        if len(set(codes)) != len(codes):
            raise DataError(f"{record.where}.{what}: có mã lặp lại trong {codes}")
    named = [subgroup.sheet for subgroup in regulation.classification.subgroups]
    missing = {*named, *regulation.minimums.exempt_sheets} - regulation.sheets.keys()
    if missing:
        raise DataError(f"{record.where}: không có phiếu {', '.join(sorted(missing))}")


def _checked(sheets: Iterable[Sheet], parts: tuple[PartMaximum, ...]) -> dict[str, Sheet]:
    maximums = {part.code: part.max_points for part in parts}
    in_order = sorted(sheets, key=lambda sheet: (sheet.number, sheet.name))
    return {sheet.name: checked_sheet(sheet, maximums) for sheet in in_order}


def _decision(record: Record) -> Decision:
    return Decision(record.text("number"), record.day("date"), record.text("role"))


def _parts(record: Record) -> tuple[PartMaximum, ...]:
    parts = tuple(_part(part) for part in record.records("parts"))
    if sum(part.max_points for part in parts) != SHEET_TOTAL:
        raise DataError(f"{record.where}.parts: các phần phải cộng lại được {SHEET_TOTAL} điểm")
    return parts


def _part(record: Record) -> PartMaximum:
    return PartMaximum(
        code=record.text("code"),
        name=record.text("name"),
        max_points=record.number("max_points"),
        source=record.text("source"),
    )


def _star_bands(record: Record) -> tuple[StarBand, ...]:
    bands = tuple(_star_band(band) for band in record.records("star_bands"))
    floors = [band.floor for band in bands]
    if not floors or floors[-1] != 0 or floors != sorted(set(floors), reverse=True):
        raise DataError(f"{record.where}.star_bands: ngưỡng phải giảm dần và kết thúc ở 0")
    return bands


def _star_band(record: Record) -> StarBand:
    return StarBand(
        stars=record.number("stars"),
        floor=record.decimal("floor"),
        label=record.text("label"),
        source=record.text("source"),
    )


def _tiers(record: Record) -> tuple[Tier, ...]:
    tiers = tuple(_tier(tier) for tier in record.records("tiers"))
    codes = {tier.code for tier in tiers}
    for tier in tiers:
        for row in tier.outcomes:
            if row.next_tier is not None and row.next_tier not in codes:
                raise DataError(f"{record.where}.tiers: không có cấp {row.next_tier}")
    return tiers


def _tier(record: Record) -> Tier:
    outcomes = tuple(_outcome_row(row) for row in record.records("outcomes"))
    if not outcomes or not outcomes[-1].unconditional:
        raise DataError(f"{record.where}.outcomes: dòng cuối phải không có điều kiện")
    return Tier(
        code=record.text("code"),
        name=record.text("name"),
        evaluated_by=record.text("evaluated_by"),
        signed_by=record.text("signed_by"),
        outcomes=outcomes,
        source=record.text("source"),
    )


def _outcome_row(record: Record) -> OutcomeRow:
    outcome = record.text("outcome")
    if outcome not in ROW_OUTCOMES:
        raise record.fail("outcome", f"một trong {', '.join(sorted(ROW_OUTCOMES))}")
    return OutcomeRow(
        outcome=Outcome(outcome),
        reason=record.text("reason"),
        source=record.text("source"),
        mean_at_least=record.decimal_or_none("mean_at_least"),
        stars_at_least=record.number_or_none("stars_at_least"),
        recognised_stars=record.number_or_none("recognised_stars"),
        next_tier=record.text("next_tier", default="") or None,
    )


def _aggregation(record: Record) -> Aggregation:
    # The only ways so far: another one would be another formula, so it must not pass unseen.
    for key, only in {"method": "mean", "display_rounding": "half_up"}.items():
        if record.text(key) != only:
            raise record.fail(key, f"“{only}”")
    return Aggregation(
        method=record.text("method"),
        scored_by=record.text("scored_by"),
        source=record.text("source"),
        display_decimals=record.number("display_decimals"),
        display_rounding=record.text("display_rounding"),
        display_source=record.text("display_source"),
        spread_limit=record.number("spread_limit"),
        spread_source=record.text("spread_source"),
    )


def _minimums(record: Record) -> Minimums:
    if record.text("judged_by") not in set(JudgedBy):
        raise record.fail("judged_by", f"một trong {', '.join(JudgedBy)}")
    return Minimums(
        judged_by=JudgedBy(record.text("judged_by")),
        exempt_sheets=record.texts("exempt_sheets"),
        by_star=tuple(_star_minimums(star) for star in record.records("by_star", required=False)),
        note=record.text("note", default=""),
        source=record.text("source"),
    )


def _star_minimums(record: Record) -> StarMinimums:
    return StarMinimums(
        stars=record.number("stars"),
        requirements=record.texts("requirements"),
        complete=record.flag("complete"),
    )


def _knockout(record: Record) -> KnockOut:
    if record.text("kind") not in set(KnockOutKind):
        raise record.fail("kind", f"một trong {', '.join(KnockOutKind)}")
    return KnockOut(
        code=record.text("code"),
        kind=KnockOutKind(record.text("kind")),
        text=record.text("text"),
        source=record.text("source"),
    )


def _document(record: Record) -> DocumentKind:
    return DocumentKind(
        code=record.text("code"),
        compulsory=record.flag("compulsory"),
        is_file=record.flag("is_file", default=True),
        name=record.text("name"),
        requirement=record.text("requirement", default=""),
        source=record.text("source"),
    )


def _copies(record: Record) -> Copies:
    return Copies(
        working_days_before_session=record.number("working_days_before_session"),
        text=record.text("text"),
        source=record.text("source"),
    )


def _certificate(record: Record) -> CertificateRule:
    return CertificateRule(
        validity_months=record.number("validity_months"),
        validity_from=record.text("validity_from"),
        stars=record.numbers("stars"),
        number=_number_pattern(record.record("number")),
        source=record.text("source"),
    )


def _number_pattern(record: Record) -> NumberPattern:
    return NumberPattern(
        pattern=record.text("pattern"),
        fields=tuple(_number_field(field) for field in record.records("fields")),
        source=record.text("source"),
    )


def _number_field(record: Record) -> NumberField:
    return NumberField(
        record.text("token"), record.text("meaning"), record.number_or_none("digits")
    )


def _classification(record: Record) -> Classification:
    return Classification(
        sectors=tuple(_sector(sector) for sector in record.records("sectors")),
        source=record.text("source"),
    )


def _sector(record: Record) -> ProductSector:
    groups = tuple(_group(group) for group in record.records("groups"))
    return ProductSector(record.text("code"), record.text("name"), groups)


def _group(record: Record) -> ProductGroup:
    subgroups = tuple(_subgroup(subgroup) for subgroup in record.records("subgroups"))
    return ProductGroup(record.text("code"), record.text("name"), subgroups)


def _subgroup(record: Record) -> ProductSubgroup:
    return ProductSubgroup(
        number=record.number("number"),
        name=record.text("name"),
        sheet=record.text("sheet"),
        ministries=record.texts("ministry"),
    )
