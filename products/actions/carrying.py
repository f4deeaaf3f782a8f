"""The verbs of carrying over: again, one document by hand, and into another slot."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from ocop_portal.problems import Refused
from products.actions.dossiers import lock_editable
from products.actions.filling import fill, from_earlier, from_paper
from products.completeness import slots_of
from products.models import Dossier, DossierDocument, ProducerDocument


@transaction.atomic
def carry_over(dossier: Dossier, *, by: Any, today: date | None = None) -> int:
    """Bring in what the earlier dossier and the producer's papers give, and what has come since;
    returns how many documents came in. Raises `Refused` for a dossier that cannot be edited.
    """
    locked = lock_editable(dossier, by=by)
    return fill(locked, by=by, today=today or timezone.localdate())


@transaction.atomic
def bring_in(dossier: Dossier, document: DossierDocument, slot: str, *, by: Any) -> DossierDocument:
    """Put one document of the earlier dossier into `slot`, also one that is not carried by itself.

    Raises `Refused` for a document of another dossier, a slot that the regulation does not have,
    and where the slot holds it already.
    """
    locked = lock_editable(dossier, by=by)
    if document.dossier_id != locked.previous_id:
        raise Refused.because("other_dossier", "Tài liệu này không thuộc hồ sơ trước.")
    return _put_in(locked, from_earlier(document, slot), by=by)


@transaction.atomic
def bring_paper_in(dossier: Dossier, paper: ProducerDocument, *, by: Any) -> DossierDocument:
    """Put a paper of the producer into its slot. Raises `Refused` as `bring_in` does."""
    locked = lock_editable(dossier, by=by)
    if paper.producer_id != locked.product.producer_id or paper.removed_at:
        raise Refused.because("other_producer", "Giấy tờ này không phải của chủ thể, hoặc đã gỡ.")
    return _put_in(locked, from_paper(paper), by=by)


@transaction.atomic
def move_document(document: DossierDocument, slot: str, *, by: Any) -> DossierDocument:
    """Put a document of the dossier into another slot. Raises `Refused` as `bring_in` does."""
    dossier = lock_editable(document.dossier, by=by)
    locked = DossierDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
    if locked.removed_at or locked.replaced_by_id:
        raise Refused.because("not_current", "Tệp này đã được thay hoặc đã xóa khỏi hồ sơ.")
    locked.slot = slot
    _refuse_slot(dossier, locked)
    locked.save(update_fields=["slot"])
    return locked


def _put_in(dossier: Dossier, document: DossierDocument, *, by: Any) -> DossierDocument:
    _refuse_slot(dossier, document)
    document.dossier, document.uploaded_by = dossier, by
    document.save()
    return document


def _refuse_slot(dossier: Dossier, document: DossierDocument) -> None:
    if document.slot not in {slot.code for slot in slots_of(dossier) if slot.is_file}:
        raise Refused.because("unknown_slot", "Mục tài liệu này không có trong quy định.")
    same = dossier.documents.current().filter(
        slot=document.slot,
        stored=document.stored_id,
        first_page=document.first_page,
        last_page=document.last_page,
    )
    if same.exists():
        raise Refused.because("same_file", f"Tệp “{document}” đã có trong mục này.")
