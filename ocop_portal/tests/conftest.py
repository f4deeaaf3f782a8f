"""What tests of the shared tools need: workers of their own."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings

from ocop_portal.celery import app as celery_app
from ocop_portal.tests.worker import Worker


@pytest.fixture
def worker_folder() -> Iterator[Path]:
    """Where the workers of a test keep their files: a short path, sockets must fit in it."""
    folder = Path(tempfile.mkdtemp(prefix="ocop-test-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def start_worker(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, worker_folder: Path
) -> Iterator[Callable[..., Worker]]:
    """Start workers that get the calls of this test and of no other; they end with it."""
    prefix = f"{worker_folder.name}:"
    options = {**celery_app.conf.broker_transport_options, "global_keyprefix": prefix}
    monkeypatch.setitem(celery_app.conf, "broker_transport_options", options)
    started: list[Worker] = []

    def begin(*words: str, **environ: str) -> Worker:
        started.append(Worker(worker_folder, prefix, *words, **environ))
        return started[-1]

    yield begin
    for worker in started:
        worker.kill()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for key in client.scan_iter(f"{prefix}*"):
            client.delete(key)
