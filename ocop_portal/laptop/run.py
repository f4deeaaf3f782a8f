"""`make run`: the whole portal on one laptop, from one command that also stops it all."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from ocop_portal.laptop import assets, services, supervisor
from ocop_portal.laptop.installation import BASE_DIR, Installation
from ocop_portal.laptop.services import LaptopError, die_with_parent
from ocop_portal.laptop.supervisor import Program

SERVED_SECONDS = 60


class Stopped(BaseException):
    """Ctrl-C, or a request to end."""


def say(text: str) -> None:
    print(text, flush=True)


def stop_on(number: int, _frame: object) -> NoReturn:
    """End in order at the first signal; more of them must not disturb that."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


# --- Before anything starts ---------------------------------------------------------------------


@contextmanager
def only_one(installation: Installation) -> Iterator[None]:
    """Refuse a second portal on the same data."""
    try:
        with services.lock(installation.data_dir / ".run.lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield
    except BlockingIOError:
        raise LaptopError(
            f"Cổng OCOP đang chạy rồi với dữ liệu ở {installation.data_dir}: "
            "hãy mở trang web, hoặc dừng nó (Ctrl-C ở cửa sổ kia) trước."
        ) from None


def check_port(port: int) -> None:
    """Refuse a port that another program uses."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            raise LaptopError(
                f"Không mở được cổng {port} ({problem.strerror}): hãy tắt chương trình đang dùng "
                f"cổng đó, hoặc chọn cổng khác: OCOP_PORT={port + 1} make run"
            ) from None


# --- The portal's own programs --------------------------------------------------------------------


def prepare(installation: Installation) -> str:
    """Bring database, reference data and static files up to date; answers the demo accounts."""
    log = installation.data_dir / "logs" / "prepare.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as errors:
        done = subprocess.run(
            [sys.executable, "-m", "ocop_portal.laptop.prepare"],
            stdout=subprocess.PIPE,
            stderr=errors,
            check=False,
            process_group=0,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
    if done.returncode != 0:
        last = services.last_line(log.read_text(errors="replace").splitlines())
        raise LaptopError(f"Không chuẩn bị được dữ liệu; nhật ký {log}, dòng cuối: {last}")
    return done.stdout.decode()


def programs(installation: Installation) -> list[Program]:
    """The web server first, so that nobody waits for the workers to see a page."""
    python = sys.executable
    gunicorn = [python, "-m", "gunicorn", "ocop_portal.wsgi", "--preload", "--no-control-socket"]
    gunicorn += ["--bind", f"127.0.0.1:{installation.port}", "--graceful-timeout", "4"]
    gunicorn += ["--worker-class", "gthread", "--workers", "2", "--threads", "8"]
    celery = [python, "-m", "celery", "-A", "ocop_portal"]
    worker = [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"]
    # One worker has nobody to gossip with, and starts a second sooner without.
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    log_dir = installation.data_dir / "logs"
    return [
        Program("web", gunicorn, log_dir=log_dir),
        # If we are killed it must not finish a long task first: jobs resume where they were.
        Program("worker", worker, log_dir=log_dir, death_signal=signal.SIGQUIT),
        Program("beat", [*celery, "beat", "--loglevel", "WARNING"], log_dir=log_dir),
    ]


def wait_for_page(web: Program, address: str) -> None:
    """Wait until the web server answers; any answer means that it is there."""
    deadline = time.monotonic() + SERVED_SECONDS
    while not answers(address):
        if not web.is_running or time.monotonic() > deadline:
            raise LaptopError(f"Máy chủ web không chạy được; cuối nhật ký {web.log}:\n{web.tail()}")
        time.sleep(0.05)


def answers(address: str) -> bool:
    """Whether something speaks HTTP there."""
    try:
        urllib.request.urlopen(address, timeout=10).close()  # noqa: S310 (our own address)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def announce(address: str, accounts: str) -> None:
    """What the person at the keyboard needs now."""
    say(f"\n{accounts.rstrip()}\n\nCổng OCOP đang chạy tại {address} (dừng: Ctrl-C)")


def serve(installation: Installation) -> NoReturn:
    """Start everything and look after it until a signal comes."""
    address = f"http://127.0.0.1:{installation.port}/"
    os.environ.setdefault("OCOP_PUBLIC_URL", address)
    say("Đang khởi động cơ sở dữ liệu …")
    uses = installation.start_servers()
    running: list[Program] = []
    try:
        say("Đang chuẩn bị dữ liệu …")
        accounts = prepare(installation)
        running = programs(installation)
        running[0].start()
        wait_for_page(running[0], address)
        announce(address, accounts)
        while True:
            supervisor.tend_all(running, say)
            for use in uses:
                use.check()
            time.sleep(0.2)
    finally:
        say("Đang dừng …")
        supervisor.stop_all(running)
        services.stop(uses)


def main() -> int:
    """The exit status: 0 when stopped on request, 1 when something is wrong."""
    os.chdir(BASE_DIR)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop_on)
    try:
        installation = Installation.from_environment()
        installation.check_data_dir()
        with only_one(installation):
            check_port(installation.port)
            assets.install(installation.data_dir)
            serve(installation)
    except Stopped:
        say("Đã dừng.")
        return 0
    except (LaptopError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
