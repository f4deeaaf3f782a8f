"""The answers of a dossier's printed forms: which there are, and where they come from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from products.completeness import slots_of
from products.models import CommuneReport, Dossier, FormAnswers
from products.printed_forms import structure
from products.printed_forms.filling import PROOF
from regulations.rules import DocumentKind

# The questions of Mẫu số 03 (26/2026/QĐ-TTg), answered on the page of the commune's report.
OF_COMMUNE = ("commune_materials", "commune_labour", "commune_idea", "commune_identity")


@dataclass(frozen=True)
class DossierForm:
    """A form of a dossier and the slot that it fills; `alternatives` fill the same one."""

    form: structure.Form
    slot: DocumentKind
    alternatives: int


def forms_of(dossier: Dossier) -> list[DossierForm]:
    """The forms that the regulation names in its list of documents, in its order."""
    return [
        DossierForm(structure.form(code), slot, len(slot.forms))
        for slot in slots_of(dossier)
        for code in slot.forms
    ]


def codes_of(form: structure.Form, dossier: Dossier) -> list[str]:
    """The codes of all answers of the form: its questions, and the proof of each criterion."""
    return [question.code for question in questions_of(form, dossier)]


def questions_of(form: structure.Form, dossier: Dossier) -> list[structure.Question]:
    """The questions of the form for this dossier, in the order of the paper."""
    asked = [row for row in form.questions_for(dossier.kind) if row.code not in OF_COMMUNE]
    return [*asked, *_proofs(form, dossier)]


def _proofs(form: structure.Form, dossier: Dossier) -> Iterator[structure.Question]:
    if not form.has_criteria:
        return
    for part, criterion in dossier.criteria_set.sheet.criteria:
        yield structure.Question(
            code=PROOF + criterion.code,
            kind=structure.QuestionKind.TEXT,
            label=f"{part.code}. {criterion.code} {criterion.name}",
            carried=False,
            optional=True,
        )


def answers_of(dossier: Dossier) -> dict[str, Any]:
    """The answers of the dossier; before its first ones, those of the product's last dossier as
    far as they go on.
    """
    row, carried = _row(dossier)
    answers: dict[str, Any] = {}
    if row is not None:
        answers = _going_on(row.answers) if carried else dict(row.answers)
    return answers | _said_by_commune(dossier)


def _said_by_commune(dossier: Dossier) -> dict[str, str]:
    """What the commune's report finds, point by point in the order of the regulation."""
    report = CommuneReport.objects.filter(dossier=dossier).first()
    texts = [text for _point, text in report.findings] if report else []
    return dict(zip(OF_COMMUNE, texts, strict=False))


def carried_from(dossier: Dossier) -> Dossier | None:
    """The earlier dossier whose answers this one still shows, if it does."""
    row, carried = _row(dossier)
    return row.dossier if row and carried else None


def _row(dossier: Dossier) -> tuple[FormAnswers | None, bool]:
    """The answers that count, and whether they are those of an earlier dossier."""
    rows = FormAnswers.objects.filter(
        dossier__product=dossier.product_id, dossier__pk__lte=dossier.pk
    ).select_related("dossier__product", "saved_by")
    row = rows.order_by("-dossier__pk").first()
    return row, row is not None and row.dossier_id != dossier.pk


def _going_on(answers: dict[str, Any]) -> dict[str, Any]:
    known = structure.questions()
    return {code: value for code, value in answers.items() if code in known and known[code].carried}
