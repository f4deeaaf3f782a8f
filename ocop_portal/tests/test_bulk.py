"""Rows written by COPY: every letter arrives, defaults are filled, constraints hold."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from ocop_portal.bulk import copy_rows, new_keys, update_rows
from ocop_portal.models import Job

ODD = "Tab\t, dòng\n mới, \\N, \\. và “Đậu”\r"


def rows(owner: User, *keys: str, title: str = "Việc") -> list[dict]:
    return [
        {"kind": "x", "title": title, "owner_id": owner.pk, "key": key, "total": 1} for key in keys
    ]


def test_every_letter_arrives_and_defaults_are_filled(staff: User) -> None:
    parameters = {"chữ": ODD, "số": 1, "ngày": timezone.localdate()}
    copy_rows(Job, [{**row, "parameters": parameters} for row in rows(staff, "a", "b", title=ODD)])

    job = Job.objects.get(key="a")
    assert (job.title, job.parameters["chữ"], job.state) == (ODD, ODD, Job.State.QUEUED)
    assert job.started_at is None
    assert timezone.now() - job.created_at < timedelta(minutes=1)
    assert Job.objects.count() == 2


def test_keys_are_those_of_the_sequence(staff: User) -> None:
    keys = new_keys(Job, 2)
    copy_rows(
        Job,
        [row | {"id": key} for row, key in zip(rows(staff, "a", "b"), keys, strict=True)],
    )

    later = Job.objects.create(kind="x", title="Sau", owner=staff, key="c", total=1)

    assert sorted(Job.objects.values_list("pk", flat=True)) == sorted([*keys, later.pk])


def test_stored_rows_are_changed_and_others_are_not(staff: User) -> None:
    copy_rows(Job, rows(staff, "a", "b", "c"))
    changed = list(Job.objects.filter(key__in="ab"))

    for title in ("Một", ODD):
        update_rows(
            Job, ["title", "total"], [{"id": job.pk, "title": title, "total": 7} for job in changed]
        )

    assert sorted(Job.objects.values_list("key", "title", "total")) == [
        ("a", ODD, 7),
        ("b", ODD, 7),
        ("c", "Việc", 1),
    ]


def test_constraints_hold_and_nothing_is_half_written(staff: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows(Job, rows(staff, "a", "a"))
    copy_rows(Job, [])
    update_rows(Job, ["title"], [])

    assert Job.objects.count() == 0
