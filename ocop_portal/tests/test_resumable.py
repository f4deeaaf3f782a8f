"""Files that arrive in pieces: the words of tus, broken lines, full disks, sweeping."""

import base64
import errno
import os
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from ocop_portal import resumable, tasks
from ocop_portal.models import Upload
from ocop_portal.problems import Refused

CONTENT = bytes(range(256)) * 8
SPEAKS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def upload(officer: User) -> Upload:
    return resumable.begin(
        filename="phim.mp4", length=len(CONTENT), purpose="test", details={}, by=officer
    )


def patch(client: Client, upload: Upload, offset: int, piece: bytes, **headers: str) -> Any:
    return client.patch(
        reverse("upload_part", args=[upload.token]),
        piece,
        content_type="application/offset+octet-stream",
        headers={**SPEAKS, "Upload-Offset": str(offset), **headers},
    )


def head(client: Client, upload: Upload) -> Any:
    return client.head(reverse("upload_part", args=[upload.token]), headers=SPEAKS)


def test_a_file_arrives_in_pieces(upload: Upload, officer: User, client_of: Callable) -> None:
    client = client_of(officer)

    first = patch(client, upload, 0, CONTENT[:1000])
    asked = head(client, upload)
    last = patch(client, upload, 1000, CONTENT[1000:])

    assert (first.status_code, first["Upload-Offset"]) == (204, "1000")
    assert (asked["Upload-Offset"], asked["Upload-Length"]) == ("1000", str(len(CONTENT)))
    assert asked["Cache-Control"] == "no-store"
    assert "Upload-Expires" in asked
    assert (last.status_code, last["Upload-Offset"]) == (204, str(len(CONTENT)))
    assert resumable.path_of(upload).read_bytes() == CONTENT
    assert resumable.path_of(upload).stat().st_mode & 0o007 == 0


@pytest.mark.parametrize("offset", [0, 999, 1001])
def test_a_piece_for_another_place_is_refused(
    offset: int, upload: Upload, officer: User, client_of: Callable
) -> None:
    client = client_of(officer)
    patch(client, upload, 0, CONTENT[:1000])

    answer = patch(client, upload, offset, b"x" * 100)

    assert answer.status_code == 409
    assert head(client, upload)["Upload-Offset"] == "1000"
    assert resumable.path_of(upload).read_bytes() == CONTENT[:1000]


def test_more_than_was_announced_is_refused(
    upload: Upload, officer: User, client_of: Callable
) -> None:
    answer = patch(client_of(officer), upload, 0, CONTENT + b"x")

    assert answer.status_code == 413
    assert resumable.path_of(upload).read_bytes() == b""


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Offset": ""}, 400),
        ({"Upload-Offset": "-1"}, 400),
        ({"Upload-Offset": "٣"}, 400),
        ({"Upload-Offset": "9" * 30}, 400),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
def test_what_is_not_tus_is_refused(
    headers: dict[str, str], status: int, upload: Upload, officer: User, client_of: Callable
) -> None:
    words = {**SPEAKS, "Upload-Offset": "0", **headers}
    kind = words.pop("Content-Type", "application/offset+octet-stream")

    answer = client_of(officer).patch(
        reverse("upload_part", args=[upload.token]), b"x", content_type=kind, headers=words
    )

    assert (answer.status_code, answer["Tus-Resumable"]) == (status, "1.0.0")


def test_the_server_says_what_it_can(upload: Upload, officer: User, client_of: Callable) -> None:
    answer = client_of(officer).options(reverse("upload_part", args=[upload.token]))

    assert (answer.status_code, answer["Tus-Version"]) == (204, "1.0.0")
    assert answer["Tus-Extension"] == "creation,expiration,termination"
    assert answer["Tus-Max-Size"] == str(300 * 1024 * 1024)


def test_an_upload_is_ended(upload: Upload, officer: User, client_of: Callable) -> None:
    client = client_of(officer)
    url = reverse("upload_part", args=[upload.token])

    # Where a proxy lets only POST through, the method is said in a header.
    answer = client.post(url, headers={**SPEAKS, "X-HTTP-Method-Override": "DELETE"})

    assert answer.status_code == 204
    assert head(client, upload).status_code == 404
    assert not resumable.path_of(upload).exists()


@pytest.mark.parametrize("method", ["head", "patch", "delete"])
def test_a7_another_persons_upload_does_not_exist(
    method: str, upload: Upload, staff: User, client_of: Callable
) -> None:
    url = reverse("upload_part", args=[upload.token])

    assert getattr(client_of(staff), method)(url, headers=SPEAKS).status_code == 404
    assert Upload.objects.filter(pk=upload.pk).exists()


@pytest.mark.parametrize("method", ["patch", "delete", "post"])
def test_w1_no_piece_without_the_token(method: str, upload: Upload, officer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")

    answer = getattr(client, method)(reverse("upload_part", args=[upload.token]), headers=SPEAKS)

    assert answer.status_code == 403
    assert Upload.objects.filter(pk=upload.pk).exists()


class Breaking(BytesIO):
    """A line that breaks after `good` bytes."""

    def __init__(self, content: bytes, good: int) -> None:
        super().__init__(content[:good])


def test_what_came_before_the_line_broke_is_kept(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resumable, "PIECE_BYTES", 500)

    reached = resumable.receive(upload, 0, Breaking(CONTENT, 1234), len(CONTENT))

    assert reached == 1234
    assert resumable.path_of(upload).read_bytes() == CONTENT[:1234]


def test_bytes_that_were_not_counted_are_written_over(upload: Upload) -> None:
    """A server that dies between writing and counting leaves bytes that nobody counted."""
    resumable.receive(upload, 0, BytesIO(CONTENT), 700)
    with resumable.path_of(upload).open("ab") as target:
        target.write(b"not counted")
    upload.refresh_from_db()

    resumable.receive(upload, 700, BytesIO(CONTENT[700:]), len(CONTENT) - 700)

    assert resumable.path_of(upload).read_bytes() == CONTENT


def test_the_same_piece_sent_twice_at_once_is_kept_once(
    upload: Upload, at_once: Callable[..., list[Any]]
) -> None:
    """The client believed the line to be dead and sent again."""

    def send() -> int:
        return resumable.receive(upload, 0, BytesIO(CONTENT[:900]), 900)

    answers = at_once(send, send)

    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "int"]
    assert resumable.path_of(upload).read_bytes() == CONTENT[:900]


def test_full_disk_is_told_and_the_rest_goes_on_later(
    upload: Upload, officer: User, client_of: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(officer)
    patch(client, upload, 0, CONTENT[:1000])

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        answer = patch(client, upload, 1000, CONTENT[1000:])
    after = patch(client, upload, 1000, CONTENT[1000:])

    assert answer.status_code == 507
    assert "hết chỗ lưu" in answer.json()["problems"][0]["message"]
    assert after["Upload-Offset"] == str(len(CONTENT))
    assert resumable.path_of(upload).read_bytes() == CONTENT


def test_no_upload_begins_on_a_full_disk(officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resumable, "RESERVE_BYTES", 10**18)

    with pytest.raises(Refused, match="hết chỗ lưu"):
        resumable.begin(filename="a", length=1, purpose="test", details={}, by=officer)

    assert Upload.objects.count() == 0


def test_bytes_that_are_lost_are_said_to_be_gone(
    upload: Upload, officer: User, client_of: Callable
) -> None:
    client = client_of(officer)
    patch(client, upload, 0, CONTENT[:1000])
    resumable.path_of(upload).write_bytes(b"")

    shorter = patch(client, upload, 1000, CONTENT[1000:])
    resumable.path_of(upload).unlink()

    assert shorter.status_code == 410
    assert patch(client, upload, 1000, CONTENT[1000:]).status_code == 410


@pytest.mark.parametrize(
    ("setting", "value"), [("UPLOAD_MAX_OPEN", 1), ("UPLOAD_MAX_OPEN_BYTES", len(CONTENT) + 9)]
)
def test_f6_nobody_hoards_uploads(
    setting: str, value: int, upload: Upload, officer: User, staff: User, settings: Any
) -> None:
    setattr(settings, setting, value)

    with pytest.raises(Refused, match="đang tải dở"):
        resumable.begin(filename="a", length=10, purpose="test", details={}, by=officer)

    resumable.begin(filename="a", length=10, purpose="test", details={}, by=staff)
    resumable.refuse(upload, "Hỏng")
    resumable.begin(filename="a", length=10, purpose="test", details={}, by=officer)


def test_what_is_left_is_swept(upload: Upload, officer: User) -> None:
    waiting = resumable.begin(filename="b", length=9, purpose="test", details={}, by=officer)
    Upload.objects.filter(pk=upload.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    orphan = Path(live_settings.UPLOAD_ROOT) / "orphan"
    orphan.write_bytes(b"x")
    young = Path(live_settings.UPLOAD_ROOT) / "young"
    young.write_bytes(b"x")
    yesterday = (timezone.now() - timedelta(days=2)).timestamp()
    for path in (orphan, resumable.path_of(waiting)):
        os.utime(path, (yesterday, yesterday))

    assert tasks.sweep_uploads() == 1
    assert tasks.sweep_uploads() == 0

    assert Upload.objects.get() == waiting
    assert not resumable.path_of(upload).exists()
    assert resumable.path_of(waiting).exists()
    assert (orphan.exists(), young.exists()) == (False, True)
    young.unlink()


def test_a_piece_renews_the_time(upload: Upload) -> None:
    Upload.objects.filter(pk=upload.pk).update(expires_at=timezone.now())

    resumable.receive(upload, 0, BytesIO(CONTENT), 10)

    upload.refresh_from_db()
    assert upload.expires_at > timezone.now() + timedelta(days=6)


@pytest.mark.parametrize("wrong", ["filename ***", "filename /w==", "a " + "YQ==" * 2000])
def test_metadata_that_cannot_be_read(wrong: str) -> None:
    from ocop_portal.tus import metadata

    with pytest.raises(Refused):
        metadata(wrong)


def test_metadata_are_words_and_texts() -> None:
    from ocop_portal.tus import metadata

    name = base64.b64encode("Giấy phép.pdf".encode()).decode()

    assert metadata(f"filename {name},slot YQ==, empty") == {
        "filename": "Giấy phép.pdf",
        "slot": "a",
        "empty": "",
    }


@pytest.mark.parametrize("values", [{"offset": 3000}, {"result": 1, "problem": "x"}])
def test_the_database_holds_what_is_always_true(values: dict[str, Any], upload: Upload) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(**values)
