"""Pages of producers, and the search box."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ocop_portal.list_views import list_page
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from ocop_portal.searching import find
from ocop_portal.text import clean_line, search_key
from products.actions.records import save_producer
from products.forms import ProducerForm
from products.history import changes_of
from products.listings import PRODUCERS
from products.models import Producer
from products.papers import papers_of

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@requires("products.see_producers")
def producer_list(request: HttpRequest) -> HttpResponse:
    """The producers of one's territory."""
    return list_page(request, PRODUCERS, "products/producer_list.html")


@require_safe
@requires("products.see_producers")
def producer_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One producer with its products; the address of one that was merged leads to the kept one."""
    producer = found_or_kept(_producers(request), pk)
    if producer.pk != pk:
        return redirect(producer)
    products = producer.products.filter(merged_into=None).select_related("criteria_set")
    products = products.defer("criteria_set__data")
    products = products.prefetch_related("dossiers", "earlier_results")
    context = {
        "producer": producer,
        "products": products,
        "may_edit": request.user.has_perm("products.edit_producer", producer),
        "may_invite": request.user.has_perm("products.invite_producers", producer),
        "may_merge": request.user.has_perm("products.merge_producers", producer),
        "changes": changes_of(producer, "products.ProducerEvent"),
        "merges": producer.merges.select_related("merged", "by", "undone_by"),
        "may_keep": request.user.has_perm("products.keep_papers", producer),
        "paper_slots": papers_of(producer),
        "years": producer.years.all(),
        "chains": producer.chains.all(),
    }
    return render(request, "products/producer_detail.html", context)


@require_http_methods(FORM_METHODS)
@requires("products.edit_producer")
def producer_create(request: HttpRequest) -> HttpResponse:
    """A new producer in one's territory."""
    form = ProducerForm(request.POST or None, user=request.user)
    status = 200
    if request.method == "POST":
        if saved := _saved(request, form):
            messages.success(request, "Đã thêm chủ thể.")
            return redirect(saved)
        status = 422
    return render(request, "products/producer_form.html", {"form": form}, status=status)


@require_http_methods(FORM_METHODS)
@requires("products.edit_producer")
def producer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a producer of one's territory."""
    producer = _producer(request, pk)
    form = ProducerForm(request.POST or None, instance=producer, user=request.user)
    status = 200
    if request.method == "POST":
        if saved := _saved(request, form):
            messages.success(request, "Đã lưu chủ thể.")
            return redirect(saved)
        status = 422
    context = {"form": form, "producer": Producer.objects.get(pk=producer.pk)}
    return render(request, "products/producer_form.html", context, status=status)


@require_safe
@requires("products.see_products")
def search(request: HttpRequest) -> HttpResponse:
    """One box for all that the person may see, with or without marks."""
    text = clean_line(request.GET.get("q", "")[:200])
    context = {"text": text, "asked": bool(search_key(text)), "groups": find(request.user, text)}
    return render(request, "products/search.html", context)


def _saved(request: HttpRequest, form: ProducerForm) -> Producer | None:
    """The saved record; None where the form now says what was wrong."""
    if not form.is_valid():
        return None
    try:
        return save_producer(form.save(commit=False), by=request.user)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None


def found_or_kept(visible: Any, pk: int) -> Any:
    """The visible record with this number, else the visible one that it was merged into."""
    if found := visible.filter(pk=pk).first():
        return found
    merged = visible.model.objects.filter(pk=pk, merged_into__isnull=False).first()
    return get_object_or_404(visible, pk=merged.kept.pk if merged else pk)


def _producer(request: HttpRequest, pk: int) -> Producer:
    return get_object_or_404(_producers(request), pk=pk)


def _producers(request: HttpRequest) -> Any:
    rows = Producer.objects.visible_to(request.user)
    return rows.select_related("unit", "district", "current_unit")
