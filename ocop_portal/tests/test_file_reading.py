"""The worker reads files that were handed in: pages, small picture, image as a page."""

import hashlib
import io
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from ocop_portal import file_reading, tasks
from ocop_portal.celery import app as celery_app
from ocop_portal.files import keep
from ocop_portal.models import StoredFile


def stored(content: bytes, extension: str) -> StoredFile:
    return keep(
        ContentFile(content),
        extension=extension,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        by=None,
    )


def pdf(pages: int, size: tuple[float, float] = (595, 842)) -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page(page_size=size)
        made.save(target)
    return target.getvalue()


def picture(size: tuple[int, int], kind: str = "JPEG", mode: str = "RGB", **save: Any) -> bytes:
    target = io.BytesIO()
    Image.new(mode, size, "red").save(target, kind, **save)
    return target.getvalue()


def read(content: bytes, extension: str) -> StoredFile:
    row = stored(content, extension)
    tasks.read_stored_file(row.pk)
    row.refresh_from_db()
    return row


def small(row: StoredFile) -> Image.Image:
    with row.thumbnail.open("rb") as file:
        return Image.open(io.BytesIO(file.read()))


def page_of(row: StoredFile) -> tuple[float, float]:
    with row.as_pdf.open("rb") as file, pikepdf.open(file) as made:
        assert len(made.pages) == 1
        box = made.pages[0].mediabox
        return round(float(box[2])), round(float(box[3]))


def test_pages_of_a_pdf_are_counted_and_the_first_is_drawn_small(db: None) -> None:
    row = read(pdf(7), "pdf")

    assert (row.state, row.pages, row.problem) == ("ready", 7, "")
    assert small(row).size == (170, 240)
    assert not row.as_pdf


def test_a_page_as_large_as_a_field_is_drawn_small_too(db: None) -> None:
    row = read(pdf(1, (14_000, 14_000)), "pdf")

    assert small(row).size == (240, 240)


def test_a_picture_becomes_a_page_of_a4(db: None) -> None:
    row = read(picture((900, 600)), "jpg")

    assert (row.state, row.pages) == ("ready", 1)
    assert page_of(row) == (842, 595)


def test_f10_a_picture_is_turned_upright_and_loses_the_notes_of_the_camera(db: None) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "Vi tri 21.028511"
    row = read(picture((900, 600), exif=exif), "jpg")

    assert page_of(row) == (595, 842)
    with row.as_pdf.open("rb") as file:
        assert b"21.028511" not in file.read()
    thumbnail = small(row)
    assert (thumbnail.size, dict(thumbnail.getexif())) == ((160, 240), {})


def test_a_transparent_picture_lies_on_white_paper(db: None) -> None:
    row = read(picture((40, 40), "PNG", "RGBA"), "png")

    assert row.state == "ready"


def test_word_files_are_ready_without_pages(db: None) -> None:
    row = read(b"PK", "docx")

    assert (row.state, row.pages) == ("ready", None)


def test_a_file_that_cannot_be_read_says_so(db: None) -> None:
    row = read(b"%PDF-1.4 nothing", "pdf")

    assert (row.state, row.pages) == ("failed", None)
    assert "vẫn tải về được" in row.problem


def test_r8_reading_twice_changes_nothing(db: None) -> None:
    row = read(pdf(2), "pdf")
    name = row.thumbnail.name

    file_reading.read(row.pk)

    row.refresh_from_db()
    assert (row.thumbnail.name, row.reading_attempts) == (name, 1)


def test_a_file_that_kills_its_worker_each_time_is_given_up(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_stored: StoredFile) -> None:
        raise SystemExit

    monkeypatch.setattr(file_reading, "_read", die)
    row = stored(pdf(1), "pdf")
    for _ in range(file_reading.MAX_ATTEMPTS):
        with pytest.raises(SystemExit):
            file_reading.read(row.pk)

    file_reading.read(row.pk)

    row.refresh_from_db()
    assert row.state == "failed"


def test_r3_sweeper_brings_back_a_file_whose_call_never_arrived(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(celery_app.conf, "task_always_eager", True)
    late, fresh = stored(pdf(1), "pdf"), stored(pdf(2), "pdf")
    StoredFile.objects.filter(pk=late.pk).update(created_at=timezone.now() - timedelta(minutes=1))

    assert tasks.read_waiting_files() == 1
    assert StoredFile.objects.get(pk=late.pk).pages == 1
    assert StoredFile.objects.get(pk=fresh.pk).state == "pending"


def test_reader_is_called_when_the_upload_commits(
    db: None, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setitem(celery_app.conf, "task_always_eager", True)
    with django_capture_on_commit_callbacks(execute=True):
        row = stored(pdf(3), "pdf")

    row.refresh_from_db()
    assert row.pages == 3
