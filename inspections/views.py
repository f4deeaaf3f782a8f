"""Pages of inspections."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from inspections import watching
from inspections.filters import WatchFilter
from ocop_portal.paging import page_of
from ocop_portal.permissions import requires


@require_safe
@requires("inspections.see_watch_list")
def watch_list(request: HttpRequest) -> HttpResponse:
    """Certified products that call for a look, with the reason."""
    rows = watching.watch_list(request.user, timezone.localdate())
    listing = WatchFilter(request.GET, rows, request=request)
    page = page_of(request, listing.qs)
    for row in page:
        row.reason_text = watching.REASONS[row.watch_reason]
    return render(request, "inspections/watch_list.html", {"filter": listing, "page": page})
