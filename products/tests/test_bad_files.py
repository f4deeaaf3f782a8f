"""What may be uploaded: abuse cases F1 to F6, with files that were built to do harm."""

import errno
import resource
import subprocess
import unicodedata
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import ImageFile

from ocop_portal.models import StoredFile
from ocop_portal.problems import Refused
from products import pdf_judge
from products.actions import dossiers as actions
from products.models import DossierDocument
from products.tests import bad_files as make
from products.tests.factories import DossierFactory
from products.uploads import check_file, types_for

FILM_SLOT = "product_story"


@pytest.mark.parametrize(
    ("name", "content", "slot", "extension"),
    [
        ("giay.pdf", make.pdf(), "", "pdf"),
        ("giay.PDF", make.pdf(300), "", "pdf"),
        ("anh.jpg", make.picture(), "", "jpg"),
        ("anh.jpeg", make.picture(progressive=True), "", "jpg"),
        ("anh.png", make.picture("PNG"), "", "png"),
        ("don.docx", make.office(), "", "docx"),
        ("so.xlsx", make.office("xl/workbook.xml"), "", "xlsx"),
        ("phim.mp4", make.film(), FILM_SLOT, "mp4"),
        ("phim.mp4", make.film(), "market_and_promotion", "mp4"),
        ("phim.mp4", make.film(), "advertising", "mp4"),
        ("giay.pdf", make.pdf(), FILM_SLOT, "pdf"),
    ],
)
def test_sound_files_are_taken(name: str, content: bytes, slot: str, extension: str) -> None:
    checked = check_file(SimpleUploadedFile(name, content), slot)

    assert (checked.extension, checked.size, checked.display_name) == (
        extension,
        len(content),
        name,
    )


BOMB = make.office(**{"word/big.xml": b"\0" * 60_000_000})

BAD = {
    "f1_svg": ("anh.svg", b"<svg onload='alert(1)'/>", "wrong_type"),
    "f1_svg_named_png": ("anh.png", b"<?xml version='1.0'?><svg/>", "wrong_type"),
    "f1_html_named_pdf": ("trang.pdf", b"\n<html><script>1</script>", "wrong_type"),
    "f2_exe_named_pdf": ("virus.pdf", b"MZ\x90\x00" + b"\0" * 99, "wrong_type"),
    "f2_script_named_pdf": ("a.pdf", b"#!/bin/sh\nrm x", "wrong_type"),
    "f2_pdf_javascript": ("js.pdf", make.acting_pdf("/JavaScript"), "active_pdf"),
    "f2_pdf_launch": ("mo.pdf", make.acting_pdf("/Launch"), "active_pdf"),
    "f2_pdf_attachment": ("kem.pdf", make.pdf_with_attachment(), "active_pdf"),
    "f2_pdf_locked": ("khoa.pdf", make.locked_pdf("mo"), "encrypted"),
    "f2_pdf_locked_for_owner": ("khoa.pdf", make.locked_pdf(), "encrypted"),
    "f2_pdf_without_pages": ("rong.pdf", make.pdf(0), "no_pages"),
    "f2_pdf_and_zip": ("hai.pdf", make.pdf() + make.office(), "polyglot"),
    "f2_jpeg_and_zip": ("hai.jpg", make.picture() + make.office(), "polyglot"),
    "f2_jpeg_and_html": (
        "hai.jpg",
        make.picture(comment=b"<script>alert(1)</script>"),
        "polyglot",
    ),
    "f2_jpeg_and_pdf": ("hai.jpg", make.picture(comment=make.pdf()), "polyglot"),
    "f2_png_and_more": ("hai.png", make.picture("PNG") + b"more", "polyglot"),
    "f2_zip_behind_text": ("hai.docx", b"PK\x03\x04 text" + make.office(), "polyglot"),
    "f3_zip_bomb": ("bom.docx", BOMB, "zip_bomb"),
    "f3_many_parts": ("bom.xlsx", make.many_parts(10_001), "zip_bomb"),
    "f3_macro_document": ("m.docx", make.office(**{"word/vbaProject.bin": b"x"}), "macro"),
    "f3_macro_workbook": (
        "m.xlsx",
        make.office("xl/workbook.xml", **{"xl/vbaProject.bin": b"x"}),
        "macro",
    ),
    "f3_old_word": ("cu.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "wrong_type"),
    "f3_plain_zip": ("tep.zip", make.office("x.txt"), "wrong_type"),
    "f3_path_in_zip": ("p.docx", make.office(**{"../../x": b"x"}), "bad_parts"),
    "f4_huge_picture": ("to.png", make.huge_png(), "too_many_pixels"),
    "f4_large_picture": ("to.png", make.huge_png(9_000), "too_many_pixels"),
    "f6_empty": ("rong.pdf", b"", "empty_file"),
    "cut_pdf": ("cut.pdf", make.pdf(9)[:-40], "damaged"),
    "cut_jpeg": ("cut.jpg", make.picture()[:-300], "damaged"),
    "cut_png": ("cut.png", make.picture("PNG")[:-30], "damaged"),
    "cut_zip": ("cut.docx", make.office()[:-40], "wrong_type"),
    "cut_film": ("cut.mp4", make.film()[:-10], "damaged"),
    "film_without_index": (
        "x.mp4",
        make.box(b"ftyp", b"isom\0\0\2\0isomiso2mp41") + make.box(b"mdat", b"x"),
        "damaged",
    ),
}


@pytest.mark.parametrize(
    "bomb",
    [{}, {"name": b"/X#52ef"}, {"layers": 2}, {"needed": False}],
    ids=["plain", "name in numbers", "packed twice", "passed over"],
)
def test_f3_packed_objects_that_unpack_to_too_much(
    bomb: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that unpacks them has little memory and ends alone."""
    monkeypatch.setattr(pdf_judge, "MEMORY_BYTES", 80 * 1024**2)
    content = make.packed_bomb(150_000_000, **bomb)
    assert len(content) < 200_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(Refused, match="bung ra lớn bất thường"):
        check_file(SimpleUploadedFile("bom.pdf", content))

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * 1024


def test_packed_objects_that_unpack_to_little_are_taken() -> None:
    assert check_file(SimpleUploadedFile("a.pdf", make.packed_bomb(1_000_000))).extension == "pdf"


def test_a_pdf_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def hangs(*words: Any, **options: Any) -> None:
        raise subprocess.TimeoutExpired("judge", 60)

    monkeypatch.setattr(subprocess, "run", hangs)

    with pytest.raises(Refused, match="bung ra lớn bất thường"):
        check_file(SimpleUploadedFile("a.pdf", make.packed_bomb(1_000)))


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused(case: str) -> None:
    name, content, code = BAD[case]

    with pytest.raises(Refused) as refusal:
        check_file(SimpleUploadedFile(name, content), FILM_SLOT)

    (problem,) = refusal.value.problems
    assert (problem.code, name in problem.message) == (code, True)


def test_films_only_where_they_tell_something() -> None:
    with pytest.raises(Refused, match="phim MP4"):
        check_file(SimpleUploadedFile("phim.mp4", make.film()), "business_registration")
    assert "mp4" not in types_for("awards")


@pytest.mark.parametrize(
    ("setting", "content", "slot"),
    [
        ("UPLOAD_MAX_BYTES", make.pdf(), ""),
        ("UPLOAD_MAX_BYTES", make.pdf(), FILM_SLOT),
        ("UPLOAD_MAX_FILM_BYTES", make.film(), FILM_SLOT),
    ],
)
def test_f6_too_large(settings: Any, setting: str, content: bytes, slot: str) -> None:
    setattr(settings, setting, len(content))
    check_file(SimpleUploadedFile("a", content), slot)
    setattr(settings, setting, len(content) - 1)

    with pytest.raises(Refused) as refusal:
        check_file(SimpleUploadedFile("a", content), slot)

    assert refusal.value.problems[0].code == "too_large"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/giấy.pdf", "giấy.pdf"),
        ("C:\\x\\giấy.pdf", "giấy.pdf"),
        ("gi\0ấy\n.pdf", "giấy .pdf"),
        (unicodedata.normalize("NFD", "Giấy đăng ký.pdf"), "Giấy đăng ký.pdf"),
        ("gi\u202efdp.exe", "gifdp.exe.pdf"),
        ("bao-cao.exe", "bao-cao.exe.pdf"),
        ('a"; filename="b.pdf', "a'; filename='b.pdf"),
        ("x" * 4096, "x" * 196 + ".pdf"),
    ],
)
def test_f5_names_are_made_harmless(name: str, shown: str) -> None:
    upload = ContentFile(make.pdf(), name=name)

    assert check_file(upload).display_name == shown


def test_full_disk_leaves_the_dossier_as_it_was(
    officer: Any, client_of: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """The disk fills up in the middle of a file: words, no row, nothing half written."""
    dossier = DossierFactory(created_by=officer)
    written: list[str] = []

    def full(storage: FileSystemStorage, name: str, content: Any) -> str:
        path = settings.MEDIA_ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read(10))
        written.append(name)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    client: Client = client_of(officer)
    url = reverse("products:document_add", args=[dossier.pk])
    upload = SimpleUploadedFile("giay.pdf", make.pdf())

    answer = client.post(url, {"slot": "business_plan", "files": upload})

    assert answer.status_code == 422
    assert "hết chỗ lưu" in answer.content.decode()
    assert DossierDocument.objects.count() == StoredFile.objects.count() == 0
    assert written
    assert not (settings.MEDIA_ROOT / written[0]).exists()


def test_a_film_is_judged_without_reading_it_whole(tmp_path: Any) -> None:
    """Of 200 MB the judge reads only the boxes' heads before the fingerprint is taken."""
    from products.upload_contents import judge_mp4

    path = tmp_path / "phim.mp4"
    size = 200 * 1024 * 1024
    begin = make.box(b"ftyp", b"isom\0\0\2\0isomiso2mp41") + make.box(b"moov")
    with path.open("wb") as target:
        target.write(begin + (size - len(begin)).to_bytes(4, "big") + b"mdat")
        target.truncate(size)
    read = []
    with path.open("rb") as stream:

        class Counting:
            def seek(self, *where: int) -> int:
                return stream.seek(*where)

            def read(self, number: int) -> bytes:
                read.append(number)
                return stream.read(number)

        judge_mp4(Counting(), size)  # type: ignore[arg-type]

    assert sum(read) < 100


def test_every_refusal_reaches_the_page_and_the_rest_is_kept(officer: Any, client_of: Any) -> None:
    dossier = DossierFactory(created_by=officer)
    files = [
        SimpleUploadedFile("tot.pdf", make.pdf()),
        SimpleUploadedFile("virus.pdf", b"MZ" + b"\0" * 40),
    ]
    url = reverse("products:document_add", args=[dossier.pk])

    answer = client_of(officer).post(url, {"slot": "business_plan", "files": files})

    assert "là chương trình máy tính" in answer.content.decode()
    assert [row.original_name for row in dossier.documents.all()] == ["tot.pdf"]


def test_action_judges_by_the_slot(officer: Any) -> None:
    dossier = DossierFactory(created_by=officer)
    film = SimpleUploadedFile("phim.mp4", make.film())

    with pytest.raises(Refused):
        actions.add_document(dossier, "business_plan", film, by=officer)

    assert actions.add_document(dossier, FILM_SLOT, film, by=officer).extension == "mp4"


def test_half_picture_is_refused_also_where_pillow_forgives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """WeasyPrint makes Pillow forgive, in every process that has drawn a PDF."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    name, content, _code = BAD["cut_jpeg"]

    with pytest.raises(Refused):
        check_file(SimpleUploadedFile(name, content), FILM_SLOT)

    assert ImageFile.LOAD_TRUNCATED_IMAGES is True
