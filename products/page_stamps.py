"""The numbers at the foot of a bound dossier's pages: “Hồ sơ … – trang 12/345”.

The words are drawn once and shared by all pages; a page adds only its digits, in a font that every
reader has. So hundreds of pages cost a few kilobytes and no drawing.
"""

import io
from typing import Any

import pikepdf
from django.template.loader import render_to_string
from pikepdf import Name

from ocop_portal.documents import html_to_pdf

# Points. The words' drawing is as wide as its page in templates/products/pdf/page_stamp.html.
WORDS_WIDTH, WORDS_HEIGHT = 420, 12
FROM_RIGHT, FROM_BOTTOM = 22, 8
# Where the words stand in their drawing.
BASELINE = FROM_BOTTOM + 3.7
SIZE = 8
# Of Times, for one point of size.
DIGIT, SLASH = 0.5, 0.278

WORDS, DIGITS = Name("/OcopStampWords"), Name("/OcopStampDigits")


def stamp(pdf: pikepdf.Pdf, words: str) -> None:
    """Write `words` and the number of the page, of all pages, at the foot of every page.

    What the page draws is closed in itself first; rotated pages are stamped as they are read.
    """
    html = render_to_string("products/pdf/page_stamp.html", {"words": words})
    with pikepdf.open(io.BytesIO(html_to_pdf(html, pages=1))) as drawn:
        form = pdf.copy_foreign(drawn.pages[0].as_form_xobject())
    font = pdf.make_indirect(
        pikepdf.Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/Times-Roman"))
    )
    begin = pdf.make_stream(b"q\n")
    total = len(pdf.pages)
    for number, page in enumerate(pdf.pages, start=1):
        page.add_resource(form, Name.XObject, WORDS)
        page.add_resource(font, Name.Font, DIGITS)
        page.contents_add(begin, prepend=True)
        page.contents_add(_drawing(page, f"{number}/{total}"))


def _drawing(page: pikepdf.Page, digits: str) -> bytes:
    """What a page draws of the stamp, its digits right-aligned on a strip of white."""
    matrix, width = _upright(page)
    room = SIZE * (DIGIT * (len(digits) - 1) + SLASH)
    left = width - FROM_RIGHT - room
    return (
        f"\nQ q {matrix} cm\n"
        f"q 1 0 0 1 {left - 2 - WORDS_WIDTH:.2f} {FROM_BOTTOM} cm {WORDS} Do Q\n"
        f"1 g {left - 1:.2f} {FROM_BOTTOM} {room + 3:.2f} {WORDS_HEIGHT} re f\n"
        f"0.2 g BT {DIGITS} {SIZE} Tf 1 0 0 1 {left:.2f} {BASELINE} Tm ({digits}) Tj ET Q\n"
    ).encode()


def _upright(page: pikepdf.Page) -> tuple[str, float]:
    """The matrix from the page as it is read, with its lower left corner at 0, and its width."""
    x0, y0, x1, y1 = (float(edge) for edge in _corners(page.cropbox))
    turned = int(page.obj.get(Name.Rotate, 0)) % 360
    matrices = {
        0: (1, 0, 0, 1, x0, y0),
        90: (0, 1, -1, 0, x1, y0),
        180: (-1, 0, 0, -1, x1, y1),
        270: (0, -1, 1, 0, x0, y1),
    }
    matrix = " ".join(f"{number:g}" for number in matrices.get(turned, matrices[0]))
    return matrix, (y1 - y0 if turned in {90, 270} else x1 - x0)


def _corners(box: Any) -> tuple[Any, Any, Any, Any]:
    """Lower left and upper right, whichever corners the file names."""
    a, b, c, d = box
    return min(a, c), min(b, d), max(a, c), max(b, d)
