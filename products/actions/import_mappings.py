"""What an office has said that its columns mean, remembered for its next workbook."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from ocop_portal.problems import Refused
from products.columns import REQUIRED, TITLES, Field
from products.header_mapping import HeaderFound
from products.models import ImportMapping
from products.tabular import Mappings


def mappings_of(person: Any) -> Mappings:
    """What the person's office has said; nothing for the shell."""
    if person is None:
        return {}
    rows = ImportMapping.objects.filter(agency=person.agency_id, unit=person.unit_id)
    return {
        row.signature: {Field(name): column for name, column in row.columns.items()} for row in rows
    }


@transaction.atomic
def remember_mapping(
    header: HeaderFound, columns: Mapping[Field, int], *, by: Any
) -> ImportMapping:
    """Keep what the columns of a header mean; what was said of it before is replaced.

    Raises `Refused` where a column is missing without which no row is a product.
    """
    if not by.has_perm("products.import_products"):
        raise PermissionDenied
    missing = [field for field in REQUIRED if field not in columns]
    if missing:
        names = ", ".join(f"“{TITLES[field][0]}”" for field in missing)
        raise Refused.because("missing_columns", f"Hãy chỉ cột {names}.")
    row, _created = ImportMapping.objects.update_or_create(
        agency=by.agency,
        unit=by.unit,
        signature=header.signature,
        defaults={
            "titles": list(header.titles.values()),
            "columns": {field.value: column for field, column in columns.items()},
            "by": by,
        },
    )
    return row
