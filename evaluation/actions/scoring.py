"""Scoring: a session is opened, members choose and sign. Locks keep totals and states right."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from councils.models import AgendaItem, Session
from councils.workflow import TRANSITIONS as SESSION_TRANSITIONS
from evaluation.models import Assessment, Choice, ScoreSheet
from ocop_portal import workflow
from ocop_portal.problems import Refused
from products.actions.regulation import refuse_lapsed_regulation
from products.workflow import TRANSITIONS as DOSSIER_TRANSITIONS


@transaction.atomic
def open_session(session: Session, *, by: Any) -> Session:
    """Begin scoring: every dossier of the agenda gets a sheet for every member who is there.

    Raises `Refused` without an agenda or without a voting member present.
    """
    opened = workflow.apply(
        SESSION_TRANSITIONS["open"], session, by=by, changes={"opened_at": timezone.now()}
    )
    items = list(opened.agenda.select_related("dossier__criteria_set", "dossier__regulation"))
    if not items:
        raise Refused.because("no_agenda", "Chương trình phiên họp chưa có hồ sơ nào.")
    if not opened.attendance.filter(present=True).exists():
        raise Refused.because("nobody_present", "Chưa có thành viên chấm điểm nào có mặt.")
    for item in items:
        refuse_lapsed_regulation(item.dossier, opened.held_on)
        workflow.apply(DOSSIER_TRANSITIONS["start_evaluation"], item.dossier, by=by)
        start_attempt(item, attempt=1)
    return opened


def start_attempt(item: AgendaItem, *, attempt: int) -> Assessment:
    """A fresh attempt (lần chấm) with empty sheets; those of earlier attempts stay as they are."""
    criteria_set = item.dossier.criteria_set
    if not criteria_set.is_usable:
        raise Refused.because(
            "sheet_incomplete",
            f"Phiếu chấm “{criteria_set}” chưa cộng đủ điểm nên không dùng để chấm được.",
        )
    assessment = Assessment.objects.create(item=item, attempt=attempt, criteria_set=criteria_set)
    present = item.session.attendance.filter(present=True)
    ScoreSheet.objects.bulk_create(
        ScoreSheet(assessment=assessment, member_id=member)
        for member in present.values_list("member", flat=True)
    )
    return assessment


@transaction.atomic
def choose_option(sheet: ScoreSheet, criterion: str, option: int | None, *, by: Any) -> ScoreSheet:
    """Set the option of one criterion; None says that no level is reached (0 points).

    Raises `Refused` for a criterion or option that the sheet does not have (S10), a signed sheet
    (S3) or a closed assessment (S4).
    """
    locked = _lock_draft(sheet, by=by)
    points = _points(locked, criterion, option)
    Choice.objects.update_or_create(
        sheet=locked, criterion=criterion, defaults={"option": option, "points": points}
    )
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


def open_criteria(sheet: ScoreSheet) -> list[str]:
    """Codes of the criteria without a choice, in the order of the sheet."""
    chosen = set(sheet.choices.values_list("criterion", flat=True))
    codes = sheet.assessment.criteria_set.sheet.by_code
    return [code for code in codes if code not in chosen]


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
    state = Assessment.objects.values_list("state", flat=True).get(pk=locked.assessment_id)
    if state != Assessment.State.OPEN:
        raise Refused.because("closed", "Hội đồng đã chốt kết quả của sản phẩm này.")
    return locked


def _points(sheet: ScoreSheet, code: str, option: int | None) -> int:
    criterion = sheet.assessment.criteria_set.sheet.by_code.get(code)
    if criterion is None:
        raise Refused.because("unknown_criterion", f"Phiếu không có tiêu chí “{code}”.")
    if option is not None and not criterion.has_option(option):
        raise Refused.because("unknown_option", f"Tiêu chí {code} không có lựa chọn này.")
    return criterion.points(option)
