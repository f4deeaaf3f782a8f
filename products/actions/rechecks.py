"""Raising rechecks where evidence has lapsed, and settling them."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from ocop_portal.files import keep
from ocop_portal.notices import NoticeKind, notify
from ocop_portal.problems import Refused
from products.models import Dossier, Recheck
from products.rechecks import held_by, lapses
from products.recipients import people_of
from products.star_levels import State, slot_state
from products.uploads import check_file
from regulations.evidence import evidence_needs
from regulations.matrix import sentence

RAISED = NoticeKind("recheck_raised", "Minh chứng của hạng sao hết hạn, cần kiểm tra lại")
ANSWERED = "Đã có tài liệu mới còn hiệu lực."
NOT_HELD = "Sản phẩm không còn giữ hạng sao theo hồ sơ này."


@transaction.atomic
def raise_rechecks(dossier: Dossier, *, stars: int, today: date) -> int:
    """Raise what a product that holds `stars` (3–5) by this dossier can no longer show, and settle
    what a new document has answered; returns how many are new. Done twice, nothing is new.
    """
    locked = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    held = held_by(locked)
    _settle_answered(locked, held, today)
    needs = evidence_needs(locked.regulation.rules, locked.criteria_set.sheet)
    raised = 0
    for lapse in lapses(needs, stars, held, today):
        document = locked.documents.current().filter(slot=lapse.slot).order_by("valid_until").last()
        if document is None:
            continue
        recheck, created = Recheck.objects.get_or_create(
            dossier=locked,
            criterion=lapse.need.criterion,
            slot=lapse.slot,
            lapsed_on=lapse.lapsed_on,
            defaults={
                "criterion_name": sentence(lapse.need.name)[:300],
                "stars": lapse.need.stars,
                "held_stars": stars,
                "document": document,
            },
        )
        if created:
            raised += 1
            _tell(recheck)
    return raised


def _settle_answered(dossier: Dossier, held: dict[str, list[date | None]], today: date) -> None:
    for recheck in dossier.rechecks.open():
        if slot_state(held.get(recheck.slot, ()), today) is State.HELD:
            _settle(recheck, reason=ANSWERED)


@transaction.atomic
def settle_rechecks_but(dossiers: Any) -> int:
    """Settle the rechecks of every dossier but these (keys, or a query for them): nobody holds a
    star by the others any more.
    """
    rows = Recheck.objects.open().exclude(dossier__in=dossiers).select_for_update()
    gone = list(rows)
    for recheck in gone:
        _settle(recheck, reason=NOT_HELD)
    return len(gone)


@transaction.atomic
def resolve_recheck(
    recheck: Recheck,
    *,
    by: Any,
    reason: str = "",
    upload: UploadedFile | None = None,
    number: str = "",
    issued_on: date | None = None,
    valid_until: date | None = None,
) -> Recheck:
    """Settle a recheck by a new document that holds, which then answers every open recheck of its
    slot, or by a written reason.

    Raises `Refused` without either, for a bad file, for a document that has ended already and for
    a recheck that was settled meanwhile.
    """
    if not by.has_perm("products.resolve_rechecks", recheck.dossier):
        raise PermissionDenied
    locked = Recheck.objects.select_for_update(of=("self",)).get(pk=recheck.pk)
    if not locked.is_open:
        raise Refused.because("settled", "Việc kiểm tra lại này đã xong.")
    if upload is None:
        if not reason.strip():
            raise Refused.because("no_answer", "Hãy nộp tài liệu mới hoặc ghi kết luận.")
        return _settle(locked, reason=reason, by=by)
    if valid_until and valid_until < timezone.localdate():
        raise Refused.because("ended", "Tài liệu mới cũng đã hết hạn.")
    checked = check_file(upload, locked.slot)
    stored = keep(
        upload, extension=checked.extension, sha256=checked.sha256, size=checked.size, by=by
    )
    same = Recheck.objects.open().filter(dossier=locked.dossier_id, slot=locked.slot)
    for row in same.select_for_update():
        row.stored, row.original_name = stored, checked.display_name
        row.number, row.issued_on, row.valid_until = number, issued_on, valid_until
        _settle(row, reason=reason or ANSWERED, by=by)
    locked.refresh_from_db()
    return locked


def _settle(recheck: Recheck, *, reason: str, by: Any = None) -> Recheck:
    recheck.resolved_at, recheck.resolved_by, recheck.reason = timezone.now(), by, reason
    recheck.save()
    return recheck


def _tell(recheck: Recheck) -> None:
    product = recheck.dossier.product
    notify(
        RAISED,
        people_of(product),
        key=f"recheck/{recheck.pk}",
        title=f"{product}: minh chứng “{recheck.criterion_name}” đã hết hạn",
        detail=f"{recheck.document} hết hạn ngày {recheck.lapsed_on:%d/%m/%Y}; hạng "
        f"{recheck.stars} sao cần tiêu chí này. Hãy gửi tài liệu mới.",
        url=f"{recheck.dossier.get_absolute_url()}hieu-luc/",
    )
