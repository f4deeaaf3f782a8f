"""Who holds the pen of a dossier: the producer's account, or the office. A producer's dossier goes
to the officer of its territory, never around.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from ocop_portal import workflow
from ocop_portal.notices import NoticeKind, notify
from ocop_portal.problems import Refused
from products.models import Dossier
from products.recipients import accounts_of, officers_of
from products.workflow import TRANSITIONS

HANDED_OVER = NoticeKind("handed_over", "Chủ thể gửi hồ sơ cho cán bộ")
GIVEN_BACK = NoticeKind("given_back", "Cán bộ chuyển lại hồ sơ cho chủ thể")


@transaction.atomic
def hand_over(dossier: Dossier, *, by: Any) -> Dossier:
    """The producer gives the dossier to the officer, complete or not: the officer sees what is
    missing and may give it back. Handed over twice, the second time finds it done.
    """
    locked = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    if not locked.with_producer:
        return locked
    moved = workflow.apply(
        TRANSITIONS["hand_over"],
        locked,
        by=by,
        changes={"with_producer": False, "waits_since": timezone.localdate()},
    )
    notify(
        HANDED_OVER,
        officers_of(moved.product),
        key=f"{moved.pk}/{moved.version}/{moved.updated_at:%Y%m%d%H%M%S}",
        title=f"{moved.product.producer} gửi hồ sơ {moved.product}",
        detail="Hãy kiểm tra, bổ sung nếu cần rồi nộp.",
        url=moved.get_absolute_url(),
    )
    return moved


@transaction.atomic
def give_back(dossier: Dossier, *, reason: str, by: Any) -> Dossier:
    """The officer lets the producer's account go on writing, and says what is to be done."""
    if not reason.strip():
        raise Refused.because("no_reason", "Hãy ghi việc chủ thể cần làm.")
    people = accounts_of(dossier.product)
    if not people:
        raise Refused.because("no_account", "Chủ thể này chưa có tài khoản trên cổng.")
    moved = workflow.apply(
        TRANSITIONS["give_back"], dossier, by=by, note=reason, changes={"with_producer": True}
    )
    notify(
        GIVEN_BACK,
        people,
        key=f"{moved.pk}/{moved.updated_at:%Y%m%d%H%M%S}",
        title=f"Cần làm tiếp hồ sơ {moved.product}",
        detail=reason,
        url=moved.get_absolute_url(),
    )
    return moved


def take_back(dossier: Dossier, *, by: Any) -> Dossier:
    """The officer goes on with a dossier that the producer's account was writing."""
    return workflow.apply(
        TRANSITIONS["take_back"],
        dossier,
        by=by,
        changes={"with_producer": False, "waits_since": timezone.localdate()},
    )
