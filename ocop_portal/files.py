"""Keeping files by their content: the same content is stored once, whoever hands it in."""

import errno
import shutil
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction

from ocop_portal import jobs
from ocop_portal.models import StoredFile
from ocop_portal.problems import Refused

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@transaction.atomic
def keep(
    content: File, *, extension: str, sha256: str, size: int, by: Any, read: bool = True
) -> StoredFile:
    """The stored file with this content, made now if nobody handed it in before.

    The caller has judged the content (`products.uploads`) and computed its fingerprint. Pictures
    that are only shown need no worker: with `read=False` nobody draws their pages, until the same
    content is handed in as a document.
    """
    pending, ready = StoredFile.State.PENDING, StoredFile.State.READY
    stored, created = StoredFile.objects.get_or_create(
        sha256=sha256,
        defaults={
            "extension": extension,
            "size": size,
            "uploaded_by": by,
            "scan": StoredFile.Scan.WAITING if read and settings.SCAN_COMMAND else "",
            "state": pending if read else ready,
        },
    )
    if created:
        stored.file.name = _saved(stored, content)
        stored.save(update_fields=["file"])
    elif read and stored.is_unread_picture:
        stored.state = pending
        stored.save(update_fields=["state"])
        created = True
    if created and read:
        transaction.on_commit(partial(_call_reader, stored.pk))
    return stored


def _call_reader(stored_pk: int) -> None:
    from ocop_portal.tasks import read_stored_file

    jobs.call(read_stored_file, stored_pk)


def _saved(stored: StoredFile, content: File) -> str:
    """The content in storage; a full disk is told in words and leaves nothing half written."""
    storage = stored.file.storage
    name = stored.file.field.generate_filename(stored, "")
    try:
        return storage.save(name, content)
    except OSError as error:
        storage.delete(name)
        if error.errno not in NO_ROOM:
            raise
        raise no_room() from error


def local_path(content: Any, folder: Path) -> Path:
    """Where programs that know no storage find the content of a file field: the file itself, or a
    copy in `folder` where the storage is no disk of this machine.
    """
    try:
        return Path(content.path)
    except NotImplementedError:
        copy = folder / PurePosixPath(content.name).name
        if not copy.exists():
            with content.open("rb") as source, copy.open("wb") as target:
                shutil.copyfileobj(source, target)
        return copy


def no_room() -> Refused:
    """What people read when the disk is full."""
    return Refused.because(
        "no_room",
        "Máy chủ đã hết chỗ lưu nên chưa nhận được tệp; hồ sơ vẫn nguyên như cũ. "
        "Hãy báo quản trị viên rồi tải lại sau.",
    )
