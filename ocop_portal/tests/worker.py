"""A real Celery worker for tests: processes of its own, on the test's database and broker keys."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection


class Worker:
    """A Celery worker in processes of its own, on the database of the test."""

    def __init__(self, folder: Path, prefix: str, *words: str, **environ: str) -> None:
        command = [sys.executable, "-m", "celery", "-A", "ocop_portal", "worker"]
        command += ["--include", "ocop_portal.tests.job_kinds", "--concurrency", "2"]
        command += ["--loglevel", "WARNING", *words]
        self.log = (folder / "worker.log").open("a")
        self.process = subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            env={**os.environ, **environment(folder, prefix), **environ},
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def children(self) -> list[int]:
        """The processes that do the work."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = stat.read_text().rpartition(")")[2].split()[1]
            except OSError:
                continue
            if int(parent) == self.process.pid:
                found.append(int(stat.parent.name))
        return found

    def kill(self) -> None:
        """Kill -9 of everything that belongs to the worker."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.log.close()


def environment(folder: Path, prefix: str) -> dict[str, str]:
    """What a worker process has to know to work for this test."""
    return {
        "DJANGO_SETTINGS_MODULE": "ocop_portal.settings",
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "OCOP_BROKER_PREFIX": prefix,
        "OCOP_DATA_DIR": str(folder),
        "OCOP_SECRET_KEY": settings.SECRET_KEY,
    }


def database_url() -> str:
    """The test's own database; a socket's folder goes where a URL has its path."""
    server = connection.settings_dict
    user = ":".join(quote(server[name], safe="") for name in ("USER", "PASSWORD"))
    name, host = server["NAME"], server["HOST"]
    if host.startswith("/"):
        return f"postgres://{user}@/{host}/{name}"
    return f"postgres://{user}@{host}:{server['PORT'] or 5432}/{name}"
