"""The verbs of a dossier. Each checks permission and state, and writes the history."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from ocop_portal import workflow
from ocop_portal.models import Counter
from ocop_portal.problems import Refused, refuse_if
from products.completeness import submission_problems
from products.models import Dossier, DossierDocument, Product
from products.uploads import check_file
from products.workflow import TRANSITIONS
from regulations.models import CriteriaSet


@transaction.atomic
def create_dossier(product: Product, *, by: Any, **fields: Any) -> Dossier:
    """Open a dossier for `product`, at the first tier of its regulation.

    Raises `Refused` while another dossier of the product is open.
    """
    _check("products.prepare_dossier", product, by=by)
    Product.objects.select_for_update().get(pk=product.pk)
    if product.dossiers.open().exists():
        raise Refused.because("open_dossier", "Sản phẩm này đang có một hồ sơ chưa kết thúc.")
    criteria_set: CriteriaSet = fields["criteria_set"]
    regulation = criteria_set.regulation
    return Dossier.objects.create(
        product=product,
        regulation=regulation,
        tier=regulation.rules.tiers[0].code,
        created_by=by,
        **fields,
    )


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
    for name, value in values.items():
        setattr(locked, name, value)
    locked.version += 1
    locked.save(update_fields=[*values, "version", "updated_at"])
    return locked


@transaction.atomic
def add_document(dossier: Dossier, slot: str, upload: UploadedFile, *, by: Any) -> DossierDocument:
    """Put a file into a slot of the regulation's list. Raises `Refused` for a bad file or slot."""
    locked = lock_editable(dossier, by=by)
    if slot not in {entry.code for entry in locked.regulation.rules.documents if entry.is_file}:
        raise Refused.because("unknown_slot", "Mục tài liệu này không có trong quy định.")
    checked = check_file(upload)
    document = DossierDocument(
        dossier=locked,
        slot=slot,
        original_name=checked.display_name,
        extension=checked.extension,
        size=checked.size,
        sha256=checked.sha256,
        uploaded_by=by,
    )
    if locked.documents.filter(slot=slot, sha256=checked.sha256).exists():
        raise Refused.because("same_file", f"Tệp “{checked.display_name}” đã có trong mục này.")
    document.file.save("", upload, save=False)
    document.save()
    return document


@transaction.atomic
def remove_document(document: DossierDocument, *, by: Any) -> None:
    """Take a file out of a dossier that is still being prepared."""
    lock_editable(document.dossier, by=by)
    document.delete()


@transaction.atomic
def submit_dossier(dossier: Dossier, *, by: Any) -> Dossier:
    """Hand the dossier in. Submitted twice, the second time finds it submitted (abuse case T1).

    Raises `Refused` with everything that is missing.
    """
    locked = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    if locked.state == Dossier.State.SUBMITTED:
        return locked
    refuse_if(submission_problems(locked))
    return workflow.apply(
        TRANSITIONS["submit"], locked, by=by, changes={"submitted_at": timezone.now()}
    )


@transaction.atomic
def accept_dossier(dossier: Dossier, *, received_on: date, by: Any) -> Dossier:
    """Receive the dossier under the next number of the unit's register for that year."""
    unit = dossier.product.district
    number = Counter.next(f"received/{unit.path}/{received_on.year}")
    return workflow.apply(
        TRANSITIONS["accept"],
        dossier,
        by=by,
        changes={
            "received_number": f"{number:03d}/{received_on.year}/HS-{unit.code}",
            "received_on": received_on,
        },
    )


def request_supplement(dossier: Dossier, *, reason: str, by: Any) -> Dossier:
    """Give the dossier back for completion, with the reason; everything in it stays."""
    if not reason:
        raise Refused.because("no_reason", "Hãy ghi rõ cần bổ sung những gì.")
    return workflow.apply(TRANSITIONS["request_supplement"], dossier, by=by, note=reason)


def withdraw_dossier(dossier: Dossier, *, reason: str, by: Any) -> Dossier:
    """Take the dossier back for good, with the reason."""
    if not reason:
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
    return locked


def _check(permission: str, record: Any, *, by: Any) -> None:
    if not by.has_perm(permission, record):
        raise PermissionDenied
