"""PDF documents: HTML that our templates wrote becomes pages, and nothing else is ever read.

Every document of the portal is drawn by `html_to_pdf`. Style sheets and drawings come from
static/pdf/; the network and all other files are refused (abuse cases C8, C9). The same HTML
gives the same bytes, so that a document can be compared by its SHA-256 (abuse case C7).
"""

import io
import logging
import mimetypes
import re
import threading
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import segno
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

logger = logging.getLogger(__name__)

PDF_FOLDER = Path(settings.BASE_DIR) / "static" / "pdf"
# The longest `data:` address that is decoded: no document of ours needs one near this size.
DATA_URL_MAX_LENGTH = 256 * 1024

# Pango's font map, which all documents of a process share, serves one thread at a time.
_drawing = threading.Lock()


class PageCountError(ValueError):
    """A document came out with another number of pages than its design has."""


def html_to_pdf(
    html: str,
    *,
    folder: Path = PDF_FOLDER,
    pages: int | None = None,
    backgrounds: Sequence[str] = (),
) -> bytes:
    """Draw `html` as a tagged PDF; its relative addresses name files in `folder`.

    What the document asks for outside `folder` is left out and logged. `backgrounds` names an SVG
    drawing in `folder` for each page, as large as the page: it is kept once for all pages, which
    is three times as fast as a CSS background and far smaller.
    Raises `PageCountError` if the document has not the number of `pages` that its caller expects,
    or not one for each of `backgrounds`.
    """
    expected = len(backgrounds) or pages
    with _drawing:
        document = _render(html, folder)
        if expected is not None and len(document.pages) != expected:
            raise PageCountError(f"{len(document.pages)} pages instead of {expected}")
        drawings = [
            _background(folder, name, page.width, page.height)
            for name, page in zip(backgrounds, document.pages, strict=bool(backgrounds))
        ]
        return document.write_pdf(
            pdf_tags=True, finisher=lambda _document, pdf: _lay_under(pdf, drawings)
        )


def _render(html: str, folder: Path) -> Any:
    """The pages of `html`, with the safe fetcher and without attachments."""
    source = _weasyprint().HTML(
        string=html, base_url=f"{folder.as_uri()}/", url_fetcher=_fetcher(folder)
    )
    _drop_attachments(source.etree_element)
    return source.render(font_config=_fonts())


def qr_svg(text: str, *, title: str = "Mã QR") -> SafeString:
    """`text` as a QR code to put inside HTML: vectors, error correction M, quiet zone of 4.

    `title` is what people hear who cannot see the code.
    Raises `segno.DataOverflowError` for a text that no QR code can hold.
    """
    code = segno.make_qr(text, error="m", boost_error=False)
    svg = io.BytesIO()
    code.save(
        svg,
        kind="svg",
        title=title,
        xmldecl=False,
        nl=False,
        omitsize=True,
        border=4,
        dark="#000",
        light="#fff",
    )
    # The text becomes dark and light squares, none of its letters is in the markup; segno
    # escapes the title.
    return mark_safe(svg.getvalue().decode())  # noqa: S308


@cache
def _weasyprint() -> Any:
    """WeasyPrint, imported when the first document is drawn: it takes most of a second."""
    with warnings.catch_warnings():
        # It warns about the missing library by itself, but in words for programmers.
        warnings.filterwarnings("ignore", message="HarfBuzz-Subset", category=DeprecationWarning)
        import weasyprint
        from weasyprint.text import ffi

    if not ffi.harfbuzz_subset:
        logger.warning("libharfbuzz-subset0 is not installed: documents take 3 times as long")
    return weasyprint


@cache
def _fonts() -> Any:
    """The fonts of the system, looked up once for all documents of this process."""
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@cache
def _fetcher(folder: Path) -> Any:
    """What may be fetched: short `data:` addresses and files in `folder`.

    The class is made here because its parent comes with WeasyPrint.
    """
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class ProjectFetcher(URLFetcher):
        """Refuses with `ValueError`, which leaves out the one resource and draws the rest."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            scheme = urlsplit(url).scheme
            if scheme == "file":
                path = project_file(url, folder)
                kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
                return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})
            if scheme == "data" and len(url) <= DATA_URL_MAX_LENGTH:
                return super().fetch(url, headers)
            raise ValueError(f"not allowed in a document: {url[:80]}")

    return ProjectFetcher(allowed_protocols=["data"])


def project_file(url: str, folder: Path) -> Path:
    """The file in `folder` that a file: address names; raises `ValueError` for any other."""
    parts = urlsplit(url)
    # Links and ".." are followed before the comparison.
    path = Path(unquote(parts.path)).resolve()
    if parts.netloc or not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise ValueError(f"not a file of the document: {url[:80]}")
    return path


def _drop_attachments(root: Any) -> None:
    """Take `rel` off every link: an attachment would carry files and the time of drawing."""
    for element in root.iter():
        if "attachment" in (element.get("rel") or "").lower():
            del element.attrib["rel"]


# --- Backgrounds: drawn once in a process, kept once in a document ------------------------------


@dataclass(frozen=True)
class Background:
    """A drawing as PDF operators, deflated, for a page of this size in points."""

    deflated: bytes
    box: tuple[float, ...]


@cache
def _background(folder: Path, name: str, width: float, height: float) -> Background:
    """The SVG file `name` over a whole page of this size in CSS pixels.

    Raises `ValueError` unless it is drawn with lines and plain colours alone: anything else
    (letters, pictures, transparency) would need more than its operators.
    """
    html = format_html(
        "<style>@page{{size:{0}px {1}px;margin:0}} body{{margin:0}} "
        "img{{display:block;width:{0}px;height:{1}px}}</style><img src={2}>",
        width,
        height,
        name,
    )
    found: list[Background] = []

    def read(_document: Any, pdf: Any) -> None:
        page = _page_objects(pdf)[0]
        operators = FULLY_OPAQUE.sub(b"", _operators(_object(pdf, page["Contents"])))
        if NOT_PLAIN.search(operators) or not LINES.search(operators):
            raise ValueError(f"not a drawing of plain lines: {name}")
        found.append(Background(zlib.compress(operators, 9), tuple(page["MediaBox"])))

    _render(html, folder).write_pdf(finisher=read)
    return found[0]


FULLY_OPAQUE = re.compile(rb"^/[aA]1(\.0)? gs\n", re.MULTILINE)
# Operators that name a resource: transparency, pictures, patterns, gradients, letters.
NOT_PLAIN = re.compile(rb" (gs|Do|scn|SCN|Tf)$|^sh$| sh$", re.MULTILINE)
# Operators that fill or stroke: a missing or broken drawing has none.
LINES = re.compile(rb"^(S|s|f\*?|B\*?|b\*?)$", re.MULTILINE)


def _lay_under(pdf: Any, drawings: Sequence[Background]) -> None:
    """Draw `drawings`, one for each page, under what the pages show.

    For a screen reader they are ornament, not content.
    """
    import pydyf

    calls: dict[Background, Any] = {}
    for page, drawing in zip(_page_objects(pdf), drawings, strict=bool(drawings)):
        if drawing not in calls:
            name = f"background{len(calls)}"
            extra = {
                "Type": "/XObject",
                "Subtype": "/Form",
                "BBox": pydyf.Array(drawing.box),
                "Filter": "/FlateDecode",
            }
            form = pydyf.Stream([drawing.deflated], extra)
            calls[drawing] = pydyf.Stream([f"/Artifact BMC q /{name} Do Q EMC".encode()])
            pdf.add_object(form)
            pdf.add_object(calls[drawing])
            _object(pdf, page["Resources"])["XObject"][name] = form.reference
        page["Contents"] = pydyf.Array([calls[drawing].reference, page["Contents"]])


def _page_objects(pdf: Any) -> list[Any]:
    return [_object(pdf, reference) for reference in pdf.page_references]


def _object(pdf: Any, reference: bytes) -> Any:
    """The object that a reference like `b"7 0 R"` means."""
    return pdf.objects[int(reference.split()[0])]


def _operators(stream: Any) -> bytes:
    return b"\n".join(
        part if isinstance(part, bytes) else str(part).encode() for part in stream.stream
    )
