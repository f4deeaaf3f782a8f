"""Saving producers and products: the database has the last word on what exists already."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction

from ocop_portal.problems import Refused
from products.models import Producer, Product, ProductCode

Record = TypeVar("Record", Producer, Product)


def save_producer(producer: Producer, *, by: Any) -> Producer:
    """Write a producer. Raises `Refused` where another one has its name or tax code, also one
    that was saved at the same moment.
    """
    saved = _save(producer, "products.edit_producer", by=by)
    refresh_products(saved)
    return saved


def refresh_products(producer: Producer) -> None:
    """Let searches find the products of a producer by its name and place of now."""
    products = list(producer.products.select_related("unit__parent"))
    for product in products:
        product.producer = producer
        product.fill_keys()
    Product.objects.bulk_update(products, ["search_key"], batch_size=500)


@transaction.atomic
def save_rows(
    record: Record,
    permission: str,
    *,
    kept: Sequence[models.Model],
    removed: Sequence[models.Model],
    by: Any,
) -> None:
    """Write rows that belong to a record (figures of its years, its chains) and delete others.

    Raises `Refused` where a row exists already, also one that was saved at the same moment.
    """
    if not by.has_perm(permission, record):
        raise PermissionDenied
    for row in removed:
        row.delete()
    for row in kept:
        with refusing(row):
            row.save()


@transaction.atomic
def save_product(product: Product, *, by: Any, codes: Sequence[str] | None = None) -> Product:
    """Write a product; `codes` are those it has in the shapes of the regulations, the oldest shape
    first, None leaves them as they are.

    Raises `Refused` where another one has its name or one of its codes, also one that was saved at
    the same moment.
    """
    if codes is None:
        return _save(product, "products.edit_product", by=by)
    refuse_taken_codes(product, codes)
    product.code, product.other_codes = "".join(codes[:1]), " ".join(codes[1:])
    saved = _save(product, "products.edit_product", by=by)
    saved.codes.exclude(code__in=codes[1:]).delete()
    for code in codes[1:]:
        row = ProductCode(product=saved, code=code)
        if not saved.codes.filter(code=code).exists():
            with refusing(row):
                row.save()
    return saved


def refuse_taken_codes(product: Product, codes: Sequence[str]) -> None:
    """Raise `Refused` where one of the codes is another product's, in whatever shape."""
    taken = Product.objects.filter(code__in=codes, merged_into=None).exclude(pk=product.pk)
    further = ProductCode.objects.filter(code__in=codes).exclude(product=product.pk)
    found = [*taken.values_list("code", flat=True), *further.values_list("code", flat=True)]
    if found:
        raise Refused.because("product_code_once", f"Mã {found[0]} là mã của sản phẩm khác.")


def _save(record: Record, permission: str, *, by: Any) -> Record:
    if not by.has_perm(permission, record):
        raise PermissionDenied
    with refusing(record):
        record.save()
    return record


@contextmanager
def refusing(record: models.Model) -> Iterator[None]:
    """Turn a constraint that the write broke into the sentence it carries."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        broken = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        for constraint in record._meta.constraints:
            if constraint.name == broken:
                message = str(constraint.violation_error_message)
                raise Refused.because(constraint.name, message) from error
        raise
