"""`make test`: every check that the project must pass, in order, on servers of its own.

make test                       linters, Django's checks, all tests
make test ARGS=--smoke          linters, Django's checks, the short tests
make test ARGS="products -x"    the same, with words for pytest
make check                      linters only;  make fmt  lets them repair what they can
"""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ocop_portal.laptop import assets, services
from ocop_portal.laptop.installation import BASE_DIR, Installation
from ocop_portal.laptop.services import LaptopError, die_with_parent

PROGRAMS = Path(sys.executable).parent
# `check --deploy` judges the settings of an office, which this key only stands in for.
OFFICE = {"OCOP_HTTPS": "1", "OCOP_SECRET_KEY": secrets.token_urlsafe(64)}


@dataclass(frozen=True)
class Step:
    """One command of the run; only pytest shows its output also when all is well."""

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)
    shown: bool = False


def project_files(ending: str) -> list[str]:
    """The project's own files with an ending, for tools that do not look for themselves."""
    folders = [path for path in BASE_DIR.iterdir() if path.is_dir() and path.name[0] != "."]
    found = [path for folder in folders for path in folder.rglob(f"*{ending}")]
    found += BASE_DIR.glob(f"*{ending}")
    return sorted(str(path.relative_to(BASE_DIR)) for path in found)


def templates() -> list[str]:
    """All Django templates."""
    return [name for name in project_files(".html") if "templates/" in name]


def linters() -> list[Step]:
    """What reads the code without running it. djade minds the tags, djhtml the indentation."""
    upgrade: list[str | Path] = [PROGRAMS / "django-upgrade", "--check", "--target-version", "5.2"]
    return [
        Step("ruff check", [PROGRAMS / "ruff", "check"]),
        Step("ruff format", [PROGRAMS / "ruff", "format", "--check", "--output-format=concise"]),
        Step("djade", [PROGRAMS / "djade", "--check", "--target-version", "5.2", *templates()]),
        Step("djhtml", [PROGRAMS / "djhtml", "--check", "--tabwidth", "2", *templates()]),
        Step("django-upgrade", [*upgrade, *project_files(".py")]),
        Step("import-linter", [PROGRAMS / "lint-imports", "--no-logo"]),
        Step("mypy", [PROGRAMS / "mypy", "."]),
    ]


def repairs() -> list[Step]:
    """The linters that can repair, doing so."""
    return [
        Step("ruff check", [PROGRAMS / "ruff", "check", "--fix"], shown=True),
        Step("ruff format", [PROGRAMS / "ruff", "format"], shown=True),
        # These two answer 1 when they changed a file.
        Step("djade", ["sh", "-c", '"$@" || true', "-", PROGRAMS / "djade", *templates()]),
        Step("djhtml", ["sh", "-c", '"$@" || true', "-", PROGRAMS / "djhtml", *templates()]),
    ]


def django_checks() -> list[Step]:
    """What Django knows about settings, models and migrations."""
    manage = [sys.executable, "manage.py"]
    warnings = ["--fail-level", "WARNING"]
    return [
        Step("check", [*manage, "check", *warnings]),
        Step("check --deploy", [*manage, "check", "--deploy", *warnings], OFFICE),
        Step("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
    ]


def tests(words: Sequence[str]) -> Step:
    """All tests, on every core; a file's tests stay together because they share what they start."""
    cores = str(len(os.sched_getaffinity(0)))
    command = [sys.executable, "-m", "pytest", "-n", cores, "--dist", "loadfile", *words]
    # Importing ocop_portal has put the portal's own settings into our environment.
    settings = {"DJANGO_SETTINGS_MODULE": "ocop_portal.settings_test"}
    return Step("pytest", command, settings, shown=True)


def run(step: Step) -> bool:
    """Run a step; answers whether it succeeded."""
    print(f"── {step.name}", flush=True)
    done = subprocess.run(
        step.command,
        cwd=BASE_DIR,
        env={**os.environ, **step.environment},
        stdout=None if step.shown else subprocess.PIPE,
        stderr=None if step.shown else subprocess.STDOUT,
        check=False,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    if done.returncode != 0 and done.stdout:
        print(done.stdout.decode(errors="replace"), flush=True)
    return done.returncode == 0


def run_all(steps: Sequence[Step]) -> int:
    """Run steps up to the first that fails, then say how long each took."""
    times: list[tuple[str, float]] = []
    failed = ""
    for step in steps:
        began = time.monotonic()
        succeeded = run(step)
        times.append((step.name, time.monotonic() - began))
        if not succeeded:
            failed = step.name
            break
    print("\nSeconds:", ", ".join(f"{name} {seconds:.1f}" for name, seconds in times))
    print(f"FAILED: {failed}" if failed else f"All {len(steps)} steps passed.", flush=True)
    return 1 if failed else 0


def use_test_data_dir() -> Installation:
    """Tests get a data folder, and so servers, of their own, with the same front-end packages."""
    installation = Installation.from_environment()
    installation.check_data_dir()
    assets.install(installation.data_dir)
    data_dir = installation.data_dir / "test"
    data_dir.mkdir(exist_ok=True)
    vendor = data_dir / "vendor"
    if not vendor.is_symlink():
        vendor.symlink_to("../vendor")
    os.environ["OCOP_DATA_DIR"] = str(data_dir)
    return Installation.from_environment()


def run_with_servers(steps: Sequence[Step]) -> int:
    """Run steps while the servers that no address replaces are up."""
    uses = use_test_data_dir().start_servers()
    try:
        return run_all(steps)
    finally:
        services.stop(uses)


def main() -> int:
    """The exit status: 0 only when every step succeeded."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=False)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--lint", action="store_true")
    parser.add_argument("--fix", action="store_true")
    chosen, words = parser.parse_known_args()
    os.chdir(BASE_DIR)
    try:
        if chosen.fix:
            return run_all(repairs())
        if chosen.lint:
            return run_all(linters())
        if chosen.smoke:
            words = ["-m", "smoke", *words]
        return run_with_servers([*linters(), *django_checks(), tests(words)])
    except LaptopError as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
