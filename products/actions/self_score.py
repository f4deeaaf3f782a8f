"""The producer scores the own product on the sheet by which the council will judge it.

Whoever may write the dossier may do it, as long as the dossier is being written; the dossier's row
is locked first, so that its total follows from the choices and nothing is added once it is handed
in.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from ocop_portal.problems import Problem, Refused
from ocop_portal.text import clean_text
from products.actions.dossiers import lock_editable
from products.models import Dossier, SelfChoice, SelfEvidence, SelfScore
from regulations.answers import NOT_ANSWERED
from regulations.matrix import NO_LEVEL
from regulations.sheets import Criterion


class SelfScoreConflict(Refused):
    """A criterion was changed by somebody else since the page was drawn."""


def choose_options(
    dossier: Dossier,
    wanted: Mapping[str, int | None],
    *,
    by: Any,
    seen: Mapping[str, Collection[str]] | None = None,
) -> SelfScore:
    """Set the options of some criteria; None says that no level is reached (0 points).

    `seen` is what the person knows to be chosen in each, as `SelfChoice.value`; without it
    whatever stands is replaced. Raises `SelfScoreConflict` for criteria where something else
    stands, when the others are saved; `Refused` for a criterion or option that the sheet does not
    have, and where the dossier is not being written.
    """
    with transaction.atomic():
        score = _lock(dossier, by=by)
        chosen = {code: _checked(score, code, option, by=by) for code, option in wanted.items()}
        stored = {row.criterion: row for row in score.choices.filter(criterion__in=wanted)}
        conflicts = []
        for code, choice in chosen.items():
            row = stored.get(code, SelfChoice(self_score=score, criterion=code))
            if row.value == choice.value:
                continue
            if seen is not None and row.value not in seen.get(code, ()):
                conflicts.append(_conflict(score, choice, row))
                continue
            choice.pk, choice.remark = row.pk, row.remark
            choice.save(force_update=bool(row.pk))
        _count(score, by=by)
    if conflicts:
        raise SelfScoreConflict(*conflicts)
    return score


@transaction.atomic
def name_evidence(
    dossier: Dossier,
    criterion: str,
    *,
    add: Iterable[int] = (),
    remove: Iterable[int] = (),
    by: Any,
) -> SelfChoice:
    """Name documents of the dossier as evidence for a criterion, or no longer.

    What somebody else named meanwhile stays. Raises `Refused` for a document that is not in the
    dossier now.
    """
    score = _lock(dossier, by=by)
    choice = _row(score, criterion, by=by)
    wanted = set(add)
    known = set(score.dossier.documents.current().values_list("pk", flat=True))
    if wanted - known:
        raise Refused.because("unknown_document", "Tệp này không còn trong hồ sơ.")
    choice.evidence.filter(document__in=set(remove)).delete()
    named = set(choice.evidence.values_list("document", flat=True))
    SelfEvidence.objects.bulk_create(
        SelfEvidence(choice=choice, document_id=pk, named_by=by) for pk in sorted(wanted - named)
    )
    _touch(score, by=by)
    return choice


@transaction.atomic
def write_remark(
    dossier: Dossier, criterion: str, remark: str, *, by: Any, seen: str | None = None
) -> SelfChoice:
    """Explain the choice of a criterion. Raises `SelfScoreConflict` where the remark that stands
    is neither what the person saw (`seen`) nor what is to be saved.
    """
    score = _lock(dossier, by=by)
    choice = _row(score, criterion, by=by)
    text = clean_text(remark)
    if choice.remark == text:
        return choice
    if seen is not None and choice.remark != clean_text(seen):
        raise SelfScoreConflict.because(
            "remark_conflict",
            f"Thuyết minh của tiêu chí {criterion} đã được {choice.saved_by} sửa thành: "
            f"“{choice.remark}”. Chưa lưu nội dung của bạn: hãy xem lại rồi lưu.",
        )
    choice.remark, choice.saved_by = text, by
    choice.save(update_fields=["remark", "saved_by", "saved_at"])
    _touch(score, by=by)
    return choice


def _lock(dossier: Dossier, *, by: Any) -> SelfScore:
    """The self-score on the dossier's present sheet, with the dossier's row locked."""
    locked = lock_editable(dossier, by=by)
    if locked.criteria_set_id == dossier.criteria_set_id:
        # The sheet is large, and at hand.
        locked.criteria_set = dossier.criteria_set
    if not locked.criteria_set.is_usable:
        raise Refused.because(
            "sheet_incomplete",
            f"Phiếu chấm của bộ “{locked.criteria_set}” chưa cộng đủ điểm nên chưa dùng được.",
        )
    score, _created = SelfScore.objects.get_or_create(
        dossier=locked, criteria_set=locked.criteria_set
    )
    score.dossier, score.criteria_set = locked, locked.criteria_set
    return score


def _row(score: SelfScore, code: str, *, by: Any) -> SelfChoice:
    _criterion(score, code)
    row, _created = score.choices.get_or_create(criterion=code, defaults={"saved_by": by})
    return row


def _checked(score: SelfScore, code: str, option: int | None, *, by: Any) -> SelfChoice:
    criterion = _criterion(score, code)
    if option is not None and not criterion.has_option(option):
        raise Refused.because("unknown_option", f"Tiêu chí {code} không có lựa chọn này.")
    return SelfChoice(
        self_score=score,
        criterion=code,
        is_answered=True,
        option=option,
        points=criterion.points(option),
        saved_by=by,
    )


def _criterion(score: SelfScore, code: str) -> Criterion:
    criterion = score.criteria_set.sheet.by_code.get(code)
    if criterion is None:
        raise Refused.because("unknown_criterion", f"Phiếu không có tiêu chí “{code}”.")
    return criterion


def _count(score: SelfScore, *, by: Any) -> None:
    """The total, kept with the dossier too: every list and page shows it."""
    answered = score.choices.filter(is_answered=True)
    total = answered.aggregate(total=Sum("points"))["total"]
    score.total = total or 0
    _touch(score, by=by)
    dossier = score.dossier
    if total is not None and dossier.self_score != total:
        dossier.self_score = total
        dossier.save(update_fields=["self_score", "updated_at"])


def _touch(score: SelfScore, *, by: Any) -> None:
    score.version += 1
    score.saved_by = by
    score.save(update_fields=["total", "version", "saved_by", "updated_at"])


def _conflict(score: SelfScore, wanted: SelfChoice, stored: SelfChoice) -> Problem:
    """Both choices in words: the one that stands, and the one that was not saved."""
    criterion = score.criteria_set.sheet.by_code[wanted.criterion]
    if stored.value == NOT_ANSWERED:
        stands = "chưa được chấm"
    else:
        at = timezone.localtime(stored.saved_at)
        stands = f"đang là {_in_words(criterion, stored)} ({stored.saved_by} lưu lúc {at:%H:%M:%S})"
    return Problem(
        "choice_conflict",
        f"Tiêu chí {wanted.criterion} {stands}, đã đổi ở cửa sổ hoặc thiết bị khác. "
        f"Chưa lưu {_in_words(criterion, wanted)}: hãy xem lại rồi chọn nếu vẫn muốn đổi.",
    )


def _in_words(criterion: Criterion, choice: SelfChoice) -> str:
    label = NO_LEVEL if choice.option is None else criterion.options[choice.option].label
    return f"“{label}” ({choice.points} điểm)"
