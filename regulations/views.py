"""Reading the law as the portal holds it: regulations, score sheets, what does not add up."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ocop_portal.permissions import requires
from regulations.models import CriteriaSet, Regulation


@require_safe
@requires("regulations.see_regulations")
def regulation_list(request: HttpRequest) -> HttpResponse:
    """Every regulation, the newest first."""
    regulations = Regulation.objects.annotate(
        sheet_count=Count("criteria_sets"),
        unusable_count=Count("criteria_sets", filter=~Q(criteria_sets__problems=[])),
    ).order_by("-effective_from")
    context = {"regulations": regulations, "today": timezone.localdate()}
    return render(request, "regulations/regulation_list.html", context)


@require_safe
@requires("regulations.see_regulations")
def regulation_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One regulation: tiers, bands, documents and its score sheets."""
    regulation = get_object_or_404(Regulation, code=code)
    context = {
        "regulation": regulation,
        "rules": regulation.rules,
        "criteria_sets": regulation.criteria_sets.defer("data").order_by("number", "name"),
        "today": timezone.localdate(),
    }
    return render(request, "regulations/regulation_detail.html", context)


@require_safe
@requires("regulations.see_regulations")
def criteria_set_detail(request: HttpRequest, code: str, sheet: str) -> HttpResponse:
    """One score sheet with every option, and the places where it does not add up."""
    rows = CriteriaSet.objects.select_related("regulation")
    criteria_set = get_object_or_404(rows, regulation__code=code, code=sheet)
    context = {"criteria_set": criteria_set, "sheet": criteria_set.sheet}
    return render(request, "regulations/criteria_set_detail.html", context)
