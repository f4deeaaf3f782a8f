"""Entering decisions; issuing one makes its certificates."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import AdministrativeUnit
from evaluation.actions import decisions as actions
from evaluation.certificate_jobs import job_of
from evaluation.forms import DecisionForm
from evaluation.listings import DECISIONS
from evaluation.models import Decision, Result
from ocop_portal.fragments import wants_fragment
from ocop_portal.list_views import list_page
from ocop_portal.models import Job
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from ocop_portal.text import clean_line

TIERS = {
    "city": {
        "label": "Thành phố công nhận (3 sao, 4 sao)",
        "authority": "ỦY BAN NHÂN DÂN / THÀNH PHỐ HÀ NỘI",
        "signatory_title": "TM. ỦY BAN NHÂN DÂN / CHỦ TỊCH",
    },
    "national": {
        "label": "Trung ương công nhận (5 sao)",
        "authority": "BỘ NÔNG NGHIỆP / VÀ PHÁT TRIỂN NÔNG THÔN",
        "signatory_title": "BỘ TRƯỞNG",
    },
}


@require_safe
@requires("evaluation.see_decisions")
def decision_list(request: HttpRequest) -> HttpResponse:
    """All decisions, the latest first, and what waits for one."""
    waiting = [
        {"tier": tier, "label": texts["label"], "count": _waiting(request, tier).count()}
        for tier, texts in TIERS.items()
    ]
    return list_page(request, DECISIONS, "evaluation/decision_list.html", waiting=waiting)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("evaluation.issue_decisions")
def decision_create(request: HttpRequest) -> HttpResponse:
    """Enter a signed decision for the results that are ticked."""
    tier = request.GET.get("tier", "city")
    tier = tier if tier in TIERS else "city"
    texts = TIERS[tier]
    initial = {**texts, "signed_on": timezone.localdate()}
    form = DecisionForm(request.POST or None, initial=initial)
    chosen = [_key(value) for value in request.POST.getlist("result")]
    status = 200
    if issued := _issued_before(request, chosen):
        messages.info(request, "Quyết định này đã được ghi.")
        return redirect(issued)
    if request.method == "POST" and form.is_valid():
        try:
            decision = _issue(request, tier, chosen, form.cleaned_data)
        except Refused as refusal:
            for problem in refusal.problems:
                form.add_error(getattr(problem, "field", None), problem.message)
            status = refusal.status_code
        else:
            messages.success(request, "Đã ghi quyết định. Giấy chứng nhận đang được tạo.")
            return redirect(decision)
    context = {
        "form": form,
        "tier": tier,
        "label": texts["label"],
        "results": _waiting(request, tier),
        "chosen": chosen,
        "is_new": request.method != "POST",
    }
    return render(request, "evaluation/decision_form.html", context, status=status)


@require_safe
@requires("evaluation.see_decisions")
def decision_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One decision with its certificates and the job that draws them."""
    rows = Decision.objects.visible_to(request.user).select_related("issued_by")
    decision = get_object_or_404(rows, pk=pk)
    certificates = decision.certificates.select_related("product__district").order_by(
        "product__district__name", "-stars", "register_number"
    )
    job = job_of(decision)
    context = {
        "decision": decision,
        "certificates": certificates,
        "job": job,
        "sees_job": job and Job.objects.visible_to(request.user).filter(pk=job.pk).exists(),
        "failures": {int(item.reference): item.error for item in job.failures} if job else {},
    }
    template = "evaluation/decision_detail.html"
    if wants_fragment(request):
        template += "#certificates"
    return render(request, template, context)


def _issue(request: HttpRequest, tier: str, chosen: list[int], values: dict[str, Any]) -> Decision:
    results = list(Result.objects.visible_to(request.user).filter(pk__in=chosen))
    if len(results) != len(set(chosen)):
        raise Refused.because(
            "not_waiting",
            "Danh sách có sản phẩm không còn chờ quyết định nên chưa ghi gì. Hãy tải lại trang.",
        )
    province = AdministrativeUnit.objects.get(path=_territory(request))
    decision, _job = actions.issue_decision(
        results, by=request.user, tier=tier, unit=province, **values
    )
    return decision


def _key(value: str) -> int:
    """The key of a result as a page sends it; what cannot be one is no result's key."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0


def _issued_before(request: HttpRequest, chosen: list[int]) -> Decision | None:
    """The decision that the same form, sent twice, has made already."""
    number = clean_line(request.POST.get("number", ""))
    rows = Decision.objects.visible_to(request.user).filter(number=number, results__in=chosen)
    decision = rows.first()
    same = decision and set(decision.results.values_list("pk", flat=True)) == set(chosen)
    return decision if same else None


def _territory(request: HttpRequest) -> str:
    user: Any = request.user
    return user.territory


def _waiting(request: HttpRequest, tier: str) -> Any:
    rows = Result.objects.visible_to(request.user).filter(tier=tier).awaiting_decision()
    return rows.select_related("dossier__product__producer", "dossier__product__district").order_by(
        "dossier__product__district__name", "-recognised_stars", "pk"
    )
