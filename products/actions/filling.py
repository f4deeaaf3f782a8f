"""Filling a dossier from what is there already, and keeping its documents in the right slots.

Called by the verbs of dossiers, which hold the dossier's row and have checked who may.
"""

from datetime import date
from typing import Any

from products.carrying import Content, Fate, content_of, counterparts_by_slot, plan
from products.models import Dossier, DossierDocument, ProducerDocument
from products.session_days import judged_on
from regulations.models import Regulation


def last_dossier(product: Any) -> Dossier | None:
    """The dossier that the next one of the product goes on from."""
    rows = product.dossiers.exclude(state=Dossier.State.WITHDRAWN)
    found: Dossier | None = rows.order_by("-year", "-pk").first()
    return found


def fill(dossier: Dossier, *, by: Any, today: date, earlier: bool = True) -> int:
    """Put in the producer's papers and, unless `earlier` is False, what the earlier dossier holds
    and still serves; returns how many documents came in. Done twice, nothing is there twice.
    """
    dossier = Dossier.objects.select_related(
        "regulation", "previous__regulation", "product__producer"
    ).get(pk=dossier.pk)
    found = plan(dossier, judged_on(dossier, today))
    _renew_papers(dossier, by=by)
    there = {content_of(row, row.slot) for row in dossier.documents.current()}
    wanted = [from_paper(row.paper) for row in found.papers if row.fate is Fate.READY]
    ready = [row for row in found.rows if earlier and row.fate is Fate.READY]
    wanted += [from_earlier(row.document, row.slots[0].code) for row in ready]
    fresh: dict[Content, DossierDocument] = {}
    for document in wanted:
        fresh.setdefault(content_of(document, document.slot), document)
    rows = [document for content, document in fresh.items() if content not in there]
    for document in rows:
        document.dossier, document.uploaded_by = dossier, by
    return len(DossierDocument.objects.bulk_create(rows))


def from_earlier(document: DossierDocument, slot: str) -> DossierDocument:
    """An unsaved document of the new dossier with the same content as one of the earlier."""
    return DossierDocument(
        slot=slot,
        stored_id=document.stored_id,
        original_name=document.original_name,
        first_page=document.first_page,
        last_page=document.last_page,
        number=document.number,
        issued_on=document.issued_on,
        valid_until=document.valid_until,
        carried_from=document,
        producer_document_id=document.producer_document_id,
    )


def from_paper(paper: ProducerDocument) -> DossierDocument:
    """An unsaved document of a dossier that shows a paper of the producer."""
    return DossierDocument(
        slot=paper.slot,
        stored_id=paper.stored_id,
        original_name=paper.original_name,
        number=paper.number,
        issued_on=paper.issued_on,
        valid_until=paper.valid_until,
        producer_document=paper,
    )


def _renew_papers(dossier: Dossier, *, by: Any) -> None:
    """Where the producer has a newer version of a paper, it takes the place of the old one."""
    stale = dossier.documents.current().filter(
        producer_document__replaced_by__isnull=False,
        producer_document__replaced_by__removed_at=None,
    )
    for document in stale.select_related("producer_document__replaced_by"):
        paper = document.producer_document.replaced_by if document.producer_document else None
        if paper is None or paper.replaced_by_id:
            continue
        newer = from_paper(paper)
        newer.dossier, newer.uploaded_by, newer.slot = dossier, by, document.slot
        same = dossier.documents.current().filter(
            slot=newer.slot, stored=newer.stored_id, first_page=None
        )
        document.replaced_by = same.first() or newer
        if document.replaced_by is newer:
            newer.save()
        document.save(update_fields=["replaced_by"])


def keep_in_slots(dossier: Dossier, origin: Regulation) -> int:
    """After a change of regulation, put each document into the slot that stands for its own.

    A document stays where it was, and is shown apart, where the regulation has no such slot or
    more than one. Returns how many moved.
    """
    target = dossier.regulation
    if origin.code == target.code:
        return 0
    way = counterparts_by_slot(origin.rules, target.rules)
    files = {row.code for row in target.rules.documents if row.is_file}
    rows = list(dossier.documents.current())
    there = {content_of(row, row.slot) for row in rows}
    moved = []
    for row in rows:
        fitting = [code for code in way.get(row.slot, ()) if code in files]
        if len(fitting) != 1 or content_of(row, fitting[0]) in there:
            continue
        row.slot = fitting[0]
        there.add(content_of(row, row.slot))
        moved.append(row)
    return DossierDocument.objects.bulk_update(moved, ["slot"]) if moved else 0
