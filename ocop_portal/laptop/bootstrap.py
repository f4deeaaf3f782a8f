"""From a bare Debian or Ubuntu to a working .venv: what `make` calls, with any Python there is.

Only the standard library is used, and only syntax that Python 3.6 can read: an old Python must get
as far as the sentence that says it is too old. The work itself is done inside the .venv, by the
modules beside this one.
"""

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VENV = BASE_DIR / ".venv"
VENV_PYTHON = VENV / "bin" / "python"

OLDEST_PYTHON = (3, 11)
NEWER_PYTHONS = ["python3.13", "python3.12", "python3.11", "python3.14"]

MODULES = {
    "run": ["ocop_portal.laptop.run"],
    "test": ["ocop_portal.laptop.checks"],
    "check": ["ocop_portal.laptop.checks", "--lint"],
    "fmt": ["ocop_portal.laptop.checks", "--fix"],
}
REQUIREMENTS = {"run": ["requirements.txt"]}
DEVELOPER_REQUIREMENTS = ["requirements.txt", "requirements-dev.txt"]

# What `make clean` removes: all of it is made again. Never the database, uploads or the secret key.
MADE_AGAIN = [".venv", ".data/node", ".data/vendor", ".data/static", ".data/test"]
MADE_AGAIN += [".mypy_cache", ".pytest_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis"]

FONT_FOLDERS = ["/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts"]
CHROMIUMS = ["chromium", "chromium-browser", "google-chrome"]


class SetupError(Exception):
    """A sentence for the person at the keyboard: what is missing and the command that helps."""


def say(text):
    """Print Vietnamese also where Python believes that the terminal knows only ASCII."""
    sys.stdout.flush()
    os.write(1, (text + "\n").encode("utf-8"))


# --- Python -----------------------------------------------------------------------------------


def newer_python(version):
    """The path of a Python that is new enough, None when `version` is so itself."""
    if tuple(version[:2]) >= OLDEST_PYTHON:
        return None
    for name in NEWER_PYTHONS:
        path = shutil.which(name)
        if path and can_run(path):
            return path
    raise SetupError(
        f"Cần Python 3.11 trở lên (máy này có {version[0]}.{version[1]}), hãy cài: "
        "sudo apt-get install -y python3.11 python3.11-venv"
    )


def can_run(python):
    """Whether the program works: version managers put empty stand-ins on PATH."""
    command = [str(python), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    try:
        return subprocess.call(command, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def make_venv():
    """Make .venv unless it is there, works, and was made in this place."""
    # The programs of a copied or moved .venv still name the old folder.
    is_at_home = str(VENV_PYTHON) in read(VENV / "bin" / "pip")
    if is_at_home and can_run(VENV_PYTHON):
        return
    say("Đang tạo môi trường Python .venv …")
    checked([sys.executable, "-m", "venv", "--clear", VENV], f"Không tạo được {VENV}")


def install_requirements(verb):
    """Let pip run only when a requirements file changed since it last finished."""
    files = [BASE_DIR / name for name in REQUIREMENTS.get(verb, DEVELOPER_REQUIREMENTS)]
    # The stamps are kept in .venv, so they go when it goes.
    stamps = {VENV / (file.name + ".sha256"): sha256(file) for file in files}
    if all(read(stamp) == digest for stamp, digest in stamps.items()):
        return
    say("Đang cài thư viện Python (lần đầu mất chừng một phút) …")
    for stamp in stamps:
        # Going back to an older file after a failure must not look finished.
        remove(stamp)
    command = [VENV_PYTHON, "-m", "pip", "install", "--no-input", "-qq"]
    command += ["--disable-pip-version-check", "--progress-bar", "off"]
    for file in files:
        command += ["-r", file]
    checked(command, "Không cài được thư viện Python; hãy kiểm tra mạng rồi chạy lại")
    for stamp, digest in stamps.items():
        stamp.write_text(digest, encoding="utf-8")


def sha256(file):
    """The digest of a file's content."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


# --- System libraries -------------------------------------------------------------------------


def has_library(name):
    """Whether the loader finds a shared library: the very question that WeasyPrint will ask."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def has_tinos():
    """Whether the serif of the printed documents is installed."""
    folders = [Path(folder).expanduser() for folder in FONT_FOLDERS]
    return any(any(folder.rglob("Tinos-Regular*.ttf")) for folder in folders if folder.is_dir())


def has_chromium():
    """Whether the browser tests find a browser."""
    named = os.environ.get("OCOP_CHROMIUM", "")
    return any(shutil.which(name) for name in [named, *CHROMIUMS] if name)


def chromium_package():
    """Ubuntu has Chromium only as a snap, which its package chromium-browser installs."""
    return "chromium-browser" if "ID=ubuntu" in read(Path("/etc/os-release")) else "chromium"


def missing_packages(verb):
    """The Debian packages whose content this machine lacks."""
    importlib.invalidate_caches()
    present = {
        # Debian's Python comes without the part of venv that puts pip in.
        f"python3.{sys.version_info[1]}-venv": importlib.util.find_spec("ensurepip") is not None,
        "libpango-1.0-0": has_library("libpango-1.0.so.0"),
        "libpangoft2-1.0-0": has_library("libpangoft2-1.0.so.0"),
        "libharfbuzz-subset0": has_library("libharfbuzz-subset.so.0"),
        "fonts-croscore": has_tinos(),
    }
    if verb == "test":
        present[chromium_package()] = has_chromium()
        present["poppler-utils"] = bool(shutil.which("pdftotext"))
    return [package for package in present if not present[package]]


def install_packages(packages):
    """Install what is missing when that is allowed here; else say the exact command."""
    by_hand = "sudo apt-get install -y " + " ".join(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SetupError(f"Máy còn thiếu phần mềm hệ thống, hãy cài rồi chạy lại: {by_hand}")
    say("Đang cài phần mềm hệ thống: " + " ".join(packages))
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    refusal = f"Không cài được phần mềm hệ thống, hãy thử bằng tay: {by_hand}"
    checked(["apt-get", "update", "-qq"], refusal)
    checked(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], refusal)


def require_packages(verb):
    """Install system libraries, then look again: a package may exist and bring nothing."""
    missing = missing_packages(verb)
    if not missing:
        return
    install_packages(missing)
    missing = " ".join(missing_packages(verb))
    if missing:
        raise SetupError(
            f"Đã cài nhưng vẫn không tìm thấy {missing} "
            "(trình duyệt nằm ở chỗ khác thì đặt biến OCOP_CHROMIUM)."
        )


# --- Small tools ------------------------------------------------------------------------------


def read(path):
    """The text of a file, empty when there is none."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def remove(path):
    """Remove a file or a folder that may not be there."""
    if path.is_dir():
        shutil.rmtree(str(path), ignore_errors=True)
    elif path.exists():
        path.unlink()


def checked(command, refusal):
    """Run a program; when it fails, its own words are on the screen already."""
    if subprocess.call([str(word) for word in command], cwd=str(BASE_DIR)) != 0:
        raise SetupError(f"{refusal}.")


def become(python, *arguments):
    """Replace this process: no middleman is left between Ctrl-C and the program."""
    os.execv(str(python), [str(python), *arguments])  # noqa: S606


def main(arguments):
    """Make what is missing, then become the program inside .venv."""
    verb = arguments[0] if arguments else ""
    if verb == "clean":
        for name in MADE_AGAIN:
            remove(BASE_DIR / name)
        return
    if verb not in MODULES:
        raise SetupError("Cách dùng: make run | make test | make check | make fmt | make clean")
    newer = newer_python(sys.version_info)
    if newer:
        become(newer, __file__, *arguments)
    require_packages(verb)
    make_venv()
    install_requirements(verb)
    os.chdir(str(BASE_DIR))
    become(VENV_PYTHON, "-m", *MODULES[verb], *arguments[1:])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SetupError as problem:
        say(str(problem))
        sys.exit(2)
    except OSError as problem:
        say(f"Không thực hiện được: {problem}")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
