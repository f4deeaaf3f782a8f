"""Pages of trade promotion."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ocop_portal.paging import page_of
from ocop_portal.permissions import requires
from trade_promotion.eligibility import eligible_certificates
from trade_promotion.filters import EligibleFilter


@require_safe
@requires("trade_promotion.see_eligible_products")
def eligible_products(request: HttpRequest) -> HttpResponse:
    """Products that may be invited today, with their producers."""
    rows = eligible_certificates(request.user, timezone.localdate())
    listing = EligibleFilter(request.GET, rows, request=request)
    context = {"filter": listing, "page": page_of(request, listing.qs)}
    return render(request, "trade_promotion/eligible_products.html", context)
