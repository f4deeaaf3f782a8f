"""Files of a dossier that arrive in pieces, and files that are sorted into slots afterwards."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from ocop_portal import resumable
from ocop_portal.models import Upload
from ocop_portal.problems import Refused
from products.actions.dossiers import add_document, lock_editable, refuse_unknown_slot
from products.models import Dossier, DossierDocument
from products.quota import refuse_over_quota
from products.uploads import UNSORTED_SLOT, display_name, refuse_size, types_for

PURPOSE = "dossier_document"
# These pass: the file that has arrived stays and is judged again when the person asks again.
PASSING = {"no_room", "not_editable", "other_pen", "not_complete", "slot_full", "dossier_full"}


@transaction.atomic
def begin_upload(dossier: Dossier, slot: str, *, filename: str, length: int, by: Any) -> Upload:
    """Make room for a file of `length` bytes that will arrive in pieces.

    Raises `Refused` for what can be said before the first byte: dossier, slot, size, quota.
    """
    locked = lock_editable(dossier, by=by)
    refuse_unknown_slot(locked, slot)
    name = display_name(filename)
    refuse_size(name, length, slot)
    refuse_over_quota(locked, slot, length)
    return resumable.begin(
        filename=name,
        length=length,
        purpose=PURPOSE,
        details={"dossier": locked.pk, "slot": slot},
        by=by,
    )


def finish_upload(upload: Upload, *, by: Any) -> DossierDocument:
    """Judge a file that has arrived and put it into its slot, like one sent by the plain form.

    Asked twice, also at the same moment, the second time finds the first one's document. Raises
    `Refused`: the bytes of a bad file are deleted, those of a dossier that is just now closed stay.
    """
    try:
        return _finish(upload, by=by)
    except Refused as refusal:
        if refusal.problems[0].code not in PASSING:
            resumable.refuse(upload, str(refusal))
        raise


@transaction.atomic
def _finish(upload: Upload, *, by: Any) -> DossierDocument:
    locked = Upload.objects.select_for_update().get(pk=upload.pk)
    if locked.result:
        return DossierDocument.objects.get(pk=locked.result)
    if locked.problem:
        raise Refused.because("refused_before", locked.problem)
    if not locked.is_complete:
        raise Refused.because("not_complete", f"Tệp “{locked}” chưa tải xong.")
    dossier = Dossier.objects.get(pk=locked.details["dossier"])
    with resumable.content(locked) as content:
        document = add_document(dossier, locked.details["slot"], content, by=by)
    resumable.take(locked, result=document.pk)
    return document


def open_uploads(dossier: Dossier, *, by: Any) -> list[Upload]:
    """The person's own files for the dossier of which the rest is still to come."""
    rows = Upload.objects.filter(owner=by, purpose=PURPOSE, details__dossier=dossier.pk)
    return list(rows.open())


def sort_documents(
    dossier: Dossier, choices: Mapping[int, str], *, by: Any
) -> tuple[int, list[Refused]]:
    """Put unsorted files, by their number, into slots: how many went, and why others did not."""
    went, refusals = 0, []
    for pk, slot in choices.items():
        try:
            sort_document(dossier, pk, slot, by=by)
            went += 1
        except Refused as refusal:
            refusals.append(refusal)
    return went, refusals


@transaction.atomic
def sort_document(dossier: Dossier, pk: int, slot: str, *, by: Any) -> DossierDocument:
    """Put one unsorted file into a slot.

    Raises `Refused` where it is sorted already, and where the slot does not take its type or has
    the same content.
    """
    locked = lock_editable(dossier, by=by)
    refuse_unknown_slot(locked, slot)
    rows = locked.documents.current().filter(slot=UNSORTED_SLOT, pk=pk)
    document = rows.select_related("stored").first()
    if document is None:
        raise Refused.because("not_unsorted", "Tệp này đã được xếp hoặc đã xóa.")
    refuse_in_slot(document, slot)
    refuse_over_quota(locked, slot, 0)
    document.slot = slot
    document.save(update_fields=["slot"])
    return document


def refuse_in_slot(
    document: DossierDocument, slot: str, pages: tuple[int, int] | None = None
) -> None:
    """Raise `Refused` where `slot` does not take the file, or has the same pages already."""
    if document.extension not in types_for(slot):
        names = ", ".join(extension.upper() for extension in types_for(slot))
        raise Refused.because("wrong_type", f"Tệp “{document}”: mục này chỉ nhận {names}.")
    first, last = pages or (document.first_page, document.last_page)
    same = document.dossier.documents.current().filter(
        slot=slot, stored=document.stored_id, first_page=first, last_page=last
    )
    if same.exists():
        raise Refused.because("same_file", f"Tệp “{document}” đã có trong mục này.")
