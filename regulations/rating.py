"""The result of one product at one tier, from the sheets of the council's members.

A pure function of the regulation, the sheet and what the members chose: the same input always
gives the same result, and every figure in it can be traced to a sheet and an article.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from typing import TypeAlias

from regulations.rules import JudgedBy, Outcome, OutcomeRow, Regulation, StarBand, Tier
from regulations.sheets import HIGHEST_STARS, Criterion, Sheet

MemberId: TypeAlias = str | int
Choices: TypeAlias = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the council and the option chosen in each criterion (None: none reached)."""

    id: MemberId
    choices: Choices
    present: bool = True
    recused: bool = False

    @property
    def scores(self) -> bool:
        """Only who is present and not recused scores, counts for the mean and for the quorum."""
        return self.present and not self.recused


@dataclass(frozen=True, slots=True)
class Quorum:
    """At least `need` of the council's `of` members must score."""

    of: int
    need: int


@dataclass(frozen=True, slots=True)
class Scoring:
    """What one tier's council put down for one product.

    `agreed_levels` are the options that the council agreed on where members differed.
    `knockouts` are codes of the regulation's knock-outs; a code that it does not list knocks out
    just as well. `council_minimum_stars` (1–5) is the highest star whose minimums the council
    found met; it counts only where the regulation leaves that to the council (Decision 781).
    Without `quorum` there is no check; without `spread_limit` (points) the regulation's counts.
    """

    tier: str
    members: Sequence[Member]
    agreed_levels: Choices = field(default_factory=dict)
    knockouts: Sequence[str] = ()
    council_minimum_stars: int | None = None
    quorum: Quorum | None = None
    spread_limit: int | Decimal | None = None

    def __post_init__(self) -> None:
        stars = self.council_minimum_stars
        if stars is not None and not 1 <= stars <= HIGHEST_STARS:
            raise ValueError(f"council_minimum_stars must be 1–{HIGHEST_STARS}, not {stars}")


@dataclass(frozen=True, slots=True)
class RatingError:
    """Why no result can be computed; `message` is the Vietnamese sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A step that led to the result, with the article it comes from."""

    code: str
    message: str
    source: str


@dataclass(frozen=True, slots=True)
class SpreadPair:
    """Two members whose totals differ by more than the limit, in the order of the members."""

    first: MemberId
    second: MemberId
    difference: int


@dataclass(frozen=True, slots=True)
class MissingMinimum:
    """A minimum that is not met; `option` is None where the criterion itself is marked."""

    stars: int
    criterion: str
    option: int | None
    label: str
    to_agree: bool = False


@dataclass(frozen=True, slots=True)
class Rating:
    """The result of one tier. With `errors` nothing else is filled in.

    `mean` and `part_means` are not rounded; `mean_text` and `part_mean_texts` are for showing.
    `recognised_stars` is None unless this tier recognises stars.
    """

    errors: tuple[RatingError, ...] = ()
    member_totals: Mapping[MemberId, int] = field(default_factory=dict)
    mean: Decimal | None = None
    mean_text: str | None = None
    part_means: Mapping[str, Decimal] = field(default_factory=dict)
    part_mean_texts: Mapping[str, str] = field(default_factory=dict)
    spread_limit: int | Decimal | None = None
    spread_pairs: tuple[SpreadPair, ...] = ()
    band_stars: int | None = None
    minimum_stars: int | None = None
    missing_minimums: tuple[MissingMinimum, ...] = ()
    to_agree: tuple[str, ...] = ()
    stars: int | None = None
    outcome: Outcome | None = None
    next_tier: str | None = None
    recognised_stars: int | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def valid(self) -> bool:
        """True if the result could be computed."""
        return not self.errors


def rate_under(
    regulations: Mapping[str, Regulation], regulation_code: str, sheet_name: str, scoring: Scoring
) -> Rating:
    """Rate under a regulation and a sheet given by their codes.

    As `rate`, and with the errors `unknown_regulation` and `unknown_sheet`.
    """
    regulation = regulations.get(regulation_code)
    if regulation is None:
        return _refused("unknown_regulation", f"Không có quy định “{regulation_code}”.")
    sheet = regulation.sheets.get(sheet_name)
    if sheet is None:
        message = f"Quy định {regulation.code} không có phiếu “{sheet_name}”."
        return _refused("unknown_sheet", message)
    return rate(regulation, sheet, scoring)


def rate(regulation: Regulation, sheet: Sheet, scoring: Scoring) -> Rating:
    """Return the result of one tier, or the errors for which there is none.

    Errors: sheet_incomplete, tier_not_in_regulation, duplicate_member, no_scoring_member,
    below_quorum, missing_criterion, unknown_criterion, option_out_of_range. The choices of
    members who do not score are not looked at.
    """
    tier = regulation.tier(scoring.tier)
    errors = tuple(_errors(regulation, sheet, tier, scoring))
    if errors or tier is None:
        return Rating(errors=errors)
    return _rate(regulation, sheet, tier, scoring)


def result_data(rating: Rating) -> dict[str, object]:
    """Return the result as plain data for JSON; means are the rounded texts."""
    return {
        "valid": rating.valid,
        "errors": [{"code": error.code, "message": error.message} for error in rating.errors],
        "member_totals": dict(rating.member_totals),
        "mean": rating.mean_text,
        "part_means": dict(rating.part_mean_texts),
        "spread": {
            "limit": rating.spread_limit,
            "pairs": [[pair.first, pair.second, pair.difference] for pair in rating.spread_pairs],
        },
        "band_stars": rating.band_stars,
        "minimum_stars": rating.minimum_stars,
        "missing_minimums": [
            {key: getattr(missing, key) for key in ("stars", "criterion", "option", "label")}
            for missing in rating.missing_minimums
        ],
        "to_agree": list(rating.to_agree),
        "stars": rating.stars,
        "outcome": rating.outcome.value if rating.outcome else None,
        "next_tier": rating.next_tier,
        "recognised_stars": rating.recognised_stars,
        "reasons": [
            {"code": reason.code, "message": reason.message, "source": reason.source}
            for reason in rating.reasons
        ],
    }


# Errors


def _refused(code: str, message: str) -> Rating:
    return Rating(errors=(RatingError(code, message),))


def _errors(
    regulation: Regulation, sheet: Sheet, tier: Tier | None, scoring: Scoring
) -> Iterator[RatingError]:
    if not sheet.usable:
        problems = "; ".join(problem.message for problem in sheet.problems or ())
        message = f"Phiếu “{sheet.title}” chưa dùng được: {problems or 'chưa được kiểm tra'}."
        yield RatingError("sheet_incomplete", message)
    if tier is None:
        message = f"Quy định {regulation.code} không có cấp “{scoring.tier}”."
        yield RatingError("tier_not_in_regulation", message)
    yield from _member_errors(scoring)
    for member in scoring.members:
        if member.scores:
            yield from _sheet_errors(sheet, member.choices, f"Phiếu của thành viên {member.id}")
    yield from _choice_errors(sheet, scoring.agreed_levels, "Mức thống nhất")


def _member_errors(scoring: Scoring) -> Iterator[RatingError]:
    for member_id, times in Counter(member.id for member in scoring.members).items():
        if times > 1:
            message = f"Thành viên {member_id} có {times} phiếu."
            yield RatingError("duplicate_member", message)
    count = sum(member.scores for member in scoring.members)
    if not count:
        message = "Không có thành viên nào có mặt và được chấm điểm."
        yield RatingError("no_scoring_member", message)
    quorum = scoring.quorum
    if quorum and count < quorum.need:
        message = (
            f"Có {count} thành viên chấm điểm, cần ít nhất {quorum.need} "
            f"trên tổng số {quorum.of} thành viên hội đồng."
        )
        yield RatingError("below_quorum", message)


def _sheet_errors(sheet: Sheet, choices: Choices, whose: str) -> Iterator[RatingError]:
    """A sheet that is handed in names every criterion, if only to say that none is reached."""
    if missing := [code for code in sheet.by_code if code not in choices]:
        yield RatingError("missing_criterion", f"{whose} thiếu tiêu chí {', '.join(missing)}.")
    yield from _choice_errors(sheet, choices, whose)


def _choice_errors(sheet: Sheet, choices: Choices, whose: str) -> Iterator[RatingError]:
    criteria = sheet.by_code
    if unknown := [str(code) for code in choices if code not in criteria]:
        message = f"{whose} có tiêu chí không thuộc phiếu: {', '.join(unknown)}."
        yield RatingError("unknown_criterion", message)
    for code, index in choices.items():
        criterion = criteria.get(code)
        if criterion and index is not None and not criterion.has_option(index):
            yield RatingError("option_out_of_range", f"{whose}: {_wrong_option(code, index)}")


def _wrong_option(code: str, index: object) -> str:
    if isinstance(index, (list, tuple)):
        return f"tiêu chí {code} có {len(index)} lựa chọn, chỉ được chọn một."
    return f"tiêu chí {code} không có lựa chọn {index}."


# The result


@dataclass(frozen=True, slots=True)
class _Score:
    """What one member gave: points in total and by part."""

    member: MemberId
    total: int
    by_part: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Standing:
    """The stars by points and by minimums, before the tier's outcome.

    `attainable` is the minimum stars if every level still to agree on were met.
    """

    band: StarBand
    minimum: int
    attainable: int
    knocked_out: bool

    @property
    def stars(self) -> int:
        return 0 if self.knocked_out else min(self.band.stars, self.minimum)

    @property
    def depends_on_agreement(self) -> bool:
        return min(self.band.stars, self.attainable) != min(self.band.stars, self.minimum)


def _rate(regulation: Regulation, sheet: Sheet, tier: Tier, scoring: Scoring) -> Rating:
    members = [member for member in scoring.members if member.scores]
    scores = [_score(sheet, member) for member in members]
    mean = _mean([score.total for score in scores])
    part_means = {
        part.code: _mean([score.by_part[part.code] for score in scores]) for part in sheet.parts
    }
    limit = _spread_limit(regulation, scoring)
    pairs = tuple(_spread_pairs(scores, limit))
    missing = tuple(_missing_minimums(sheet, members, scoring.agreed_levels))
    standing = _standing(regulation, scoring, mean, missing)
    row = _outcome_row(regulation, tier, mean, pairs, standing)
    decimals = regulation.aggregation.display_decimals
    return Rating(
        member_totals={score.member: score.total for score in scores},
        mean=mean,
        mean_text=rounded(mean, decimals),
        part_means=part_means,
        part_mean_texts={code: rounded(value, decimals) for code, value in part_means.items()},
        spread_limit=limit,
        spread_pairs=pairs,
        band_stars=standing.band.stars,
        minimum_stars=standing.minimum,
        missing_minimums=missing,
        to_agree=tuple(dict.fromkeys(each.criterion for each in missing if each.to_agree)),
        stars=standing.stars,
        outcome=row.outcome,
        next_tier=row.next_tier,
        recognised_stars=row.recognised_stars,
        reasons=(
            *_knockout_reasons(regulation, scoring),
            _band_reason(standing.band, rounded(mean, decimals)),
            *_minimum_reasons(regulation, sheet, scoring, standing, missing),
            Reason(row.outcome.value, row.reason, row.source),
        ),
    )


def rounded(value: Decimal, decimals: int) -> str:
    """Return a mean as a result shows it, half up: with 2 decimals 89.995 becomes "90.00"."""
    return str(value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def _score(sheet: Sheet, member: Member) -> _Score:
    by_part = {part.code: 0 for part in sheet.parts}
    for part, criterion in sheet.criteria:
        index = member.choices[criterion.code]
        if index is not None:
            by_part[part.code] += criterion.options[index].points
    return _Score(member.id, sum(by_part.values()), by_part)


def _mean(points: Sequence[int]) -> Decimal:
    return Decimal(sum(points)) / len(points)


def _spread_limit(regulation: Regulation, scoring: Scoring) -> int | Decimal:
    if scoring.spread_limit is None:
        return regulation.aggregation.spread_limit
    return scoring.spread_limit


def _spread_pairs(scores: Sequence[_Score], limit: int | Decimal) -> Iterator[SpreadPair]:
    for first, second in combinations(scores, 2):
        difference = abs(first.total - second.total)
        if difference > limit:
            yield SpreadPair(first.member, second.member, difference)


def _missing_minimums(
    sheet: Sheet, members: Sequence[Member], agreed_levels: Choices
) -> Iterator[MissingMinimum]:
    for _, criterion in sheet.criteria:
        if not criterion.marked_stars:
            continue
        code = criterion.code
        agreed = code in agreed_levels
        levels = [agreed_levels[code]] if agreed else [member.choices[code] for member in members]
        for star in criterion.marked_stars:
            yield from _missing_minimum(criterion, star, levels)


def _missing_minimum(
    criterion: Criterion, star: int, levels: Sequence[int | None]
) -> Iterator[MissingMinimum]:
    """Every level counts; where only some meet the minimum, the council must agree on one."""
    unmet = [minimum for index in levels if (minimum := criterion.unmet_minimum(star, index))]
    if unmet:
        yield MissingMinimum(
            stars=star,
            criterion=criterion.code,
            option=unmet[0].option,
            label=unmet[0].label,
            to_agree=len(unmet) < len(levels),
        )


def _standing(
    regulation: Regulation, scoring: Scoring, mean: Decimal, missing: Sequence[MissingMinimum]
) -> _Standing:
    council = HIGHEST_STARS
    if regulation.minimums.judged_by is JudgedBy.COUNCIL and scoring.council_minimum_stars:
        council = scoring.council_minimum_stars
    surely_missing = [each for each in missing if not each.to_agree]
    return _Standing(
        band=regulation.band(mean),
        minimum=min(council, _highest_met(missing)),
        attainable=min(council, _highest_met(surely_missing)),
        knocked_out=bool(scoring.knockouts),
    )


def _highest_met(missing: Sequence[MissingMinimum]) -> int:
    """A star is reached only if the minimums of every star up to it are met."""
    return min((each.stars - 1 for each in missing), default=HIGHEST_STARS)


def _outcome_row(
    regulation: Regulation,
    tier: Tier,
    mean: Decimal,
    pairs: Sequence[SpreadPair],
    standing: _Standing,
) -> OutcomeRow:
    """Return the first that fits: knock-out, scoring again, agreeing, then the tier's rows."""
    if standing.knocked_out:
        reason = "Sản phẩm bị loại hoặc bị dừng đánh giá: không công nhận, 0 sao."
        return OutcomeRow(Outcome.NOT_RECOGNISED, reason, tier.source)
    if pairs:
        reason = f"Có {len(pairs)} cặp thành viên chênh nhau quá mức cho phép: thảo luận, chấm lại."
        return OutcomeRow(Outcome.RESCORE, reason, regulation.aggregation.spread_source)
    if standing.depends_on_agreement:
        reason = "Hội đồng phải thống nhất mức đạt ở các tiêu chí còn khác nhau để xếp hạng."
        return OutcomeRow(Outcome.AGREE, reason, regulation.minimums.source)
    return tier.outcome(mean, standing.stars)


# Reasons


def _knockout_reasons(regulation: Regulation, scoring: Scoring) -> Iterator[Reason]:
    for code in scoring.knockouts:
        knockout = regulation.knockout(code)
        if knockout:
            yield Reason("knocked_out", f"{knockout.text}.", knockout.source)
        else:
            message = f"Hội đồng ghi lý do loại “{code}”, ngoài danh mục của quy định."
            yield Reason("knocked_out", message, "Kết luận của hội đồng")


def _band_reason(band: StarBand, mean_text: str) -> Reason:
    points = mean_text.replace(".", ",")
    message = f"Điểm trung bình {points} thuộc hạng {band.stars} sao ({band.label})."
    return Reason("band", message, band.source)


def _minimum_reasons(
    regulation: Regulation,
    sheet: Sheet,
    scoring: Scoring,
    standing: _Standing,
    missing: Sequence[MissingMinimum],
) -> Iterator[Reason]:
    source = regulation.minimums.source
    if regulation.minimums.judged_by is JudgedBy.COUNCIL:
        yield _council_reason(regulation, sheet, scoring)
    for star in sorted({each.stars for each in missing}):
        codes = ", ".join(each.criterion for each in missing if each.stars == star)
        message = f"Chưa đạt mức tối thiểu của hạng {star} sao ở tiêu chí {codes}."
        yield Reason("minimum_missing", message, source)
    if standing.minimum < standing.band.stars:
        message = f"Yêu cầu tối thiểu chỉ đạt đến hạng {standing.minimum} sao."
        yield Reason("capped", message, source)


def _council_reason(regulation: Regulation, sheet: Sheet, scoring: Scoring) -> Reason:
    minimums = regulation.minimums
    if stars := scoring.council_minimum_stars:
        message = f"Hội đồng xác định sản phẩm đạt yêu cầu tối thiểu đến hạng {stars} sao."
        return Reason("minimums_judged", message, minimums.source)
    if sheet.name in minimums.exempt_sheets:
        message = "Yêu cầu tối thiểu theo hạng sao không áp dụng cho phiếu này."
        return Reason("minimums_not_applicable", message, minimums.source)
    message = "Hội đồng chưa xét yêu cầu tối thiểu theo hạng sao: hạng chỉ theo điểm."
    return Reason("minimums_not_judged", message, minimums.source)
