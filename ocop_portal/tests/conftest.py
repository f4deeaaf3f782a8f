"""What tests of the shared tools need: things that happen at the same moment."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connections

from ocop_portal.celery import app as celery_app
from ocop_portal.tests.worker import Worker


@pytest.fixture
def at_once(transactional_db: None) -> Callable[..., list[Any]]:
    """Call functions in threads that start together, each with its own database connection.

    Returns their answers, or what they raised.
    """

    def call_all(*functions: Callable[[], Any]) -> list[Any]:
        barrier = Barrier(len(functions))

        def call(function: Callable[[], Any]) -> Any:
            try:
                barrier.wait(10)
                return function()
            except Exception as error:
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(call, functions))

    return call_all


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
