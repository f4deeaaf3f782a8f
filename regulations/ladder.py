"""What stands between a product and the next star, criterion by criterion.

`advise` says which criteria are the fewest that lead there; the ladder adds every other criterion
that could be raised, since what an option costs the producer is known to the producer alone.
It speaks of levels and means, never of a single member's sheet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from regulations.advice import ALONE, COUNCIL, Advice, AdviceStep, advise, points_text
from regulations.matrix import NO_LEVEL, sentence
from regulations.rating import Member, Rating, Scoring, rate
from regulations.rules import Regulation
from regulations.sheets import Criterion, Part, Sheet


@dataclass(frozen=True, slots=True)
class Rung:
    """A better option of a criterion, and what it would add to the (mean) points.

    `stars` are the stars up to the target whose minimum is missed now and would be met.
    """

    option: int
    points: int
    label: str
    gain: Decimal
    stars: tuple[int, ...] = ()

    @property
    def gain_text(self) -> str:
        return points_text(self.gain)


@dataclass(frozen=True, slots=True)
class Climb:
    """A criterion that could be raised: where it stands, and its better options, ascending.

    `now` is the label of the option that was chosen; empty where members chose different ones.
    `advised` is the option that the shortest way goes over, None where it leaves the criterion.
    """

    part: str
    code: str
    name: str
    points: Decimal
    max_points: int
    now: str
    rungs: tuple[Rung, ...]
    advised: int | None = None

    @property
    def points_text(self) -> str:
        return points_text(self.points)

    @property
    def best(self) -> Rung:
        return self.rungs[-1]

    @property
    def advised_rung(self) -> Rung | None:
        """The option that the shortest way asks for."""
        return next((rung for rung in self.rungs if rung.option == self.advised), None)

    @property
    def higher(self) -> tuple[Rung, ...]:
        """The options above the one that is asked for; all of them where none is."""
        asked = self.advised_rung
        return tuple(rung for rung in self.rungs if not asked or rung.points > asked.points)

    @property
    def is_minimum(self) -> bool:
        """A minimum of the target is missed here: there is no way around this criterion."""
        return any(rung.stars for rung in self.rungs)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The way to the next star: `steps` are the fewest criteria that lead there, `others` those
    that could be raised instead or beside them, what brings most first.
    """

    rating: Rating
    advice: Advice
    steps: tuple[Climb, ...]
    others: tuple[Climb, ...]

    @property
    def unmet_minimums(self) -> tuple[Climb, ...]:
        return tuple(climb for climb in self.steps if climb.is_minimum)


def ladder(
    regulation: Regulation, sheet: Sheet, scoring: Scoring, *, is_own: bool = False
) -> Ladder | None:
    """Return the ladder of a scoring; None if the rules give no result for it.

    `is_own` says that somebody scored alone: then the sentences speak of no council.
    """
    rating = rate(regulation, sheet, scoring)
    if not rating.valid:
        return None
    advice = advise(regulation, sheet, scoring, rating, words=ALONE if is_own else COUNCIL)
    if advice.target is None:
        return Ladder(rating, advice, (), ())
    advised = _advised(advice)
    climbs = list(_climbs(sheet, scoring, advice.target, advised))
    steps = [climb for climb in climbs if climb.advised is not None]
    others = [climb for climb in climbs if climb.advised is None]
    return Ladder(
        rating,
        advice,
        tuple(sorted(steps, key=lambda climb: (not climb.is_minimum, -_gain(climb)))),
        tuple(sorted(others, key=lambda climb: -climb.best.gain)),
    )


def alone(sheet: Sheet, chosen: dict[str, int | None], *, tier: str) -> Scoring:
    """The scoring of one person, such as a producer; what is still open counts as nothing."""
    choices = {code: chosen.get(code) for code in sheet.by_code}
    return Scoring(tier, [Member("self", choices)])


def _advised(advice: Advice) -> dict[str, AdviceStep]:
    """The option that each criterion has to reach: what the points need lies above a minimum."""
    return {step.criterion: step for step in (*advice.minimums, *advice.further)}


def _gain(climb: Climb) -> Decimal:
    rung = climb.advised_rung
    return rung.gain if rung else climb.best.gain


def _climbs(
    sheet: Sheet, scoring: Scoring, target: int, advised: dict[str, AdviceStep]
) -> Iterator[Climb]:
    members = [member for member in scoring.members if member.scores]
    for part, criterion in sheet.criteria:
        chosen = [member.choices[criterion.code] for member in members]
        step = advised.get(criterion.code)
        rungs = tuple(_rungs(criterion, scoring, chosen, target, step))
        if rungs:
            yield _climb(part, criterion, chosen, rungs, step)


def _climb(
    part: Part,
    criterion: Criterion,
    chosen: list[int | None],
    rungs: tuple[Rung, ...],
    step: AdviceStep | None,
) -> Climb:
    same = len(set(chosen)) == 1
    option = criterion.option(chosen[0]) if same else None
    return Climb(
        part=part.code,
        code=criterion.code,
        name=sentence(criterion.name),
        points=Decimal(sum(criterion.points(index) for index in chosen)) / len(chosen),
        max_points=criterion.max_points,
        now=(option.label if option else NO_LEVEL) if same else "",
        rungs=rungs,
        advised=step.option if step else None,
    )


def _rungs(
    criterion: Criterion,
    scoring: Scoring,
    chosen: list[int | None],
    target: int,
    step: AdviceStep | None,
) -> Iterator[Rung]:
    """Options of the kind of producer that was chosen which bring points or meet a minimum."""
    agreed = scoring.agreed_levels
    levels = [agreed[criterion.code]] if criterion.code in agreed else chosen
    unmet = [
        star
        for star in criterion.marked_stars
        if star <= target and any(criterion.unmet_minimum(star, index) for index in levels)
    ]
    cases = {criterion.options[i].case for i in chosen if i is not None}
    given = [criterion.points(index) for index in chosen]
    options = enumerate(criterion.options)
    for index, option in sorted(options, key=lambda pair: pair[1].points):
        if option.case not in (cases or {criterion.options[0].case}):
            continue
        gain = Decimal(sum(max(0, option.points - points) for points in given)) / len(given)
        stars = tuple(star for star in unmet if not criterion.unmet_minimum(star, index))
        if gain or (step and step.option == index):
            yield Rung(index, option.points, option.label, gain, stars)
