"""Files of a dossier: their small pictures, what is known of them, their versions."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from ocop_portal.file_access import note, refuse_unclean
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products import dossier_bundle as dossier_bundle_file
from products import dossier_zip as dossier_zip_file
from products.actions.documents import replace_document, restore_document
from products.models import Dossier, DossierDocument


@require_safe
@requires("products.see_dossiers")
def document_thumbnail(request: HttpRequest, pk: int) -> FileResponse:
    """The first page as a small picture that the worker drew; never the uploaded bytes."""
    thumbnail = _document(request, pk).stored.thumbnail
    if not thumbnail:
        raise Http404
    return FileResponse(thumbnail.open("rb"), content_type="image/png")


@require_safe
@requires("products.see_dossiers")
def document_facts(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of a file: asked again while the worker has not read it."""
    context = {"document": _document(request, pk)}
    return render(request, "products/_document_facts.html", context)


@require_POST
@requires("products.prepare_dossier")
def document_replace(request: HttpRequest, pk: int) -> HttpResponse:
    document = _document(request, pk)
    upload = request.FILES.get("file")
    if upload is None:
        raise Refused.because("no_file", "Chưa chọn tệp nào.")
    replace_document(document, upload, by=request.user)
    messages.success(request, "Đã thay bằng bản mới; bản cũ vẫn xem lại được.")
    return redirect(f"{document.dossier.get_absolute_url()}#muc-{document.slot}")


@require_POST
@requires("products.prepare_dossier")
def document_restore(request: HttpRequest, pk: int) -> HttpResponse:
    document = restore_document(_document(request, pk), by=request.user)
    messages.success(request, "Đã đưa tệp trở lại hồ sơ.")
    return redirect(f"{document.dossier.get_absolute_url()}#muc-{document.slot}")


@require_POST
@requires("products.see_dossiers")
def dossier_bundle(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the worker bind the whole dossier; its page shows the bar and the result."""
    dossier = _whole(request, pk)
    return redirect(dossier_bundle_file.start(dossier, by=request.user))


@require_POST
@requires("products.see_dossiers")
def dossier_zip(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the worker pack the files of the whole dossier; its page shows the bar and the result."""
    dossier = _whole(request, pk)
    return redirect(dossier_zip_file.start(dossier, by=request.user))


def _whole(request: HttpRequest, pk: int) -> Dossier:
    """A dossier of which the person may have every file at once."""
    rows = Dossier.objects.visible_to(request.user).select_related("product__producer")
    dossier = get_object_or_404(rows, pk=pk)
    for document in dossier.documents.current().select_related("stored"):
        refuse_unclean(document.stored, document.original_name)
    note(request, subject=dossier.product.owner_of_data, what=f"Cả hồ sơ {dossier}")
    return dossier


def _document(request: HttpRequest, pk: int) -> DossierDocument:
    rows = DossierDocument.objects.select_related("stored", "uploaded_by", "dossier__product__unit")
    visible = Dossier.objects.visible_to(request.user).values("pk")
    return get_object_or_404(rows, pk=pk, dossier__in=visible)
