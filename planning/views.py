"""Pages of planning and figures."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ocop_portal.permissions import requires
from planning.figures import STARS, by_district, by_state
from planning.panels import TIER_NAMES


@require_safe
@requires("planning.see_dashboard")
def dashboard(request: HttpRequest) -> HttpResponse:
    """Recognised and still valid, by district and star; where the dossiers stand."""
    today = timezone.localdate()
    districts = by_district(request.user, today)
    states = by_state(request.user)
    valid = sum(row.valid for row in districts)
    issued = sum(row.issued for row in districts)
    context = {
        "day": today,
        "stars": [
            (star, sum(row.by_stars[n] for row in districts)) for n, star in enumerate(STARS)
        ],
        "districts": [(row, list(zip(STARS, row.by_stars, strict=True))) for row in districts],
        "valid": valid,
        "issued": issued,
        "ended": issued - valid,
        "most": max((row.issued for row in districts), default=0),
        "states": [(row, TIER_NAMES.get(row.tier, row.tier)) for row in states],
        "in_process": sum(row.count for row in states),
    }
    return render(request, "planning/dashboard.html", context)
