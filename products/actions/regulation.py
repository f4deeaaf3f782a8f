"""The regulation of a dossier: it follows from the day of receipt and is fixed by the first score.

26/2026/QĐ-TTg, Điều 12 khoản 2, is the one transitional rule so far; `regulations.assignment` has
the rule itself.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from ocop_portal import workflow
from ocop_portal.problems import Refused
from products.actions.filling import keep_in_slots
from products.models import Dossier
from products.workflow import TRANSITIONS
from regulations.assignment import Assignment, NoRegulationError
from regulations.models import CriteriaSet, Regulation
from regulations.succession import counterpart


def assignment_for(received_on: date, kind: str, on: date) -> Assignment:
    """The regulation by law; raises `Refused` for a day on which none took dossiers."""
    try:
        return Regulation.objects.assignment(received_on, kind, on)
    except NoRegulationError as error:
        raise Refused.because("no_regulation", str(error)) from error


def changes_by_law(dossier: Dossier, day: date) -> dict[str, Any]:
    """What the law of `day` changes of the dossier's regulation: nothing where it fits.

    Raises `Refused` where the other regulation has no sheet that stands for the dossier's.
    """
    if dossier.regulation_reason:
        return {}
    assignment = assignment_for(day, dossier.kind, day)
    if assignment.regulation.code == dossier.regulation.code:
        return {}
    criteria_set = sheet_under(dossier.criteria_set, assignment.regulation.code)
    if criteria_set is None:
        raise Refused.because(
            "other_regulation",
            f"{assignment.reason} Bộ tiêu chí “{dossier.criteria_set}” không có bộ tương ứng dùng "
            "được ở quy định đó: chuyên viên Sở hãy đổi quy định áp dụng và chọn bộ tiêu chí.",
        )
    return moved_fields(dossier, criteria_set)


def moved_fields(dossier: Dossier, criteria_set: CriteriaSet) -> dict[str, Any]:
    """The fields of a dossier under a sheet: with what the producer scored on that very sheet.

    A self-score on another sheet is kept where it is and counts for nothing here.
    """
    fields = regulation_fields(criteria_set)
    answered = dossier.self_scores.with_answers()
    totals = dict(answered.values_list("criteria_set", "total"))
    return {**fields, "self_score": totals.get(criteria_set.pk)} if totals else fields


def sheet_under(criteria_set: CriteriaSet, regulation_code: str) -> CriteriaSet | None:
    """The usable sheet that judges the same products under another published regulation."""
    published = {row.code: row.rules for row in Regulation.objects.published()}
    origin, target = published.get(criteria_set.regulation.code), published.get(regulation_code)
    if origin is None or target is None:
        return None
    name = counterpart(criteria_set.code, origin, target, list(published.values()))
    rows = CriteriaSet.objects.usable().select_related("regulation")
    return rows.filter(regulation__code=regulation_code, code=name).first()


def sheets_of_all_regulations(
    criteria_set: CriteriaSet,
) -> list[tuple[Regulation, CriteriaSet | None]]:
    """Each published regulation, the newest first, with the sheet that judges the same products
    under it, also one that cannot be scored with yet; None where a person has to choose.
    """
    rows = list(Regulation.objects.published())
    laws = {row.code: row.rules for row in rows}
    origin = laws.get(criteria_set.regulation.code)
    if origin is None:
        return []
    names = {
        code: counterpart(criteria_set.code, origin, law, list(laws.values()))
        for code, law in laws.items()
    }
    sheets = CriteriaSet.objects.filter(regulation__in=rows, code__in=filter(None, names.values()))
    found = {(row.regulation_id, row.code): row for row in sheets.defer("data", "draft")}
    by_pk = {row.pk: row for row in rows}
    for sheet in found.values():
        sheet.regulation = by_pk[sheet.regulation_id]
    return [(row, found.get((row.pk, names[row.code] or ""))) for row in rows]


def regulation_fields(criteria_set: CriteriaSet) -> dict[str, Any]:
    """The fields of a dossier that go with a sheet; it begins at the regulation's first tier."""
    return {
        "regulation": criteria_set.regulation,
        "criteria_set": criteria_set,
        "tier": criteria_set.regulation.rules.tiers[0].code,
    }


@transaction.atomic
def follow_the_law(dossier: Dossier) -> None:
    """Move a dossier that is being prepared to the regulation of the day on which it is filed."""
    locked = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    if not locked.is_editable:
        return
    day = locked.day_of_law(timezone.localdate())
    if moved := changes_by_law(locked, day):
        before = locked.regulation
        for name, value in moved.items():
            setattr(locked, name, value)
        locked.save(update_fields=[*moved, "updated_at"])
        keep_in_slots(locked, before)


def refuse_unlawful_sheet(criteria_set: CriteriaSet, kind: str, day: date) -> None:
    """Raise `Refused` for a sheet of another regulation than the one that counts on `day`."""
    assignment = assignment_for(day, kind, day)
    if criteria_set.regulation.code != assignment.regulation.code:
        raise Refused.because(
            "other_regulation",
            f"Hồ sơ nộp ngày {day:%d/%m/%Y} theo {assignment.regulation.short_name}: hãy chọn bộ "
            "tiêu chí của quy định này.",
        )


@transaction.atomic
def change_regulation(
    dossier: Dossier, *, criteria_set: CriteriaSet, reason: str, by: Any
) -> Dossier:
    """Judge a dossier by another regulation than the one of its day of receipt, with the reason.

    Raises `PermissionDenied` for anybody but Department staff, `Refused` once scoring has begun.
    """
    if not reason.strip():
        raise Refused.because("no_reason", "Hãy ghi lý do áp dụng quy định khác.")
    if criteria_set.regulation.is_draft or not criteria_set.is_usable:
        raise Refused.because("sheet_incomplete", "Bộ tiêu chí này chưa dùng để chấm được.")
    if scoring_has_begun(dossier):
        raise Refused.because(
            "scoring_begun", "Hồ sơ đã được đưa ra chấm điểm nên quy định áp dụng không đổi được."
        )
    old, new = (row.rules.short_name for row in (dossier.regulation, criteria_set.regulation))
    note = f"Từ {old} sang {new}: {reason}"
    before = dossier.regulation
    changed: Dossier = workflow.apply(
        TRANSITIONS["change_regulation"],
        dossier,
        by=by,
        note=note,
        changes={**moved_fields(dossier, criteria_set), "regulation_reason": reason},
    )
    keep_in_slots(changed, before)
    return changed


def scoring_has_begun(dossier: Dossier) -> bool:
    """From the first session on, the regulation of a dossier is fixed."""
    return workflow.history(dossier).filter(target=Dossier.State.IN_EVALUATION).exists()


def transition_deadline(dossier: Dossier, today: date) -> date | None:
    """By when a dossier under an old regulation must have been judged; None without a limit."""
    undecided = dossier.state not in Dossier.FINAL
    if not undecided or dossier.regulation_reason or dossier.received_on is None:
        return None
    assignment = assignment_for(dossier.received_on, dossier.kind, today)
    same = assignment.regulation.code == dossier.regulation.code
    return assignment.complete_by if same else None


def refuse_lapsed_regulation(dossier: Dossier, on: date) -> None:
    """Raise `Refused` if the transitional time of the dossier's regulation is over on `on`."""
    if dossier.regulation_reason or dossier.received_on is None or scoring_has_begun(dossier):
        return
    assignment = assignment_for(dossier.received_on, dossier.kind, on)
    if assignment.regulation.code != dossier.regulation.code:
        raise Refused.because(
            "regulation_lapsed",
            f"{dossier.product}: {assignment.reason} Chuyên viên Sở hãy đổi quy định áp dụng của "
            "hồ sơ trước khi chấm.",
        )
