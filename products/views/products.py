"""Pages of products."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ocop_portal.list_views import list_page
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products.actions.records import save_product
from products.forms import ProductForm
from products.listings import PRODUCTS
from products.models import Product
from products.views.product_records import product_of

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@requires("products.see_products")
def product_list(request: HttpRequest) -> HttpResponse:
    """The products of one's territory."""
    return list_page(request, PRODUCTS, "products/product_list.html")


@require_http_methods(FORM_METHODS)
@requires("products.edit_product")
def product_create(request: HttpRequest) -> HttpResponse:
    """A new product in one's territory."""
    initial = {"producer": request.GET.get("producer")}
    form = ProductForm(request.POST or None, initial=initial, user=request.user)
    status = 200
    if request.method == "POST":
        if saved := _saved(request, form):
            messages.success(request, "Đã thêm sản phẩm.")
            return redirect(saved)
        status = 422
    return render(request, "products/product_form.html", {"form": form}, status=status)


@require_http_methods(FORM_METHODS)
@requires("products.edit_product")
def product_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a product of one's territory."""
    product = product_of(request, pk)
    form = ProductForm(request.POST or None, instance=product, user=request.user)
    status = 200
    if request.method == "POST":
        if saved := _saved(request, form):
            messages.success(request, "Đã lưu sản phẩm.")
            return redirect(saved)
        status = 422
    context = {"form": form, "product": Product.objects.get(pk=product.pk)}
    return render(request, "products/product_form.html", context, status=status)


def _saved(request: HttpRequest, form: ProductForm) -> Product | None:
    """The saved record; None where the form now says what was wrong."""
    if not form.is_valid():
        return None
    try:
        return save_product(form.save(commit=False), codes=form.codes, by=request.user)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
