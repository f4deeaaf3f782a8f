"""Keeping files by their content: the same content is stored once, whoever hands it in."""

from typing import Any

from django.core.files import File
from django.db import transaction

from ocop_portal.models import StoredFile


@transaction.atomic
def keep(content: File, *, extension: str, sha256: str, size: int, by: Any) -> StoredFile:
    """The stored file with this content, made now if nobody handed it in before.

    The caller has judged the content (`products.uploads`) and computed its fingerprint.
    """
    stored, created = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"extension": extension, "size": size, "uploaded_by": by}
    )
    if created:
        stored.file.save("", content)
    return stored
