"""A regulation is dated data: what a decision of the Prime Minister says, as values.

`source` names the decision and the article or annex, or says that there is none. `parsing` reads
these values from the files in `data/`; the next decision is a new folder there, not new code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from regulations.sheets import Sheet


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


class DossierKind(StrEnum):
    """Why a product is evaluated (26/2026/QĐ-TTg, Điều 6 khoản 1)."""

    FIRST = "first"
    UPGRADE = "upgrade"
    RENEWAL = "renewal"


class DayUnit(StrEnum):
    """Whether a term counts all days or only those on which offices work."""

    CALENDAR = "calendar"
    WORKING = "working"


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
    """A slot of the dossier's list of documents; samples of the product are no file.

    `kinds` are the kinds of dossier that have the slot. A document that is `made_anew` belongs to
    one dossier only. `follows` are slots of the regulation before whose documents go here,
    `criteria` the names of the criteria that the document is evidence for. `term_months` is how
    long such a document usually holds from the day of issue, by `term_source`; None: not known.
    `forms` are the printed forms that fill it: one of them is enough.
    """

    code: str
    compulsory: bool
    is_file: bool
    name: str
    requirement: str
    source: str
    kinds: tuple[DossierKind, ...] = tuple(DossierKind)
    made_anew: bool = False
    follows: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    term_months: int | None = None
    term_source: str = ""
    forms: tuple[str, ...] = ()


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
class DayLimit:
    """How long somebody has for a step: `days` (1 or more) of `unit`, counted from `start`."""

    code: str
    days: int
    unit: DayUnit
    start: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class RenewalRule:
    """When a re-evaluation is filed, in days before the certificate ends (both ends included).

    Who files late keeps the certificate until the result, at most `grace_days` after its end;
    None where the regulation knows no such grace.
    """

    opens_days_before: int
    closes_days_before: int
    source: str
    grace_days: int | None
    grace_source: str


@dataclass(frozen=True, slots=True)
class YearDay:
    """A day of every year, such as 30/6."""

    month: int
    day: int

    def in_year(self, year: int) -> date:
        """Return this day in `year`."""
        return date(year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class EvaluationRound:
    """A yearly round: held before `held_before` for dossiers proposed before `proposed_before`."""

    tier: str
    held_before: YearDay
    proposed_before: YearDay
    source: str


@dataclass(frozen=True, slots=True)
class Screening:
    """What a body below the first tier looks at before it proposes the product."""

    name: str
    done_by: str
    points: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Transition:
    """What becomes of dossiers that were filed before the regulation came into force.

    They go on under the old one if they are finished within `pending_days` (by kind of dossier)
    from the day on which the new one came into force.
    """

    pending_days: Mapping[DossierKind, int]
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class RevocationGround:
    """A reason for which a certificate is revoked."""

    code: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class ProductSubgroup:
    """The finest class of products; each has one scoring sheet, named by `sheet`.

    `follows` are the sheets of the earlier regulation whose products are judged by this one now.
    """

    number: int
    name: str
    sheet: str
    ministries: tuple[str, ...]
    follows: tuple[str, ...] = ()


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
    """Everything that one regulation says; dossiers keep the one they were received under.

    It is in force from `effective_from` to `effective_to` and counts for dossiers received until
    `accepts_until` (None: no end is known). The two ends differ where an old decision lapses only
    some weeks after the new one has taken its place.
    """

    code: str
    title: str
    decisions: tuple[Decision, ...]
    effective_from: date
    effective_to: date | None
    accepts_until: date | None
    effective_source: str
    parts: tuple[PartMaximum, ...]
    star_bands: tuple[StarBand, ...]
    tiers: tuple[Tier, ...]
    aggregation: Aggregation
    minimums: Minimums
    knockouts: tuple[KnockOut, ...]
    documents: tuple[DocumentKind, ...]
    copies: Copies | None
    screening: Screening | None
    day_limits: tuple[DayLimit, ...]
    rounds: tuple[EvaluationRound, ...]
    renewal: RenewalRule | None
    transition: Transition | None
    revocation: tuple[RevocationGround, ...]
    certificate: CertificateRule
    product_code: NumberPattern
    classification: Classification
    sheets: Mapping[str, Sheet]

    @property
    def short_name(self) -> str:
        """How people name it: by the numbers of its decisions."""
        return ", ".join(decision.number for decision in self.decisions)

    @property
    def part_maximums(self) -> dict[str, int]:
        """The points of each part by its code."""
        return {part.code: part.max_points for part in self.parts}

    def in_force_on(self, day: date) -> bool:
        """Tell whether the regulation was in force on `day`; both ends are included."""
        return self.effective_from <= day and (
            self.effective_to is None or day <= self.effective_to
        )

    def accepts_on(self, day: date) -> bool:
        """Tell whether a dossier received on `day` comes under it; both ends are included."""
        return self.effective_from <= day and (
            self.accepts_until is None or day <= self.accepts_until
        )

    def tier(self, code: str) -> Tier | None:
        """Return the tier with this code, None if the regulation does not have it."""
        return next((tier for tier in self.tiers if tier.code == code), None)

    def knockout(self, code: str) -> KnockOut | None:
        """Return the knock-out with this code, None if the regulation does not list it."""
        return next((knockout for knockout in self.knockouts if knockout.code == code), None)

    def day_limit(self, code: str) -> DayLimit | None:
        """Return the day limit with this code, None if the regulation sets none."""
        return next((limit for limit in self.day_limits if limit.code == code), None)

    def documents_for(self, kind: str) -> tuple[DocumentKind, ...]:
        """Return the slots of a dossier of this kind, in the order of the list."""
        return tuple(document for document in self.documents if kind in document.kinds)

    def slot(self, code: str) -> DocumentKind | None:
        """Return the slot with this code, None if the regulation does not have it."""
        return next((document for document in self.documents if document.code == code), None)

    def slots_after(self, earlier_slot: str) -> tuple[str, ...]:
        """Return the slots that take the documents of a slot of the regulation before."""
        return tuple(
            document.code
            for document in self.documents
            if earlier_slot == document.code or earlier_slot in document.follows
        )

    def slots_before(self, slot: str) -> tuple[str, ...]:
        """Return the slots of the regulation before whose documents `slot` takes."""
        document = self.slot(slot)
        return (slot, *document.follows) if document else ()

    def sheet_after(self, earlier_sheet: str) -> str | None:
        """Return the one sheet that took the place of a sheet of the regulation before.

        None where there is none, or more than one: then a person has to choose.
        """
        followers = [
            subgroup.sheet
            for subgroup in self.classification.subgroups
            if earlier_sheet in subgroup.follows
        ]
        return followers[0] if len(followers) == 1 else None

    def sheet_before(self, sheet: str) -> str | None:
        """Return the one sheet of the regulation before whose place `sheet` took, else None."""
        followed = [
            earlier
            for subgroup in self.classification.subgroups
            if subgroup.sheet == sheet
            for earlier in subgroup.follows
        ]
        return followed[0] if len(followed) == 1 else None

    def band(self, mean: Decimal) -> StarBand:
        """Return the star band of an unrounded mean of 0–100 points."""
        return next(band for band in self.star_bands if mean >= band.floor)
