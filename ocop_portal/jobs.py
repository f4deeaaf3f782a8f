"""Background work with progress: started in the transaction that wants it, done item by item,
finished even when workers are killed.

An app registers a `Kind`: how one item is done, and what is made of all of them at the end.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from ocop_portal.models import Job, JobItem
from ocop_portal.problems import Refused

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
# One call of a worker works this long and then calls again: tasks stay far below their time limit.
SLICE_SECONDS = 60
# Celery's own patience with a broker that is away kept the person at the screen waiting 6 seconds.
ONE_TRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
# The first half of the advisory lock on an item.
ITEM_LOCKS = 0x0C0B


@dataclass(frozen=True)
class Item:
    """What a job is to do once: a reference that the kind understands, and its name on screen."""

    reference: str
    label: str = ""


@dataclass(frozen=True)
class Kind:
    """How jobs of one kind are run.

    `do_item(job, reference)` runs in a transaction with the mark "done": it must keep all its
    effects in that database, or in files under names that a second run would write again.
    `finish(job)` may store a result file; it can run again if a worker dies in it. Who has
    `permission` sees the jobs of this kind beside their owner: colleagues print what one started.
    The result of a private kind only its owner may fetch, whoever else sees the job.
    """

    name: str
    do_item: Callable[[Job, str], None]
    finish: Callable[[Job], None] = lambda job: None
    permission: str = ""
    is_private: bool = False


_kinds: dict[str, Kind] = {}
_paths: dict[str, str] = {}


def register(**paths: str) -> None:
    """Make kinds known by name and path of the declaration; called when Django starts.

    The declaration is read when a job of the kind is looked at: most commands never need what
    draws pages or writes workbooks.
    """
    _paths.update(paths)


def names() -> list[str]:
    """The names of all kinds."""
    return sorted(_paths)


def _kind(name: str) -> Kind | None:
    if name not in _kinds and name in _paths:
        _kinds[name] = import_string(_paths[name])
    return _kinds.get(name)


def kinds_open_to(user: Any) -> list[str]:
    """The kinds whose jobs a person sees without owning them."""
    kinds = [kind for name in names() if (kind := _kind(name))]
    return [kind.name for kind in kinds if kind.permission and user.has_perm(kind.permission)]


def may_fetch(job: Job, user: Any) -> bool:
    """Whether a person who sees the job may have the file that it made."""
    kind = _kind(job.kind)
    return job.owner_id == user.pk or kind is None or not kind.is_private


@transaction.atomic
def start(
    kind: Kind,
    *,
    title: str,
    items: Sequence[Item],
    key: str,
    by: Any,
    parameters: dict[str, Any] | None = None,
) -> Job:
    """Create the job in the caller's transaction and call a worker when that commits.

    The same `key` gives the job that exists. If the broker is down the job waits for the sweeper.
    """
    job, created = Job.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind.name,
            "title": title,
            "owner": by,
            "total": len(items),
            "parameters": parameters or {},
        },
    )
    if created:
        JobItem.objects.bulk_create(
            JobItem(job=job, position=n, reference=item.reference, label=item.label)
            for n, item in enumerate(items)
        )
        transaction.on_commit(partial(call_worker, job.pk))
    return job


def call_worker(job_pk: int) -> None:
    """Ask a worker to go on with the job; a broker that is down is not an error."""
    from ocop_portal.tasks import run_job

    call(run_job, job_pk)


def call(task: Any, *arguments: Any) -> None:
    """Ask a worker to run `task`; with the broker down it waits for the sweeper."""
    try:
        with task.app.connection_for_write(transport_options=ONE_TRY) as broker:
            task.apply_async(arguments, connection=broker, retry=False)
    except Exception as error:
        logger.warning(
            "%s %s waits for the sweeper, the broker is away: %s", task.name, arguments, error
        )


def run(job_pk: int) -> None:
    """Do what is left of the job, for a while; several workers may run the same job at once."""
    now = timezone.now()
    Job.objects.filter(pk=job_pk, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING, started_at=now, touched_at=now
    )
    job = Job.objects.get(pk=job_pk)
    kind = _kind(job.kind)
    if kind is None:
        raise LookupError(f"no kind of job is called {job.kind}")
    end = time.monotonic() + SLICE_SECONDS
    position = -1
    while _is_running(job):
        if time.monotonic() > end:
            return call_worker(job.pk)
        item = _next_pending(job, after=position)
        if item is None:
            return _finish_if_complete(kind, job)
        position = item.position
        with _held(item) as free:
            if free:
                _try(kind, job, item)
    return None


def cancel(job: Job, *, by: Any) -> Job:
    """Stop after the item in hand; what is done stays done."""
    with transaction.atomic():
        locked = _locked_for(job, by=by)
        if locked.is_finished:
            raise Refused.because("job_finished", "Công việc này đã kết thúc.")
        _save(locked, state=Job.State.CANCELLED, finished_at=timezone.now())
    return locked


def resume(job: Job, *, by: Any) -> Job:
    """Go on with a stopped job, and try again what failed."""
    with transaction.atomic():
        locked = _locked_for(job, by=by)
        retried = locked.items.filter(state=JobItem.State.FAILED).update(
            state=JobItem.State.PENDING, attempts=0, error=""
        )
        if locked.state != Job.State.CANCELLED and not retried and not locked.error:
            raise Refused.because("nothing_to_resume", "Không còn việc nào phải làm lại.")
        _save(locked, state=Job.State.QUEUED, finished_at=None, error="")
        transaction.on_commit(partial(call_worker, locked.pk))
    return locked


def _locked_for(job: Job, *, by: Any) -> Job:
    return Job.objects.visible_to(by).select_for_update().get(pk=job.pk)


def _save(job: Job, **values: Any) -> None:
    for name, value in values.items():
        setattr(job, name, value)
    job.touched_at = timezone.now()
    job.save(update_fields=[*values, "touched_at"])


def _is_running(job: Job) -> bool:
    """Still wanted? Also tells the sweeper that somebody is at work."""
    return bool(
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(touched_at=timezone.now())
    )


def _next_pending(job: Job, *, after: int) -> JobItem | None:
    return job.items.filter(state=JobItem.State.PENDING, position__gt=after).first()


@contextmanager
def _held(item: JobItem) -> Iterator[bool]:
    """Hold the item against other workers; the database lets go of it when this process dies.

    The lock belongs to the connection, so workers must not share one through a pool that hands
    connections over between transactions.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", _lock_key(item))
        (free,) = cursor.fetchone()
        try:
            yield free
        finally:
            if free:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", _lock_key(item))


def _lock_key(item: JobItem) -> tuple[int, int]:
    """Two 32-bit numbers; items so far apart that they collide only wait for each other."""
    return ITEM_LOCKS, item.pk % 2**31


def _try(kind: Kind, job: Job, item: JobItem) -> None:
    """Do the item, unless another worker did it just now or it has failed too often."""
    pending = JobItem.objects.filter(pk=item.pk, state=JobItem.State.PENDING)
    if not pending.update(attempts=F("attempts") + 1):
        return
    if item.attempts >= MAX_ATTEMPTS:
        _mark_failed(item, "Máy xử lý dừng đột ngột nhiều lần ở mục này.")
        return
    try:
        with transaction.atomic():
            kind.do_item(job, item.reference)
            pending.update(state=JobItem.State.DONE, error="")
    except Refused as refusal:
        _mark_failed(item, str(refusal))
    except Exception as error:
        logger.exception("job %s, item %s", job.pk, item.reference)
        _mark_failed(item, f"Lỗi hệ thống ({type(error).__name__}). Đã ghi nhật ký để kiểm tra.")


def _mark_failed(item: JobItem, reason: str) -> None:
    JobItem.objects.filter(pk=item.pk).update(state=JobItem.State.FAILED, error=reason)


def _finish_if_complete(kind: Kind, job: Job) -> None:
    """The last worker makes the result. Holding the job's row keeps two from doing it at once."""
    with transaction.atomic():
        locked = Job.objects.select_for_update().filter(pk=job.pk, state=Job.State.RUNNING).first()
        if locked is None or locked.items.filter(state=JobItem.State.PENDING).exists():
            return
        error = ""
        try:
            with transaction.atomic():
                kind.finish(locked)
        except Exception:
            logger.exception("job %s could not be finished", job.pk)
            error = "Không tạo được tệp kết quả. Đã ghi nhật ký để kiểm tra; có thể chạy lại."
        values = {"state": Job.State.DONE, "finished_at": timezone.now(), "error": error}
        _save(locked, result=locked.result, result_name=locked.result_name, **values)
