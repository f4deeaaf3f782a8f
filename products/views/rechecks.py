"""Rechecks of recognised products: the list of the Department, and settling one."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ocop_portal.file_access import deliver
from ocop_portal.paging import page_of
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products.actions.rechecks import resolve_recheck
from products.expiring import slot_names
from products.models import Recheck
from products.recheck_forms import RecheckForm


@require_safe
@requires("products.see_rechecks")
def recheck_list(request: HttpRequest) -> HttpResponse:
    """What is open, what lapsed first before the rest; or everything that was settled."""
    settled = request.GET.get("xong") == "1"
    rows = Recheck.objects.visible_to(request.user).select_related(
        "dossier__product__producer", "dossier__product__district", "document", "resolved_by"
    )
    counts = {"open": rows.open().count(), "settled": rows.exclude(resolved_at=None).count()}
    shown = rows.exclude(resolved_at=None).order_by("-resolved_at") if settled else rows.open()
    context = {
        "page": page_of(request, shown),
        "settled": settled,
        "counts": counts,
        "names": slot_names(),
        "may_resolve": request.user.has_perm("products.resolve_rechecks"),
    }
    return render(request, "products/recheck_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("products.resolve_rechecks")
def recheck_resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle a recheck by a new document or a written reason."""
    recheck = _recheck(request, pk)
    form = RecheckForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            values = dict(form.cleaned_data)
            try:
                resolve_recheck(recheck, upload=values.pop("file"), by=request.user, **values)
            except Refused as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status_code
            else:
                messages.success(request, "Đã ghi kết quả kiểm tra lại.")
                return redirect("products:recheck_list")
    slot = recheck.dossier.regulation.rules.slot(recheck.slot)
    context = {"form": form, "recheck": recheck, "slot": slot}
    return render(request, "products/recheck_resolve.html", context, status=status)


@require_safe
@requires("products.see_dossiers")
def recheck_download(request: HttpRequest, pk: int) -> FileResponse:
    """The new document that answered a recheck, always as a download."""
    recheck = _recheck(request, pk)
    if recheck.stored is None:
        raise Http404
    return deliver(
        request,
        recheck.stored,
        name=recheck.original_name,
        subject=recheck.dossier.product.owner_of_data,
    )


def _recheck(request: HttpRequest, pk: int) -> Recheck:
    rows = Recheck.objects.visible_to(request.user).select_related(
        "dossier__product__producer", "dossier__regulation", "document__stored", "stored"
    )
    return get_object_or_404(rows, pk=pk)
