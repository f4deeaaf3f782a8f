"""The import of the messy sample, figures counted by hand in the workbook: 89 rows of products in
one sheet, 27 producers, 6 rows without one, 7 producers in several spellings.
"""

import csv
import json
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from products.actions.imports import run_import
from products.models import EarlierResult, ImportBatch, Producer, Product
from products.models.product import product_key
from products.tests.factories import ProducerFactory, ProductFactory, unit_2021

HEADER = ["Tên sản phẩm", "Tên chủ thể", "Quận, huyện", "Xã, phường", "Hạng sao", "Năm"]


def workbook(*rows: list, header: list[str] = HEADER) -> BytesIO:
    book = openpyxl.Workbook()
    book.active.append(header)
    for row in rows:
        book.active.append(row)
    buffer = BytesIO()
    book.save(buffer)
    buffer.seek(0)
    return buffer


def upload(buffer: BytesIO, name: str = "so.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, buffer.getvalue())


def run_command(*args: str) -> dict:
    call_command("import_products", *args, stdout=StringIO())
    return json.loads(Path(args[args.index("--report") + 1]).read_text())


def test_sample_workbook_is_imported_whole(db: None, sample_workbook: Path, tmp_path: Path) -> None:
    report = run_command(str(sample_workbook), "--report", str(tmp_path / "r.json"))

    assert {name: report[name] for name in ("rows_read", "created", "updated", "skipped")} == {
        "rows_read": 89,
        "created": 89,
        "updated": 0,
        "skipped": 0,
    }
    assert report["problems"] == []
    assert [note["row"] for note in report["warnings"]] == [73, 78, 79, 106, 107, 108]
    assert Product.objects.count() == 89
    assert Producer.objects.count() == 27


def test_sample_workbook_is_stored_as_the_expected_list_says(
    db: None, sample_workbook: Path
) -> None:
    run_import(sample_workbook, dry_run=False)

    expected = sample_workbook.with_name("products_messy_01_expected.csv")
    with expected.open(encoding="utf-8", newline="") as file:
        wanted = sorted(
            (
                product_key(row["product_name"]),
                row["producer_name"].lower(),
                row["district_code"],
                row["commune_code"],
                row["star_rating"],
                row["year"],
                row["assessment_date"],
                row["status"],
            )
            for row in csv.DictReader(file)
        )
    stored = sorted(
        (
            result.product.name_key,
            result.product.producer.name.lower() if result.product.producer else "",
            result.product.district.code,
            result.product.unit.code if result.product.unit.level == 3 else "",
            str(result.stars or ""),
            str(result.year or ""),
            str(result.assessed_on or ""),
            result.status,
        )
        for result in EarlierResult.objects.select_related(
            "product__producer", "product__district", "product__unit"
        )
    )
    assert stored == wanted


def test_dry_run_gives_the_same_figures_and_saves_nothing(
    db: None, sample_workbook: Path, tmp_path: Path
) -> None:
    trial = run_command(str(sample_workbook), "--dry-run", "--report", str(tmp_path / "a.json"))
    count = Product.objects.count()
    real = run_command(str(sample_workbook), "--report", str(tmp_path / "b.json"))

    assert count == 0
    assert trial["saved"] is False
    assert real["saved"] is True
    assert trial | {"saved": True} == real


def test_second_import_changes_nothing(db: None, sample_workbook: Path) -> None:
    run_import(sample_workbook, dry_run=False)

    report = run_import(sample_workbook, dry_run=False)

    assert (report.created, report.updated, report.skipped) == (0, 0, 89)
    assert Product.objects.count() == 89
    assert EarlierResult.objects.count() == 89


def test_changed_row_updates_the_product(db: None) -> None:
    run_import(workbook(["Chè sen", "HTX Sen", "Đông Anh", "", 3, 2021]), dry_run=False)

    report = run_import(
        workbook(["CHÈ SEN", "Hợp tác xã Sen", "H. Đông Anh", "Đông Hội", 4, 2021]), dry_run=False
    )

    product = Product.objects.get()
    assert (report.created, report.updated) == (0, 1)
    assert product.name == "Chè sen"
    assert product.unit.name == "Đông Hội"
    assert product.earlier_results.get().stars == 4


def test_empty_cell_erases_nothing(db: None) -> None:
    product = ProductFactory(
        name="Chè sen", producer__name="HTX Sen", producer__unit=unit_2021("00523")
    )

    report = run_import(workbook(["Chè sen", "HTX Sen", "Đông Anh", "", "", ""]), dry_run=False)

    product.refresh_from_db()
    assert report.skipped == 1
    assert product.unit.code == "00523"


def test_failed_row_stops_everything(db: None, tmp_path: Path) -> None:
    path = tmp_path / "so.xlsx"
    path.write_bytes(
        workbook(
            ["Chè sen", "HTX Sen", "Đông Anh", "", 3, 2021],
            ["Cốm", "HTX Cốm", "Huyện Không Có", "", 3, 2021],
            ["Bưởi", "HTX Bưởi", "Đông Anh", "", "sáu sao", 2021],
        ).getvalue()
    )
    report_path = tmp_path / "r.json"

    with pytest.raises(CommandError, match="2 dòng lỗi"):
        call_command("import_products", str(path), "--report", str(report_path), stdout=StringIO())

    report = json.loads(report_path.read_text())
    assert (report["rows_read"], report["created"], report["failed"]) == (3, 0, 2)
    assert [sorted(note) for note in report["problems"]] == [
        ["column", "reason", "row", "sheet", "value"]
    ] * 2
    assert {note["row"] for note in report["problems"]} == {3, 4}
    assert Product.objects.count() == 0
    assert Producer.objects.count() == 0


def test_officer_takes_only_rows_of_the_own_district(officer: User, sample_workbook: Path) -> None:
    report = run_import(sample_workbook, by=officer, dry_run=False)

    assert (report.created, report.skipped, report.failed) == (37, 52, 0)
    assert {product.district.code for product in Product.objects.all()} == {"017"}


def test_f9_formula_in_a_name_stays_text(db: None) -> None:
    run_import(workbook(["'=1+1", "HTX Sen", "Đông Anh", "", 3, 2021]), dry_run=False)

    assert Product.objects.get().name.endswith("=1+1")


def test_t2_nfd_and_nfc_spellings_are_one_product(db: None) -> None:
    report = run_import(
        workbook(
            ["Chè Thái", "HTX Sen", "Đông Anh", "", 3, 2021],
            ["Che\u0300 Tha\u0301i", "HTX Sen", "Đông Anh", "", 3, 2021],
        ),
        dry_run=False,
    )

    assert (report.created, report.skipped) == (1, 1)


def test_commune_of_two_kinds_must_be_written_out(db: None) -> None:
    report = run_import(workbook(["Chè", "HTX Sen", "Gia Lâm", "Yên Viên", 3, 2021]), dry_run=True)

    assert [note.reason for note in report.problems] == [
        "“Yên Viên” có thể là Thị trấn Yên Viên, Xã Yên Viên: hãy ghi rõ."
    ]


# The page


def post_workbook(client: Client, file: SimpleUploadedFile):
    return client.post(reverse("products:import_list"), {"file": file})


def test_preview_saves_nothing_and_save_saves_once(
    officer: User, client_of: Callable[[User], Client], sample_workbook: Path
) -> None:
    client = client_of(officer)
    preview = post_workbook(client, upload(BytesIO(sample_workbook.read_bytes())))
    batch = ImportBatch.objects.get()
    before = Product.objects.count()

    first = client.post(reverse("products:import_save", args=[batch.pk]))
    second = client.post(reverse("products:import_save", args=[batch.pk]))

    batch.refresh_from_db()
    assert preview.url == batch.get_absolute_url()
    assert before == 0
    assert (first.status_code, second.status_code) == (302, 302)
    assert Product.objects.count() == 37
    assert batch.report["created"] == 37


def test_failed_rows_are_left_out_only_when_the_officer_says_so(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(officer)
    file = workbook(
        ["Chè sen", "HTX Sen", "Đông Anh", "", 3, 2021],
        ["Bưởi", "HTX Bưởi", "Đông Anh", "", "sáu sao", 2021],
    )
    post_workbook(client, upload(file))
    url = reverse("products:import_save", args=[ImportBatch.objects.get().pk])

    refused = client.post(url)
    count = Product.objects.count()
    saved = client.post(url, {"leave_out_failed": "on"})

    assert refused.status_code == 409
    assert "Còn 1 dòng lỗi nên chưa lưu dòng nào" in refused.content.decode()
    assert count == 0
    assert saved.status_code == 302
    assert [product.name for product in Product.objects.all()] == ["Chè sen"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"khong phai so tinh", "Tệp không phải là sổ Excel .xlsx hay tệp CSV."),
        (b"", "Tệp không có nội dung."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Excel cũ (.xls)"),
    ],
)
def test_file_that_is_no_workbook_gets_a_clear_message(
    officer: User, client_of: Callable[[User], Client], content: bytes, message: str
) -> None:
    response = post_workbook(client_of(officer), SimpleUploadedFile("so.xlsx", content))

    assert response.status_code == 422
    assert message in response.content.decode()
    assert ImportBatch.objects.count() == 0


@pytest.mark.parametrize("header", [["Sổ của huyện", ""], ["2021", "3"]])
def test_workbook_without_a_header_says_what_is_missing(
    officer: User, client_of: Callable[[User], Client], header: list[str]
) -> None:
    response = post_workbook(client_of(officer), upload(workbook(["", 3], header=header)))

    assert response.status_code == 422
    assert "Tên sản phẩm" in response.content.decode()
    assert ImportBatch.objects.count() == 0


def test_f8_workbook_of_200_000_rows_is_refused(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for n in range(200_000):
        sheet.append([f"Sản phẩm {n}", "HTX Sen", "Đông Anh"])
    buffer = BytesIO()
    book.save(buffer)

    response = post_workbook(client_of(officer), upload(buffer))

    assert response.status_code == 422
    assert "dòng" in response.content.decode()
    assert ImportBatch.objects.count() == 0


def test_import_of_somebody_else_does_not_exist(
    officer: User,
    other_officer: User,
    client_of: Callable[[User], Client],
    sample_workbook: Path,
) -> None:
    post_workbook(client_of(officer), upload(BytesIO(sample_workbook.read_bytes())))
    batch = ImportBatch.objects.get()

    response = client_of(other_officer).post(reverse("products:import_save", args=[batch.pk]))

    assert response.status_code == 404
    assert Product.objects.count() == 0


def test_list_pages_take_the_same_number_of_queries_however_long(
    officer: User, client_of: Callable[[User], Client], django_assert_num_queries
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_of(officer)
    counts = []
    for _ in range(2):
        ProducerFactory.create_batch(3)
        ProductFactory.create_batch(3)
        for name in ("producer_list", "product_list"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(reverse(f"products:{name}"))
            counts.append(len(queries))

    assert counts[:2] == counts[2:]
