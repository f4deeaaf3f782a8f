"""Certificates: list, one, its PDF, revocation."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from evaluation.actions import decisions as actions
from evaluation.listings import CERTIFICATES
from evaluation.models import Certificate
from ocop_portal.documents import qr_svg
from ocop_portal.list_views import list_page
from ocop_portal.permissions import requires
from products.forms import ReasonForm


@require_safe
@requires("evaluation.see_certificates")
def certificate_list(request: HttpRequest) -> HttpResponse:
    """The certificates of one's territory."""
    return list_page(request, CERTIFICATES, "evaluation/certificate_list.html")


@require_safe
@requires("evaluation.see_certificates")
def certificate_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One certificate."""
    context = _detail(request, _certificate(request, pk))
    return render(request, "evaluation/certificate_detail.html", context)


@require_safe
@requires("evaluation.see_certificates")
def certificate_pdf(request: HttpRequest, pk: int) -> FileResponse:
    """The drawn certificate; 404 until the job has drawn it."""
    certificate = _certificate(request, pk)
    if not certificate.pdf:
        raise Http404
    name = f"giay-chung-nhan-{certificate.number.replace('/', '-')}.pdf"
    return FileResponse(certificate.pdf.open("rb"), as_attachment=True, filename=name)


@require_POST
@requires("evaluation.revoke_certificates")
def certificate_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    certificate = _certificate(request, pk)
    form = _revoke_form(request.POST)
    if not form.is_valid():
        context = _detail(request, certificate) | {"revoke_form": form}
        return render(request, "evaluation/certificate_detail.html", context, status=422)
    actions.revoke_certificate(certificate, by=request.user, **form.cleaned_data)
    messages.success(request, "Đã thu hồi giấy chứng nhận.")
    return redirect(certificate)


def _certificate(request: HttpRequest, pk: int) -> Certificate:
    rows = Certificate.objects.visible_to(request.user).select_related(
        "decision", "product__producer", "replaced_by"
    )
    return get_object_or_404(rows, pk=pk)


def _detail(request: HttpRequest, certificate: Certificate) -> dict[str, object]:
    may_revoke = request.user.has_perm("evaluation.revoke_certificates")
    return {
        "certificate": certificate,
        "may_revoke": may_revoke and certificate.status == Certificate.Status.VALID,
        "revoke_form": _revoke_form(),
        "qr": qr_svg(certificate.verify_url),
    }


def _revoke_form(data: Any = None) -> ReasonForm:
    return ReasonForm(
        data,
        prefix="revoke",
        label="Lý do thu hồi",
        help_text="Trang tra cứu công khai nêu lý do này.",
    )
