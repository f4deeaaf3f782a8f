"""What must be true in the database before the portal is served, in one process to be quick.

The table of demo accounts goes to standard output, all the rest to standard error.
"""

import hashlib
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocop_portal.settings")
    django.setup()
    call_command("migrate", interactive=False, stdout=sys.stderr)
    call_command("load_reference", stdout=sys.stderr)
    call_command("load_demo", stdout=sys.stderr)
    collect_static()
    call_command("load_demo", "--accounts", stdout=sys.stdout)


def collect_static() -> None:
    """Run collectstatic when a source changed: it compresses every file, which takes seconds."""
    root = Path(settings.STATIC_ROOT)
    stamp = root.with_name("static.sha256")
    sources = static_sources()
    if root.exists() and stamp.exists() and stamp.read_text() == sources:
        return
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(sources)


def static_sources() -> str:
    """A digest of the names, sizes and times of all static files."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list(["CVS", ".*", "*~"]), key=lambda found: found[0]):
            state = Path(storage.path(name)).stat()
            digest.update(f"{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
