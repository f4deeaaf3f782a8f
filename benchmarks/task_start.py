"""From the call of a task to its start, without any server installed: p95 in milliseconds.

Ours is the embedded Valkey that `make run` starts; the baseline is Celery's file-system transport.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from celery import Celery

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ocop_portal.laptop import services


def application() -> Celery:
    """The same small application for both sides, told where its broker is by the environment."""
    app = Celery("task_start", broker=os.environ["BENCH_BROKER"])
    folder = os.environ["BENCH_FOLDER"]
    if app.conf.broker_url.startswith("filesystem"):
        queue = {"data_folder_in": f"{folder}/queue", "data_folder_out": f"{folder}/queue"}
        app.conf.broker_transport_options = queue
        Path(folder, "queue").mkdir(exist_ok=True)
    app.conf.worker_prefetch_multiplier = 1
    app.conf.task_ignore_result = True

    @app.task(name="mark")
    def mark(number: int, called_at: float) -> None:
        took = time.time() - called_at
        Path(folder, f"{number}.took").write_text(str(took))

    return app


if "BENCH_BROKER" in os.environ:
    app = application()


def measure(broker: str, count: int) -> list[float]:
    """Milliseconds from call to start of `count` tasks, called one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"BENCH_BROKER": broker, "BENCH_FOLDER": folder}
        os.environ.update(environment)
        command = [sys.executable, "-m", "celery", "-A", "task_start", "worker", "-c", "1"]
        worker = subprocess.Popen(
            command,
            cwd=Path(__file__).parent,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            sender = application()
            wait_for(sender, folder, -1)
            return [wait_for(sender, folder, n) for n in range(count)]
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()


def wait_for(sender: Celery, folder: str, number: int) -> float:
    """Call one task and wait until it has said how long it took to start."""
    sender.send_task("mark", args=(number, time.time()))
    file = Path(folder, f"{number}.took")
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if file.exists() and (text := file.read_text()):
            return float(text) * 1000
        time.sleep(0.002)
    raise SystemExit(f"task {number} did not start within a minute")


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    count = 10 if parser.parse_args().quick else 40
    baseline = measure("filesystem://", count)
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        data_dir.chmod(0o755)  # for root the server runs as an account of its own
        uses = services.start(data_dir, ["valkey"])
        try:
            broker = services.broker_url(services.embedded_redis_url(data_dir))
            ours = measure(broker, count * 5)
        finally:
            services.stop(uses)
    result = {
        "name": "task_start",
        "ratio": round(p95(baseline) / p95(ours), 1),
        "p95_ms": round(p95(ours), 1),
        "unit": "ms from call to start",
        "n": len(ours),
        "baseline": round(p95(baseline), 1),
        "ours": round(p95(ours), 1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
