"""PDF documents: HTML that our templates wrote becomes pages, and nothing else is ever read.

Every document of the portal is drawn by `html_to_pdf`. Style sheets and drawings come from
static/pdf/; the network and all other files are refused (abuse cases C8, C9). The same HTML
gives the same bytes, so that a document can be compared by its SHA-256 (abuse case C7).
"""

import io
import logging
import mimetypes
import threading
import warnings
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import segno
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

logger = logging.getLogger(__name__)

PDF_FOLDER = Path(settings.BASE_DIR) / "static" / "pdf"
# The longest `data:` address that is decoded: no document of ours needs one near this size.
DATA_URL_MAX_LENGTH = 256 * 1024

# Pango's font map, which all documents of a process share, serves one thread at a time.
_drawing = threading.Lock()


class DocumentDoesNotFit(ValueError):
    """A document came out with another number of pages than its design has."""


def html_to_pdf(html: str, *, folder: Path = PDF_FOLDER, pages: int | None = None) -> bytes:
    """Draw `html` as a tagged PDF; its relative addresses name files in `folder`.

    What the document asks for outside `folder` is left out and logged.
    Raises `DocumentDoesNotFit` if `pages` is given and the document has another number of pages.
    """
    weasyprint = _weasyprint()
    with _drawing:
        source = weasyprint.HTML(
            string=html, base_url=f"{folder.as_uri()}/", url_fetcher=_fetcher(folder)
        )
        _drop_attachments(source.etree_element)
        document = source.render(font_config=_fonts())
        if pages is not None and len(document.pages) != pages:
            raise DocumentDoesNotFit(f"{len(document.pages)} pages instead of {pages}")
        return document.write_pdf(pdf_tags=True)


def qr_svg(text: str) -> SafeString:
    """`text` as a QR code to put inside HTML: vectors, error correction M, quiet zone of 4.

    Raises `segno.DataOverflowError` for a text that no QR code can hold.
    """
    code = segno.make_qr(text, error="m", boost_error=False)
    svg = io.BytesIO()
    code.save(
        svg, kind="svg", xmldecl=False, nl=False, omitsize=True, border=4, dark="#000", light="#fff"
    )
    # The text becomes dark and light squares: none of its characters is in the markup.
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
