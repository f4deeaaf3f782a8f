"""The ladder of a dossier: from the council's result, else from what the producer scored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from products.completeness import FilledSlot, filled_slots
from products.models import Dossier, DossierDocument, SelfScore
from products.official_results import OfficialResult, official_result
from products.self_score import answered, choices_of, evidence_of
from regulations.advice import Advice, advise_recorded, mean_text, points_text
from regulations.guidance import guidance_for, slots_for
from regulations.ladder import Climb, Ladder, alone, ladder
from regulations.models import CriteriaSet
from regulations.rules import DossierKind


@dataclass(frozen=True)
class Proof:
    """A kind of document that usually proves a criterion, and whether the dossier has it."""

    name: str
    code: str
    is_file: bool
    has_it: bool


@dataclass(frozen=True)
class Step:
    """One criterion to raise, with the evidence for it."""

    climb: Climb
    proofs: tuple[Proof, ...]
    guidance: tuple[str, ...]
    named: tuple[DossierDocument, ...]


@dataclass(frozen=True)
class LadderPage:
    """The page: without `ladder` there is nothing to climb from, and `recorded` is all advice.

    `open_count` criteria of a self-score have no answer yet and count as nothing reached.
    `is_earlier` says that the result is of the product's last dossier: this one is not scored yet.
    """

    criteria_set: CriteriaSet
    official: OfficialResult | None = None
    recorded: Advice | None = None
    ladder: Ladder | None = None
    steps: tuple[Step, ...] = ()
    others: tuple[Step, ...] = ()
    is_self_score: bool = False
    is_earlier: bool = False
    open_count: int = 0

    @property
    def points_text(self) -> str:
        """A council's mean with two decimals, a total as the whole number that it is."""
        mean = self.ladder.rating.mean if self.ladder else None
        if mean is None:
            return ""
        return points_text(mean) if self.is_self_score else mean_text(mean)


def ladder_page(dossier: Dossier, *, user: Any) -> LadderPage:
    """The way to the next star. The council's sheets come first; a result that was only recorded
    gives the gap, and the producer's own sheet the steps.
    """
    score = SelfScore.objects.of_now(dossier)
    choices = choices_of(score)
    chosen = answered(choices)
    official = official_result(user, dossier)
    is_earlier = official is None and not chosen and dossier.previous is not None
    if is_earlier and dossier.previous:
        official = official_result(user, dossier.previous)
    if official and official.scoring:
        criteria_set = official.criteria_set
        rules = criteria_set.regulation.rules
        climb = ladder(rules, criteria_set.sheet, official.scoring)
    else:
        criteria_set = dossier.criteria_set
        rules = criteria_set.regulation.rules
        own = alone(criteria_set.sheet, chosen, tier=rules.tiers[0].code)
        climb = ladder(rules, criteria_set.sheet, own, is_own=True) if chosen else None
    recorded = None
    if official and not official.scoring:
        recorded = advise_recorded(
            official.criteria_set.regulation.rules, official.mean, official.stars
        )
    if climb is None:
        return LadderPage(criteria_set, official, recorded, is_earlier=is_earlier)
    slots = filled_slots(dossier)
    documents = {row.pk: row for slot in slots for row in (*slot.documents, *slot.earlier)}
    named = {
        code: tuple(one.document for one in evidence_of(row, documents) if not one.is_gone)
        for code, row in choices.items()
    }
    kind = DossierKind(dossier.kind)
    return LadderPage(
        criteria_set=criteria_set,
        official=official,
        recorded=recorded,
        ladder=climb,
        steps=tuple(_steps(climb.steps, criteria_set, kind, slots, named)),
        others=tuple(_steps(climb.others, criteria_set, kind, slots, named)),
        is_self_score=not (official and official.scoring),
        is_earlier=is_earlier,
        open_count=len(criteria_set.sheet.by_code) - len(chosen),
    )


def _steps(
    climbs: tuple[Climb, ...],
    criteria_set: CriteriaSet,
    kind: DossierKind,
    slots: list[FilledSlot],
    named: Mapping[str, tuple[DossierDocument, ...]],
) -> Iterator[Step]:
    rules, sheet = criteria_set.regulation.rules, criteria_set.sheet
    filled = {row.slot.code for row in slots if row.documents}
    for climb in climbs:
        criterion = sheet.by_code[climb.code]
        rung = climb.advised_rung or climb.rungs[-1]
        yield Step(
            climb,
            tuple(
                Proof(slot.name, slot.code, slot.is_file, slot.code in filled)
                for slot in slots_for(rules, criterion, kind)
            ),
            guidance_for(rules, criterion, rung.label),
            named.get(climb.code, ()),
        )
