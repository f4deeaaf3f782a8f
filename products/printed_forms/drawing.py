"""A filled form as a file: PDF by WeasyPrint, DOCX by python-docx, both from the same blocks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string

from ocop_portal.documents import html_to_pdf
from products.printed_forms.filling import FilledForm


@dataclass(frozen=True)
class FileType:
    """A kind of file that a form is printed as; `draw` gives the same bytes for the same form."""

    extension: str
    label: str
    content_type: str
    draw: Callable[[FilledForm], bytes]


def pdf(filled: FilledForm) -> bytes:
    """The form as a tagged PDF on A4."""
    return html_to_pdf(render_to_string("products/pdf/form.html", {"filled": filled}))


def docx(filled: FilledForm) -> bytes:
    """The form as a Word document on A4."""
    from products.printed_forms.word import draw

    return draw(filled)


TYPES: Mapping[str, FileType] = {
    one.extension: one
    for one in (
        FileType("pdf", "PDF", "application/pdf", pdf),
        FileType(
            "docx",
            "Word",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            docx,
        ),
    )
}
