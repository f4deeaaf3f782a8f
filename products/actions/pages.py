"""One scanned file for many slots: its pages are assigned by ranges."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

from django.db import transaction
from django.utils import timezone

from ocop_portal.models import StoredFile
from ocop_portal.problems import Refused
from products.actions.dossiers import lock_editable, refuse_unknown_slot
from products.actions.uploads import refuse_in_slot
from products.models import DossierDocument
from products.quota import refuse_over_quota
from products.uploads import UNSORTED_SLOT


@transaction.atomic
def assign_pages(
    document: DossierDocument, first: int, last: int, slot: str, *, by: Any
) -> DossierDocument:
    """Put pages `first` to `last` (from 1, both included) of a PDF into a slot.

    The content is not copied. An unsorted file all of whose pages are assigned leaves the unsorted
    ones. Raises `Refused` for pages that it has not, and for what the slot does not take.
    """
    dossier = lock_editable(document.dossier, by=by)
    locked = DossierDocument.objects.select_related("stored", "dossier").get(pk=document.pk)
    pages = _pages_of(locked)
    if not 1 <= first <= last <= pages:
        raise Refused.because("no_such_pages", f"Hãy chọn các trang từ 1 đến {pages}.")
    if slot == UNSORTED_SLOT:
        raise Refused.because("unknown_slot", "Hãy chọn mục của các trang này.")
    refuse_unknown_slot(dossier, slot)
    refuse_over_quota(dossier, slot, 0)
    whole = (first, last) == (1, pages)
    refuse_in_slot(locked, slot, None if whole else (first, last))
    part = DossierDocument.objects.create(
        dossier=dossier,
        slot=slot,
        stored=locked.stored,
        original_name=locked.original_name if whole else _name_of(locked, first, last),
        first_page=None if whole else first,
        last_page=None if whole else last,
        uploaded_by=by,
    )
    if locked.slot == UNSORTED_SLOT and not pages_left(pages, assigned_parts(locked)):
        locked.removed_at, locked.removed_by = timezone.now(), by
        locked.save(update_fields=["removed_at", "removed_by"])
    return part


def _pages_of(document: DossierDocument) -> int:
    """How many pages may be assigned; raises `Refused` for a document that has none to give."""
    if document.removed_at or document.replaced_by_id:
        raise Refused.because("not_current", "Tệp này đã được thay hoặc đã xóa khỏi hồ sơ.")
    if document.extension != StoredFile.Kind.PDF or document.first_page:
        raise Refused.because("not_whole_pdf", "Chỉ chia được trang của cả một tệp PDF.")
    if not document.stored.pages:
        raise Refused.because("not_read_yet", "Tệp đang được đọc, hãy thử lại sau ít phút.")
    return document.stored.pages


def _name_of(document: DossierDocument, first: int, last: int) -> str:
    name = PurePath(document.original_name)
    pages = f" (trang {first}–{last})" if last > first else f" (trang {first})"
    return f"{name.stem[: 200 - len(pages) - len(name.suffix)]}{pages}{name.suffix}"


def assigned_parts(document: DossierDocument) -> list[DossierDocument]:
    """What else the dossier has of the same content in slots, in the order of its pages."""
    rows = document.dossier.documents.current().filter(stored=document.stored_id)
    rows = rows.exclude(slot=UNSORTED_SLOT).exclude(pk=document.pk)
    return sorted(rows, key=lambda row: (row.first_page or 1, row.last_page or 0))


def pages_left(pages: int, parts: Iterable[DossierDocument]) -> list[tuple[int, int]]:
    """The ranges of a file of `pages` pages that no part covers."""
    covered = {
        number
        for part in parts
        for number in range(part.first_page or 1, (part.last_page or pages) + 1)
    }
    left: list[tuple[int, int]] = []
    for number in range(1, pages + 1):
        if number in covered:
            continue
        if left and left[-1][1] == number - 1:
            left[-1] = (left[-1][0], number)
        else:
            left.append((number, number))
    return left
