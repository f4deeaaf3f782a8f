"""Handing files out: only clean ones, every download written down, many of them with a reason.

Abuse cases P2 (somebody takes the files of everybody) and F11 (a file that a scanner objects to).
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import FileResponse, HttpRequest
from django.urls import reverse
from django.utils import timezone

from ocop_portal.clients import client_address
from ocop_portal.models import FileAccess, FileAccessReason, StoredFile
from ocop_portal.notices import NoticeKind, notify
from ocop_portal.problems import Refused
from ocop_portal.text import search_key

WINDOW = timedelta(hours=24)
MANY_FILES = NoticeKind("many_files", "Có người tải tệp của rất nhiều hồ sơ", optional=False)
INFECTED = NoticeKind("infected_file", "Tệp đã tải lên có mã độc", optional=False)

_watchers: list[Callable[[], Iterable[Any]]] = []


class ReasonNeeded(Exception):
    """The person has taken files of as many records today as goes without a reason."""


def watched_by(people: Callable[[], Iterable[Any]]) -> None:
    """Who is told when somebody takes the files of very many records."""
    _watchers.append(people)


def deliver(request: HttpRequest, stored: StoredFile, *, name: str, subject: Model) -> FileResponse:
    """The answer that carries the file as a download, admitted as `admit` says."""
    admit(request, stored, name=name, subject=subject)
    return FileResponse(stored.file.open("rb"), as_attachment=True, filename=name)


def admit(request: HttpRequest, stored: StoredFile, *, name: str, subject: Model) -> None:
    """Let the person have the file; the download is written into the log of `subject`.

    Raises `Refused` for a file that is not clean, `ReasonNeeded` where a reason is missing.
    """
    refuse_unclean(stored, name)
    note(request, subject=subject, what=name)


def refuse_unclean(stored: StoredFile, name: str) -> None:
    """Nobody is given a file that the scanner has not passed yet, or objected to."""
    if stored.scan == StoredFile.Scan.WAITING:
        raise Refused.because(
            "not_scanned", f"Tệp “{name}” đang chờ quét mã độc. Hãy mở lại sau ít phút."
        )
    if stored.scan == StoredFile.Scan.INFECTED:
        raise Refused.because(
            "infected", f"Tệp “{name}” có mã độc nên không tải về được. Hãy nộp tệp khác."
        )


def note(request: HttpRequest, *, subject: Model, what: str) -> None:
    """Write a download down. Raises `ReasonNeeded` beyond what goes without a reason."""
    user: Any = request.user
    content_type = ContentType.objects.get_for_model(subject)
    today = recent(user)
    known = today.filter(content_type=content_type, object_id=subject.pk).exists()
    if not known and _is_many(today) and not _reason_of(user):
        raise ReasonNeeded
    FileAccess.objects.create(
        by=user,
        content_type=content_type,
        object_id=subject.pk,
        subject_name=str(subject)[:300],
        what=what[:300],
        search_key=search_key(str(subject)[:300], what[:300]),
        address=client_address(request) or None,
    )


@transaction.atomic
def give_reason(reason: str, *, by: Any) -> None:
    """Keep why, and tell those who watch over it."""
    subjects = _subjects(recent(by)).count()
    row = FileAccessReason.objects.create(by=by, reason=reason, subjects=subjects)
    notify(
        MANY_FILES,
        [person for people in _watchers for person in people()],
        key=f"reason/{row.pk}",
        title=f"{by} tải tệp của hơn {subjects} hồ sơ trong 24 giờ",
        detail=f"Lý do đã ghi: {reason}",
        url=f"{reverse('file_log')}?by={by.pk}",
    )


def recent(user: Any) -> "QuerySet[FileAccess]":
    """What the person took in the last 24 hours."""
    return FileAccess.objects.filter(by=user, at__gte=timezone.now() - WINDOW)


def _is_many(rows: "QuerySet[FileAccess]") -> bool:
    return _subjects(rows)[: settings.FILE_SUBJECTS_PER_DAY].count() >= (
        settings.FILE_SUBJECTS_PER_DAY
    )


def _subjects(rows: "QuerySet[FileAccess]") -> Any:
    return rows.order_by().values("content_type", "object_id").distinct()


def _reason_of(user: Any) -> bool:
    since = timezone.now() - WINDOW
    return FileAccessReason.objects.filter(by=user, at__gte=since).exists()
