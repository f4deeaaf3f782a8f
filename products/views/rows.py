"""Pages that keep several rows of one record: figures of its years, its value chains."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products.actions.records import save_rows
from products.actions.standards import save_standards
from products.models import Producer
from products.product_forms import (
    ProductPackages,
    ProductProperties,
    ProductStandards,
    ProductYears,
)
from products.row_forms import ProducerChains, ProducerYears
from products.views.product_records import product_of

FORM_METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class RowsPage:
    """What one such page says; `row` is the word for one of its rows, `back` the name of the page
    that shows them, if it is not the record's own.
    """

    title: str
    lead: str
    row: str
    formset: Any
    permission: str
    back: str = ""
    save: Callable[..., None] = save_rows


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
STANDARDS_OF_PRODUCT = RowsPage(
    "Tiêu chuẩn, chứng nhận",
    "Tiêu chuẩn áp dụng và giấy chứng nhận chất lượng, kèm thời hạn. Dòng để trống không được lưu.",
    "Giấy",
    ProductStandards,
    "products.edit_product",
    "products:product_quality",
    save_standards,
)
PROPERTIES_OF_PRODUCT = RowsPage(
    "Sở hữu trí tuệ",
    "Nhãn hiệu, chỉ dẫn địa lý, kiểu dáng công nghiệp của sản phẩm. Dòng để trống không được lưu.",
    "Đối tượng",
    ProductProperties,
    "products.edit_product",
    "products:product_quality",
)
PACKAGES_OF_PRODUCT = RowsPage(
    "Bao bì, mã vạch",
    "Mỗi cách đóng gói đang bán là một quy cách. Dòng để trống không được lưu.",
    "Quy cách",
    ProductPackages,
    "products.edit_product",
    "products:product_quality",
)
YEARS_OF_PRODUCT = RowsPage(
    "Số liệu theo năm",
    "Năng lực, sản lượng, giá bán và doanh thu của sản phẩm. Dòng để trống không được lưu.",
    "Năm",
    ProductYears,
    "products.edit_product",
    "products:product_figures",
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


@require_http_methods(FORM_METHODS)
@requires("products.edit_product")
def product_standards(request: HttpRequest, pk: int) -> HttpResponse:
    """Standards and certificates of a product."""
    return _rows(request, product_of(request, pk), STANDARDS_OF_PRODUCT)


@require_http_methods(FORM_METHODS)
@requires("products.edit_product")
def product_properties(request: HttpRequest, pk: int) -> HttpResponse:
    """Marks and other intellectual property of a product."""
    return _rows(request, product_of(request, pk), PROPERTIES_OF_PRODUCT)


@require_http_methods(FORM_METHODS)
@requires("products.edit_product")
def product_packages(request: HttpRequest, pk: int) -> HttpResponse:
    """How a product is packed, with its barcodes."""
    return _rows(request, product_of(request, pk), PACKAGES_OF_PRODUCT)


@require_http_methods(FORM_METHODS)
@requires("products.edit_product")
def product_years(request: HttpRequest, pk: int) -> HttpResponse:
    """Capacity, output, prices and revenue of a product, year by year."""
    return _rows(request, product_of(request, pk), YEARS_OF_PRODUCT)


def _rows(request: HttpRequest, record: Any, page: RowsPage) -> HttpResponse:
    formset = page.formset(request.POST or None, request.FILES or None, instance=record)
    back = reverse(page.back, args=[record.pk]) if page.back else record.get_absolute_url()
    status = 200
    if request.method == "POST":
        status = 422
        if formset.is_valid():
            kept = formset.save(commit=False)
            try:
                removed = formset.deleted_objects
                page.save(record, page.permission, kept=kept, removed=removed, by=request.user)
            except Refused as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, f"Đã lưu: {page.title.lower()}.")
                return redirect(back)
    context = {"record": record, "rows_page": page, "formset": formset, "back": back}
    return render(request, "products/rows_form.html", context, status=status)


def _producer(request: HttpRequest, pk: int) -> Producer:
    rows = Producer.objects.visible_to(request.user).select_related("unit", "current_unit")
    return get_object_or_404(rows, pk=pk)
