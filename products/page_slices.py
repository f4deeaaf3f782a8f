"""Some pages of a PDF as a file of their own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import pikepdf

from products.models import DossierDocument


@contextmanager
def opened(document: DossierDocument) -> Iterator[Any]:
    """The content that counts: the file, or a new PDF of just the document's pages."""
    with document.file.open("rb") as content:
        if document.first_page and document.last_page:
            with sliced(content, document.first_page, document.last_page) as pages:
                yield pages
        else:
            yield content


def sliced(content: Any, first: int, last: int) -> BinaryIO:
    """A temporary file with pages `first` to `last`, from 1 and both included.

    Pages are copied out, not deleted around: bookmarks and links to other pages stay behind, and
    with them everything that they would have kept in the file.
    """
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    with pikepdf.open(content) as whole, pikepdf.new() as part:
        part.pages.extend(whole.pages[first - 1 : last])
        part.save(target)
    target.seek(0)
    return target
