"""Producers of before learn their unit of today.

In a migration of its own: PostgreSQL alters no table whose rows have changed in the transaction.
"""

from typing import Any

from django.db import migrations

from ocop_portal.text import search_key

COMMUNE = 3
BATCH = 1000


def fill_current_units(apps: Any, _schema_editor: Any) -> None:
    """Where the official mapping names one unit of 2025, and both names for the search."""
    for model in ("Producer", "Product"):
        rows = apps.get_model("products", model).objects.select_related("unit", "district")
        if model == "Product":
            rows = rows.select_related("producer__current_unit")
        batch = []
        for row in rows.prefetch_related("unit__successors").iterator(chunk_size=BATCH):
            now = _now(row, model)
            names = [row.district.full_name, now.full_name if now else ""]
            row.search_key = _with(row.search_key, search_key(*names))
            batch.append(row)
            if len(batch) == BATCH:
                _save(rows.model, model, batch)
                batch = []
        _save(rows.model, model, batch)


def _with(key: str, names: str) -> str:
    return key if names in key else f"{key} {names}".strip()


def _now(row: Any, model: str) -> Any:
    if model == "Product":
        return row.producer.current_unit if row.producer else None
    successors = list(row.unit.successors.all()) if row.unit.level == COMMUNE else []
    if len(successors) == 1:
        row.current_unit = successors[0]
    return row.current_unit


def _save(table: Any, model: str, batch: list[Any]) -> None:
    fields = ["search_key"] if model == "Product" else ["search_key", "current_unit"]
    table.objects.bulk_update(batch, fields)


class Migration(migrations.Migration):
    dependencies = [("products", "0008_producer_records")]

    operations = [
        migrations.RunPython(fill_current_units, migrations.RunPython.noop, elidable=True),
    ]
