"""Import of an officers' workbook of 20,000 rows: the preview, then the saving, in seconds.

Ours is the portal's import; the baseline is django-import-export as its admin pages use it (a dry
run with validation and diff, then the import) on the same rows and tables. Both start empty, and
what both have stored is compared.
"""

import argparse
import json
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocop_portal.settings")

import django

from ocop_portal.laptop.installation import ensure_started

ROWS, QUICK_ROWS = 19_999, 1_054
HEADER = [
    *("Tên sản phẩm", "Tên chủ thể", "Mã số thuế", "Quận, huyện", "Xã, phường", "Nhóm sản phẩm"),
    *("Hạng sao", "Năm", "Địa chỉ", "Điện thoại", "Email", "Mã sản phẩm", "Ghi chú"),
]


@contextmanager
def own_database() -> Iterator[None]:
    """A database for this benchmark alone, dropped afterwards."""
    from django.core.management import call_command
    from django.db import connection

    server = connection.settings_dict
    home, name = server["NAME"], f"bench_{uuid.uuid4().hex[:12]}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    server["NAME"] = name
    try:
        call_command("migrate", verbosity=0)
        call_command("load_reference", verbosity=0, stdout=sys.stderr)
        yield
    finally:
        connection.close()
        server["NAME"] = home
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def rows_of(count: int) -> list[list[Any]]:
    """Five products for each producer, in one district."""
    return [
        [
            f"Chè búp khô số {n}",
            f"Hợp tác xã Mẫu {n // 5}",
            f"01{n // 5:08d}",
            "Đông Anh",
            "Đông Hội",
            "Chè",
            3 + n % 3,
            2019 + n % 4,
            f"Thôn {n % 7}",
            "0900000000",
            f"mau{n // 5}@mau.example",
            f"M{n:06d}",
            "Thành phố đã công nhận",
        ]
        for n in range(count)
    ]


def write_workbook(rows: list[list[Any]], path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for row in rows:
        sheet.append(row)
    book.save(path)


def admin_way(path: Path) -> tuple[float, float]:
    """Seconds of the dry run and of the import, each beginning with the file, as in the admin."""
    from import_export import fields, resources
    from import_export.formats.base_formats import XLSX
    from import_export.widgets import ForeignKeyWidget

    from accounts.models import AdministrativeUnit
    from products.models import EarlierResult, Producer, Product

    units = {unit.full_name: unit for unit in AdministrativeUnit.objects.filter(edition=2021)}
    place = next(unit for unit in units.values() if unit.code == "00523")

    class ProducerWidget(ForeignKeyWidget):
        """Finds the producer of the row, or makes it."""

        def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
            found, _created = Producer.objects.get_or_create(
                tax_code=row["Mã số thuế"],
                defaults={
                    "name": value,
                    "unit": place,
                    "district": place.district,
                    "address": row["Địa chỉ"],
                    "phone": row["Điện thoại"],
                    "email": row["Email"],
                },
            )
            return found

    class ProductResource(resources.ModelResource):
        name = fields.Field("name", "Tên sản phẩm")
        producer = fields.Field("producer", "Tên chủ thể", ProducerWidget(Producer, "name"))
        group_as_written = fields.Field("group_as_written", "Nhóm sản phẩm")
        code = fields.Field("code", "Mã sản phẩm")

        class Meta:
            model = Product
            import_id_fields = ("code",)
            clean_model_instances = False

        def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            instance.unit = place

        def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            EarlierResult.objects.update_or_create(
                product=instance,
                year=row["Năm"],
                assessed_on=None,
                defaults={
                    "stars": row["Hạng sao"],
                    "note": row["Ghi chú"],
                    "status": EarlierResult.Status.RECOGNISED,
                },
            )

    def once(*, dry_run: bool) -> None:
        dataset = XLSX().create_dataset(path.read_bytes())
        result = ProductResource().import_data(dataset, dry_run=dry_run, use_transactions=True)
        if result.has_errors() or result.has_validation_errors():
            raise SystemExit(f"the baseline failed: {result.row_errors()[:1]}")

    return took(lambda: once(dry_run=True)), took(lambda: once(dry_run=False))


def our_way(path: Path) -> tuple[float, float]:
    """Seconds of the preview and of the saving, each beginning with the file."""
    from products.actions.imports import run_import

    return (
        took(lambda: run_import(path, dry_run=True)),
        took(lambda: run_import(path, dry_run=False)),
    )


def took(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def take_stored() -> list[tuple[Any, ...]]:
    """What is stored, to compare both sides; the tables are empty afterwards."""
    from products.models import EarlierResult, Producer, Product

    stored = sorted(
        EarlierResult.objects.values_list(
            "product__name",
            "product__code",
            "product__name_key",
            "product__unit__code",
            "product__producer__name",
            "product__producer__tax_code",
            "product__producer__email",
            "year",
            "stars",
            "status",
        )
    )
    Product.objects.all().delete()
    Producer.objects.all().delete()
    return stored


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    count = QUICK_ROWS if parser.parse_args().quick else ROWS
    uses = ensure_started(command="bench")
    django.setup()
    with own_database(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "so.xlsx")
        write_workbook(rows_of(count), path)
        ours = our_way(path)
        stored = take_stored()
        baseline = admin_way(path)
        same = stored == take_stored()
    del uses
    result = {
        "name": "imports",
        "ratio": round(sum(baseline) / sum(ours), 1),
        "unit": "seconds for preview and saving",
        "n": count,
        "baseline": round(sum(baseline), 2),
        "ours": round(sum(ours), 2),
        "preview": round(ours[0], 2),
        "saving": round(ours[1], 2),
        "same_stored": same and len(stored) == count,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
