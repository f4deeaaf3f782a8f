"""Celery tasks that all apps share. They are safe to run twice, also at the same time (R8)."""

from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from ocop_portal import file_reading, jobs, notices, resumable
from ocop_portal.models import Job

# A job that nobody has touched for this long lost its worker, or its call never arrived.
QUIET = timedelta(seconds=20)


@shared_task
def run_job(job_pk: int) -> None:
    """Go on with a job, from wherever it was left."""
    jobs.run(job_pk)


@shared_task
def resume_jobs() -> int:
    """Call a worker again for every unfinished job that has gone quiet; returns how many."""
    quiet = Job.objects.unfinished().filter(touched_at__lt=timezone.now() - QUIET)
    # A job whose row is locked is being finished: another worker could only stand and wait.
    with transaction.atomic():
        found = list(quiet.select_for_update(skip_locked=True).values_list("pk", flat=True))
    for pk in found:
        jobs.call_worker(pk)
    return len(found)


@shared_task
def send_digests() -> int:
    """E-mail the notices that people have not been sent yet."""
    return notices.send_digests()


# One file takes seconds; what hangs is given up and tried again.
@shared_task(soft_time_limit=150, time_limit=180)
def read_stored_file(stored_pk: int) -> None:
    """Count the pages of a file and draw its small picture."""
    file_reading.read(stored_pk)


@shared_task
def read_waiting_files() -> int:
    """Call a worker again for files that have waited too long; returns how many."""
    file_reading.scan_older_files()
    found = list(file_reading.waiting().order_by("created_at").values_list("pk", flat=True)[:200])
    for pk in found:
        jobs.call(read_stored_file, pk)
    return len(found)


@shared_task
def sweep_uploads() -> int:
    """Give up uploads whose rest never came; returns how many."""
    return resumable.sweep()
