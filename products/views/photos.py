"""The photos of a product: their page, and each picture for those who see the product."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products.actions.photos import (
    add_photos,
    describe_photos,
    make_main,
    remove_photo,
    restore_photo,
)
from products.models import Product, ProductPhoto
from products.product_forms import PhotosForm, ProductPhotos
from products.views.product_records import page_of_product, product_of

DAY = 24 * 60 * 60


@require_safe
@requires("products.see_products")
def product_photos(request: HttpRequest, pk: int) -> HttpResponse:
    """The photos of a product, and those that were taken out."""
    return _page(request, product_of(request, pk))


@require_POST
@requires("products.edit_product")
def photo_add(request: HttpRequest, pk: int) -> HttpResponse:
    """New photos, several at once."""
    product = product_of(request, pk)
    form = PhotosForm(request.POST, request.FILES)
    if form.is_valid():
        values = form.cleaned_data
        try:
            photos = add_photos(
                product, values["photos"], is_public=values["is_public"], by=request.user
            )
        except Refused as refusal:
            for problem in refusal.problems:
                form.add_error("photos", problem.message)
        else:
            messages.success(request, f"Đã thêm {len(photos)} ảnh.")
            return redirect("products:product_photos", pk)
    return _page(request, product, upload_form=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("products.edit_product")
def photo_describe(request: HttpRequest, pk: int) -> HttpResponse:
    """Captions, order and consent of all photos of a product."""
    product = product_of(request, pk)
    formset = ProductPhotos(request.POST or None, instance=product)
    if request.method == "POST":
        if formset.is_valid():
            describe_photos(product, formset.save(commit=False), by=request.user)
            messages.success(request, "Đã lưu thông tin ảnh.")
            return redirect("products:product_photos", pk)
        messages.error(request, "Chưa lưu được: hãy sửa những chỗ được đánh dấu.")
    context = page_of_product(request, product) | {"formset": formset}
    status = 422 if formset.is_bound else 200
    return render(request, "products/photo_form.html", context, status=status)


@require_POST
@requires("products.edit_product")
def photo_main(request: HttpRequest, pk: int) -> HttpResponse:
    photo = _photo(request, pk)
    make_main(photo, by=request.user)
    messages.success(request, "Đã đặt làm ảnh chính.")
    return redirect("products:product_photos", photo.product_id)


@require_POST
@requires("products.edit_product")
def photo_remove(request: HttpRequest, pk: int) -> HttpResponse:
    photo = _photo(request, pk)
    remove_photo(photo, by=request.user)
    messages.success(request, "Đã gỡ ảnh; có thể đưa trở lại ở cuối trang.")
    return redirect("products:product_photos", photo.product_id)


@require_POST
@requires("products.edit_product")
def photo_restore(request: HttpRequest, pk: int) -> HttpResponse:
    photo = _photo(request, pk)
    restore_photo(photo, by=request.user)
    messages.success(request, "Đã đưa ảnh trở lại.")
    return redirect("products:product_photos", photo.product_id)


@require_safe
@requires("products.see_products")
@cache_control(private=True, max_age=DAY, immutable=True)
def photo_show(request: HttpRequest, pk: int) -> FileResponse:
    """A photo in full size, for those who see the product."""
    return picture(_photo(request, pk).stored)


@require_safe
@requires("products.see_products")
@cache_control(private=True, max_age=DAY, immutable=True)
def photo_small(request: HttpRequest, pk: int) -> FileResponse:
    """A photo as lists show it, for those who see the product."""
    return picture(_photo(request, pk).small)


def picture(stored: Any) -> FileResponse:
    """A redrawn photo in the page; never the bytes that somebody handed in."""
    return FileResponse(stored.file.open("rb"), content_type="image/jpeg")


def _page(
    request: HttpRequest, product: Product, upload_form: Any = None, status: int = 200
) -> HttpResponse:
    rows = product.photos.select_related("product", "uploaded_by", "removed_by")
    context = page_of_product(request, product) | {
        "photos": rows.current(),
        "removed": rows.exclude(removed_at=None).order_by("-removed_at"),
        "upload_form": upload_form or PhotosForm(),
    }
    return render(request, "products/product_photos.html", context, status=status)


def _photo(request: HttpRequest, pk: int) -> ProductPhoto:
    visible = Product.objects.visible_to(request.user).values("pk")
    rows = ProductPhoto.objects.select_related(
        "product__unit", "product__producer__current_unit", "stored", "small"
    )
    return get_object_or_404(rows, pk=pk, product__in=visible)
