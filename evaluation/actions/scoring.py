"""Scoring: a session is opened, members choose and sign. Locks keep totals and states right."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from councils.actions import refuse_gone_dossiers
from councils.models import AgendaItem, ConflictDeclaration, CouncilMember, Session
from councils.workflow import TRANSITIONS as SESSION_TRANSITIONS
from evaluation.actions.attendance import present_members
from evaluation.models import Assessment, Choice, ScoreSheet
from ocop_portal import workflow
from ocop_portal.problems import Problem, Refused
from products.actions.regulation import refuse_lapsed_regulation
from products.workflow import TRANSITIONS as DOSSIER_TRANSITIONS
from regulations.answers import NOT_ANSWERED
from regulations.sheets import Criterion


@transaction.atomic
def open_session(session: Session, *, by: Any) -> Session:
    """Begin scoring: every dossier of the agenda gets a sheet for every member who is there.

    Raises `Refused` without an agenda, with a dossier on it that does not wait any more, or
    without a voting member present.
    """
    opened = workflow.apply(
        SESSION_TRANSITIONS["open"], session, by=by, changes={"opened_at": timezone.now()}
    )
    items = list(opened.agenda.select_related("dossier__criteria_set", "dossier__regulation"))
    if not items:
        raise Refused.because("no_agenda", "Chương trình phiên họp chưa có hồ sơ nào.")
    refuse_gone_dossiers(opened)
    for item in items:
        refuse_lapsed_regulation(item.dossier, opened.held_on)
        workflow.apply(DOSSIER_TRANSITIONS["start_evaluation"], item.dossier, by=by)
        start_attempt(item, attempt=1)
    return opened


def start_attempt(item: AgendaItem, *, attempt: int) -> Assessment:
    """A fresh attempt (lần chấm) with empty sheets for the members who are there; those of earlier
    attempts stay as they are.
    """
    criteria_set = item.dossier.criteria_set
    if not criteria_set.is_usable:
        raise Refused.because(
            "sheet_incomplete",
            f"Phiếu chấm “{criteria_set}” chưa cộng đủ điểm nên không dùng để chấm được.",
        )
    assessment = Assessment.objects.create(item=item, attempt=attempt, criteria_set=criteria_set)
    ScoreSheet.objects.bulk_create(
        ScoreSheet(assessment=assessment, member=member)
        for member in _members_present(item.session)
    )
    return assessment


def _members_present(session: Session) -> list[CouncilMember]:
    """The members who score; raises `Refused` where there is none."""
    members = present_members(session)
    if not members:
        raise Refused.because("nobody_present", "Chưa có thành viên chấm điểm nào có mặt.")
    return members


class ChoiceConflict(Refused):
    """The criterion was answered elsewhere since the page was drawn (abuse case S8)."""


@transaction.atomic
def choose_option(
    sheet: ScoreSheet,
    criterion: str,
    option: int | None,
    *,
    by: Any,
    seen: Collection[str] | None = None,
) -> ScoreSheet:
    """Set the option of one criterion; None says that no level is reached (0 points).

    `seen` is what the person knows to be chosen, as `Choice.value`; without it whatever stands is
    replaced. The same choice again changes nothing (S6). Raises `ChoiceConflict` where something
    else stands, `Refused` for a criterion or option that the sheet does not have (S10), a signed
    sheet (S3) or a closed assessment (S4).
    """
    locked = _lock_draft(sheet, by=by)
    choice = Choice(sheet=locked, criterion=criterion, option=option)
    choice.points = _points(locked, criterion, option)
    stored = locked.choices.filter(criterion=criterion).first()
    if stored and stored.value == choice.value:
        return locked
    if seen is not None and (stored.value if stored else NOT_ANSWERED) not in seen:
        raise ChoiceConflict(_conflict(locked, choice, stored))
    choice.pk = stored.pk if stored else None
    choice.save(force_update=bool(stored))
    locked.total = locked.choices.aggregate(total=Sum("points"))["total"]
    locked.version += 1
    locked.save(update_fields=["total", "version", "updated_at"])
    return locked


@transaction.atomic
def save_comment(sheet: ScoreSheet, comment: str, *, by: Any) -> ScoreSheet:
    """Keep the member's remark on the product."""
    locked = _lock_draft(sheet, by=by)
    locked.comment = comment
    locked.save(update_fields=["comment", "updated_at"])
    return locked


@transaction.atomic
def sign_sheet(sheet: ScoreSheet, *, by: Any) -> ScoreSheet:
    """Finish the sheet: from now on it does not change.

    Raises `Refused` with the criteria that are still open.
    """
    locked = _lock_draft(sheet, by=by)
    if missing := open_criteria(locked):
        raise Refused.because(
            "criteria_open", f"Còn {len(missing)} tiêu chí chưa chọn: {', '.join(missing)}."
        )
    locked.state = ScoreSheet.State.SIGNED
    locked.signed_at = timezone.now()
    locked.save(update_fields=["state", "signed_at", "updated_at"])
    return locked


def _conflict(sheet: ScoreSheet, wanted: Choice, stored: Choice | None) -> Problem:
    """Both choices in words: the one that stands, and the one that was not saved."""
    criterion = sheet.assessment.criteria_set.sheet.by_code[wanted.criterion]
    if stored is None:
        stands = "chưa được chấm"
    else:
        at = timezone.localtime(stored.chosen_at)
        stands = f"đang là {_in_words(criterion, stored)} (lưu lúc {at:%H:%M:%S, %d/%m/%Y})"
    return Problem(
        "choice_conflict",
        f"Tiêu chí {wanted.criterion} {stands}, đã đổi ở cửa sổ hoặc thiết bị khác. "
        f"Chưa lưu {_in_words(criterion, wanted)}: hãy xem lại rồi chọn nếu vẫn muốn đổi.",
    )


def _in_words(criterion: Criterion, choice: Choice) -> str:
    if choice.option is None:
        return "“Không đạt mức nào” (0 điểm)"
    return f"“{criterion.options[choice.option].label}” ({choice.points} điểm)"


def open_criteria(sheet: ScoreSheet) -> list[str]:
    """Codes of the criteria without a choice, in the order of the sheet."""
    chosen = set(sheet.choices.values_list("criterion", flat=True))
    codes = sheet.assessment.criteria_set.sheet.by_code
    return [code for code in codes if code not in chosen]


def wants_declaration(sheet: ScoreSheet) -> bool:
    """Whether the member has still to say if there is a conflict of interest (abuse case S5)."""
    if sheet.is_signed or sheet.assessment.state != Assessment.State.OPEN:
        return False
    return _declaration(sheet) is None


def not_declared() -> Refused:
    """What keeps a sheet and its documents closed."""
    return Refused.because(
        "not_declared", "Hãy khai báo xung đột lợi ích về sản phẩm này trước khi xem và chấm."
    )


def _declaration(sheet: ScoreSheet) -> ConflictDeclaration | None:
    return sheet.member.declarations.filter(item=sheet.assessment.item_id).first()


def _lock_draft(sheet: ScoreSheet, *, by: Any) -> ScoreSheet:
    """The sheet's row, locked before anything below it: else concurrent saves leave a wrong
    total. Closing locks the same rows, so no score slips in after it.
    """
    if not by.has_perm("evaluation.score_products", sheet):
        raise PermissionDenied
    locked = (
        ScoreSheet.objects.select_for_update(of=("self",))
        .select_related("assessment__criteria_set__regulation")
        .defer(
            "assessment__criteria_set__data",
            "assessment__criteria_set__regulation__data",
            "assessment__criteria_set__regulation__groups",
        )
        .get(pk=sheet.pk)
    )
    if locked.is_signed:
        raise Refused.because("signed", "Phiếu này đã ký nên không thay đổi được nữa.")
    state, is_present = (
        ScoreSheet.objects.with_presence()
        .values_list("assessment__state", "is_present")
        .get(pk=locked.pk)
    )
    if state != Assessment.State.OPEN:
        raise Refused.because("closed", "Hội đồng đã chốt kết quả của sản phẩm này.")
    declared = _declaration(locked)
    if declared is None:
        raise not_declared()
    if declared.conflicted:
        raise Refused.because("recused", "Bạn đã từ chối chấm sản phẩm này.")
    if not is_present:
        raise Refused.because(
            "absent", "Bạn được ghi là vắng mặt ở phiên họp này nên phiếu không chấm và ký được."
        )
    return locked


def _points(sheet: ScoreSheet, code: str, option: int | None) -> int:
    criterion = sheet.assessment.criteria_set.sheet.by_code.get(code)
    if criterion is None:
        raise Refused.because("unknown_criterion", f"Phiếu không có tiêu chí “{code}”.")
    if option is not None and not criterion.has_option(option):
        raise Refused.because("unknown_option", f"Tiêu chí {code} không có lựa chọn này.")
    return criterion.points(option)
