"""Pages that find records of the same producer and make them one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocop_portal.paging import page_of
from ocop_portal.permissions import requires
from products.actions.merging import merge_producers, undo_merge
from products.duplicates import duplicates_visible_to
from products.merge_forms import MergeForm
from products.merging import plan_merge
from products.models import Producer, ProducerMerge


@require_safe
@requires("products.merge_producers")
def producer_duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs that may be the same producer, with the reasons."""
    page = page_of(request, duplicates_visible_to(request.user))
    numbers = {number for pair in page for number in (pair.first, pair.second)}
    rows = Producer.objects.select_related("unit", "district", "current_unit").in_bulk(numbers)
    pairs = [(rows[pair.first], rows[pair.second], pair.reasons) for pair in page]
    return render(request, "products/producer_duplicates.html", {"page": page, "pairs": pairs})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("products.merge_producers")
def producer_merge(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """What merging would move, and the choice of the values that stay; then the merge."""
    kept, merged = _producer(request, pk), _producer(request, other)
    plan = plan_merge(kept, merged)
    form = MergeForm(request.POST or None, differences=plan.differences)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            merge_producers(kept, merged, take=form.taken, reason=reason, by=request.user)
            messages.success(request, f"Đã gộp “{merged}” vào “{kept}”.")
            return redirect(kept)
        status = 422
    context = {"plan": plan, "form": form, "kept": kept, "merged": merged}
    return render(request, "products/producer_merge.html", context, status=status)


@require_POST
@requires("products.merge_producers")
def merge_undo(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Producer.objects.visible_to(request.user).values("pk")
    rows = ProducerMerge.objects.select_related("kept", "merged")
    merge = undo_merge(get_object_or_404(rows, pk=pk, kept__in=visible), by=request.user)
    messages.success(request, f"Đã tách lại “{merge.merged}”.")
    return redirect(merge.merged)


def _producer(request: HttpRequest, pk: int) -> Producer:
    rows = Producer.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("unit", "district", "current_unit"), pk=pk)
