"""Import of an officers' workbook of 20,000 rows and 20 columns: the preview, then the saving.

Ours is the portal's import; the baseline is django-import-export as its admin pages use it (a dry
run with validation and diff, then the import) on the same rows and tables. Both start empty, and
what both have stored is compared. A second workbook with errors shows that they are found, and
rows changed by a second import leave their history. The memory is that of a process of its own
for each size, above what it had before the import.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocop_portal.settings")

import django

from ocop_portal.laptop.installation import ensure_started

ROWS, QUICK_ROWS = 19_999, 1_054
FEW_ROWS = 2_000
HEADER = [
    *("Tên sản phẩm", "Tên chủ thể", "Mã số thuế", "Quận, huyện", "Xã, phường", "Nhóm sản phẩm"),
    *("Hạng sao", "Năm", "Địa chỉ", "Điện thoại", "Email", "Mã sản phẩm", "Ghi chú", "Loại hình"),
    *("Ngày đánh giá", "Quyết định", "Vốn", "Lao động", "Doanh thu", "Người lập"),
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


def tax_code(number: int) -> str:
    """A code with the right check digit."""
    from products.tax_codes import check_digit

    nine = f"01{number:07d}"
    last = check_digit(nine)
    return f"{nine}{last}" if last < 10 else tax_code(number + 5_000_000)


def rows_of(count: int, *, bad_every: int = 0) -> list[list[Any]]:
    """Five products for each producer, in one district; every `bad_every`th row with an error."""
    return [
        [
            f"Chè búp khô số {n}",
            f"Hợp tác xã Mẫu {n // 5}",
            tax_code(n // 5),
            "Đông Anh",
            "Đông Hội",
            "Chè",
            "sáu sao" if bad_every and n % bad_every == 0 else 3 + n % 3,
            2019 + n % 4,
            f"Thôn {n % 7}",
            "0900000000",
            f"mau{n // 5}@mau.example",
            f"M{n:06d}",
            "Thành phố đã công nhận",
            "Hợp tác xã",
            f"{1 + n % 28:02d}/06/{2019 + n % 4}",
            f"{n % 90}/QĐ-UBND",
            100 + n % 900,
            n % 40,
            n * 1000,
            f"Người lập {n % 9}",
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
                    "kind": Producer.Kind.COOPERATIVE,
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
                assessed_on=datetime.strptime(row["Ngày đánh giá"], "%d/%m/%Y").date(),  # noqa: DTZ007
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


def errors_found(folder: Path, count: int) -> int:
    """Rows that are refused in a workbook with an error in every tenth row."""
    from products.actions.imports import run_import

    path = folder / "loi.xlsx"
    write_workbook(rows_of(count, bad_every=10), path)
    return run_import(path, dry_run=True).failed


def history_written(folder: Path, count: int) -> int:
    """Events of an import that changes every product."""
    from products.actions.imports import run_import
    from products.models import Product

    changed = [[*row[:11], f"N{n:06d}", *row[12:]] for n, row in enumerate(rows_of(count))]
    path = folder / "doi.xlsx"
    write_workbook(changed, path)
    run_import(path, dry_run=False)
    return Product.pgh_event_model.objects.count()  # type: ignore[attr-defined]


def megabytes(folder: Path, count: int) -> list[float]:
    """What a preview and a saving of so many rows take at their peak, in a process of its own."""
    from django.db import connection

    take_stored()
    path = folder / f"{count}.xlsx"
    write_workbook(rows_of(count), path)
    call = [sys.executable, __file__, "--memory-of", str(path)]
    call += ["--database", connection.settings_dict["NAME"]]
    done = subprocess.run(call, check=True, capture_output=True, text=True)
    return list(json.loads(done.stdout.splitlines()[-1]))


def memory_of(path: Path) -> list[float]:
    """The peak before the import and after it."""
    from products.actions.imports import run_import

    warm = path.with_name("warm.xlsx")
    write_workbook(rows_of(50), warm)
    run_import(warm, dry_run=True)  # what is loaded once belongs to neither size
    before = peak()
    run_import(path, dry_run=True)
    run_import(path, dry_run=False)
    return [round(before, 1), round(peak(), 1)]


def peak() -> float:
    """Megabytes at the peak so far. Unlike getrusage this forgets the parent's memory at exec."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--memory-of", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--database", help=argparse.SUPPRESS)
    options = parser.parse_args()
    uses = ensure_started(command="bench")
    django.setup()
    if options.memory_of:
        from django.db import connection

        connection.settings_dict["NAME"] = options.database
        print(json.dumps(memory_of(options.memory_of)))
        return
    count = QUICK_ROWS if options.quick else ROWS
    with own_database(), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warm = folder / "dau.xlsx"
        write_workbook(rows_of(50), warm)
        our_way(warm)  # what is loaded once belongs to neither side
        take_stored()
        admin_way(warm)
        take_stored()
        path = folder / "so.xlsx"
        write_workbook(rows_of(count), path)
        ours = our_way(path)
        stored = take_stored()
        baseline = admin_way(path)
        same = stored == take_stored()
        few = folder / "it.xlsx"
        write_workbook(rows_of(QUICK_ROWS), few)
        few_seconds = sum(our_way(few))
        errors = errors_found(folder, QUICK_ROWS)
        events = history_written(folder, QUICK_ROWS)
        sizes = (200, QUICK_ROWS) if options.quick else (FEW_ROWS, ROWS)
        memory = [megabytes(folder, size) for size in sizes]
    del uses
    result = {
        "name": "imports",
        "ratio": round(sum(baseline) / sum(ours), 1),
        "unit": "seconds for preview and saving",
        "n": count,
        "columns": len(HEADER),
        "baseline": round(sum(baseline), 2),
        "ours": round(sum(ours), 2),
        "preview": round(ours[0], 2),
        "saving": round(ours[1], 2),
        "seconds_1054": round(few_seconds, 2),
        "mb_before_and_peak": dict(zip(map(str, sizes), memory, strict=True)),
        "row_errors": errors,
        "history_events": events,
        "same_stored": same and len(stored) == count,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
