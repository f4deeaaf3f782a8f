"""Checking the documents of a dossier, one by one: what a colleague has just said is never
overwritten unseen.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from ocop_portal.problems import Problem, Refused
from products.models import Dossier, DossierDocument

Verdict = DossierDocument.Verdict


class VerdictConflict(Refused):
    """Somebody else has checked the document since the page was opened."""

    def __init__(self, document: DossierDocument) -> None:
        self.document = document
        who = document.checked_by or "Người khác"
        said = document.get_verdict_display()
        comment = f", “{document.verdict_comment}”" if document.verdict_comment else ""
        message = (
            f"{document.original_name}: {who} vừa lưu “{said}”{comment}. Nội dung bạn chọn chưa "
            "được lưu."
        )
        super().__init__(Problem("checked_meanwhile", message))


@transaction.atomic
def record_verdict(
    document: DossierDocument, *, verdict: str, comment: str, seen: int, by: Any
) -> DossierDocument:
    """Say that a document is good, or what it lacks; `seen` is the version that the page showed.

    Saved twice, the second time finds it done. Raises `PermissionDenied` for somebody who does not
    receive dossiers here, `VerdictConflict` where it was checked meanwhile, `Refused` where the
    dossier is not at the office that checks, or the file not in it any more.
    """
    dossier = Dossier.objects.select_for_update(of=("self",)).get(pk=document.dossier_id)
    if not by.has_perm("products.receive_dossiers", dossier):
        raise PermissionDenied
    if dossier.state != Dossier.State.SUBMITTED:
        raise Refused.because(
            "not_checked_now",
            f"Hồ sơ đang ở trạng thái “{dossier.get_state_display()}” nên không kiểm tra tài liệu "
            "được. Chỉ kiểm tra hồ sơ đã nộp, chờ tiếp nhận.",
        )
    rows = DossierDocument.objects.select_for_update(of=("self",)).select_related("checked_by")
    locked = rows.get(pk=document.pk)
    if locked.removed_at or locked.replaced_by_id:
        raise Refused.because("not_current", f"Tệp “{locked}” không còn trong hồ sơ.")
    if (locked.verdict, locked.verdict_comment) == (verdict, comment):
        return locked
    if locked.verdict_version != seen:
        raise VerdictConflict(locked)
    checked = verdict != Verdict.UNCHECKED
    locked.verdict, locked.verdict_comment = verdict, comment
    locked.checked_by = by if checked else None
    locked.checked_at = timezone.now() if checked else None
    locked.verdict_version += 1
    locked.save(
        update_fields=[
            "verdict",
            "verdict_comment",
            "checked_by",
            "checked_at",
            "verdict_version",
        ]
    )
    return locked


def refuse_open_verdicts(dossier: Dossier) -> None:
    """Raise `Refused` where a document is known to lack something: it is asked for first."""
    lacking = dossier.documents.current().filter(verdict=Verdict.TO_SUPPLEMENT)
    if names := list(lacking.values_list("original_name", flat=True)):
        raise Refused(
            *(
                Problem(
                    "to_supplement",
                    f"Tài liệu “{name}” được ghi là cần bổ sung: hãy yêu cầu bổ sung, hoặc ghi là "
                    "đạt rồi tiếp nhận.",
                )
                for name in names
            )
        )
