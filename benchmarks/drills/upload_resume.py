"""A file that arrives in pieces while the web server is killed (SIGKILL) half way and started
again: the upload goes on from what the server had acknowledged. Prints one JSON object; `lost`
(bytes that were acknowledged and gone) and `doubled` (documents too many) must be 0.
"""

import argparse
import base64
import hashlib
import http.client
import importlib
import io
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocop_portal.settings")

import django
import pikepdf
from worker_kill import own_database

from ocop_portal.laptop.installation import ensure_started

PIECE_BYTES = 1024 * 1024


class Server:
    """The web server of the portal, in processes of its own, on the database of the drill."""

    def __init__(self, folder: Path, port: int) -> None:
        from django.conf import settings

        from ocop_portal.tests.worker import environment

        command = [sys.executable, "-m", "gunicorn", "ocop_portal.wsgi", "--no-control-socket"]
        command += ["--bind", f"127.0.0.1:{port}", "--workers", "2"]
        command += ["--worker-class", "gthread", "--threads", "4"]
        self.log = (folder / "web.log").open("a")
        self.process = subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            env={**os.environ, **environment(folder, "drill:")},
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.answers(port):
                return
            time.sleep(0.05)
        raise SystemExit(f"the web server does not answer: {folder / 'web.log'}")

    def answers(self, port: int) -> bool:
        """Whether it is there: a connection may still come to a worker that is just dying."""
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            line.request("GET", "/suc-khoe/")
            return line.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.log.close()


class Client:
    """A signed-in person's side of tus."""

    def __init__(self, port: int, user: Any) -> None:
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore

        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        secret = "x" * 32
        self.port = port
        self.words = {
            "Cookie": f"sessionid={session.session_key}; csrftoken={secret}",
            "X-CSRFToken": secret,
            "Tus-Resumable": "1.0.0",
        }

    def ask(self, method: str, path: str, body: bytes = b"", **words: str) -> Any:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        line.request(method, path, body, {**self.words, **words})
        answer = line.getresponse()
        text = answer.read()
        line.close()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:500]!r}")
        return answer, text

    def begin(self, path: str, size: int) -> str:
        words = {"filename": "quet.pdf", "slot": "business_plan"}
        pairs = [f"{key} {base64.b64encode(word.encode()).decode()}" for key, word in words.items()]
        headers = {"Upload-Length": str(size), "Upload-Metadata": ",".join(pairs)}
        answer, _text = self.ask("POST", path, b"", **headers)
        return answer.headers["Location"]

    def reached(self, path: str) -> int:
        answer, _text = self.ask("HEAD", path)
        return int(answer.headers["Upload-Offset"])

    def send(self, path: str, piece: bytes, offset: int) -> int:
        words = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        answer, _text = self.ask("PATCH", path, piece, **words)
        return int(answer.headers["Upload-Offset"])

    def send_half(self, path: str, piece: bytes, offset: int, chance: random.Random) -> None:
        """Begin to send a piece, and stop somewhere in its middle."""
        head = [f"PATCH {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        head += [f"{name}: {word}" for name, word in self.words.items()]
        head += [f"Upload-Offset: {offset}", f"Content-Length: {len(piece)}"]
        head += ["Content-Type: application/offset+octet-stream", "", ""]
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.sendall("\r\n".join(head).encode() + piece[: chance.randrange(len(piece))])
            time.sleep(chance.uniform(0, 0.2))


def scan(size: int) -> bytes:
    """A sound PDF of one page of about `size` bytes."""
    target = io.BytesIO()
    with pikepdf.new() as made:
        page = made.add_blank_page()
        picture = made.make_stream(os.urandom(size))
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=picture))
        made.save(target)
    return target.getvalue()


def drill(megabytes: int, kills: int, seed: int) -> dict[str, object]:
    """Send one file, killing the server at half, and `kills` - 1 times more after that."""
    from accounts.models import AdministrativeUnit, User
    from accounts.roles import Role
    from ocop_portal.models import Upload
    from products.models import DossierDocument

    factories = importlib.import_module("products.tests.factories")
    chance = random.Random(seed)
    unit = AdministrativeUnit.objects.get(edition=2021, code="017")
    person = User.objects.create(
        username="drill", full_name="drill", roles=[Role.DISTRICT_OFFICER], unit=unit
    )
    dossier = factories.DossierFactory(created_by=person)
    content = scan(megabytes * PIECE_BYTES)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server, client = Server(folder, port), Client(port, person)
        began = time.monotonic()
        path = client.begin(f"/ho-so/{dossier.pk}/tai-len/", len(content))
        offset, lost, again, killed = 0, 0, 0, 0
        stops = [len(content) * (n + kills) // (2 * kills) for n in range(kills)]
        while offset < len(content):
            piece = content[offset : offset + PIECE_BYTES]
            if killed < kills and offset + len(piece) > stops[killed]:
                client.send_half(path, piece, offset, chance)
                server.kill()
                server, killed = Server(folder, port), killed + 1
                found = client.reached(path)
                lost += max(0, offset - found)
                again += max(0, offset + len(piece) - found)
                offset = found
                continue
            offset = client.send(path, piece, offset)
        # The answer to the end got lost as well: it is asked for twice.
        client.ask("POST", f"{path}xong/")
        client.ask("POST", f"{path}xong/")
        seconds = time.monotonic() - began
        server.kill()
        documents = DossierDocument.objects.filter(dossier=dossier).select_related("stored")
        stored = (folder / "media" / str(documents[0].stored.file.name)).read_bytes()
        left = list((folder / "uploads").iterdir())
        return {
            "name": "upload_resume",
            "unit": "bytes",
            "n": len(content),
            "kills": killed,
            "seed": seed,
            "seconds": round(seconds, 1),
            "same_sha256": hashlib.sha256(stored).digest() == hashlib.sha256(content).digest(),
            "lost": lost,
            "doubled": documents.count() - 1 + Upload.objects.count() - 1,
            "sent_again": again,
            "left_on_disk": len(left),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=146)
    arguments = parser.parse_args()
    uses = ensure_started(command="drill")
    django.setup()
    from django.core.management import call_command

    with own_database():
        call_command("load_reference", verbosity=0, stdout=io.StringIO())
        megabytes, kills = (12, 1) if arguments.quick else (90, 5)
        print(json.dumps(drill(megabytes, kills, arguments.seed)))
    del uses


if __name__ == "__main__":
    main()
