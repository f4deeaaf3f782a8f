"""A list of 20,000 rows as a workbook: the portal's export against django-import-export's default.

Each side runs in a process of its own, so that each one's peak of memory is its own; the time is
that of the export alone. Both workbooks are read back and compared.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django
import records

from ocop_portal.laptop.installation import ensure_started

ROWS, QUICK_ROWS = 20_000, 4_000
COLUMNS = ("name", "code", "producer", "criteria_set", "unit", "district", "group")


def ours(path: Path) -> float:
    """Seconds of the portal's export, as the worker makes it."""
    from django.http import QueryDict

    from accounts.models import User
    from ocop_portal import list_exports
    from products.listings import PRODUCTS

    user = User.objects.get(username="so")
    columns = [column for column in PRODUCTS.columns if column.name in COLUMNS]
    about = list_exports.About("Sản phẩm", "", "", "so")

    def export() -> None:
        keys = list(PRODUCTS.sorted_rows(user, QueryDict("")).values_list("pk", flat=True))
        with list_exports.make(PRODUCTS, columns, keys, "xlsx", about) as made:
            path.write_bytes(made.read())

    return records.took(export)


def usual(path: Path) -> float:
    """Seconds of a resource that names its columns and leaves everything else as it is."""
    from import_export import fields, resources
    from import_export.formats.base_formats import XLSX

    from accounts.models import User
    from products.models import Product

    class ProductResource(resources.ModelResource):
        name = fields.Field("name", "Sản phẩm")
        code = fields.Field("code", "Mã sản phẩm")
        producer = fields.Field("producer__name", "Chủ thể")
        criteria_set = fields.Field("criteria_set__name", "Bộ sản phẩm")
        unit = fields.Field("unit__full_name", "Nơi sản xuất")
        district = fields.Field("district__full_name", "Huyện")
        group = fields.Field("group_as_written", "Nhóm ghi trong sổ")

        class Meta:
            model = Product
            fields = COLUMNS
            export_order = COLUMNS

    user = User.objects.get(username="so")

    def export() -> None:
        rows = Product.objects.visible_to(user).order_by("search_key", "pk")
        path.write_bytes(XLSX().export_data(ProductResource().export(rows)))

    return records.took(export)


def in_own_process(side: str, database: str, path: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--side", side, "--database", database, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def run_side(side: str, database: str, path: Path) -> None:
    """Called in the process of one side."""
    uses = ensure_started(command="bench")
    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = database
    seconds = {"ours": ours, "usual": usual}[side](path)
    del uses
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb()}))


def peak_mb() -> float:
    """Of this process alone: what `getrusage` gives begins with the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def rows_of(path: Path) -> list[Any]:
    import python_calamine

    book = python_calamine.load_workbook(str(path))
    return book.get_sheet_by_index(0).to_python()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--side", choices=["ours", "usual"], help=argparse.SUPPRESS)
    parser.add_argument("--database", help=argparse.SUPPRESS)
    parser.add_argument("path", nargs="?", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.side:
        return run_side(wanted.side, wanted.database, wanted.path)
    count = QUICK_ROWS if wanted.quick else ROWS
    uses = ensure_started(command="bench")
    django.setup()
    with records.own_database(), tempfile.TemporaryDirectory() as folder:
        from django.db import connection

        records.fill(count)
        records.person("so", "department_staff", "01")
        database = connection.settings_dict["NAME"]
        mine, theirs = Path(folder, "ours.xlsx"), Path(folder, "usual.xlsx")
        our_run = in_own_process("ours", database, mine)
        usual_run = in_own_process("usual", database, theirs)
        same = rows_of(mine) == rows_of(theirs)
    del uses
    result = {
        "name": "exports",
        "ratio": round(usual_run["seconds"] / our_run["seconds"], 1),
        "unit": "seconds for a workbook",
        "n": count,
        "baseline": round(usual_run["seconds"], 2),
        "ours": round(our_run["seconds"], 2),
        "peak_mb": round(our_run["peak_mb"]),
        "baseline_peak_mb": round(usual_run["peak_mb"]),
        "same_rows": same,
    }
    return print(json.dumps(result))


if __name__ == "__main__":
    main()
