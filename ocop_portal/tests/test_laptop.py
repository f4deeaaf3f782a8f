"""The two commands: what a person reads when something is wrong, and what survives a kill -9."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest
import redis

from ocop_portal.laptop import bootstrap, run, services, supervisor
from ocop_portal.laptop.installation import BASE_DIR, Installation
from ocop_portal.laptop.services import LaptopError, wait_until
from ocop_portal.laptop.supervisor import Program


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data folder that also the server's account can reach (pytest's own folders are closed)."""
    folder = Path(tempfile.mkdtemp(prefix="ocop-laptop-"))
    yield folder
    shutil.rmtree(folder)


def installation(data_dir: Path, *, port: int = 8000) -> Installation:
    return Installation(data_dir=data_dir, port=port, embedded=("postgresql",))


def query(data_dir: Path, sql: str) -> list[tuple]:
    address = services.embedded_database(data_dir)
    connection = psycopg2.connect(
        host=address["HOST"], user=address["USER"], dbname=address["NAME"]
    )
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def programs_of(data_dir: Path) -> list[int]:
    """Every process whose command line names the data folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(data_dir) in words and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


# --- Before anything starts ---------------------------------------------------------------------


def test_new_enough_python_is_used_as_it_is():
    assert bootstrap.newer_python((3, 11, 2)) is None


def test_old_python_gives_way_to_a_newer_one_on_path(tmp_path, monkeypatch):
    (tmp_path / "python3.12").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bootstrap.newer_python((3, 9, 18)) == str(tmp_path / "python3.12")


def test_old_python_alone_is_refused_with_the_command_that_helps(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(bootstrap.SetupError, match=r"3\.11.*3\.9.*apt-get install"):
        bootstrap.newer_python((3, 9, 18))


def test_missing_system_packages_are_named_with_the_command(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(bootstrap.SetupError, match=r"sudo apt-get install -y fonts-croscore$"):
        bootstrap.install_packages(["fonts-croscore"])


def test_port_in_use_is_refused_with_another_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LaptopError, match=f"cổng {port} .*OCOP_PORT={port + 1} make run"):
            run.check_port(port)


def test_port_that_is_not_a_number_is_refused(monkeypatch):
    monkeypatch.setenv("OCOP_PORT", "web")
    with pytest.raises(LaptopError, match="OCOP_PORT"):
        Installation.from_environment()


def test_unwritable_data_folder_is_refused_in_one_sentence(tmp_path):
    # Root may write anywhere, but not inside a file.
    (tmp_path / "file").write_text("")
    with pytest.raises(LaptopError, match=r"Không ghi được vào thư mục dữ liệu .*OCOP_DATA_DIR"):
        installation(tmp_path / "file" / "data").check_data_dir()


def test_full_disk_is_refused(tmp_path, monkeypatch):
    usage = shutil._ntuple_diskusage(10**12, 10**12, 5 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(LaptopError, match="chỉ còn 5 MB"):
        installation(tmp_path).check_data_dir()


def test_second_portal_on_the_same_data_is_refused(tmp_path):
    portal = installation(tmp_path)
    with (
        run.only_one(portal),
        pytest.raises(LaptopError, match="đang chạy rồi"),
        run.only_one(portal),
    ):
        pass


def test_wrong_settings_end_without_a_traceback(tmp_path):
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "ocop_portal.laptop.run"],
        cwd=BASE_DIR,
        env={**os.environ, "OCOP_DATA_DIR": str(tmp_path / "file" / "data")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Không ghi được" in done.stderr


def test_every_setting_is_explained_in_the_example_file():
    settings = (BASE_DIR / "ocop_portal" / "settings.py").read_text()
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings)) | {"OCOP_PORT"}
    example = (BASE_DIR / ".env.example").read_text()
    assert {name for name in names if f"\n#{name}=" not in example} == set()


# --- Addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "folder", ["/srv/ocop/.data", "/srv/" + "long" * 30, "/srv/Hồ sơ OCOP/.data"]
)
def test_socket_path_is_short_plain_and_stable(folder):
    sockets = services.socket_folder(Path(folder))
    assert len(os.fsencode(sockets / ".s.PGSQL.5432")) < 100
    assert re.fullmatch(r"[\w./-]+", str(sockets), re.ASCII)
    assert sockets == services.socket_folder(Path(folder))


def test_socket_folder_of_someone_else_is_refused(data_dir, monkeypatch):
    foreign = data_dir / "foreign"
    foreign.mkdir(mode=0o777)
    foreign.chmod(0o777)
    monkeypatch.setattr(services, "socket_folder", lambda _data_dir: foreign)
    with pytest.raises(LaptopError, match=str(foreign)):
        services.Valkey(data_dir).make_socket_folder()


def test_celery_has_its_own_name_for_sockets():
    assert services.broker_url("unix:///x/valkey.sock") == "redis+socket:///x/valkey.sock"
    assert services.broker_url("redis://office:6379/1") == "redis://office:6379/1"


# --- The embedded servers -----------------------------------------------------------------------


@pytest.mark.services
@pytest.mark.smoke
def test_servers_start_serve_and_leave_nothing_behind(data_dir):
    uses = services.start(data_dir)
    assert query(data_dir, "SELECT current_setting('timezone'), upper('đỹ')") == [
        ("Asia/Ho_Chi_Minh", "ĐỸ")
    ]
    with redis.Redis.from_url(services.embedded_redis_url(data_dir)) as client:
        assert client.ping()
    services.stop(uses)
    assert programs_of(data_dir) == []


@pytest.mark.services
def test_data_is_there_after_a_second_start(data_dir):
    for expected in (1, 2):
        uses = services.start(data_dir, ["postgresql"])
        query(data_dir, "CREATE TABLE IF NOT EXISTS kept (x int); INSERT INTO kept VALUES (1)")
        assert query(data_dir, "SELECT count(*) FROM kept") == [(expected,)]
        services.stop(uses)


@pytest.mark.services
def test_server_stays_while_anyone_uses_it(data_dir):
    first = services.start(data_dir, ["postgresql"])
    second = services.start(data_dir, ["postgresql"])
    services.stop(first)
    assert query(data_dir, "SELECT 1") == [(1,)]
    services.stop(second)
    # The first one's keeper was left to the second; it has ended by now.
    assert first[0].keeper
    first[0].keeper.wait(10)
    assert programs_of(data_dir) == []


@pytest.mark.services
def test_starts_at_the_same_moment_share_one_server(data_dir):
    with ThreadPoolExecutor(4) as pool:
        starts = [pool.submit(start_in_another_process, data_dir) for _ in range(4)]
    assert {start.result() for start in starts} == {0}
    assert wait_until(lambda: programs_of(data_dir) == [], seconds=20)
    assert "lock file" not in (data_dir / "logs" / "postgresql.log").read_text()


def start_in_another_process(data_dir: Path) -> int:
    words = "from pathlib import Path; from ocop_portal.laptop import services as s; "
    words += f"s.stop(s.start(Path({str(data_dir)!r})))"
    return subprocess.run([sys.executable, "-c", words], cwd=BASE_DIR).returncode


@pytest.mark.services
def test_database_recovers_from_kill_9(data_dir):
    (use,) = services.start(data_dir, ["postgresql"])
    query(data_dir, "CREATE TABLE kept (x int); INSERT INTO kept VALUES (1)")
    os.kill(postmaster(data_dir), signal.SIGKILL)
    # Its keeper brings it back without anyone's help.
    assert wait_until(lambda: answers(data_dir), seconds=15)
    assert query(data_dir, "SELECT count(*) FROM kept") == [(1,)]
    services.stop([use])


@pytest.mark.services
def test_database_recovers_from_kill_9_of_everything(data_dir):
    (use,) = services.start(data_dir, ["postgresql"])
    query(data_dir, "CREATE TABLE kept (x int); INSERT INTO kept VALUES (1)")
    for pid in programs_of(data_dir):
        os.kill(pid, signal.SIGKILL)
    assert use.keeper
    use.keeper.wait(5)
    use.check()
    assert query(data_dir, "SELECT count(*) FROM kept") == [(1,)]
    services.stop([use])
    assert programs_of(data_dir) == []


@pytest.mark.services
def test_lock_file_that_names_another_program_is_no_obstacle(data_dir):
    uses = services.start(data_dir, ["postgresql"])
    pid_file = data_dir / "postgresql" / "postmaster.pid"
    text = pid_file.read_text()
    services.stop(uses)
    # As after a power cut: the number now belongs to a process of the same account.
    account = services.server_account()
    with subprocess.Popen(["sleep", "60"], user=account.pw_uid if account else None) as other:
        pid_file.write_text(f"{other.pid}\n" + text.partition("\n")[2])
        services.stop(services.start(data_dir, ["postgresql"]))
        assert other.poll() is None
        other.kill()


@pytest.mark.services
def test_database_that_cannot_start_is_explained_in_one_sentence(data_dir):
    services.stop(services.start(data_dir, ["postgresql"]))
    (data_dir / "postgresql" / "global" / "pg_control").write_bytes(b"")
    with pytest.raises(LaptopError, match=r"Không khởi động được PostgreSQL; nhật ký .*: "):
        services.start(data_dir, ["postgresql"])


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgresql" / "postmaster.pid").read_text().partition("\n")[0])


def answers(data_dir: Path) -> bool:
    try:
        return query(data_dir, "SELECT 1") == [(1,)]
    except psycopg2.Error:
        return False


# --- The supervisor -----------------------------------------------------------------------------


@pytest.fixture
def sleeper(tmp_path) -> Iterator[Program]:
    """A program that waits, with a child of its own in the same group."""
    command = ["sh", "-c", f"sleep 321 & echo $! > {tmp_path}/child; wait"]
    program = Program("sleeper", command, log_dir=tmp_path)
    yield program
    supervisor.stop_all([program])


def child_of(tmp_path: Path) -> int:
    file = tmp_path / "child"
    assert wait_until(lambda: file.exists() and file.read_text().strip() != "", seconds=5)
    return int(file.read_text())


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_killed_program_is_back_within_two_seconds_without_orphans(sleeper, tmp_path):
    sleeper.start()
    child = child_of(tmp_path)
    killed = sleeper.process.pid
    sleeper.process.kill()
    assert wait_until(lambda: tend(sleeper) and sleeper.process.pid != killed, seconds=2)
    assert not is_alive(child)


def tend(program: Program) -> bool:
    supervisor.tend_all([program], say=print)
    return program.is_running


def test_restarts_are_quick_at_first_and_rare_in_the_end():
    delays = [supervisor.delay_after(failures) for failures in range(1, 7)]
    assert delays == pytest.approx([0.3, 0.9, 2.7, 8.1, 24.3, 30])


def test_program_that_keeps_failing_shows_its_log(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "FIRST_DELAY", 0.01)
    program = Program("broken", ["sh", "-c", "echo no such table"], log_dir=tmp_path)
    said: list[str] = []
    while not said:
        supervisor.tend_all([program], said.append)
        time.sleep(0.01)
    assert program.failures == 3
    assert "no such table" in said[0]
    supervisor.stop_all([program])


def test_program_that_ignores_the_request_is_made_to_end(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.3)
    program = Program("stubborn", ["sh", "-c", "trap '' TERM; sleep 321"], log_dir=tmp_path)
    program.start()
    assert program.process
    pid = program.process.pid
    supervisor.stop_all([program])
    assert not is_alive(pid)


LAUNCHER = """
import signal, sys, time
from pathlib import Path
from ocop_portal.laptop import run, services, supervisor
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, run.stop_on)
data_dir = Path(sys.argv[1])
program = supervisor.Program("dummy", ["sleep", "321"], log_dir=data_dir)
try:
    uses = services.start(data_dir)
    program.start()
    print(program.process.pid, flush=True)
    time.sleep(60)
except run.Stopped:
    supervisor.stop_all([program])
    services.stop(uses)
"""


@pytest.mark.services
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_however_the_launcher_ends(data_dir, how):
    command = [sys.executable, "-c", LAUNCHER, data_dir]
    with subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE) as launcher:
        assert launcher.stdout
        child = int(launcher.stdout.readline())
        launcher.send_signal(how)
        launcher.wait(15)
    assert wait_until(lambda: not is_alive(child), seconds=5)
    assert wait_until(lambda: programs_of(data_dir) == [], seconds=15)
