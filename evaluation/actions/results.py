"""From signed sheets to the result of a tier, and on to the next one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import number_format

from councils.actions import lock_session
from councils.models import Session
from councils.workflow import TRANSITIONS as SESSION_TRANSITIONS
from evaluation.actions.scoring import start_attempt
from evaluation.models import Assessment, Result, ScoreSheet
from ocop_portal import workflow
from ocop_portal.problems import Problem, Refused, refuse_if
from products.actions.regulation import refuse_lapsed_regulation
from products.models import Dossier
from products.workflow import TRANSITIONS as DOSSIER_TRANSITIONS
from regulations.rating import Member, Rating, Scoring, rate, result_data
from regulations.rules import Outcome


@dataclass(frozen=True)
class Findings:
    """What the council as a whole records about a product, beside the members' sheets.

    `agreed_levels` are the options that it settled on where members differ at a minimum level.
    """

    agreed_levels: Mapping[str, int | None] = field(default_factory=dict)
    knockouts: tuple[str, ...] = ()
    knockout_reason: str = ""
    council_minimum_stars: int | None = None


def rating_of(assessment: Assessment) -> Rating:
    """The result that the signed sheets of the members present give, by the regulation."""
    criteria_set = assessment.criteria_set
    sheets = assessment.sheets.signed().with_presence().prefetch_related("choices")
    scoring = Scoring(
        tier=assessment.item.session.council.tier,
        members=[
            Member(
                id=sheet.member_id,
                choices={choice.criterion: choice.option for choice in sheet.choices.all()},
                present=sheet.is_present,
            )
            for sheet in sheets.order_by("member")
        ],
        agreed_levels=assessment.agreed_levels,
        knockouts=assessment.knockouts,
        council_minimum_stars=assessment.council_minimum_stars,
    )
    return rate(criteria_set.regulation.rules, criteria_set.sheet, scoring)


@transaction.atomic
def conclude(assessment: Assessment, findings: Findings, *, by: Any) -> Result:
    """Close the assessment with its result and send the dossier on.

    Raises `Refused` while sheets of members present are unsigned, where their totals lie too far
    apart, or where the council still has to agree on a level. A knock-out comes before all that:
    then one signed sheet is enough, and the mean is that of the signed ones.
    """
    locked = _lock_open(assessment, by=by)
    refuse_if(_nothing_signed(locked) if findings.knockouts else _unsigned(locked))
    locked.knockouts = list(findings.knockouts)
    locked.knockout_reason = findings.knockout_reason
    locked.council_minimum_stars = findings.council_minimum_stars
    _check_knockouts(locked)
    _settle_levels(locked, findings.agreed_levels)
    rating = rating_of(locked)
    _refuse_unfinished(rating)
    absent = _fix_counted(locked)
    locked.state = Assessment.State.CLOSED
    locked.save()
    return _keep(locked, rating, absent=absent, by=by)


@transaction.atomic
def score_again(assessment: Assessment, *, reason: str, by: Any) -> Assessment:
    """Open a new attempt (lần chấm) after the council has discussed; the old sheets stay."""
    if not reason:
        raise Refused.because("no_reason", "Hãy ghi lý do chấm lại.")
    locked = _lock_open(assessment, by=by)
    refuse_if(_unsigned(locked))
    _fix_counted(locked)
    locked.state = Assessment.State.REPEATED
    locked.repeat_reason = reason
    locked.save(update_fields=["state", "repeat_reason"])
    return start_attempt(locked.item, attempt=locked.attempt + 1)


@transaction.atomic
def close_session(session: Session, *, by: Any) -> Session:
    """End the session once every dossier of its agenda has a result."""
    lock_session(session, by=by)
    if session.agenda.filter(assessments__state=Assessment.State.OPEN).exists():
        raise Refused.because(
            "open_assessments", "Còn sản phẩm chưa chốt kết quả trong chương trình."
        )
    return workflow.apply(
        SESSION_TRANSITIONS["close"], session, by=by, changes={"closed_at": timezone.now()}
    )


@transaction.atomic
def record_result(
    dossier: Dossier,
    *,
    mean: Decimal,
    stars: int,
    source_document: str,
    concluded_on: date,
    by: Any,
) -> Result:
    """Record what a council outside the portal found (the national one), from its document.

    `stars` is what that council concluded; it may lie below the band of the mean where a minimum
    is missing. Raises `Refused` if the dossier does not wait at that tier.
    """
    if not by.has_perm("evaluation.record_results"):
        raise PermissionDenied
    locked = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    rules = locked.regulation.rules
    tier = rules.tier(locked.tier)
    if tier is None:
        raise Refused.because("no_tier", "Quy định của hồ sơ không có cấp này.")
    band = rules.band(mean).stars
    if stars > band:
        raise Refused.because(
            "stars_above_band",
            f"Điểm {number_format(mean)} chỉ ứng với {band} sao, không thể ghi {stars} sao.",
        )
    refuse_lapsed_regulation(locked, concluded_on)
    row = tier.outcome(mean, stars)
    locked = workflow.apply(DOSSIER_TRANSITIONS["start_evaluation"], locked, by=by)
    result = Result.objects.create(
        dossier=locked,
        tier=tier.code,
        round=_round(locked, tier.code),
        mean=mean,
        stars=stars,
        outcome=row.outcome,
        next_tier=row.next_tier or "",
        recognised_stars=row.recognised_stars,
        derivation={
            "reasons": [{"code": row.outcome, "message": row.reason, "source": row.source}]
        },
        source_document=source_document,
        concluded_on=concluded_on,
        recorded_by=by,
    )
    _send_on(result, by=by)
    return result


def _lock_open(assessment: Assessment, *, by: Any) -> Assessment:
    """Lock session, assessment and sheets, in this order, for the council's secretary."""
    session = lock_session(assessment.item.session, by=by)
    if session.state != Session.State.OPEN:
        raise Refused.because("session_not_open", "Phiên họp không ở trạng thái đang chấm điểm.")
    locked = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("item__session__council", "item__dossier", "criteria_set__regulation")
        .get(pk=assessment.pk)
    )
    list(locked.sheets.select_for_update(of=("self",)).values_list("pk"))
    if locked.state != Assessment.State.OPEN:
        raise Refused.because("closed", "Kết quả của sản phẩm này đã được chốt.")
    return locked


def _unsigned(assessment: Assessment) -> list[Problem]:
    """Who of the members present has still to sign; nobody else is asked for a sheet."""
    present = assessment.sheets.with_presence().filter(is_present=True)
    late = present.filter(state=ScoreSheet.State.DRAFT).select_related("member__user")
    names = ", ".join(str(sheet.member.user) for sheet in late)
    return [Problem("unsigned", f"Chưa ký phiếu: {names}.")] if names else []


def _nothing_signed(assessment: Assessment) -> list[Problem]:
    if assessment.sheets.signed().with_presence().filter(is_present=True).exists():
        return []
    message = "Chưa có thành viên có mặt nào ký phiếu: để loại sản phẩm cần ít nhất một phiếu."
    return [Problem("nothing_signed", message)]


def _fix_counted(assessment: Assessment) -> list[int]:
    """Keep which sheets count, whatever happens to attendance later; returns who was away."""
    sheets = assessment.sheets.with_presence().order_by("member")
    absent = list(sheets.filter(is_present=False).values_list("member_id", flat=True))
    left_out = Q(member__in=absent) | Q(state=ScoreSheet.State.DRAFT)
    assessment.sheets.filter(left_out).update(is_counted=False)
    return absent


def _check_knockouts(assessment: Assessment) -> None:
    rules = assessment.criteria_set.regulation.rules
    if any(rules.knockout(code) is None for code in assessment.knockouts):
        raise Refused.because("unknown_knockout", "Lý do loại không có trong quy định.")
    if assessment.knockouts and not assessment.knockout_reason:
        raise Refused.because("no_reason", "Hãy ghi rõ căn cứ để loại sản phẩm.")


def _settle_levels(assessment: Assessment, levels: Mapping[str, int | None]) -> None:
    """Only where the sheets leave a minimum level open has the council anything to settle."""
    assessment.agreed_levels = {}
    in_question = rating_of(assessment).to_agree
    if strangers := [code for code in levels if code not in in_question]:
        raise Refused.because(
            "nothing_to_agree",
            f"Các thành viên không khác nhau về mức tối thiểu ở tiêu chí {', '.join(strangers)}.",
        )
    assessment.agreed_levels = dict(levels)


def _refuse_unfinished(rating: Rating) -> None:
    refuse_if(Problem(error.code, error.message) for error in rating.errors)
    if rating.outcome == Outcome.RESCORE:
        raise Refused.because(
            "spread",
            f"Có {len(rating.spread_pairs)} cặp thành viên chấm chênh nhau quá "
            f"{rating.spread_limit} điểm. Hội đồng thảo luận rồi mở lần chấm mới.",
        )
    if rating.outcome == Outcome.AGREE:
        raise Refused.because(
            "to_agree", f"Hội đồng cần thống nhất mức ở tiêu chí {', '.join(rating.to_agree)}."
        )


def _keep(assessment: Assessment, rating: Rating, *, absent: list[int], by: Any) -> Result:
    council = assessment.item.session.council
    # A rating without errors has all of these.
    assert rating.mean is not None
    assert rating.stars is not None
    assert rating.outcome is not None
    result = Result.objects.create(
        dossier=assessment.item.dossier,
        tier=council.tier,
        round=_round(assessment.item.dossier, council.tier),
        assessment=assessment,
        council=council,
        mean=rating.mean,
        stars=rating.stars,
        outcome=rating.outcome,
        next_tier=rating.next_tier or "",
        recognised_stars=rating.recognised_stars,
        derivation={**result_data(rating), "absent_members": absent},
        concluded_on=timezone.localdate(),
        recorded_by=by,
    )
    _send_on(result, by=by)
    return result


def _round(dossier: Dossier, tier: str) -> int:
    return dossier.results.filter(tier=tier).count() + 1


def _send_on(result: Result, *, by: Any) -> None:
    """The dossier's next step follows from the outcome."""
    dossier = result.dossier
    if result.outcome == Outcome.RETURN:
        step, changes = _returned(dossier, result)
    elif result.next_tier:
        step, changes = "forward", {"tier": result.next_tier}
    elif result.recognised_stars:
        step, changes = "propose", {}
    else:
        step, changes = _without_recognition(dossier), {}
    workflow.apply(DOSSIER_TRANSITIONS[step], dossier, by=by, changes=changes)


def _returned(dossier: Dossier, result: Result) -> tuple[str, dict[str, Any]]:
    """Where a lower tier already recognised the product, that stands; else it decides again."""
    if dossier.results.filter(recognised_stars__isnull=False).exists():
        return _without_recognition(dossier), {}
    return "return", {"tier": result.next_tier}


def _without_recognition(dossier: Dossier) -> str:
    """Below five stars at the centre, what the province recognised stands (Decision 1048)."""
    earlier = dossier.results.filter(recognised_stars__isnull=False)
    if earlier.filter(decision__isnull=False).exists():
        return "keep_recognition"
    return "propose" if earlier.exists() else "refuse"


def outcome_label(outcome: str) -> str:
    """What an outcome is called on screen."""
    return OUTCOME_LABELS.get(outcome, outcome)


OUTCOME_LABELS: Mapping[str, str] = {
    Outcome.FORWARD: "Chuyển cấp trên",
    Outcome.RECOGNISE: "Đề nghị công nhận",
    Outcome.POTENTIAL_5: "Tiềm năng 5 sao, chuyển trung ương",
    Outcome.RETURN: "Trả cấp dưới",
    Outcome.NOT_RECOGNISED: "Không công nhận",
    Outcome.RESCORE: "Chấm lại",
    Outcome.AGREE: "Cần thống nhất mức",
}
