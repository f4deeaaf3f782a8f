"""Pages that keep several rows of one record: figures of its years, its value chains."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products.actions.records import save_rows
from products.models import Producer
from products.row_forms import ProducerChains, ProducerYears

FORM_METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class RowsPage:
    """What one such page says; `row` is the word for one of its rows."""

    title: str
    lead: str
    row: str
    formset: Any
    permission: str


YEARS_OF_PRODUCER = RowsPage(
    "Số liệu theo năm",
    "Doanh thu và lao động của chủ thể từng năm. Dòng để trống không được lưu.",
    "Năm",
    ProducerYears,
    "products.edit_producer",
)
CHAINS_OF_PRODUCER = RowsPage(
    "Chuỗi liên kết",
    "Các chuỗi liên kết mà chủ thể tham gia. Dòng để trống không được lưu.",
    "Chuỗi",
    ProducerChains,
    "products.edit_producer",
)


@require_http_methods(FORM_METHODS)
@requires("products.edit_producer")
def producer_years(request: HttpRequest, pk: int) -> HttpResponse:
    """Revenue and workers of a producer, year by year."""
    return _rows(request, _producer(request, pk), YEARS_OF_PRODUCER)


@require_http_methods(FORM_METHODS)
@requires("products.edit_producer")
def producer_chains(request: HttpRequest, pk: int) -> HttpResponse:
    """The value chains of a producer."""
    return _rows(request, _producer(request, pk), CHAINS_OF_PRODUCER)


def _rows(request: HttpRequest, record: Any, page: RowsPage) -> HttpResponse:
    formset = page.formset(request.POST or None, instance=record)
    status = 200
    if request.method == "POST":
        status = 422
        if formset.is_valid():
            kept = formset.save(commit=False)
            try:
                removed = formset.deleted_objects
                save_rows(record, page.permission, kept=kept, removed=removed, by=request.user)
            except Refused as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, f"Đã lưu: {page.title.lower()}.")
                return redirect(record)
    context = {"record": record, "rows_page": page, "formset": formset}
    return render(request, "products/rows_form.html", context, status=status)


def _producer(request: HttpRequest, pk: int) -> Producer:
    rows = Producer.objects.visible_to(request.user).select_related("unit", "current_unit")
    return get_object_or_404(rows, pk=pk)
