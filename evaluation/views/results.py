"""Results of all tiers with their derivation, and recording those of councils elsewhere."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from evaluation.actions import results as actions
from evaluation.forms import RecordedResultForm
from evaluation.listings import RESULTS
from evaluation.models import Result
from evaluation.result_page import result_page
from ocop_portal.list_views import list_page
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products.models import Dossier

# The law as data: 80 kB a row, of which a parsed copy is at hand in the process.
LAW = (
    "dossier__regulation__data",
    "dossier__regulation__groups",
    "dossier__criteria_set__data",
    "dossier__criteria_set__regulation__data",
    "dossier__criteria_set__regulation__groups",
    "assessment__criteria_set__data",
    "assessment__criteria_set__regulation__data",
    "assessment__criteria_set__regulation__groups",
)


@require_safe
@requires("evaluation.see_results")
def result_list(request: HttpRequest) -> HttpResponse:
    """Results of sessions that are over, and recorded ones."""
    return list_page(request, RESULTS, "evaluation/result_list.html")


@require_safe
@requires("evaluation.see_results")
def result_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One result with its derivation, and what the product needs for the next star."""
    rows = Result.objects.visible_to(request.user).select_related(
        "dossier__product__producer",
        "dossier__regulation",
        "dossier__criteria_set__regulation",
        "assessment__criteria_set__regulation",
        "assessment__item__session__council",
        "council",
        "decision",
    )
    result = get_object_or_404(rows.defer(*LAW), pk=pk)
    context = {"result": result, "page": result_page(result, user=request.user)}
    return render(request, "evaluation/result_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("evaluation.record_results")
def result_record(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the result of a council outside the portal for a dossier that waits at its tier."""
    dossiers = Dossier.objects.visible_to(request.user)
    dossier = get_object_or_404(dossiers.select_related("product__producer", "regulation"), pk=pk)
    if dossier.state != Dossier.State.ACCEPTED:
        raise Refused.because(
            "not_waiting",
            f"Hồ sơ đang ở trạng thái “{dossier.get_state_display()}”, không chờ kết quả hội đồng.",
        )
    initial = {"concluded_on": timezone.localdate()}
    form = RecordedResultForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_result(dossier, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status_code
        else:
            messages.success(
                request, f"Đã ghi kết quả {dossier.tier_name[:1].lower()}{dossier.tier_name[1:]}."
            )
            return redirect(dossier)
    context = {"form": form, "dossier": dossier}
    return render(request, "evaluation/result_form.html", context, status=status)
