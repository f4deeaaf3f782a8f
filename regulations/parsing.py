"""From the files in `data/` to the values of `rules`; every mistake is a DataError with its place.

Each folder holds one regulation: `regulation.json` (bands, tiers, outcomes, documents …),
`product_groups.json` (sector → group → subgroup) and `sheets/` (one scoring sheet per subgroup).
A regulation that changes only the procedure names another one in `sheets_of` and uses its sheets
and product groups.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from regulations.checking import SHEET_TOTAL, checked_sheet
from regulations.reading import DataError, Record, read_record
from regulations.rules import (
    ROW_OUTCOMES,
    Aggregation,
    CertificateRule,
    Classification,
    Copies,
    DayLimit,
    DayUnit,
    Decision,
    DocumentKind,
    DossierKind,
    EvaluationRound,
    JudgedBy,
    KnockOut,
    KnockOutKind,
    Minimums,
    NumberField,
    NumberPattern,
    Outcome,
    OutcomeRow,
    PartMaximum,
    ProductGroup,
    ProductSector,
    ProductSubgroup,
    Regulation,
    RenewalRule,
    RevocationGround,
    Screening,
    StarBand,
    StarMinimums,
    Tier,
    Transition,
    YearDay,
)
from regulations.sheets import Sheet, read_sheet

DATA_DIR = Path(__file__).parent / "data"


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
        accepts_until=record.day_or_none("accepts_until") or record.day_or_none("effective_to"),
        effective_source=record.text("effective_source"),
        parts=parts,
        star_bands=_star_bands(record),
        tiers=_tiers(record),
        aggregation=_aggregation(record.record("aggregation")),
        minimums=_minimums(record.record("minimums")),
        knockouts=tuple(_knockout(knockout) for knockout in record.records("knockouts")),
        documents=tuple(_document(document) for document in record.records("documents")),
        copies=_copies(record.record("copies")) if record.data.get("copies") else None,
        screening=_screening(record.record("screening")) if record.data.get("screening") else None,
        day_limits=tuple(
            _day_limit(limit) for limit in record.records("day_limits", required=False)
        ),
        rounds=tuple(_round(row) for row in record.records("rounds", required=False)),
        renewal=_renewal(record.record("renewal")) if record.data.get("renewal") else None,
        transition=(
            _transition(record.record("transition")) if record.data.get("transition") else None
        ),
        revocation=tuple(
            _ground(ground) for ground in record.records("revocation", required=False)
        ),
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
        "day_limits": [limit.code for limit in regulation.day_limits],
        "revocation": [ground.code for ground in regulation.revocation],
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
    return OutcomeRow(
        outcome=Outcome(record.choice("outcome", ROW_OUTCOMES)),
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
    return Minimums(
        judged_by=JudgedBy(record.choice("judged_by", JudgedBy)),
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
    return KnockOut(
        code=record.text("code"),
        kind=KnockOutKind(record.choice("kind", KnockOutKind)),
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
        kinds=_kinds(record),
        made_anew=record.flag("made_anew", default=False),
        follows=record.texts("follows"),
        criteria=record.texts("criteria"),
        term_months=record.number_or_none("term_months"),
        term_source=record.text("term_source", default=""),
        forms=record.texts("forms"),
    )


def _kinds(record: Record) -> tuple[DossierKind, ...]:
    """The kinds of dossier that a document belongs to; without the key, to all."""
    named = record.texts("kinds")
    if not named:
        return tuple(DossierKind)
    if unknown := set(named) - set(DossierKind):
        raise record.fail("kinds", f"loại hồ sơ, không có {', '.join(sorted(unknown))}")
    return tuple(kind for kind in DossierKind if kind in named)


def _copies(record: Record) -> Copies:
    return Copies(
        working_days_before_session=record.number("working_days_before_session"),
        text=record.text("text"),
        source=record.text("source"),
    )


def _screening(record: Record) -> Screening:
    return Screening(
        name=record.text("name"),
        done_by=record.text("done_by"),
        points=record.texts("points"),
        source=record.text("source"),
    )


def _day_limit(record: Record) -> DayLimit:
    days = record.number("days")
    if days < 1:
        raise record.fail("days", "số ngày từ 1 trở lên")
    return DayLimit(
        code=record.text("code"),
        days=days,
        unit=DayUnit(record.choice("unit", DayUnit)),
        start=record.text("start"),
        text=record.text("text"),
        source=record.text("source"),
    )


def _round(record: Record) -> EvaluationRound:
    return EvaluationRound(
        tier=record.text("tier"),
        held_before=_year_day(record, "held_before"),
        proposed_before=_year_day(record, "proposed_before"),
        source=record.text("source"),
    )


def _year_day(record: Record, key: str) -> YearDay:
    """A day of every year, written MM-DD; 29 February is none."""
    month, _, day = record.text(key).partition("-")
    try:
        date(2001, int(month), int(day))
    except ValueError as error:
        raise record.fail(key, "một ngày trong năm MM-DD") from error
    return YearDay(int(month), int(day))


def _renewal(record: Record) -> RenewalRule:
    rule = RenewalRule(
        opens_days_before=record.number("opens_days_before"),
        closes_days_before=record.number("closes_days_before"),
        source=record.text("source"),
        grace_days=record.number_or_none("grace_days"),
        grace_source=record.text("grace_source", default=""),
    )
    if not 0 <= rule.closes_days_before <= rule.opens_days_before:
        raise record.fail("closes_days_before", "số ngày từ 0 đến opens_days_before")
    return rule


def _transition(record: Record) -> Transition:
    pending = record.record("pending_days")
    return Transition(
        pending_days={kind: pending.number(kind) for kind in DossierKind},
        text=record.text("text"),
        source=record.text("source"),
    )


def _ground(record: Record) -> RevocationGround:
    return RevocationGround(record.text("code"), record.text("text"), record.text("source"))


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
        follows=record.texts("follows"),
    )
