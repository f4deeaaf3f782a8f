"""Handing out a document of a dossier: just its pages, written into the log of its producer."""

from django.http import FileResponse, HttpRequest

from ocop_portal.file_access import admit
from products.models import DossierDocument


def deliver_document(request: HttpRequest, document: DossierDocument) -> FileResponse:
    """The file, or its pages that count, as a download. `document` comes with its file and with
    product and producer. Raises `Refused` and `ReasonNeeded` as `admit` does.
    """
    name = document.original_name
    admit(request, document.stored, name=name, subject=document.dossier.product.owner_of_data)
    from products.page_slices import content_of

    return FileResponse(content_of(document), as_attachment=True, filename=name)
