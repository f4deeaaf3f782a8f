"""The verbs of a dossier. Each checks permission and state, and writes the history."""

from collections.abc import Mapping
from copy import copy
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from ocop_portal import workflow
from ocop_portal.files import keep
from ocop_portal.models import Counter
from ocop_portal.problems import Problem, Refused, refuse_if
from products.actions.checking import refuse_open_verdicts
from products.actions.filling import fill, keep_in_slots, last_dossier
from products.actions.regulation import (
    changes_by_law,
    follow_the_law,
    moved_fields,
    refuse_unlawful_sheet,
    regulation_fields,
)
from products.actions.supplements import answer_request
from products.actions.waiting import keep_deadline
from products.completeness import slots_of, submission_problems
from products.models import Dossier, DossierDocument, Product
from products.quota import refuse_over_quota
from products.uploads import UNSORTED_SLOT, check_file
from products.workflow import TRANSITIONS


@transaction.atomic
def create_dossier(product: Product, *, by: Any, **fields: Any) -> Dossier:
    """Open a dossier for `product`, at the first tier of its regulation, with what the producer's
    papers and, for an upgrade or a renewal, the earlier dossier give it.

    The day of filing, today where none is given, decides the regulation. A dossier that the
    producer's own account begins is with the producer until it is handed over. Raises `Refused`
    for a sheet of another regulation, and while another dossier of the product is open.
    """
    _check("products.prepare_dossier", product, by=by)
    Product.objects.select_for_update().get(pk=product.pk)
    if product.dossiers.open().exists():
        raise Refused.because("open_dossier", "Sản phẩm này đang có một hồ sơ chưa kết thúc.")
    day = fields.get("filed_on") or timezone.localdate()
    refuse_unlawful_sheet(fields["criteria_set"], fields["kind"], day)
    dossier = Dossier.objects.create(
        product=product,
        created_by=by,
        with_producer=not by.has_perm("products.edit_product", product),
        **{
            "previous": last_dossier(product),
            **fields,
            **regulation_fields(fields["criteria_set"]),
        },
    )
    goes_on = dossier.kind != Dossier.Kind.FIRST
    fill(dossier, by=by, today=timezone.localdate(), earlier=goes_on)
    keep_deadline(dossier)
    return dossier


@transaction.atomic
def save_dossier(dossier: Dossier, values: Mapping[str, Any], *, version: int, by: Any) -> Dossier:
    """Write the form's values if nobody else saved since `version` was shown.

    Raises `Refused` where somebody did: the page then shows both, nothing is overwritten.
    """
    locked = lock_editable(dossier, by=by)
    if locked.version != version:
        raise Refused.because(
            "changed_meanwhile",
            "Hồ sơ này vừa được người khác lưu. Nội dung bạn nhập vẫn còn trên trang; "
            "hãy so sánh rồi lưu lại.",
        )
    before = locked.regulation
    for name, value in values.items():
        setattr(locked, name, value)
    if not locked.regulation_reason:
        day = locked.day_of_law(timezone.localdate())
        refuse_unlawful_sheet(locked.criteria_set, locked.kind, day)
    regulation = moved_fields(locked, locked.criteria_set)
    for name, value in regulation.items():
        setattr(locked, name, value)
    locked.version += 1
    locked.saved_by = by
    locked.save(update_fields={*values, *regulation, "version", "saved_by", "updated_at"})
    keep_in_slots(locked, before)
    keep_deadline(locked)
    return locked


@transaction.atomic
def add_document(dossier: Dossier, slot: str, upload: File, *, by: Any) -> DossierDocument:
    """Put a file into a slot of the regulation's list, or among the unsorted ones.

    Raises `Refused` for a bad file or slot, and where the dossier holds too much already.
    """
    locked = lock_editable(dossier, by=by)
    refuse_unknown_slot(locked, slot)
    refuse_over_quota(locked, slot, upload.size or 0)
    checked = check_file(upload, slot)
    stored = keep(
        upload,
        extension=checked.extension,
        sha256=checked.sha256,
        size=checked.size,
        by=by,
    )
    if locked.documents.current().filter(slot=slot, stored=stored, first_page=None).exists():
        raise Refused.because("same_file", f"Tệp “{checked.display_name}” đã có trong mục này.")
    return DossierDocument.objects.create(
        dossier=locked,
        slot=slot,
        stored=stored,
        original_name=checked.display_name,
        uploaded_by=by,
    )


def refuse_unknown_slot(dossier: Dossier, slot: str) -> None:
    """Raise `Refused` for a slot that takes no files in this dossier."""
    taking = {entry.code for entry in slots_of(dossier) if entry.is_file}
    if slot not in taking | {UNSORTED_SLOT}:
        raise Refused.because("unknown_slot", "Mục tài liệu này không có trong quy định.")


@transaction.atomic
def remove_document(document: DossierDocument, *, by: Any) -> None:
    """Take a file out of a dossier that is still being prepared; its row and content stay."""
    lock_editable(document.dossier, by=by)
    document.removed_at = timezone.now()
    document.removed_by = by
    document.save(update_fields=["removed_at", "removed_by"])


def submit_dossier(dossier: Dossier, *, by: Any) -> Dossier:
    """Hand the dossier in. Submitted twice, the second time finds it submitted (abuse case T1).

    A draft that was begun under an earlier regulation first moves to today's, and stays there if
    it turns out to lack something. Raises `Refused` with everything that is missing.
    """
    _check("products.submit_dossier", dossier, by=by)
    follow_the_law(dossier)
    return _submit(dossier, by=by)


@transaction.atomic
def _submit(dossier: Dossier, *, by: Any) -> Dossier:
    locked = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    if locked.state == Dossier.State.SUBMITTED:
        return locked
    refuse_if(submission_problems(locked))
    answer_request(locked, by=by)
    return workflow.apply(
        TRANSITIONS["submit"], locked, by=by, changes={"submitted_at": timezone.now()}
    )


@transaction.atomic
def accept_dossier(dossier: Dossier, *, received_on: date, by: Any) -> Dossier:
    """Receive the dossier under the next number of the unit's register for that year.

    The day of receipt decides which regulation counts; a dossier that was prepared under another
    one moves to the sheet that stands for its own. Raises `Refused` where there is none, where
    the dossier lacks what that regulation asks for, or a document was found lacking.
    """
    refuse_open_verdicts(dossier)
    unit = dossier.product.district
    moved = changes_by_law(dossier, received_on)
    if moved:
        _follow(dossier, moved)
        refuse_if(_problems_after(dossier, moved))
    note = f"Theo {moved['regulation'].rules.short_name}." if moved else ""
    number = Counter.next(f"received/{unit.path}/{received_on.year}")
    return workflow.apply(
        TRANSITIONS["accept"],
        dossier,
        by=by,
        note=note,
        changes={
            "received_number": f"{number:03d}/{received_on.year}/HS-{unit.code}",
            "received_on": received_on,
            **moved,
        },
    )


def _follow(dossier: Dossier, moved: Mapping[str, Any]) -> None:
    """Put the documents into the slots of the regulation that the dossier moves to."""
    prospective = copy(dossier)
    prospective.regulation = moved["regulation"]
    keep_in_slots(prospective, dossier.regulation)


def _problems_after(dossier: Dossier, moved: Mapping[str, Any]) -> list[Problem]:
    """What the dossier would lack under the regulation that it moves to."""
    prospective = copy(dossier)
    for name, value in moved.items():
        setattr(prospective, name, value)
    return [
        Problem(problem.code, f"Theo {moved['regulation'].rules.short_name}: {problem.message}")
        for problem in submission_problems(prospective)
    ]


def withdraw_dossier(dossier: Dossier, *, reason: str, by: Any) -> Dossier:
    """Take the dossier back for good, with the reason."""
    if not reason.strip():
        raise Refused.because("no_reason", "Hãy ghi lý do rút hồ sơ.")
    return workflow.apply(TRANSITIONS["withdraw"], dossier, by=by, note=reason)


def lock_editable(dossier: Dossier, *, by: Any) -> Dossier:
    """The dossier's row, locked, for somebody who may edit it now.

    Raises `PermissionDenied` for a stranger, `Refused` for a dossier that has been handed in.
    """
    locked = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    _check("products.prepare_dossier", locked.product, by=by)
    if not locked.is_editable:
        raise Refused.because(
            "not_editable",
            f"Hồ sơ đang ở trạng thái “{locked.get_state_display()}” nên không sửa được. "
            "Muốn sửa, cơ quan tiếp nhận phải yêu cầu bổ sung.",
        )
    if not by.has_perm("products.edit_dossier", locked):
        raise Refused.because("other_pen", _pen_is_with(locked))
    return locked


def _pen_is_with(dossier: Dossier) -> str:
    if dossier.with_producer:
        return "Chủ thể đang soạn hồ sơ này trên cổng: hãy nhận lại hồ sơ trước khi sửa."
    return "Hồ sơ đã gửi cán bộ: muốn sửa tiếp, hãy đề nghị cán bộ chuyển lại."


def _check(permission: str, record: Any, *, by: Any) -> None:
    if not by.has_perm(permission, record):
        raise PermissionDenied
