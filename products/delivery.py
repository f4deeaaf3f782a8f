"""Handing out a document of a dossier: just its pages, written into the log of its producer."""

from django.http import FileResponse, HttpRequest

from ocop_portal.file_access import admit
from ocop_portal.models import StoredFile
from products.models import DossierDocument

# What a browser shows by itself.
READABLE: dict[str, str] = {
    StoredFile.Kind.PDF: "application/pdf",
    StoredFile.Kind.JPEG: "image/jpeg",
    StoredFile.Kind.PNG: "image/png",
}


def deliver_document(
    request: HttpRequest, document: DossierDocument, *, to_read: bool = False
) -> FileResponse:
    """The file, or its pages that count: as a download, or `to_read` in the browser where it is
    `READABLE`. `document` comes with its file and with product and producer. Raises `Refused` and
    `ReasonNeeded` as `admit` does.
    """
    from products.page_slices import content_of

    name = document.original_name
    admit(request, document.stored, name=name, subject=document.dossier.product.owner_of_data)
    content = content_of(document)
    if to_read:
        return FileResponse(content, content_type=READABLE[document.extension], filename=name)
    return FileResponse(content, as_attachment=True, filename=name)
