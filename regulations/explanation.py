"""Why a result is what it is: the derivation step by step, each with the article it rests on.

`explain` adds nothing to a rating: it shows the same figures beside what they come from, as
sentences that stand on the page and on paper.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from regulations.advice import Advice, advise, mean_text, missing_text, points_text
from regulations.matrix import Matrix, score_matrix, sentence
from regulations.rating import Rating, Reason, Scoring
from regulations.rules import JudgedBy, Outcome, Regulation, StarBand, StarMinimums
from regulations.sheets import Criterion, Minimum, Sheet

ANY_POINTS = "Có điểm ở tiêu chí này"


class MinimumState(StrEnum):
    """Whether a minimum counts as met; where members differ and have not agreed it does not."""

    MET = "met"
    NOT_MET = "not_met"
    DIFFER = "differ"


@dataclass(frozen=True, slots=True)
class MeanStep:
    """From the members' totals to the mean, with how far the members lie apart."""

    message: str
    rounding: str
    source: str
    rounding_source: str
    parts: tuple[tuple[str, str, int], ...]
    spread: str
    spread_source: str
    spread_is_exceeded: bool


@dataclass(frozen=True, slots=True)
class BandStep:
    """The stars by points, and how far it is to the next band (empty above the highest)."""

    stars: int
    message: str
    distance: str
    source: str


@dataclass(frozen=True, slots=True)
class MinimumCheck:
    """One marked minimum: the option that the star needs and what the members chose.

    `option` is None where the criterion itself is marked: then any option with points will do.
    """

    stars: int
    criterion: str
    name: str
    option: int | None
    points: int
    label: str
    state: MinimumState
    agreed: bool
    message: str
    source: str


@dataclass(frozen=True, slots=True)
class StarChecks:
    """The marked minimums of one star."""

    stars: int
    checks: tuple[MinimumCheck, ...]

    @property
    def met_count(self) -> int:
        return sum(check.state is MinimumState.MET for check in self.checks)

    @property
    def is_met(self) -> bool:
        return self.met_count == len(self.checks)


@dataclass(frozen=True, slots=True)
class MinimumsStep:
    """The minimums star by star; where the council judges them, what is known of their text."""

    stars: int
    message: str
    source: str
    by_star: tuple[StarChecks, ...]
    requirements: tuple[StarMinimums, ...]
    note: str


@dataclass(frozen=True, slots=True)
class OutcomeStep:
    """The stars from band and minimums, and the row of the tier that they lead to."""

    stars: int
    outcome: Outcome
    stars_message: str
    message: str
    source: str
    next_tier: str
    recognised_stars: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole derivation of one result, and the advice for the next star."""

    matrix: Matrix
    mean: MeanStep
    band: BandStep
    minimums: MinimumsStep
    knockouts: tuple[Reason, ...]
    outcome: OutcomeStep
    advice: Advice


def explain(regulation: Regulation, sheet: Sheet, scoring: Scoring, rating: Rating) -> Explanation:
    """Explain a rating of the same regulation, sheet and scoring; it must be valid."""
    if not rating.valid:
        raise ValueError("a rating with errors has no derivation")
    matrix = score_matrix(sheet, scoring.members)
    return Explanation(
        matrix=matrix,
        mean=_mean_step(regulation, matrix, rating),
        band=_band_step(regulation, rating),
        minimums=_minimums_step(regulation, sheet, scoring, rating),
        knockouts=tuple(reason for reason in rating.reasons if reason.code == "knocked_out"),
        outcome=_outcome_step(regulation, rating),
        advice=advise(regulation, sheet, scoring, rating),
    )


# 2 The mean


def _mean_step(regulation: Regulation, matrix: Matrix, rating: Rating) -> MeanStep:
    rule = regulation.aggregation
    mean = rating.mean
    assert mean is not None
    count = len(matrix.points)
    rounds = mean != Decimal(rating.mean_text or "0")
    return MeanStep(
        message=(
            f"Tổng {_grouped(sum(matrix.points))} điểm của {count} thành viên chấm, chia cho "
            f"{count}: điểm trung bình {mean_text(mean)}."
        ),
        rounding="Số hiển thị đã làm tròn; số chưa làm tròn quyết định hạng." if rounds else "",
        source=rule.source,
        rounding_source=rule.display_source,
        parts=tuple(
            (f"{part.code}. {part.name}", rating.part_mean_texts[part.code], part.max_points)
            for part in matrix.parts
        ),
        spread=_spread_message(matrix, rating),
        spread_source=rule.spread_source,
        spread_is_exceeded=bool(rating.spread_pairs),
    )


def _spread_message(matrix: Matrix, rating: Rating) -> str:
    assert rating.spread_limit is not None
    limit = points_text(rating.spread_limit)
    if len(matrix.points) == 1:
        return "Chỉ có một thành viên chấm nên không có chênh lệch."
    apart = f"Tổng điểm của các thành viên chênh nhau nhiều nhất {matrix.difference} điểm"
    if not rating.spread_pairs:
        return f"{apart}, không quá mức cho phép {limit} điểm."
    return f"{apart}, quá mức cho phép {limit} điểm ở {len(rating.spread_pairs)} cặp thành viên."


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")


# 3 The band


def _band_step(regulation: Regulation, rating: Rating) -> BandStep:
    assert rating.mean is not None
    band = regulation.band(rating.mean)
    message = (
        f"Điểm trung bình {mean_text(rating.mean)} thuộc hạng {band.stars} sao ({band.label}): "
        f"hạng {band.stars} sao bắt đầu từ {points_text(band.floor)} điểm."
    )
    return BandStep(band.stars, message, _distance(regulation, band, rating.mean), band.source)


def _distance(regulation: Regulation, band: StarBand, mean: Decimal) -> str:
    higher = [each for each in regulation.star_bands if each.floor > band.floor]
    if not higher:
        return ""
    following = min(higher, key=lambda each: each.floor)
    return (
        f"Còn cách hạng {following.stars} sao (từ {points_text(following.floor)} điểm) "
        f"{missing_text(following.floor - mean)} điểm."
    )


# 4 The minimums


def _minimums_step(
    regulation: Regulation, sheet: Sheet, scoring: Scoring, rating: Rating
) -> MinimumsStep:
    assert rating.minimum_stars is not None
    minimums = regulation.minimums
    checks = list(_checks(regulation, sheet, scoring))
    by_star = tuple(
        StarChecks(star, tuple(check for check in checks if check.stars == star))
        for star in sorted({check.stars for check in checks})
    )
    council = minimums.judged_by is JudgedBy.COUNCIL
    exempt = sheet.name in minimums.exempt_sheets
    return MinimumsStep(
        stars=rating.minimum_stars,
        message=_minimums_message(rating, by_star),
        source=minimums.source,
        by_star=by_star,
        requirements=minimums.by_star if council and not exempt else (),
        note=minimums.note if council and not exempt else "",
    )


def _minimums_message(rating: Rating, by_star: Sequence[StarChecks]) -> str:
    judged = [r.message for r in rating.reasons if r.code.startswith("minimums_")]
    if judged and not by_star:
        return judged[0]
    if not by_star:
        return "Phiếu này không đánh dấu yêu cầu tối thiểu nào theo hạng sao."
    marked = (
        "Mọi yêu cầu tối thiểu mà phiếu đánh dấu đều đạt."
        if all(star.is_met for star in by_star)
        else f"Yêu cầu tối thiểu chỉ đạt đến hạng {rating.minimum_stars} sao."
    )
    return " ".join([*judged, marked])


def _checks(regulation: Regulation, sheet: Sheet, scoring: Scoring) -> Iterator[MinimumCheck]:
    members = [member for member in scoring.members if member.scores]
    for _, criterion in sheet.criteria:
        agreed = criterion.code in scoring.agreed_levels
        levels = (
            [scoring.agreed_levels[criterion.code]]
            if agreed
            else [member.choices[criterion.code] for member in members]
        )
        for star in criterion.marked_stars:
            yield _check(regulation, criterion, star, levels, agreed=agreed)


def _check(
    regulation: Regulation,
    criterion: Criterion,
    star: int,
    levels: Sequence[int | None],
    *,
    agreed: bool,
) -> MinimumCheck:
    unmet = [minimum for index in levels if (minimum := criterion.unmet_minimum(star, index))]
    needed = unmet[0] if unmet else _applying(criterion, star, levels)
    state = _state(len(unmet), len(levels))
    return MinimumCheck(
        stars=star,
        criterion=criterion.code,
        name=sentence(criterion.name),
        option=needed.option,
        points=needed.points,
        label=needed.label if needed.option is not None else ANY_POINTS,
        state=state,
        agreed=agreed,
        message=(
            _agreed_message(criterion, levels[0])
            if agreed
            else _members_message(len(levels) - len(unmet), len(levels))
        ),
        source=regulation.minimums.source,
    )


def _applying(criterion: Criterion, star: int, levels: Sequence[int | None]) -> Minimum:
    """The minimum of the kind of producer that was chosen; the first one where that has none."""
    chosen = [option.case for index in levels if (option := criterion.option(index))]
    found = [criterion.minimums.get((star, case)) for case in chosen]
    of_star = [minimum for (stars, _), minimum in criterion.minimums.items() if stars == star]
    return next(minimum for minimum in (*found, *of_star) if minimum)


def _state(unmet: int, levels: int) -> MinimumState:
    if not unmet:
        return MinimumState.MET
    return MinimumState.NOT_MET if unmet == levels else MinimumState.DIFFER


def _agreed_message(criterion: Criterion, index: int | None) -> str:
    if index is None:
        return "Hội đồng thống nhất: không đạt mức nào."
    return f"Hội đồng thống nhất mức {criterion.points(index)} điểm."


def _members_message(met: int, count: int) -> str:
    if met == count:
        return f"Cả {count} thành viên chọn mức đạt." if count > 1 else "Thành viên chọn mức đạt."
    if not met:
        return "Không thành viên nào chọn mức đạt."
    return f"{met} trên {count} thành viên chọn mức đạt; chưa thống nhất nên tính là chưa đạt."


# 5 The outcome


def _outcome_step(regulation: Regulation, rating: Rating) -> OutcomeStep:
    assert rating.stars is not None
    assert rating.outcome is not None
    row = rating.reasons[-1]
    tier = regulation.tier(rating.next_tier) if rating.next_tier else None
    return OutcomeStep(
        stars=rating.stars,
        outcome=rating.outcome,
        stars_message=_stars_message(rating),
        message=row.message,
        source=row.source,
        next_tier=tier.name if tier else "",
        recognised_stars=rating.recognised_stars,
    )


def _stars_message(rating: Rating) -> str:
    assert rating.band_stars is not None
    assert rating.minimum_stars is not None
    if any(reason.code == "knocked_out" for reason in rating.reasons):
        return "Có lý do loại nên sản phẩm không được xếp hạng, dù bao nhiêu điểm."
    if rating.minimum_stars < rating.band_stars:
        return (
            f"Theo điểm là hạng {rating.band_stars} sao, theo yêu cầu tối thiểu là hạng "
            f"{rating.minimum_stars} sao: hạng thấp hơn được tính, {rating.stars} sao."
        )
    return f"Theo điểm là hạng {rating.stars} sao, yêu cầu tối thiểu không hạ hạng này."
