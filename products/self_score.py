"""What a dossier's self-score says: for its own page, and for every other that shows it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from products.models import Dossier, DossierDocument, SelfChoice, SelfScore
from regulations.ladder import Ladder, alone, ladder
from regulations.rules import JudgedBy
from regulations.sheet_page import CriterionBlock, PartBlock, SectionBlock, SheetPage, sheet_page

SHOWN_CHANGES = 40


@dataclass(frozen=True)
class Evidence:
    """A document that is named for a criterion, as it stands in the dossier now."""

    document: DossierDocument

    @property
    def is_gone(self) -> bool:
        """It was taken out of the dossier since."""
        return self.document.removed_at is not None


@dataclass(frozen=True)
class Line:
    """One criterion of the page, with what the producer says to it."""

    block: CriterionBlock
    section: SectionBlock
    remark: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def field(self) -> str:
        """The name of the inputs that choose its option."""
        return f"option-{self.block.criterion.code}"


@dataclass(frozen=True)
class Standing:
    """How far the sheet has come: stars by points, by minimums, and what lacks for the next."""

    ladder: Ladder | None
    council_judges: bool

    @property
    def unmet(self) -> tuple[tuple[int, str], ...]:
        """The criteria that miss a minimum, by star."""
        if self.ladder is None:
            return ()
        by_star: dict[int, list[str]] = {}
        for missing in self.ladder.rating.missing_minimums:
            by_star.setdefault(missing.stars, []).append(missing.criterion)
        return tuple((star, ", ".join(codes)) for star, codes in sorted(by_star.items()))


@dataclass(frozen=True)
class SelfScorePage:
    """The sheet with the producer's choices, remarks and evidence."""

    sheet_page: SheetPage
    standing: Standing
    lines: Mapping[str, Line]
    score: SelfScore | None = None

    @property
    def parts(self) -> Iterator[tuple[PartBlock, list[tuple[SectionBlock, list[Line]]]]]:
        """The parts with their sections, and these with their criteria."""
        for part in self.sheet_page.parts:
            yield (
                part,
                [
                    (section, [self.lines[block.criterion.code] for block in section.criteria])
                    for section in part.sections
                ],
            )

    @property
    def version(self) -> int:
        return self.score.version if self.score else 0


def points_of(dossier: Dossier) -> dict[str, int]:
    """The producer's own points by criterion, on the sheet that the dossier has now.

    A criterion that was not scored is missing, which is not the same as 0 points. One query.
    """
    rows = SelfChoice.objects.filter(
        self_score__dossier=dossier,
        self_score__criteria_set=dossier.criteria_set_id,
        is_answered=True,
    )
    return dict(rows.values_list("criterion", "points"))


def choices_of(score: SelfScore | None) -> dict[str, SelfChoice]:
    """What was put down in each criterion, with the evidence; two queries."""
    if score is None:
        return {}
    rows = score.choices.prefetch_related("evidence").select_related("saved_by")
    return {row.criterion: row for row in rows}


def answered(choices: Mapping[str, SelfChoice]) -> dict[str, int | None]:
    """The options that were chosen."""
    return {code: row.option for code, row in choices.items() if row.is_answered}


def page_of(dossier: Dossier, score: SelfScore | None, *, after: str = "") -> SelfScorePage:
    """Everything the page of one self-score shows; three queries, however many files there are.

    `score` may be one on a sheet of before; without one it is the empty sheet of the dossier.
    """
    criteria_set = score.criteria_set if score else dossier.criteria_set
    rules, sheet = criteria_set.regulation.rules, criteria_set.sheet
    choices = choices_of(score)
    chosen = answered(choices)
    page = sheet_page(rules, sheet, chosen, after=after)
    documents = _documents(dossier) if any(row.evidence.all() for row in choices.values()) else {}
    lines = {
        block.criterion.code: _line(block, section, choices, documents)
        for part in page.parts
        for section in part.sections
        for block in section.criteria
    }
    own = alone(sheet, chosen, tier=rules.tiers[0].code)
    climb = ladder(rules, sheet, own, is_own=True)
    judges = rules.minimums.judged_by is JudgedBy.COUNCIL
    return SelfScorePage(page, Standing(climb, judges), lines, score)


def _line(
    block: CriterionBlock,
    section: SectionBlock,
    choices: Mapping[str, SelfChoice],
    documents: Mapping[int, DossierDocument],
) -> Line:
    row = choices.get(block.criterion.code)
    if row is None:
        return Line(block, section)
    return Line(block, section, row.remark, evidence_of(row, documents))


def evidence_of(
    choice: SelfChoice, documents: Mapping[int, DossierDocument]
) -> tuple[Evidence, ...]:
    """The documents named for a criterion; a newer version stands for the one it replaced."""
    named = (_newest(row.document_id, documents) for row in choice.evidence.all())
    return tuple(Evidence(document) for document in dict.fromkeys(named) if document)


def _documents(dossier: Dossier) -> dict[int, DossierDocument]:
    return {row.pk: row for row in dossier.documents.all()}


def _newest(pk: int, documents: Mapping[int, DossierDocument]) -> DossierDocument | None:
    document = documents.get(pk)
    while document and document.replaced_by_id and document.replaced_by_id in documents:
        document = documents[document.replaced_by_id]
    return document


def changes_of(score: SelfScore) -> list[Any]:
    """Who chose what, the latest first; one query."""
    events: Any = apps.get_model("products", "SelfChoiceEvent").objects.filter(self_score=score.pk)
    return list(events.select_related("saved_by").order_by("-pgh_id")[:SHOWN_CHANGES])
