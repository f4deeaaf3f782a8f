"""How long the documents of a dossier hold: the page, and the form of what stands on one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ocop_portal.fragments import wants_fragment
from ocop_portal.permissions import requires
from products.actions.documents import describe_document
from products.completeness import filled_slots
from products.document_forms import DocumentFactsForm
from products.models import Dossier, DossierDocument
from products.session_days import session_day
from products.validity import usual_end
from products.validity_page import counts, lines, term_of, validity_of


@require_safe
@requires("products.see_dossiers")
def dossier_validity(request: HttpRequest, pk: int) -> HttpResponse:
    """The documents on the day of the session and over the years of recognition."""
    rows = Dossier.objects.visible_to(request.user).select_related(
        "product__producer", "product__unit", "regulation"
    )
    dossier = get_object_or_404(rows, pk=pk)
    term = term_of(dossier, timezone.localdate())
    shown = lines(filled_slots(dossier), term)
    context = {
        **validity_of(dossier, request.user),
        "dossier": dossier,
        "term": term,
        "session_day": session_day(dossier),
        "lines": shown,
        "counts": counts(shown),
        "months": dossier.regulation.rules.certificate.validity_months,
    }
    return render(request, "products/dossier_validity.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("products.describe_documents")
def document_describe(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down number, day and term of a document; inside the page where script works."""
    rows = DossierDocument.objects.select_related(
        "stored", "dossier__product", "dossier__regulation"
    )
    visible = Dossier.objects.visible_to(request.user).values("pk")
    document = get_object_or_404(rows, pk=pk, dossier__in=visible)
    dossier = document.dossier
    slot = dossier.regulation.rules.slot(document.slot)
    form = DocumentFactsForm(
        request.POST or None, instance=document, slot=slot, prefix=f"giay-{document.pk}"
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            document.refresh_from_db(fields=["number", "issued_on", "valid_until"])
            described = describe_document(document, by=request.user, **form.cleaned_data)
            if wants_fragment(request):
                context = {"document": described, **validity_of(dossier, request.user)}
                return render(request, "products/_document_validity.html", context)
            messages.success(request, "Đã ghi thông tin giấy tờ.")
            return redirect(f"{dossier.get_absolute_url()}#muc-{described.slot}")
    context = {
        "form": form,
        "document": document,
        "dossier": dossier,
        "slot": slot,
        "usual_end": usual_end(slot, document.issued_on),
    }
    template = "products/document_describe.html"
    if wants_fragment(request):
        template = "products/_document_describe.html"
    return render(request, template, context, status=status)
