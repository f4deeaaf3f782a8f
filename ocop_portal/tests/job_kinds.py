"""Background work for tests only: every time an item is done it leaves a mark that counts.

A worker process learns of it with `celery worker --include ocop_portal.tests.job_kinds`.
"""

import time

from django.core.files.base import ContentFile

from ocop_portal import jobs
from ocop_portal.models import Counter, Job
from ocop_portal.problems import Refused

REFUSAL = "Mục này chưa đủ điều kiện."


def _do_item(job: Job, reference: str) -> None:
    wishes = job.parameters
    if reference in wishes.get("refuse", []):
        raise Refused.because("not_ready", REFUSAL)
    if reference in wishes.get("crash", []):
        raise ZeroDivisionError
    Counter.next(_effect(job, reference))
    # A worker that is killed here has done the work and not yet said so.
    time.sleep(wishes.get("seconds", 0))


def _finish(job: Job) -> None:
    if job.parameters.get("finish_fails"):
        raise ZeroDivisionError
    job.result_name = "danh-sach.txt"
    job.result.save(job.result_name, ContentFile(f"{job.counts['done']} mục"), save=False)


MARKS = jobs.Kind("marks_of_tests", do_item=_do_item, finish=_finish)
jobs.register(marks_of_tests="ocop_portal.tests.job_kinds.MARKS")


def effects(job: Job) -> dict[str, int]:
    """How many times each item had its effect."""
    prefix = _effect(job, "")
    rows = Counter.objects.filter(name__startswith=prefix).values_list("name", "last")
    return {name.removeprefix(prefix): times for name, times in rows}


def _effect(job: Job, reference: str) -> str:
    return f"marks/{job.pk}/{reference}"
