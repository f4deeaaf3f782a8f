"""Celery tasks that all apps share. They are safe to run twice, also at the same time (R8)."""

from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from ocop_portal import jobs, notices
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
