"""A job of 200 items while its workers are killed (SIGKILL) at random moments: nothing may be lost
and nothing done twice. Prints one JSON object; `lost` and `doubled` must be 0.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocop_portal.settings")

import django

from ocop_portal.laptop.installation import ensure_started

ITEMS = 200


@contextmanager
def own_database() -> Iterator[None]:
    """A database for this drill alone, dropped afterwards."""
    from django.core.management import call_command
    from django.db import connection

    server = connection.settings_dict
    home, name = server["NAME"], f"drill_{uuid.uuid4().hex[:12]}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    server["NAME"] = name
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        connection.close()
        server["NAME"] = home
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def drill(kills: int, seed: int) -> dict[str, object]:
    """Run one job to its end, killing all of the worker's processes `kills` times."""
    from django.conf import settings

    from accounts.models import User
    from ocop_portal import jobs, tasks
    from ocop_portal.celery import app
    from ocop_portal.models import Job
    from ocop_portal.tests.job_kinds import MARKS, effects
    from ocop_portal.tests.worker import Worker

    chance = random.Random(seed)
    owner = User.objects.create(username="drill", full_name="drill")
    with tempfile.TemporaryDirectory() as folder:
        prefix = f"{Path(folder).name}:"
        options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        app.conf.broker_transport_options = {**options, "global_keyprefix": prefix}
        items = [jobs.Item(str(n)) for n in range(ITEMS)]
        job = jobs.start(
            MARKS, title="drill", items=items, key="drill", by=owner, parameters={"seconds": 0.03}
        )
        began, backwards, seen = time.monotonic(), 0, 0
        worker = Worker(Path(folder), prefix)
        for _ in range(kills):
            time.sleep(chance.uniform(2, 5))
            worker.kill()
            done = job.items.filter(state="done").count()
            backwards += done < seen
            seen = done
            worker = Worker(Path(folder), prefix)
            # What the sweeper of beat does once the job has been quiet for a while.
            jobs.call_worker(job.pk)
        while not Job.objects.filter(pk=job.pk, state=Job.State.DONE).exists():
            if time.monotonic() - began > 300:
                break
            tasks.resume_jobs()
            time.sleep(0.5)
        worker.kill()
        found = effects(job)
    return {
        "name": "worker_kill",
        "unit": "items",
        "n": ITEMS,
        "kills": kills,
        "seed": seed,
        "seconds": round(time.monotonic() - began, 1),
        "lost": ITEMS - len(found),
        "doubled": sum(times - 1 for times in found.values()),
        "backwards": backwards,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=146)
    arguments = parser.parse_args()
    uses = ensure_started(command="drill")
    django.setup()
    with own_database():
        print(json.dumps(drill(2 if arguments.quick else 8, arguments.seed)))
    del uses


if __name__ == "__main__":
    main()
