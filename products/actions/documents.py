"""Versions of the files of a dossier: a newer one keeps the old, what was taken out comes back."""

from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from ocop_portal.problems import Refused
from products.actions.dossiers import add_document, lock_editable
from products.models import Dossier, DossierDocument


@transaction.atomic
def replace_document(
    document: DossierDocument, upload: UploadedFile, *, by: Any
) -> DossierDocument:
    """Put a newer version in the place of `document`, which stays readable.

    Raises `Refused` for a bad file, and where the document is not in the dossier any more.
    """
    lock_editable(document.dossier, by=by)
    locked = DossierDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
    if locked.removed_at or locked.replaced_by_id:
        raise Refused.because("not_current", "Tệp này đã được thay hoặc đã xóa khỏi hồ sơ.")
    newer = add_document(document.dossier, locked.slot, upload, by=by)
    locked.replaced_by = newer
    locked.save(update_fields=["replaced_by"])
    return newer


@transaction.atomic
def restore_document(document: DossierDocument, *, by: Any) -> DossierDocument:
    """Bring a removed file back. Raises `Refused` where the same pages are in the slot again."""
    dossier = lock_editable(document.dossier, by=by)
    locked = DossierDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
    if locked.removed_at is None:
        raise Refused.because("not_removed", "Tệp này vẫn đang ở trong hồ sơ.")
    same = dossier.documents.current().filter(
        slot=locked.slot,
        stored=locked.stored_id,
        first_page=locked.first_page,
        last_page=locked.last_page,
    )
    if same.exists():
        raise Refused.because("same_file", f"Tệp “{locked}” đã có trong mục này.")
    locked.removed_at, locked.removed_by = None, None
    locked.save(update_fields=["removed_at", "removed_by"])
    return locked


@transaction.atomic
def describe_document(
    document: DossierDocument,
    *,
    number: str,
    issued_on: date | None,
    valid_until: date | None,
    by: Any,
) -> DossierDocument:
    """Write down what stands on a document, for who prepares the dossier or receives it.

    Raises `Refused` for a dossier that has been decided, and where the pen is with somebody else.
    """
    dossier = Dossier.objects.select_for_update(of=("self",)).get(pk=document.dossier_id)
    receives = by.has_perm("products.receive_dossiers", dossier)
    if not receives or dossier.state in Dossier.FINAL:
        lock_editable(dossier, by=by)
    document.number, document.issued_on, document.valid_until = number, issued_on, valid_until
    document.save(update_fields=["number", "issued_on", "valid_until"])
    return document
