"""Standards and certificates of a product, each with the file that proves it."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from ocop_portal.files import keep
from products.actions.records import save_rows
from products.models import Product, ProductStandard
from products.uploads import check_file


@transaction.atomic
def save_standards(
    product: Product,
    permission: str,
    *,
    kept: Sequence[ProductStandard],
    removed: Sequence[ProductStandard],
    by: Any,
) -> None:
    """Write the rows with the files handed in for them (`row.upload`); a new file takes the place
    of the old one, which the history still knows. Raises `Refused` for a bad file.
    """
    for row in kept:
        if upload := getattr(row, "upload", None):
            checked = check_file(upload)
            row.stored = keep(
                upload, extension=checked.extension, sha256=checked.sha256, size=checked.size, by=by
            )
            row.original_name = checked.display_name
    save_rows(product, permission, kept=kept, removed=removed, by=by)
