"""The pages of one product: what it is, its proofs and packages, its figures, its dossiers."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ocop_portal.file_access import deliver
from ocop_portal.permissions import requires
from products.actions.regulation import sheets_of_all_regulations
from products.forms import known_shapes
from products.history import changes_of
from products.models import Product, ProductStandard
from products.product_codes import shape_of
from products.views.producers import found_or_kept
from regulations.models import Regulation


@require_safe
@requires("products.see_products")
def product_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What a product is; the address of one that was merged leads to the kept one."""
    product = found_or_kept(_products(request), pk)
    if product.pk != pk:
        return redirect(product)
    known = known_shapes() if product.codes_of_all_shapes else []
    sheets = sheets_of_all_regulations(product.criteria_set) if product.criteria_set else []
    context = page_of_product(request, product) | {
        "codes": [(code, shape_of(code, known)) for code in product.codes_of_all_shapes],
        "sheets": sheets,
        "law_of_today": Regulation.objects.accepting_on(timezone.localdate()).first(),
        "photo": product.photos.current().first(),
        "earlier_results": product.earlier_results.all(),
        "changes": changes_of(product, "products.ProductEvent"),
    }
    return render(request, "products/product_detail.html", context)


@require_safe
@requires("products.see_products")
def product_quality(request: HttpRequest, pk: int) -> HttpResponse:
    """Standards and certificates, intellectual property, packages."""
    product = product_of(request, pk)
    context = page_of_product(request, product) | {
        "standards": product.standards.all(),
        "properties": product.properties.all(),
        "packages": product.packages.all(),
    }
    return render(request, "products/product_quality.html", context)


@require_safe
@requires("products.see_products")
def product_figures(request: HttpRequest, pk: int) -> HttpResponse:
    """Capacity, output, prices and revenue year by year."""
    product = product_of(request, pk)
    context = page_of_product(request, product) | {"years": product.years.all()}
    return render(request, "products/product_figures.html", context)


@require_safe
@requires("products.see_products")
def product_results(request: HttpRequest, pk: int) -> HttpResponse:
    """The dossiers of a product, and what was decided of it."""
    product = product_of(request, pk)
    context = page_of_product(request, product) | {"earlier_results": product.earlier_results.all()}
    return render(request, "products/product_results.html", context)


@require_safe
@requires("products.see_products")
def standard_download(request: HttpRequest, pk: int) -> FileResponse:
    """The file that proves a standard, always as a download."""
    visible = Product.objects.visible_to(request.user).values("pk")
    rows = ProductStandard.objects.select_related("stored", "product__producer").filter(
        product__in=visible
    )
    standard = get_object_or_404(rows, pk=pk)
    if standard.stored is None:
        raise Http404
    return deliver(
        request,
        standard.stored,
        name=standard.original_name,
        subject=standard.product.owner_of_data,
    )


def product_of(request: HttpRequest, pk: int) -> Product:
    """The product that the person may see, with everything its pages name."""
    return get_object_or_404(_products(request), pk=pk)


def _products(request: HttpRequest) -> Any:
    rows = Product.objects.visible_to(request.user).select_related(
        "producer__unit",
        "producer__current_unit",
        "unit",
        "district",
        "criteria_set__regulation",
    )
    return rows.defer("criteria_set__data")


def page_of_product(request: HttpRequest, product: Product) -> dict[str, Any]:
    """What the head of every page of a product asks for."""
    dossiers = list(product.dossiers.select_related("regulation"))
    may_prepare = request.user.has_perm("products.prepare_dossier", product)
    return {
        "product": product,
        "dossiers": dossiers,
        "may_edit": request.user.has_perm("products.edit_product", product),
        "may_prepare": may_prepare and all(row.state in row.FINAL for row in dossiers),
    }
