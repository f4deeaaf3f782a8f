"""The PDF engine reads nothing but our own drawings, and draws the same thing twice."""

import base64
import hashlib
import io
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from pypdf import PdfReader

from ocop_portal import documents
from ocop_portal.documents import PDF_FOLDER, PageCountError, html_to_pdf, project_file, qr_svg

A4 = (595.28, 841.89)


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def paper(pdf: bytes) -> list[tuple[float, float]]:
    """The size of every page in points."""
    boxes = [page.mediabox for page in read(pdf).pages]
    return [(round(float(box.width), 2), round(float(box.height), 2)) for box in boxes]


def page_of(body: str, head: str = "") -> str:
    return f"<!doctype html><html lang='vi'><head>{head}</head><body>{body}</body></html>"


@contextmanager
def web_server() -> Iterator[tuple[str, list[str]]]:
    """A web server on this machine: its address and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"secret")

        def log_message(self, *_arguments: object) -> None:
            """Say nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def loopback() -> Iterator[tuple[str, list[str]]]:
    with web_server() as server:
        yield server


# --- Fetching -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hostile",
    [
        "<img src='{url}'>",
        "<link rel=stylesheet href='{url}'>",
        "<link rel=attachment href='{url}'>",
        "<a rel=attachment href='{url}'>x</a>",
        "<style>@import url({url});</style>",
        "<style>@font-face {{ font-family: F; src: url({url}) }} p {{ font-family: F }}</style>",
        "<style>body {{ background: url({url}) }}</style>",
        "<style>@page {{ background: url({url}) }}</style>",
        "<p style='list-style-image: url({url}); display: list-item'>x</p>",
        "<base href='{url}'><img src=certificate-divider.svg>",
        "<object data='{url}'></object>",
        "<embed src='{url}'>",
        "<svg width=9 height=9><image href='{url}' width=9 height=9 /></svg>",
        "<svg width=9 height=9><use href='{url}#a' /></svg>",
        "<img src='data:image/svg+xml;base64,{svg}'>",
    ],
)
@pytest.mark.parametrize("target", ["http", "file"])
def test_c9_nothing_outside_is_fetched_or_embedded(hostile, target, loopback, tmp_path):
    address, asked = loopback
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    url = f"{address}/leak" if target == "http" else secret.as_uri()
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg'><image href='{url}' width='9' height='9'/></svg>"
    )
    body = hostile.format(url=url, svg=base64.b64encode(svg.encode()).decode())

    pdf = html_to_pdf(page_of(f"<p>Chè Ba Vì</p>{body}"))

    assert asked == []
    assert dict(read(pdf).attachments) == {}
    assert b"/EmbeddedFile" not in pdf
    assert paper(pdf) == [A4]
    assert "Chè Ba Vì" in read(pdf).pages[0].extract_text()


def test_c9_a_file_of_the_machine_is_refused_and_logged(caplog):
    with caplog.at_level(logging.ERROR, logger="weasyprint"):
        html_to_pdf(page_of("<img src='file:///etc/passwd'>"))

    assert "not a file of the document: file:///etc/passwd" in caplog.text


def test_c9_a_data_attachment_is_not_embedded():
    pdf = html_to_pdf(page_of("<p>x</p>", head="<link rel=attachment href='data:,secret'>"))

    assert dict(read(pdf).attachments) == {}


def test_c9_an_oversized_data_address_is_left_out(caplog):
    bomb = "data:image/svg+xml," + "x" * documents.DATA_URL_MAX_LENGTH

    with caplog.at_level(logging.ERROR, logger="weasyprint"):
        pdf = html_to_pdf(page_of(f"<img src='{bomb}'>"))

    assert "not allowed in a document: data:image/svg+xml" in caplog.text
    assert paper(pdf) == [A4]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        f"{PDF_FOLDER.as_uri()}/../img/mark.svg",
        f"{PDF_FOLDER.as_uri()}/%2e%2e/%2e%2e/manage.py",
        f"{PDF_FOLDER.as_uri()}-other/secret.svg",
        f"file://attacker{PDF_FOLDER}/certificate-divider.svg",
        PDF_FOLDER.as_uri(),
        f"{PDF_FOLDER.as_uri()}/missing.svg",
    ],
)
def test_c9_only_files_of_the_folder_are_read(url):
    with pytest.raises(ValueError, match="not a file of the document"):
        project_file(url, PDF_FOLDER)


def test_c9_a_link_out_of_the_folder_is_not_followed(tmp_path):
    folder = tmp_path / "pdf"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")

    with pytest.raises(ValueError, match="not a file of the document"):
        project_file((folder / "link.txt").as_uri(), folder)


def test_a_style_sheet_of_the_folder_is_read():
    assert project_file(f"{PDF_FOLDER.as_uri()}/decree30.css", PDF_FOLDER).name == "decree30.css"


# --- The same bytes -----------------------------------------------------------------------------


def test_c7_the_same_html_gives_the_same_bytes():
    html = page_of("<p>Gốm sứ Bát Tràng</p>" + qr_svg("https://example.vn/1"))

    first = html_to_pdf(html)
    html_to_pdf(page_of("<p><b>Tranh thêu</b> <i>Quất Động</i></p>"))

    assert html_to_pdf(html) == first


def test_c7_another_process_gives_the_same_bytes():
    html = page_of("<p>Gốm sứ <b>Bát Tràng</b></p>")
    program = (
        "import hashlib, sys; from pathlib import Path; from django.conf import settings;"
        "settings.configure(BASE_DIR=Path(sys.argv[1]));"
        "from ocop_portal.documents import html_to_pdf;"
        "print(hashlib.sha256(html_to_pdf(sys.argv[2])).hexdigest())"
    )

    result = subprocess.run(
        [sys.executable, "-c", program, str(settings.BASE_DIR), html],
        capture_output=True,
        check=True,
        cwd=settings.BASE_DIR,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "America/Lima"},
        text=True,
    )

    assert result.stdout.strip() == hashlib.sha256(html_to_pdf(html)).hexdigest()


def test_several_threads_draw_at_once():
    html = page_of("<p>Gốm sứ Bát Tràng</p>")
    drawn: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: drawn.append(html_to_pdf(html))) for _number in range(4)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert drawn == [html_to_pdf(html)] * 4


# --- Pages and backgrounds ----------------------------------------------------------------------

TWO_PAGES = page_of("<p>một</p><p style='break-before: page'>hai</p>")


def test_another_number_of_pages_is_refused():
    assert len(read(html_to_pdf(TWO_PAGES, pages=2)).pages) == 2
    with pytest.raises(PageCountError, match="2 pages instead of 1"):
        html_to_pdf(TWO_PAGES, pages=1)


def test_a_background_is_kept_once_for_all_pages():
    one = html_to_pdf(page_of("<p>một</p>"), backgrounds=["certificate-frame.svg"])
    two = html_to_pdf(TWO_PAGES, backgrounds=["certificate-frame.svg"] * 2)

    assert len(read(two).pages) == 2
    assert len(two) < len(one) * 1.2
    assert two.count(b"/background0 Do") == 1
    assert "hai" in read(two).pages[1].extract_text()


def test_one_background_for_each_page_is_required():
    with pytest.raises(PageCountError, match="2 pages instead of 1"):
        html_to_pdf(TWO_PAGES, backgrounds=["certificate-frame.svg"])


@pytest.mark.parametrize(
    "drawing",
    [
        "<text x='1' y='9'>chữ</text>",
        "<path d='M0 0h9v9z' opacity='.5'/>",
        "<linearGradient id='g'><stop stop-color='red'/><stop offset='1' stop-color='blue'/>"
        "</linearGradient><path d='M0 0h9v9z' fill='url(#g)'/>",
        "",
    ],
)
def test_a_background_of_more_than_plain_lines_is_refused(drawing, tmp_path):
    (tmp_path / "drawing.svg").write_text(
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'>{drawing}</svg>"
    )

    with pytest.raises(ValueError, match="not a drawing of plain lines"):
        html_to_pdf(page_of("<p>x</p>"), folder=tmp_path, backgrounds=["drawing.svg"])


def test_the_missing_library_is_logged_once(caplog, monkeypatch):
    from weasyprint.text import ffi

    monkeypatch.setattr(ffi, "harfbuzz_subset", None)
    documents._weasyprint.cache_clear()

    with caplog.at_level(logging.WARNING, logger="ocop_portal.documents"):
        documents._weasyprint()
        documents._weasyprint()

    assert caplog.messages == [
        "libharfbuzz-subset0 is not installed: documents take 3 times as long"
    ]


# --- QR codes -----------------------------------------------------------------------------------


def test_a_qr_code_is_vector_markup_without_the_text():
    svg = qr_svg("https://example.vn/?a=1&b=<script>", title="Mã <QR>")

    assert svg.startswith("<svg ")
    assert svg.endswith("</svg>")
    assert "script" not in svg
    assert "example" not in svg
    assert "<?xml" not in svg
    assert "<title>Mã &lt;QR&gt;</title>" in svg


# --- Administrative documents -------------------------------------------------------------------


def test_a_decree_30_document_has_its_form():
    html = render_to_string("pdf/decree30.html").replace(
        '<div class="body">', '<div class="body">' + "<p>Nội dung kiểm tra.</p>" * 120
    )

    pages = read(html_to_pdf(html)).pages

    first, second = pages[0].extract_text(), pages[1].extract_text()
    assert paper(html_to_pdf(html)) == [A4] * len(pages)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in first
    assert "Độc lập - Tự do - Hạnh phúc" in first
    assert first.split()[-1] != "1"
    assert second.split()[-1] == "2"


def test_every_drawing_is_small():
    sizes = {path.name: path.stat().st_size for path in Path(PDF_FOLDER).glob("*.svg")}

    assert [name for name, size in sizes.items() if size > 60_000] == []
