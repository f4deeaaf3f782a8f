"""What goes on from the earlier dossier and the producer's papers: the page, and bringing in by
hand.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ocop_portal.permissions import requires
from products.actions import carrying as actions
from products.carrying import plan
from products.completeness import OTHER_DOCUMENTS, filled_slots, slots_of
from products.models import Dossier, DossierDocument, ProducerDocument
from products.session_days import judged_on


@require_safe
@requires("products.see_dossiers")
def dossier_carry(request: HttpRequest, pk: int) -> HttpResponse:
    """What was carried, what not and why, and what is asked for."""
    dossier = _dossier(request, pk)
    day = judged_on(dossier, timezone.localdate())
    others = [row.documents for row in filled_slots(dossier) if row.slot is OTHER_DOCUMENTS]
    context = {
        "dossier": dossier,
        "day": day,
        "plan": plan(dossier, day),
        "others": [document for documents in others for document in documents],
        "file_slots": [slot for slot in slots_of(dossier) if slot.is_file],
        "may_edit": request.user.has_perm("products.edit_dossier", dossier),
    }
    return render(request, "products/dossier_carry.html", context)


@require_POST
@requires("products.prepare_dossier")
def carry_again(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = _dossier(request, pk)
    number = actions.carry_over(dossier, by=request.user)
    if number:
        messages.success(request, f"Đã mang sang {number} tài liệu.")
    else:
        messages.info(request, "Không còn tài liệu nào mang sang được.")
    return redirect("products:dossier_carry", dossier.pk)


@require_POST
@requires("products.prepare_dossier")
def carry_document(request: HttpRequest, pk: int) -> HttpResponse:
    """One document of the earlier dossier, into the slot that the person chose."""
    dossier = _dossier(request, pk)
    rows = DossierDocument.objects.current().filter(dossier=dossier.previous_id)
    document = get_object_or_404(rows, pk=_number(request, "document")) if _asked(request) else None
    if document is None:
        messages.error(request, "Hãy chọn tài liệu và mục.")
    else:
        actions.bring_in(dossier, document, request.POST.get("slot", ""), by=request.user)
        messages.success(request, f"Đã mang sang “{document}”.")
    return redirect("products:dossier_carry", dossier.pk)


@require_POST
@requires("products.prepare_dossier")
def carry_paper(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = _dossier(request, pk)
    rows = ProducerDocument.objects.current().filter(producer=dossier.product.producer_id)
    paper = get_object_or_404(rows, pk=_number(request, "paper")) if _asked(request) else None
    if paper is None:
        messages.error(request, "Hãy chọn giấy tờ.")
    else:
        actions.bring_paper_in(dossier, paper, by=request.user)
        messages.success(request, f"Đã đưa “{paper}” vào hồ sơ.")
    return redirect("products:dossier_carry", dossier.pk)


@require_POST
@requires("products.prepare_dossier")
def document_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a document of the dossier into another slot."""
    rows = DossierDocument.objects.select_related("dossier__product__unit")
    visible = Dossier.objects.visible_to(request.user).values("pk")
    document = get_object_or_404(rows, pk=pk, dossier__in=visible)
    moved = actions.move_document(document, request.POST.get("slot", ""), by=request.user)
    messages.success(request, f"Đã chuyển mục cho “{moved}”.")
    return redirect("products:dossier_carry", moved.dossier_id)


def _asked(request: HttpRequest) -> bool:
    return bool({"document", "paper"} & request.POST.keys())


def _number(request: HttpRequest, name: str) -> int:
    """A key that a form sent; 0, which no row has, where it is no number."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _dossier(request: HttpRequest, pk: int) -> Dossier:
    rows = Dossier.objects.visible_to(request.user).select_related(
        "product__producer__unit",
        "product__unit__parent",
        "regulation",
        "previous__regulation",
        "criteria_set__regulation",
    )
    return get_object_or_404(rows, pk=pk)
