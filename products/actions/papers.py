"""Keeping the papers of a producer: a new version replaces the old one, nothing is lost."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from ocop_portal.files import keep
from ocop_portal.problems import Refused
from products.models import Producer, ProducerDocument
from products.papers import SLOTS
from products.uploads import check_file


@transaction.atomic
def add_paper(
    producer: Producer,
    slot: str,
    upload: UploadedFile,
    *,
    by: Any,
    replaces: ProducerDocument | None = None,
    number: str = "",
    issuer: str = "",
    issued_on: date | None = None,
    valid_until: date | None = None,
) -> ProducerDocument:
    """Keep a paper; `replaces` is the version that it stands for from now on.

    Raises `Refused` for a bad file, a slot that is not the producer's, a file that is there
    already, or a version that somebody else has replaced or removed meanwhile.
    """
    locked = _lock(producer, by=by)
    if slot not in SLOTS:
        raise Refused.because("unknown_slot", "Loại giấy tờ này không có trong danh mục.")
    current = locked.documents.current().filter(slot=slot)
    if replaces and not current.filter(pk=replaces.pk).exists():
        raise Refused.because("replaced", "Bản này vừa được thay hoặc gỡ, hãy tải lại trang.")
    checked = check_file(upload)
    stored = keep(
        upload, extension=checked.extension, sha256=checked.sha256, size=checked.size, by=by
    )
    same = current.exclude(pk=replaces.pk) if replaces else current
    if same.filter(stored=stored).exists():
        raise Refused.because("same_file", f"Tệp “{checked.display_name}” đã có trong mục này.")
    paper = ProducerDocument.objects.create(
        producer=locked,
        slot=slot,
        stored=stored,
        original_name=checked.display_name,
        number=number,
        issuer=issuer,
        issued_on=issued_on,
        valid_until=valid_until,
        uploaded_by=by,
    )
    if replaces:
        ProducerDocument.objects.filter(pk=replaces.pk).update(replaced_by=paper)
    return paper


@transaction.atomic
def remove_paper(paper: ProducerDocument, *, by: Any) -> None:
    """Take a paper out; its row and content stay. Removed twice, the first time counts."""
    _lock(paper.producer, by=by)
    ProducerDocument.objects.filter(pk=paper.pk, removed_at=None).update(
        removed_at=timezone.now(), removed_by=by
    )


def _lock(producer: Producer, *, by: Any) -> Producer:
    locked = Producer.objects.select_for_update(of=("self",)).get(pk=producer.pk)
    if not by.has_perm("products.keep_papers", locked):
        raise PermissionDenied
    return locked
