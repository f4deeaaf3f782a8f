"""Files that arrive in pieces over bad lines: every piece is kept, wherever the line breaks.

A piece is written at its offset and then counted, both under the lock of the upload's row, so it
does not matter which web host receives it or when one is killed: bytes that were not counted are
sent again and written over. Nothing is locked while the line is waited for.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from ocop_portal.files import NO_ROOM, no_room
from ocop_portal.models import Upload
from ocop_portal.problems import Refused
from ocop_portal.text import clean_line

# What is lost at most when the server is killed.
PIECE_BYTES = 512 * 1024
# Room that an upload must leave for everything else.
RESERVE_BYTES = 200 * 1024**2
# A file without a row is somebody's only for as long as its row is being written.
ORPHAN_AGE = timedelta(days=1)


class Conflict(Refused):
    """The piece does not begin where the last one ended: the client asks and goes on from there."""


class Gone(Refused):
    """There is nothing to go on with: the client begins again."""

    status_code = 410


def path_of(upload: Upload) -> Path:
    """Where the bytes of an upload lie."""
    return Path(settings.UPLOAD_ROOT) / upload.token


def begin(*, filename: str, length: int, purpose: str, details: dict[str, Any], by: Any) -> Upload:
    """Make room for a file of `length` bytes.

    The caller has checked that the person may hand it in. Raises `Refused` where the person has
    too much on the way already (abuse case F6), or the disk no room.
    """
    _refuse_hoard(length, by=by)
    with transaction.atomic():
        upload = Upload.objects.create(
            owner=by,
            filename=clean_line(filename)[:200] or "tep",
            length=length,
            purpose=purpose,
            details=details,
            expires_at=_expiry(),
        )
        with _told_of_full_disk():
            Path(settings.UPLOAD_ROOT).mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(settings.UPLOAD_ROOT).free < length + RESERVE_BYTES:
                raise no_room()
            path_of(upload).touch(mode=0o640, exist_ok=False)
    return upload


def _refuse_hoard(length: int, *, by: Any) -> None:
    held = Upload.objects.filter(owner=by).open().aggregate(files=Count("pk"), bytes=Sum("length"))
    many = held["files"] >= settings.UPLOAD_MAX_OPEN
    if many or (held["bytes"] or 0) + length > settings.UPLOAD_MAX_OPEN_BYTES:
        raise Refused.because(
            "too_many_uploads",
            "Bạn có quá nhiều tệp đang tải dở. Hãy tải tiếp hoặc bỏ bớt, rồi tải thêm.",
        )


def receive(upload: Upload, offset: int, stream: BinaryIO, size: int) -> int:
    """Append up to `size` bytes from `stream`, of which the first belongs at `offset`.

    Returns the offset that is reached: less than promised where the line broke. Raises `Conflict`
    for another offset than the one reached before, `Gone` where the bytes or the row are lost,
    and `Refused` where the disk is full; every piece before stays.
    """
    _refuse_outside(upload, offset, size)
    end = offset + size
    while offset < end:
        piece = stream.read(min(PIECE_BYTES, end - offset))
        if not piece:
            break
        offset = _append(upload, offset, piece)
    return offset


def _refuse_outside(upload: Upload, offset: int, size: int) -> None:
    if offset != upload.offset:
        raise Conflict.because("offset_conflict", "Phần này của tệp đã có hoặc chưa đến lượt.")
    if size > upload.length - offset:
        raise Refused.because("too_long", "Tệp gửi lên dài hơn dung lượng đã báo.")


@transaction.atomic
def _append(upload: Upload, offset: int, piece: bytes) -> int:
    locked = Upload.objects.select_for_update().filter(pk=upload.pk).open().first()
    if locked is None:
        raise _gone()
    _refuse_outside(locked, offset, len(piece))
    with _told_of_full_disk():
        _write(path_of(locked), offset, piece)
    locked.offset += len(piece)
    locked.expires_at = _expiry()
    locked.save(update_fields=["offset", "expires_at"])
    return locked.offset


def _write(path: Path, offset: int, piece: bytes) -> None:
    """Put the bytes on the disk itself: what is counted survives a power cut."""
    try:
        with path.open("r+b") as target:
            if os.fstat(target.fileno()).st_size < offset:
                raise _gone()
            target.seek(offset)
            target.write(piece)
            target.flush()
            os.fsync(target.fileno())
    except FileNotFoundError as error:
        raise _gone() from error


def _gone() -> Gone:
    return Gone.because("upload_gone", "Phần đã tải không còn trên máy chủ, hãy tải lại tệp này.")


@contextmanager
def _told_of_full_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise no_room() from error


class Arrived(File):
    """A complete upload as Django's storages take it: moved into place, not copied."""

    def temporary_file_path(self) -> str:
        """A second name of the bytes, for the storage to move: the first one stays until the
        transaction that takes the file has ended well.
        """
        path = Path(self.file.name)  # type: ignore[union-attr]
        second = path.with_name(f"{path.name}.moving")
        second.unlink(missing_ok=True)
        try:
            os.link(path, second)
        except PermissionError:
            # A disk that knows no second names.
            shutil.copyfile(path, second)
        return str(second)


@contextmanager
def content(upload: Upload) -> Iterator[File]:
    """The bytes of a complete upload under the name that the person gave them."""
    try:
        with path_of(upload).open("rb") as opened:
            yield Arrived(opened, name=upload.filename)
    except FileNotFoundError as error:
        raise _gone() from error


def take(upload: Upload, *, result: int) -> None:
    """Remember what the upload became; its bytes go when the caller's transaction ends well."""
    upload.result = result
    upload.save(update_fields=["result"])
    transaction.on_commit(partial(_delete_bytes, upload))


def refuse(upload: Upload, problem: str) -> None:
    """Remember why the file is not taken: asked again, the same is said."""
    Upload.objects.filter(pk=upload.pk).open().update(problem=problem)
    _delete_bytes(upload)


def abandon(upload: Upload) -> None:
    """Forget the upload and its bytes."""
    upload.delete()
    _delete_bytes(upload)


def _delete_bytes(upload: Upload) -> None:
    path_of(upload).unlink(missing_ok=True)


def sweep() -> int:
    """Forget uploads that ended or were left, and bytes that belong to none; returns how many."""
    now = timezone.now()
    found = list(Upload.objects.filter(expires_at__lt=now)[:1000])
    for upload in found:
        abandon(upload)
    _sweep_orphans((now - ORPHAN_AGE).timestamp())
    return len(found)


def _sweep_orphans(older_than: float) -> None:
    folder = Path(settings.UPLOAD_ROOT)
    old = [path for path in folder.glob("*") if path.stat().st_mtime < older_than]
    known = set(
        Upload.objects.filter(token__in=[path.name for path in old]).values_list("token", flat=True)
    )
    for path in old:
        if path.name not in known:
            path.unlink(missing_ok=True)


def _expiry() -> Any:
    return timezone.now() + timedelta(days=settings.UPLOAD_DAYS)
