"""Reading the law as the portal holds it: regulations, score sheets, what does not add up."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ocop_portal.permissions import requires
from regulations.models import CriteriaSet, Regulation
from regulations.reading import DataError


@require_safe
@requires("regulations.see_regulations")
def regulation_list(request: HttpRequest) -> HttpResponse:
    """Every regulation, the newest first; the drafts apart, for those who write them."""
    rows = (
        Regulation.objects.visible_to(request.user)
        .annotate(
            sheet_count=Count("criteria_sets"),
            unusable_count=Count("criteria_sets", filter=~Q(criteria_sets__problems=[])),
        )
        .select_related("based_on")
        .order_by("-effective_from", "code")
    )
    context = {
        "regulations": [row for row in rows if not row.is_draft],
        "drafts": [row for row in rows if row.is_draft],
        "today": timezone.localdate(),
    }
    return render(request, "regulations/regulation_list.html", context)


@require_safe
@requires("regulations.see_regulations")
def regulation_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One regulation: tiers, bands, documents and its score sheets."""
    regulation = get_object_or_404(Regulation.objects.visible_to(request.user), code=code)
    try:
        rules = regulation.rules
    except DataError:
        return _unfinished(regulation)
    before = Regulation.objects.published().filter(effective_from__lt=regulation.effective_from)
    context = {
        "regulation": regulation,
        "rules": rules,
        "earlier": regulation.based_on if regulation.is_draft else before.first(),
        "criteria_sets": regulation.criteria_sets.defer("data").order_by("number", "name"),
        "today": timezone.localdate(),
    }
    return render(request, "regulations/regulation_detail.html", context)


@require_safe
@requires("regulations.see_regulations")
def criteria_set_detail(request: HttpRequest, code: str, sheet: str) -> HttpResponse:
    """One score sheet with every option, and the places where it does not add up."""
    rows = CriteriaSet.objects.select_related("regulation").filter(
        regulation__in=Regulation.objects.visible_to(request.user)
    )
    criteria_set = get_object_or_404(rows, regulation__code=code, code=sheet)
    try:
        rules = criteria_set.regulation.rules
    except DataError:
        return _unfinished(criteria_set.regulation)
    context = {"criteria_set": criteria_set, "rules": rules, "sheet": rules.sheets[sheet]}
    return render(request, "regulations/criteria_set_detail.html", context)


def _unfinished(draft: Regulation) -> HttpResponse:
    """A draft that cannot be read yet is shown with what is wrong; what is published can be."""
    return redirect("regulations:draft_detail", code=draft.code)
