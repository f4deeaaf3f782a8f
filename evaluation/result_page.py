"""A result as its page derives it, with the members' names for those who may know them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from councils.models import Session
from evaluation.models import Assessment, Result, ScoreSheet
from regulations.advice import Advice, advise_recorded
from regulations.explanation import Explanation, explain
from regulations.models import Regulation
from regulations.rating import Member, Rating, Scoring, rate, rounded

DECIMALS_KEPT = 6  # of Result.mean


@dataclass(frozen=True)
class Column:
    """A member in the matrix: "TV 1", with the name where the reader may know it."""

    number: int
    total: int
    name: str = ""
    position: str = ""

    @property
    def heading(self) -> str:
        return f"TV {self.number}"


@dataclass(frozen=True)
class ResultPage:
    """What the page shows beside the result itself.

    Without `explanation` the result has no sheets here: then `reasons` are those that were kept
    with it. With `is_contradicted` the sheets give something else than what was kept.
    """

    regulation: Regulation
    advice: Advice
    columns: tuple[Column, ...] = ()
    explanation: Explanation | None = None
    is_contradicted: bool = False
    is_named: bool = False

    @property
    def names_are_hidden(self) -> bool:
        return self.explanation is not None and not self.is_named


def may_see_names(user: Any, session: Session) -> bool:
    """Members are not named to producers, nor to anybody else outside council and Department."""
    return (
        user.has_perm("evaluation.see_board")
        and Session.objects.visible_to(user).filter(pk=session.pk).exists()
    )


def result_page(result: Result, *, user: Any) -> ResultPage:
    """The derivation from the signed sheets, or what was recorded where there are none."""
    assessment = result.assessment
    if assessment is None:
        return _recorded(result, result.dossier.regulation)
    counted = assessment.sheets.counted().select_related("member__user")
    sheets = in_matrix_order(counted.prefetch_related("choices"))
    scoring = scoring_of(assessment, sheets)
    criteria_set = assessment.criteria_set
    rules = criteria_set.regulation.rules
    rating = rate(rules, criteria_set.sheet, scoring)
    if not agrees(rating, result):
        return _recorded(result, criteria_set.regulation, is_contradicted=bool(sheets))
    explanation = explain(rules, criteria_set.sheet, scoring, rating)
    named = may_see_names(user, assessment.item.session)
    return ResultPage(
        regulation=criteria_set.regulation,
        advice=explanation.advice,
        columns=columns_of(sheets, named=named),
        explanation=explanation,
        is_named=named,
    )


def scoring_of(assessment: Assessment, sheets: Sequence[ScoreSheet]) -> Scoring:
    """What the rules rate; `sheets` come with their choices, each with its member's key."""
    return Scoring(
        tier=assessment.item.session.council.tier,
        members=[
            Member(
                id=sheet.member_id,
                choices={choice.criterion: choice.option for choice in sheet.choices.all()},
            )
            for sheet in sheets
        ],
        agreed_levels=assessment.agreed_levels,
        knockouts=assessment.knockouts,
        council_minimum_stars=assessment.council_minimum_stars,
    )


def in_matrix_order(sheets: Any) -> list[ScoreSheet]:
    """By the total, the highest first, then by what was given: the place tells nothing of the
    person, and is the same for every reader.
    """

    def place(sheet: ScoreSheet) -> tuple[int, list[tuple[str, int]]]:
        given = [(choice.criterion, -choice.points) for choice in sheet.choices.all()]
        return -sheet.total, sorted(given)

    return sorted(sheets, key=place)


def columns_of(sheets: Sequence[ScoreSheet], *, named: bool) -> tuple[Column, ...]:
    """The members of sheets that stand in the order of the matrix."""
    return tuple(
        Column(
            number,
            sheet.total,
            name=str(sheet.member.user) if named else "",
            position=sheet.member.get_position_display() if named else "",
        )
        for number, sheet in enumerate(sheets, start=1)
    )


def _recorded(
    result: Result, regulation: Regulation, *, is_contradicted: bool = False
) -> ResultPage:
    advice = advise_recorded(regulation.rules, result.mean, result.stars)
    return ResultPage(regulation, advice, is_contradicted=is_contradicted)


def agrees(rating: Rating, result: Result) -> bool:
    """The result was fixed when the council concluded; the page derives nothing else from it."""
    if not rating.valid or rating.mean is None:
        return False
    computed = (rounded(rating.mean, DECIMALS_KEPT), rating.stars, rating.outcome)
    return computed == (rounded(result.mean, DECIMALS_KEPT), result.stars, result.outcome)
