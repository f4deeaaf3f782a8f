"""Keeps a few programs running: each in a process group of its own, restarted when it dies."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from ocop_portal.laptop.services import die_with_parent, wait_until

FIRST_DELAY = 0.3
LONGEST_DELAY = 30.0
# Who lived longer than this was well: the next restart is quick again.
GOOD_LIFE = 15.0
LONG_LOG = 5 * 1024 * 1024
STOP_SECONDS = 6.0


def delay_after(failures: int) -> float:
    """How long to wait before a start, after so many deaths one soon after the other."""
    return min(FIRST_DELAY * 3 ** (failures - 1), LONGEST_DELAY)


class Program:
    """One program that shall run until it is stopped."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log_dir: Path,
        death_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.command = command
        self.log = log_dir / f"{name}.log"
        self.death_signal = death_signal
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.failures = 0
        self.next_start = 0.0

    def start(self) -> None:
        """Start the program; what it prints goes to the end of its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LONG_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in the terminal reaches only us: we stop the programs in order.
                process_group=0,
                preexec_fn=die_with_parent(self.death_signal),
            )
        self.started = time.monotonic()

    @property
    def is_running(self) -> bool:
        """Whether the program's first process lives."""
        return self.process is not None and self.process.poll() is None

    def tend(self) -> bool:
        """Start the program again when it has died; answers whether it just died."""
        if self.is_running:
            return False
        if self.process:
            self.note_death(self.process)
            return True
        if time.monotonic() >= self.next_start:
            self.start()
        return False

    def note_death(self, process: subprocess.Popen[bytes]) -> None:
        """Count a death and choose when to start again."""
        self.kill_group(process)
        self.process = None
        lived_well = time.monotonic() - self.started > GOOD_LIFE
        self.failures = 1 if lived_well else self.failures + 1
        self.next_start = time.monotonic() + delay_after(self.failures)

    def ask_to_stop(self) -> None:
        """Tell the program to finish what it does and end."""
        if self.process and self.is_running:
            self.process.terminate()

    def stop(self, *, seconds: float) -> None:
        """Wait for the end, and force it when it does not come."""
        if self.process:
            wait_until(lambda: not self.is_running, seconds=seconds)
            self.kill_group(self.process)
            self.process = None

    def kill_group(self, process: subprocess.Popen[bytes]) -> None:
        """End what the program started and did not end itself."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def tail(self, lines: int = 15) -> str:
        """The end of the log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def tend_all(programs: Iterable[Program], say: Callable[[str], None]) -> None:
    """Look after each program once, and show the log of one that keeps failing."""
    for program in programs:
        if program.tend() and program.failures % 3 == 0:
            say(
                f"Chương trình “{program.name}” liên tục bị lỗi, sẽ được chạy lại. "
                f"Cuối nhật ký {program.log}:\n{program.tail()}"
            )


def stop_all(programs: Sequence[Program]) -> None:
    """Stop programs, the last started first; together they get a few seconds."""
    deadline = time.monotonic() + STOP_SECONDS
    for program in reversed(programs):
        program.ask_to_stop()
    for program in reversed(programs):
        program.stop(seconds=max(0.0, deadline - time.monotonic()))
