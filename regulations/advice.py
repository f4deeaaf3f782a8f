"""What a product would need for the next star: points, minimums, and the nearest steps to them.

An advised level is reached when every member gives at least that option; nobody is asked to give
less. Whoever follows the whole advice reaches the star, which the tests hold for every sheet. How
much work an option is nobody knows, so the advice changes as few criteria as can be.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from regulations.matrix import sentence
from regulations.rating import Rating, Reason, Scoring, rounded
from regulations.rules import JudgedBy, Regulation, StarMinimums
from regulations.sheets import HIGHEST_STARS, Criterion, Minimum, Sheet

SMALLEST_SHOWN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Words:
    """How the points are called: a council has a mean, who scores alone has a total."""

    points: str
    new: str
    when: str


COUNCIL = Words(
    "Điểm trung bình",
    "điểm trung bình mới",
    "Khi mọi thành viên cho từ các mức trên trở lên, điểm trung bình ít nhất",
)
ALONE = Words("Điểm tự chấm", "điểm tự chấm mới", "Đạt các mức trên thì tổng điểm tự chấm")


@dataclass(frozen=True, slots=True)
class AdviceStep:
    """One criterion to improve: the option to reach and the points that it brings to the mean.

    `running` is what this step and those before it bring together. `stars` are the stars whose
    minimum the option meets; none where only the points count.
    """

    criterion: str
    name: str
    option: int
    points: int
    label: str
    gain: Decimal
    running: Decimal
    stars: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """The way to the star `target`; None where there is nothing above `now`.

    `now` are the stars that the sheets give once nothing knocks the product out, `floor` the
    points that the target needs and `missing` those that the unrounded mean lacks. Only where
    the members' sheets are known are there steps. `requirements` are for the council to judge.
    """

    now: int
    target: int | None
    floor: Decimal
    missing: Decimal
    mean_after: Decimal
    reached: bool
    knockouts: tuple[Reason, ...] = ()
    minimums: tuple[AdviceStep, ...] = ()
    further: tuple[AdviceStep, ...] = ()
    requirements: tuple[StarMinimums, ...] = ()
    messages: tuple[str, ...] = ()
    closing: str = ""


def advise(
    regulation: Regulation,
    sheet: Sheet,
    scoring: Scoring,
    rating: Rating,
    *,
    words: Words = COUNCIL,
) -> Advice:
    """Return what the product needs for the star after the one that its sheets give.

    A knock-out comes first: then `now` is what the product has when it is cleared.
    """
    assert rating.mean is not None
    assert rating.band_stars is not None
    assert rating.minimum_stars is not None
    now = min(rating.band_stars, rating.minimum_stars)
    knockouts = tuple(reason for reason in rating.reasons if reason.code == "knocked_out")
    goal = _next_star(regulation, now)
    if goal is None:
        return _nothing_above(now, rating.mean, knockouts)
    target, floor = goal
    plan = _Plan(sheet, scoring, target, floor)
    minimums, further = plan.steps()
    advice = Advice(
        now=now,
        target=target,
        floor=floor,
        missing=max(floor - rating.mean, Decimal(0)),
        mean_after=plan.mean,
        reached=plan.lacking <= 0,
        knockouts=knockouts,
        minimums=minimums,
        further=further,
        requirements=_requirements(regulation, sheet, scoring, target),
    )
    return replace(
        advice, messages=_messages(regulation, advice, words), closing=_closing(advice, words)
    )


def advise_recorded(regulation: Regulation, mean: Decimal, stars: int) -> Advice:
    """Advise on a result of which only the mean and the stars are known."""
    goal = _next_star(regulation, stars)
    if goal is None:
        return _nothing_above(stars, mean, ())
    target, floor = goal
    missing = max(floor - mean, Decimal(0))
    advice = Advice(stars, target, floor, missing, mean_after=mean, reached=False)
    messages = [_points_message(advice, COUNCIL), *_uncertified(regulation, target)]
    if not missing:
        messages.append(
            "Hạng thấp hơn điểm là do yêu cầu tối thiểu hoặc do kết luận khác của hội đồng: xem "
            "văn bản kết quả."
        )
    closing = "Chỉ có kết quả ghi theo văn bản, không có phiếu chấm, nên không gợi ý từng tiêu chí."
    return replace(advice, messages=tuple(messages), closing=closing)


def points_text(points: Decimal | int) -> str:
    """Points as a sentence writes them: "70", or with two decimals "87,67"."""
    value = Decimal(points)
    whole = value == value.to_integral_value()
    return rounded(value, 0 if whole else 2).replace(".", ",")


def mean_text(mean: Decimal) -> str:
    """A mean as the page shows it everywhere: "70,00"."""
    return rounded(mean, 2).replace(".", ",")


def missing_text(points: Decimal) -> str:
    """As `points_text`; what is missing, however little, is never written as 0."""
    return points_text(max(points, SMALLEST_SHOWN)) if points else "0"


# The goal


def _next_star(regulation: Regulation, stars: int) -> tuple[int, Decimal] | None:
    """The next star and its floor; None above the highest."""
    higher = [band for band in regulation.star_bands if stars < band.stars <= HIGHEST_STARS]
    if not higher:
        return None
    band = min(higher, key=lambda each: each.stars)
    return band.stars, band.floor


def _requirements(
    regulation: Regulation, sheet: Sheet, scoring: Scoring, target: int
) -> tuple[StarMinimums, ...]:
    """The minimums that the council itself must find met, above those it already did."""
    minimums = regulation.minimums
    judged = scoring.council_minimum_stars or 0
    if minimums.judged_by is not JudgedBy.COUNCIL or judged >= target:
        return ()
    if sheet.name in minimums.exempt_sheets and not judged:
        return ()
    return tuple(each for each in minimums.by_star if judged < each.stars <= target)


# The steps


@dataclass(frozen=True, slots=True)
class _Move:
    """An option to reach in a criterion, and what it adds to the sum of all members' points."""

    criterion: Criterion
    option: int
    gain: int
    stars: tuple[int, ...] = ()


class _Plan:
    """The members' points while the advice is worked out; in sums, so that nothing is rounded."""

    def __init__(self, sheet: Sheet, scoring: Scoring, target: int, floor: Decimal) -> None:
        members = [member for member in scoring.members if member.scores]
        self.sheet = sheet
        self.target = target
        self.count = len(members)
        self.needed = floor * self.count
        self.choices = {
            code: [member.choices[code] for member in members] for code in sheet.by_code
        }
        self.agreed: Mapping[str, int | None] = scoring.agreed_levels
        self.points = {
            code: [sheet.criterion(code).points(index) for index in chosen]
            for code, chosen in self.choices.items()
        }
        # Criteria that have to change for a minimum.
        self.raised: set[str] = set()

    @property
    def total(self) -> int:
        return sum(sum(given) for given in self.points.values())

    @property
    def lacking(self) -> Decimal:
        """What the sum of all members' points lacks."""
        return self.needed - self.total

    @property
    def mean(self) -> Decimal:
        return Decimal(self.total) / self.count

    def steps(self) -> tuple[tuple[AdviceStep, ...], tuple[AdviceStep, ...]]:
        """The minimums first, as they cannot be done without; then what closes the gap."""
        minimums = list(self._minimum_moves())
        for move in minimums:
            self._apply(move)
        self.raised = {move.criterion.code for move in minimums}
        further = self._further_moves()
        for move in further:
            self._apply(move)
        before = sum(move.gain for move in minimums)
        return tuple(self._told(minimums, 0)), tuple(self._told(further, before))

    def _told(self, moves: Sequence[_Move], before: int) -> Iterator[AdviceStep]:
        running = before
        for move in moves:
            running += move.gain
            option = move.criterion.options[move.option]
            yield AdviceStep(
                criterion=move.criterion.code,
                name=sentence(move.criterion.name),
                option=move.option,
                points=option.points,
                label=option.label,
                gain=Decimal(move.gain) / self.count,
                running=Decimal(running) / self.count,
                stars=move.stars,
            )

    def _apply(self, move: _Move) -> None:
        code, least = move.criterion.code, move.criterion.options[move.option].points
        self.points[code] = [max(given, least) for given in self.points[code]]

    def _gain(self, criterion: Criterion, option: int) -> int:
        least = criterion.options[option].points
        return sum(max(0, least - given) for given in self.points[criterion.code])

    def _minimum_moves(self) -> Iterator[_Move]:
        for criterion in self.sheet.by_code.values():
            unmet = list(self._unmet(criterion))
            if unmet:
                highest = max(unmet, key=lambda minimum: minimum.points)
                option = _option_for(criterion, highest)
                stars = tuple(sorted({minimum.stars for minimum in unmet}))
                yield _Move(criterion, option, self._gain(criterion, option), stars)

    def _unmet(self, criterion: Criterion) -> Iterator[Minimum]:
        """Minimums up to the target that are missed; an agreed level stands for all members."""
        code = criterion.code
        levels = [self.agreed[code]] if code in self.agreed else self.choices[code]
        for star in criterion.marked_stars:
            if star <= self.target:
                found = (criterion.unmet_minimum(star, index) for index in levels)
                yield from (minimum for minimum in found if minimum)

    def _further_moves(self) -> list[_Move]:
        """What closes the gap with the fewest criteria beside those that are raised anyway.

        Those that bring most are taken, each raised no further than together they must be.
        """
        if self.lacking <= 0:
            return []
        better = {code: self.better(criterion) for code, criterion in self.sheet.by_code.items()}
        raised = [moves for code, moves in better.items() if moves and code in self.raised]
        others = [moves for code, moves in better.items() if moves and code not in self.raised]
        others.sort(key=lambda moves: -_largest(moves))
        left = self.lacking - sum(_largest(moves) for moves in raised)
        while left > 0 and others:
            raised.append(others.pop(0))
            left -= _largest(raised[-1])
        moves = _least(raised, self.lacking) if left <= 0 else [moves[-1] for moves in raised]
        return sorted(moves, key=lambda move: -move.gain)

    def better(self, criterion: Criterion) -> list[_Move]:
        """The options that bring more than now, ascending.

        They keep to the kind of producer that the members chose an option of, and to the minimums.
        """
        cases = {criterion.options[i].case for i in self.choices[criterion.code] if i is not None}
        moves = [
            _Move(criterion, index, self._gain(criterion, index))
            for index, option in enumerate(criterion.options)
            if option.case in (cases or {criterion.options[0].case})
            and not any(
                criterion.unmet_minimum(star, index)
                for star in criterion.marked_stars
                if star <= self.target
            )
        ]
        return sorted((move for move in moves if move.gain > 0), key=lambda move: move.gain)


def _largest(moves: Sequence[_Move]) -> int:
    return moves[-1].gain


def _least(groups: Sequence[Sequence[_Move]], lacking: Decimal) -> list[_Move]:
    """At most one move of each group, which together bring `lacking` and as little more as can be.

    Of several ways the one that raises the later groups less. Together the largest are enough.
    """
    ways: dict[int, tuple[_Move, ...]] = {0: ()}
    for moves in groups:
        longer = dict(ways)
        for total, way in ways.items():
            for move in moves:
                longer.setdefault(total + move.gain, (*way, move))
        ways = longer
    return list(ways[min(total for total in ways if total >= lacking)])


def _option_for(criterion: Criterion, minimum: Minimum) -> int:
    """The marked option; where the criterion itself is marked, the lowest that brings points."""
    if minimum.option is not None:
        return minimum.option
    enough = [
        (option.points, index)
        for index, option in enumerate(criterion.options)
        if option.points >= minimum.points
    ]
    return min(enough)[1]


# The sentences


def _nothing_above(now: int, mean: Decimal, knockouts: tuple[Reason, ...]) -> Advice:
    message = f"Hạng {now} sao là hạng cao nhất: không có hạng nào cao hơn."
    if knockouts:
        message = _knockout_message(now)
    return Advice(
        now=now,
        target=None,
        floor=Decimal(0),
        missing=Decimal(0),
        mean_after=mean,
        reached=True,
        knockouts=knockouts,
        messages=(message,),
    )


def _messages(regulation: Regulation, advice: Advice, words: Words) -> tuple[str, ...]:
    assert advice.target is not None
    messages = [_knockout_message(advice.now)] if advice.knockouts else []
    messages += [_points_message(advice, words), _minimum_message(advice, words)]
    if advice.further:
        gained = advice.minimums[-1].running if advice.minimums else Decimal(0)
        left = missing_text(advice.missing - gained)
        what = "Đạt các yêu cầu tối thiểu rồi, còn" if advice.minimums else "Còn"
        messages.append(
            f"{what} phải thêm {left} điểm: ít nhất phải nâng {len(advice.further)} tiêu chí dưới "
            "đây, tiêu chí thêm nhiều điểm đứng trước."
        )
    return (*messages, *_uncertified(regulation, advice.target))


def _knockout_message(now: int) -> str:
    return (
        "Trước hết phải khắc phục lý do loại. Khi không còn lý do loại, các phiếu chấm này cho "
        f"hạng {now} sao."
    )


def _points_message(advice: Advice, words: Words) -> str:
    floor = f"hạng {advice.target} sao (từ {points_text(advice.floor)} điểm)"
    if advice.missing:
        return f"{words.points} còn thiếu {missing_text(advice.missing)} điểm để đến {floor}."
    return f"{words.points} đã đủ cho {floor}."


def _minimum_message(advice: Advice, words: Words) -> str:
    if advice.minimums:
        gain = points_text(advice.minimums[-1].running)
        return (
            f"Còn {len(advice.minimums)} tiêu chí chưa đạt yêu cầu tối thiểu đến hạng "
            f"{advice.target} sao; đạt hết thì {words.points.lower()} thêm {gain} điểm."
        )
    if advice.requirements and words is ALONE:
        return f"Yêu cầu tối thiểu của hạng {advice.target} sao do hội đồng xét khi chấm."
    if advice.requirements:
        return (
            f"Hội đồng chưa xác định sản phẩm đạt yêu cầu tối thiểu của hạng {advice.target} sao."
        )
    return f"Không còn yêu cầu tối thiểu nào cản hạng {advice.target} sao."


def _uncertified(regulation: Regulation, target: int) -> list[str]:
    certified = regulation.certificate.stars
    if target in certified or not certified:
        return []
    return [
        f"Giấy chứng nhận chỉ cấp từ hạng {min(certified)} sao ({regulation.certificate.source})."
    ]


def _closing(advice: Advice, words: Words) -> str:
    mean = mean_text(advice.mean_after) if words is COUNCIL else points_text(advice.mean_after)
    if not advice.reached:
        return f"Nâng mọi tiêu chí còn nâng được, {words.new} là {mean}: vẫn chưa đủ."
    if not (advice.minimums or advice.further):
        return ""
    council = ", nếu hội đồng xác định đạt yêu cầu tối thiểu" if advice.requirements else ""
    return f"{words.when} là {mean}: đủ hạng {advice.target} sao{council}."
