"""Saving producers and products: the database has the last word on what exists already."""

from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from ocop_portal.problems import Refused
from products.models import Producer, Product

Record = TypeVar("Record", Producer, Product)


def save_producer(producer: Producer, *, by: Any) -> Producer:
    """Write a producer. Raises `Refused` where another one has its name or tax code, also one
    that was saved at the same moment.
    """
    return _save(producer, "products.edit_producer", by=by)


def save_product(product: Product, *, by: Any) -> Product:
    """Write a product. Raises `Refused` where another one has its name or code, also one that was
    saved at the same moment.
    """
    return _save(product, "products.edit_product", by=by)


def _save(record: Record, permission: str, *, by: Any) -> Record:
    if not by.has_perm(permission, record):
        raise PermissionDenied
    try:
        with transaction.atomic():
            record.save()
    except IntegrityError as error:
        broken = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        for constraint in record._meta.constraints:
            if constraint.name == broken:
                message = str(constraint.violation_error_message)
                raise Refused.because(constraint.name, message) from error
        raise
    return record
