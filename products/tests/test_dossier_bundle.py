"""The whole dossier as one PDF and as a ZIP: order, index, numbers; made once; bounded memory."""

import gc
import hashlib
import io
import os
import re
import unicodedata
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pikepdf
import pypdfium2
import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ocop_portal import jobs, tasks
from ocop_portal.models import Job, StoredFile
from products import dossier_bundle, dossier_zip
from products.actions.dossiers import add_document
from products.actions.pages import assign_pages
from products.models import Dossier, DossierDocument
from products.tests import bad_files as make
from products.tests.factories import DocumentFactory, DossierFactory


def put(dossier: Dossier, officer: Any, slot: str, name: str, content: bytes) -> DossierDocument:
    row = add_document(dossier, slot, SimpleUploadedFile(name, content), by=officer)
    tasks.read_stored_file(row.stored_id)
    return DossierDocument.objects.get(pk=row.pk)


def made(client: Client, dossier: Dossier, kind: str) -> bytes:
    """What the worker makes, asked for twice by the same person: one job."""
    url = reverse(f"products:{kind}", args=[dossier.pk])
    client.post(url)
    jobs.run(Job.objects.get(kind=kind).pk)
    client.post(url)
    job = Job.objects.get(kind=kind)
    assert (job.state, job.error) == ("done", "")
    with job.result.open("rb") as file:
        return file.read()


def texts(data: bytes) -> list[str]:
    drawn = pypdfium2.PdfDocument(data)
    try:
        return [page.get_textpage().get_text_range() for page in drawn]
    finally:
        drawn.close()


def test_whole_dossier_as_one_pdf(officer: Any, client_of: Any) -> None:
    dossier = DossierFactory(created_by=officer, product__name="Mắm tép")
    put(dossier, officer, "awards", "giải.jpg", make.picture())
    put(dossier, officer, "business_plan", "phương án.pdf", make.pdf(3))
    put(dossier, officer, "business_plan", "số.xlsx", make.office("xl/workbook.xml"))
    put(dossier, officer, "unsorted", "chưa xếp.pdf", make.pdf(2))

    data = made(client_of(officer), dossier, "dossier_bundle")

    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert len(pdf.pages) == 1 + 3 + 1 + 2
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == [
                "Mục lục",
                "Phương án, kế hoạch kinh doanh sản phẩm",
                "Giải thưởng, bình chọn",
                "Chưa xếp mục",
            ]
            assert [item.title for item in outline.root[1].children] == ["phương án.pdf"]
    pages = texts(data)
    assert "phương án.pdf" in pages[0]
    assert "Tệp riêng" in pages[0]
    for number, text in enumerate(pages, start=1):
        assert f"Hồ sơ Mắm tép (2021) – trang {number}/7" in " ".join(text.split())


def test_only_the_pages_of_a_range_are_bound(officer: Any, client_of: Any) -> None:
    dossier = DossierFactory(created_by=officer)
    scan = put(dossier, officer, "unsorted", "quét.pdf", make.pdf(9))
    assign_pages(scan, 2, 4, "business_plan", by=officer)
    assign_pages(scan, 5, 9, "awards", by=officer)
    assign_pages(scan, 1, 1, "awards", by=officer)

    data = made(client_of(officer), dossier, "dossier_bundle")

    assert len(texts(data)) == 1 + 3 + 5 + 1


class Elsewhere(FileSystemStorage):
    """Object storage as the portal sees it: contents by name, no path of this machine."""

    def _save(self, name: str, content: Any) -> str:
        target = Path(super().path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        content.seek(0)
        target.write_bytes(content.read())
        return name

    def _open(self, name: str, mode: str = "rb") -> File:
        return File(Path(super().path(name)).open(mode))

    def exists(self, name: str) -> bool:
        return Path(super().path(name)).exists()

    def path(self, name: str) -> str:
        raise NotImplementedError(name)


def test_files_in_object_storage_are_bound_too(
    officer: Any, client_of: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("file", "as_pdf", "thumbnail"):
        monkeypatch.setattr(
            StoredFile._meta.get_field(name), "storage", Elsewhere(location=str(tmp_path))
        )
    dossier = DossierFactory(created_by=officer)
    put(dossier, officer, "awards", "giải.jpg", make.picture())
    scan = put(dossier, officer, "unsorted", "quét.pdf", make.pdf(9))
    part = assign_pages(scan, 2, 4, "business_plan", by=officer)

    data = made(client_of(officer), dossier, "dossier_bundle")
    archive = made(client_of(officer), dossier, "dossier_zip")
    pages = client_of(officer).get(reverse("products:document_download", args=[part.pk]))

    assert len(texts(data)) == 1 + 3 + 1 + 9
    assert len(zipfile.ZipFile(io.BytesIO(archive)).namelist()) == 4
    assert len(texts(b"".join(pages.streaming_content))) == 3


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_the_number_stands_at_the_foot_as_the_page_is_read(turned: int) -> None:
    """Scanners turn pages by a note in the file, and their boxes need not begin at 0."""
    from products.page_stamps import stamp

    target = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(400, 600))
        page.MediaBox = [50, 70, 450, 670]
        page.Rotate = turned
        stamp(pdf, "Hồ sơ – trang")
        pdf.save(target)
    drawn = pypdfium2.PdfDocument(target.getvalue())
    picture = drawn[0].render(scale=1).to_pil().convert("L")
    drawn.close()

    width, height = picture.size
    ink = [(n % width, n // width) for n, value in enumerate(picture.tobytes()) if value < 128]
    assert {(width, height)} == {(600, 400) if turned % 180 else (400, 600)}
    assert ink
    assert min(x for x, _ in ink) > width - 140
    assert max(x for x, _ in ink) < width - 15
    assert min(y for _, y in ink) > height - 25


def test_a_page_that_leaves_its_drawing_open_is_stamped_upright() -> None:
    from products.page_stamps import stamp

    target = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(400, 600))
        page.Contents = pdf.make_stream(b"0.1 0 0 0.1 300 300 cm 1 0 0 rg")
        stamp(pdf, "Hồ sơ – trang")
        pdf.save(target)

    drawn = pypdfium2.PdfDocument(target.getvalue())
    picture = drawn[0].render(scale=1).to_pil().convert("L").crop((250, 575, 400, 600))
    drawn.close()
    assert min(picture.tobytes()) < 128


def test_stamps_of_many_pages_are_cheap() -> None:
    """The words are drawn once: a page costs its digits and no picture."""
    from products.page_stamps import stamp

    sizes = []
    for stamped in (False, True):
        target = io.BytesIO()
        with pikepdf.new() as pdf:
            for _ in range(300):
                pdf.add_blank_page()
            if stamped:
                stamp(pdf, "Hồ sơ của một sản phẩm – trang")
            pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        sizes.append(len(target.getvalue()))

    assert sizes[1] - sizes[0] < 300 * 400 + 40_000


def test_other_content_is_bound_anew(officer: Any, client_of: Any) -> None:
    dossier = DossierFactory(created_by=officer)
    url = reverse("products:dossier_bundle", args=[dossier.pk])
    client_of(officer).post(url)
    row = add_document(dossier, "awards", SimpleUploadedFile("a.pdf", make.pdf()), by=officer)
    client_of(officer).post(url)
    DossierDocument.objects.filter(pk=row.pk).update(valid_until=date(2022, 1, 1))
    client_of(officer).post(url)

    assert Job.objects.count() == 3


def test_a_file_that_cannot_be_read_does_not_stop_the_others(officer: Any) -> None:
    dossier = DossierFactory(created_by=officer)
    DocumentFactory(dossier=dossier, slot="business_plan")
    put(dossier, officer, "awards", "a.pdf", make.pdf(2))
    target = io.BytesIO()

    dossier_bundle.bind(dossier, target)

    assert len(texts(target.getvalue())) == 1 + 2


# --- Large dossiers -------------------------------------------------------------------------------

FILES, BYTES = 77, 800_000


def large_dossier(officer: Any) -> Dossier:
    """77 files, 62 MB in all, that cannot be compressed."""
    dossier = DossierFactory(created_by=officer)
    slots = [slot.code for slot in dossier.regulation.rules.documents if slot.is_file]
    for n in range(FILES):
        target = io.BytesIO()
        with pikepdf.new() as pdf:
            page = pdf.add_blank_page()
            drawing = pikepdf.Dictionary(X=pdf.make_stream(os.urandom(BYTES)))
            page.Resources = pikepdf.Dictionary(XObject=drawing)
            pdf.save(target)
        data = target.getvalue()
        stored = StoredFile(
            sha256=hashlib.sha256(data).hexdigest(), extension="pdf", size=len(data), pages=1
        )
        stored.file.save("", ContentFile(data), save=True)
        DocumentFactory(dossier=dossier, slot=slots[n % len(slots)], stored=stored)
    return dossier


def peak_of(work: Any) -> int:
    """How many bytes the process grows by at most while it works."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    work()
    return _status("VmHWM") - before


def _status(name: str) -> int:
    text = Path("/proc/self/status").read_text()
    found = re.search(rf"{name}:\s+(\d+) kB", text)
    assert found
    return int(found[1]) * 1024


def test_memory_stays_small_for_a_large_dossier(officer: Any, tmp_path: Path) -> None:
    dossier = large_dossier(officer)
    # What drawing the first document loads is not what grows.
    dossier_bundle.bind(DossierFactory(created_by=officer), io.BytesIO())
    targets = {"pdf": tmp_path / "a.pdf", "zip": tmp_path / "a.zip"}
    peaks = {}

    for name, make_it in {"pdf": dossier_bundle.bind, "zip": dossier_zip.pack}.items():
        with targets[name].open("w+b") as target:
            peaks[name] = peak_of(lambda make_it=make_it, target=target: make_it(dossier, target))

    assert {name: path.stat().st_size > FILES * BYTES for name, path in targets.items()} == {
        "pdf": True,
        "zip": True,
    }
    assert {name: peak < 25 * 1024**2 for name, peak in peaks.items()} == {
        "pdf": True,
        "zip": True,
    }, peaks
    with pikepdf.open(targets["pdf"]) as pdf:
        assert len(pdf.pages) > FILES


# --- ZIP ------------------------------------------------------------------------------------------


def test_whole_dossier_as_a_zip(officer: Any, client_of: Any) -> None:
    dossier = DossierFactory(created_by=officer)
    plan = put(dossier, officer, "business_plan", "phương án.pdf", make.pdf(3))
    prize = put(dossier, officer, "awards", "=1+1 giải.jpg", make.picture())
    film = put(dossier, officer, "product_story", "phim.mp4", make.film())
    DossierDocument.objects.filter(pk=prize.pk).update(
        number="12/GK", issued_on=date(2021, 3, 4), valid_until=date(2022, 3, 4)
    )

    data = made(client_of(officer), dossier, "dossier_zip")

    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
    paths = [
        "02 Phương án, kế hoạch kinh doanh sản phẩm/01 phương án.pdf",
        "16 Câu chuyện về sản phẩm/01 phim.mp4",
        "18 Giải thưởng, bình chọn/01 =1+1 giải.jpg",
    ]
    assert archive.namelist() == [*paths, "00 Mục lục.xlsx"]
    for path, row in zip(paths, [plan, film, prize], strict=True):
        assert hashlib.sha256(archive.read(path)).hexdigest() == row.sha256
    sheet = openpyxl.load_workbook(io.BytesIO(archive.read("00 Mục lục.xlsx"))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][:3] == ["Mục", "Tệp", "Số trang"]
    assert rows[3] == [
        "Giải thưởng, bình chọn",
        paths[2],
        1,
        "12/GK",
        rows[3][4],
        rows[3][5],
        prize.size,
        prize.sha256,
    ]
    assert [rows[3][4].date(), rows[3][5].date()] == [date(2021, 3, 4), date(2022, 3, 4)]


def test_a_range_is_packed_as_its_pages(officer: Any) -> None:
    dossier = DossierFactory(created_by=officer)
    scan = put(dossier, officer, "unsorted", "quét.pdf", make.pdf(9))
    assign_pages(scan, 2, 4, "awards", by=officer)
    target = io.BytesIO()

    dossier_zip.pack(dossier, target)

    archive = zipfile.ZipFile(target)
    path = "18 Giải thưởng, bình chọn/01 quét (trang 2–4).pdf"
    assert len(texts(archive.read(path))) == 3
    sheet = openpyxl.load_workbook(io.BytesIO(archive.read("00 Mục lục.xlsx"))).active
    assert sheet.cell(2, 8).value == hashlib.sha256(archive.read(path)).hexdigest()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "etc passwd"),
        ("C:\\x\\y.pdf", "C x y.pdf"),
        ("/abs.pdf", "abs.pdf"),
        (unicodedata.normalize("NFD", "Giấy phép.pdf"), "Giấy phép.pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ("  .. ", "tep"),
        ("x" * 300 + ".pdf", "x" * 86 + ".pdf"),
        ("giấy. ", "giấy"),
        ("a<b>:c?.pdf", "a b c.pdf"),
    ],
)
def test_f5_names_in_the_archive_lead_nowhere(name: str, safe: str) -> None:
    assert dossier_zip.safe_name(name) == safe


def test_two_files_of_one_name_are_both_packed(officer: Any) -> None:
    dossier = DossierFactory(created_by=officer)
    put(dossier, officer, "awards", "a.pdf", make.pdf(1))
    put(dossier, officer, "awards", "a.pdf", make.pdf(2))
    target = io.BytesIO()

    dossier_zip.pack(dossier, target)

    names = zipfile.ZipFile(target).namelist()
    assert [name.partition("/")[2] for name in names[:2]] == ["01 a.pdf", "02 a.pdf"]
