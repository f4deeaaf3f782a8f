"""The pages of one scanned file: seen small, chosen by ranges, put into slots."""

from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocop_portal.fragments import wants_fragment
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products import page_pictures
from products.actions.dossiers import remove_document
from products.actions.pages import assign_pages, assigned_parts, pages_left
from products.completeness import slots_of
from products.forms import PagesForm
from products.models import Dossier, DossierDocument
from products.uploads import UNSORTED_SLOT
from regulations.rules import DocumentKind


@require_http_methods(["GET", "HEAD", "POST"])
@requires("products.prepare_dossier")
def document_pages(request: HttpRequest, pk: int) -> HttpResponse:
    """All pages of a file and what was made of them; a chosen range goes into a slot."""
    document = _document(request, pk)
    if document.removed_at or document.replaced_by_id:
        return redirect(f"{document.dossier.get_absolute_url()}#chua-xep")
    if wants_fragment(request):
        return _batch(request, document)
    slots = [slot for slot in slots_of(document.dossier) if slot.is_file]
    parts = assigned_parts(document)
    if "take_out" in request.POST:
        return _take_out(request, document, parts)
    left = pages_left(document.stored.pages or 0, parts)
    initial = {"first": left[0][0], "last": left[0][1]} if left else {}
    form = PagesForm(request.POST or None, slots=slots, initial=initial)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            part = assign_pages(document, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status_code
        else:
            messages.success(request, f"Đã xếp “{part}”.")
            return redirect("products:document_pages", pk=pk)
    context = {
        "document": document,
        "dossier": document.dossier,
        "may_edit": request.user.has_perm("products.edit_dossier", document.dossier),
        "form": form,
        "left": left,
        "parts": _with_names(parts, slots),
        "is_unsorted": document.slot == UNSORTED_SLOT,
        **_batches(document, parts, slots),
    }
    return render(request, "products/document_pages.html", context, status=status)


@require_POST
@requires("products.prepare_dossier")
def document_pages_draw(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the worker draw the pages, and show them."""
    document = _document(request, pk)
    if document.stored.pages and document.extension == document.stored.Kind.PDF:
        page_pictures.start(document.stored, document.original_name, by=request.user)
    return redirect("products:document_pages", pk=pk)


@require_safe
@requires("products.prepare_dossier")
def document_page(request: HttpRequest, pk: int, number: int) -> FileResponse:
    """One page as a small picture that the worker drew."""
    stored = _document(request, pk).stored
    name = page_pictures.name_of(stored, number)
    if not default_storage.exists(name):
        raise Http404
    return FileResponse(default_storage.open(name), content_type="image/webp")


def _take_out(
    request: HttpRequest, document: DossierDocument, parts: list[DossierDocument]
) -> HttpResponse:
    """Give pages back that went into a wrong slot."""
    part = next((part for part in parts if str(part.pk) == request.POST["take_out"]), None)
    if part is None:
        raise Http404
    remove_document(part, by=request.user)
    messages.success(request, f"Đã bỏ “{part}” khỏi mục.")
    return redirect("products:document_pages", pk=document.pk)


def _batch(request: HttpRequest, document: DossierDocument) -> HttpResponse:
    """One batch of pages again, while its pictures are drawn; the next one goes on asking."""
    slots = [slot for slot in slots_of(document.dossier) if slot.is_file]
    batches = _batches(document, assigned_parts(document), slots)["batches"]
    asked = [row for row in batches if str(row["first"]) == request.GET.get("tu")]
    if not asked:
        raise Http404
    following = [] if asked[0]["asks"] else _news_after(batches, asked[0])
    context = {"document": document, "batch": asked[0], "following": following}
    return render(request, "products/_document_page_batch.html", context)


def _news_after(batches: list[dict[str, Any]], batch: dict[str, Any]) -> list[dict[str, Any]]:
    """The batches after one that is complete, up to the one that is drawn now."""
    later = batches[batches.index(batch) + 1 :]
    now = next((n for n, row in enumerate(later) if row["asks"]), len(later))
    return later[: now + 1]


def _batches(
    document: DossierDocument, parts: list[DossierDocument], slots: list[DocumentKind]
) -> dict[str, Any]:
    """The pages by twenties, as they are drawn; the first that is not drawn yet asks again."""
    pages, have = document.stored.pages or 0, page_pictures.drawn(document.stored)
    names = {slot.code: slot.name for slot in slots}
    of_page: dict[int, list[str]] = {}
    for part in parts:
        for number in range(part.first_page or 1, (part.last_page or pages) + 1):
            of_page.setdefault(number, []).append(names.get(part.slot, ""))
    batches: list[dict[str, Any]] = []
    for first in range(1, pages + 1, page_pictures.BATCH):
        numbers = range(first, min(first + page_pictures.BATCH, pages + 1))
        rows = [{"number": n, "drawn": n in have, "slots": of_page.get(n, [])} for n in numbers]
        batches.append({"first": first, "pages": rows, "asks": False})
    waiting = [row for row in batches if not all(page["drawn"] for page in row["pages"])]
    job = page_pictures.job_of(document.stored)
    if waiting and job and not job.is_finished:
        waiting[0]["asks"] = True
    return {"batches": batches, "is_asked_for": job is not None}


def _with_names(
    parts: list[DossierDocument], slots: list[DocumentKind]
) -> list[tuple[DossierDocument, str]]:
    names = {slot.code: slot.name for slot in slots}
    return [(part, names.get(part.slot, "")) for part in parts]


def _document(request: HttpRequest, pk: int) -> DossierDocument:
    rows = DossierDocument.objects.select_related(
        "stored", "dossier__product__unit", "dossier__regulation"
    )
    visible = Dossier.objects.visible_to(request.user).values("pk")
    return get_object_or_404(rows, pk=pk, dossier__in=visible)
