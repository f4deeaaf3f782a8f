"""Pages of PDFs as files of their own."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import pikepdf

from ocop_portal.files import local_path
from products.models import DossierDocument

# A file, and the pages of it from 1 and both included; None for all of them.
Place = tuple[str, int | None, int | None]


def copy_pages(places: Sequence[Place], target: Path) -> None:
    """Write a PDF of the pages, in this order.

    Bookmarks and links to other pages stay behind, and with them everything that they would have
    kept in the file. qpdf copies from file to file: pikepdf's own way keeps all contents in memory.
    """
    pages = [
        {"file": path, **({"range": f"{first}-{last}"} if first and last else {})}
        for path, first, last in places
    ]
    work = {"empty": "", "pages": pages, "outputFile": str(target), "warningExit0": ""}
    pikepdf.Job(work).run()


def content_of(document: DossierDocument) -> BinaryIO:
    """The content that counts, for the caller to close: the file, or a new PDF of just the
    document's pages.
    """
    if not (document.first_page and document.last_page):
        return document.file.open("rb")  # type: ignore[return-value]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "pages.pdf"
        source = str(local_path(document.file, Path(folder)))
        copy_pages([(source, document.first_page, document.last_page)], target)
        # Its name goes with the folder, its bytes when it is closed.
        return target.open("rb")
