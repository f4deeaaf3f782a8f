"""The list of what ends soon."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ocop_portal.paging import page_of
from ocop_portal.permissions import requires
from products.expiring import row_url, slot_names
from products.expiring_forms import ExpiringFilter
from products.papers import validity
from products.validity import LOOKS, Light

SOON = timedelta(days=30)


@require_safe
@requires("products.see_dossiers")
def expiring_list(request: HttpRequest) -> HttpResponse:
    """Documents and papers that end soon: of the own territory, or of the own producers."""
    today = timezone.localdate()
    listing = ExpiringFilter(request.GET, user=request.user)
    page = page_of(request, listing.rows(today))
    names = slot_names()
    page.object_list = [
        {
            **row,
            "url": row_url(row),
            "slot_name": names.get(row["slot"], row["slot"]),
            "light": _light(row["valid_until"], today),
            "is_late": row["valid_until"] < today,
            "is_soon": today <= row["valid_until"] <= today + SOON,
        }
        for row in page.object_list
    ]
    context = {"form": listing, "page": page, "today": today}
    return render(request, "products/expiring_list.html", context)


def _light(ends_on: date, today: date) -> Light:
    text, tone = validity(ends_on, today)
    return Light(next(colour for colour, (each, _) in LOOKS.items() if each == tone), text)
