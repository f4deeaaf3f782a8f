"""From a bare Debian or Ubuntu to a working .venv: what `make` calls, with whatever Python there is.

Only the standard library is used, and only syntax that Python 3.6 can read: an old Python must get
as far as the sentence that says it is too old. The work itself is done inside the .venv, by the
modules beside this one.
"""

import ctypes
import glob
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys

BASE_DIR = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(BASE_DIR, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")

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
MADE_AGAIN = [
    ".venv",
    ".data/node",
    ".data/vendor",
    ".data/static",
    ".data/test",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".import_linter_cache",
    ".hypothesis",
]

FONT_FOLDERS = ["/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts"]
CHROMIUMS = ["chromium", "chromium-browser", "google-chrome"]


class Refusal(Exception):
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
    raise Refusal(
        "Cần Python 3.11 trở lên (máy này có %d.%d): "
        "sudo apt-get install -y python3.11 python3.11-venv" % tuple(version[:2])
    )


def can_run(python):
    """Whether the program works: version managers put empty stand-ins on PATH."""
    command = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def make_venv():
    """Make .venv unless it is there, of this place, and works."""
    made_at = os.path.join(VENV, "made-at")
    # A copied or moved .venv still points to the old folder.
    if read(made_at) == VENV and can_run(VENV_PYTHON):
        return
    require_ensurepip()
    say("Đang tạo môi trường Python .venv …")
    checked([sys.executable, "-m", "venv", "--clear", VENV], "Không tạo được " + VENV)
    write(made_at, VENV)


def require_ensurepip():
    """Debian ships the venv module without what it needs to put pip in."""
    if importlib.util.find_spec("ensurepip") is None:
        install_packages(["python%d.%d-venv" % sys.version_info[:2]])


def install_requirements(verb):
    """Let pip run only when a requirements file changed since it last finished."""
    files = REQUIREMENTS.get(verb, DEVELOPER_REQUIREMENTS)
    missing = [name for name in files if read(stamp_path(name)) != digest(name)]
    if not missing:
        return
    say("Đang cài thư viện Python (lần đầu mất chừng một phút) …")
    command = [VENV_PYTHON, "-m", "pip", "install", "--no-input", "--quiet"]
    command += ["--disable-pip-version-check", "--progress-bar", "off"]
    for name in files:
        command += ["-r", os.path.join(BASE_DIR, name)]
    checked(command, "Không cài được thư viện Python; hãy kiểm tra mạng rồi chạy lại")
    for name in files:
        write(stamp_path(name), digest(name))


def stamp_path(name):
    """Where the digest of an installed requirements file is kept: it goes when .venv goes."""
    return os.path.join(VENV, name + ".sha256")


def digest(name):
    """The sha256 of a file of the project."""
    with open(os.path.join(BASE_DIR, name), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


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
    folders = [os.path.expanduser(folder) for folder in FONT_FOLDERS]
    return any(
        glob.glob(os.path.join(folder, "**", "Tinos-Regular*.ttf"), recursive=True)
        for folder in folders
    )


def has_chromium():
    """Whether the browser tests find a browser."""
    named = os.environ.get("OCOP_CHROMIUM")
    return bool(named and shutil.which(named)) or any(shutil.which(name) for name in CHROMIUMS)


def chromium_package():
    """Ubuntu has Chromium only as a snap, which its package chromium-browser installs."""
    return "chromium-browser" if "ID=ubuntu" in read("/etc/os-release") else "chromium"


def missing_packages(verb):
    """The Debian packages whose content this machine lacks."""
    needed = [
        ("libpango-1.0-0", has_library("libpango-1.0.so.0")),
        ("libpangoft2-1.0-0", has_library("libpangoft2-1.0.so.0")),
        ("libharfbuzz-subset0", has_library("libharfbuzz-subset.so.0")),
        ("fonts-croscore", has_tinos()),
    ]
    if verb == "test":
        needed.append((chromium_package(), has_chromium()))
        needed.append(("poppler-utils", bool(shutil.which("pdftotext"))))
    return [package for package, present in needed if not present]


def install_packages(packages):
    """Install what is missing when that is allowed here; else say the exact command."""
    by_hand = "sudo apt-get install -y " + " ".join(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Refusal("Máy còn thiếu phần mềm hệ thống, hãy cài rồi chạy lại: " + by_hand)
    say("Đang cài phần mềm hệ thống: " + " ".join(packages))
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    refusal = "Không cài được phần mềm hệ thống, hãy thử bằng tay: " + by_hand
    checked(["apt-get", "update", "-qq"], refusal)
    checked(["apt-get", "install", "-y", "-qq", "--no-install-recommends"] + packages, refusal)


def require_packages(verb):
    """Install system libraries, then look again: a package may exist and bring nothing."""
    missing = missing_packages(verb)
    if not missing:
        return
    install_packages(missing)
    still_missing = missing_packages(verb)
    if still_missing:
        raise Refusal(
            "Đã cài nhưng vẫn không tìm thấy: %s (trình duyệt ở chỗ khác thì đặt OCOP_CHROMIUM)."
            % " ".join(still_missing)
        )


# --- Small tools ------------------------------------------------------------------------------


def read(path):
    """The text of a file, empty when there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""


def write(path, text):
    """Write a small file."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def checked(command, refusal):
    """Run a program; when it fails its own words are on the screen already."""
    if subprocess.call(command, cwd=BASE_DIR) != 0:
        raise Refusal(refusal + ".")


def clean():
    """Remove what can be made again."""
    for name in MADE_AGAIN:
        shutil.rmtree(os.path.join(BASE_DIR, name), ignore_errors=True)


def main(arguments):
    """Make what is missing, then become the program inside .venv."""
    verb = arguments[0] if arguments else ""
    if verb == "clean":
        return clean()
    if verb not in MODULES:
        raise Refusal("Cách dùng: make run | make test | make check | make fmt | make clean")
    newer = newer_python(sys.version_info)
    if newer:
        os.execv(newer, [newer, os.path.abspath(__file__)] + arguments)
    require_packages(verb)
    make_venv()
    install_requirements(verb)
    os.chdir(BASE_DIR)
    # Replacing this process leaves no middleman between Ctrl-C and the program.
    os.execv(VENV_PYTHON, [VENV_PYTHON, "-m"] + MODULES[verb] + arguments[1:])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Refusal as refusal:
        say(str(refusal))
        sys.exit(2)
    except OSError as problem:
        say("Không thực hiện được: %s" % problem)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
