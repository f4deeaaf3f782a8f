"""Photos of products: taken in and redrawn, described, put in order, taken out and kept."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from ocop_portal.files import keep
from ocop_portal.models import StoredFile
from ocop_portal.problems import Problem, Refused
from products.models import Product, ProductPhoto
from products.photo_files import CheckedPhoto, Picture, check_photo

AT_ONCE = 10
PER_PRODUCT = 20


def add_photos(
    product: Product, uploads: Sequence[UploadedFile], *, by: Any, is_public: bool = False
) -> list[ProductPhoto]:
    """Take in photos behind those that are there; all of them or, with the reasons, none.

    Raises `Refused` for a bad picture, one that is there already, and too many of them.
    """
    if not by.has_perm("products.edit_product", product):
        raise PermissionDenied
    if not uploads:
        raise Refused.because("no_file", "Chưa chọn ảnh nào.")
    if len(uploads) > AT_ONCE:
        raise Refused.because("too_many", f"Mỗi lần tải lên nhiều nhất {AT_ONCE} ảnh.")
    return _keep_all(product, _checked(uploads), by=by, is_public=is_public)


def _checked(uploads: Sequence[UploadedFile]) -> list[CheckedPhoto]:
    """Every upload judged before the first is kept, so that people read all reasons at once."""
    photos: list[CheckedPhoto] = []
    problems: list[Problem] = []
    for upload in uploads:
        try:
            photos.append(check_photo(upload))
        except Refused as refusal:
            problems += refusal.problems
    if problems:
        raise Refused(*problems)
    return photos


@transaction.atomic
def _keep_all(
    product: Product, photos: Sequence[CheckedPhoto], *, by: Any, is_public: bool
) -> list[ProductPhoto]:
    locked = _lock(product, by=by)
    current = locked.photos.current()
    if current.count() + len(photos) > PER_PRODUCT:
        raise Refused.because("too_many", f"Mỗi sản phẩm có nhiều nhất {PER_PRODUCT} ảnh.")
    last = current.aggregate(last=Max("position"))["last"] or 0
    kept = []
    for place, photo in enumerate(photos, last + 1):
        stored = _stored(photo.large, by=by)
        if current.filter(stored=stored).exists():
            raise Refused.because("same_file", f"Ảnh “{photo.name}” đã có ở sản phẩm này.")
        kept.append(
            ProductPhoto.objects.create(
                product=locked,
                stored=stored,
                small=_stored(photo.small, by=by),
                original_name=photo.name,
                width=photo.large.width,
                height=photo.large.height,
                small_width=photo.small.width,
                small_height=photo.small.height,
                position=place,
                is_public=is_public,
                uploaded_by=by,
            )
        )
    return kept


@transaction.atomic
def describe_photos(product: Product, photos: Sequence[ProductPhoto], *, by: Any) -> None:
    """Write captions, order and who may see them; the order is counted anew from 1."""
    locked = _lock(product, by=by)
    fields = ["caption", "alt", "position", "is_public"]
    for photo in photos:
        photo.save(update_fields=fields)
    _count_anew(locked)


@transaction.atomic
def make_main(photo: ProductPhoto, *, by: Any) -> None:
    """Put a photo before all others. Raises `Refused` where it was removed."""
    locked = _lock(photo.product, by=by)
    _current(locked, photo)
    _count_anew(locked, first=photo.pk)


@transaction.atomic
def remove_photo(photo: ProductPhoto, *, by: Any) -> None:
    """Take a photo out; its row and content stay. Removed twice, the first time counts."""
    locked = _lock(photo.product, by=by)
    locked.photos.current().filter(pk=photo.pk).update(removed_at=timezone.now(), removed_by=by)
    _count_anew(locked)


@transaction.atomic
def restore_photo(photo: ProductPhoto, *, by: Any) -> None:
    """Bring a removed photo back behind the others, and not to the public before somebody says so.

    Raises `Refused` where it is there, also as another upload of the same picture.
    """
    locked = _lock(photo.product, by=by)
    current = locked.photos.current()
    if current.filter(stored=photo.stored_id).exists():
        raise Refused.because("same_file", f"Ảnh “{photo}” đã có ở sản phẩm này.")
    if current.count() >= PER_PRODUCT:
        raise Refused.because("too_many", f"Mỗi sản phẩm có nhiều nhất {PER_PRODUCT} ảnh.")
    locked.photos.filter(pk=photo.pk).update(
        removed_at=None, removed_by=None, is_public=False, position=current.count() + 1
    )


def _count_anew(product: Product, first: int | None = None) -> None:
    rows = sorted(product.photos.current(), key=lambda row: (row.pk != first, row.position))
    for place, row in enumerate(rows, 1):
        if row.position != place:
            ProductPhoto.objects.filter(pk=row.pk).update(position=place)


def _current(product: Product, photo: ProductPhoto) -> None:
    if not product.photos.current().filter(pk=photo.pk).exists():
        raise Refused.because("removed", "Ảnh này vừa được gỡ, hãy tải lại trang.")


def _stored(picture: Picture, *, by: Any) -> StoredFile:
    content = ContentFile(picture.data)
    size = len(picture.data)
    return keep(content, extension="jpg", sha256=picture.sha256, size=size, by=by, read=False)


def _lock(product: Product, *, by: Any) -> Product:
    locked = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    if not by.has_perm("products.edit_product", locked):
        raise PermissionDenied
    return locked
