"""Rows that contradict each other, the portal or the length of a field: each is named, nothing
is half saved.
"""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from ocop_portal import jobs
from ocop_portal.models import Job
from ocop_portal.problems import Refused
from products.actions import imports as actions
from products.actions.imports import run_import
from products.columns import LONGEST, Field
from products.import_records import Batch
from products.matching import ImportPlan
from products.models import EarlierResult, ImportBatch, Producer, Product
from products.tests.factories import ProducerFactory, ProductFactory, unit_2021
from products.tests.test_import import post_workbook, upload, workbook

HEADER = [
    *("Tên sản phẩm", "Tên chủ thể", "Mã số thuế", "Quận, huyện", "Địa chỉ", "Điện thoại"),
    *("Email", "Nhóm sản phẩm", "Mã sản phẩm", "Hạng sao", "Năm", "Ngày đánh giá", "Ghi chú"),
]
TAX, OTHER_TAX = "0100000003", "0100000010"  # with the right check digits


def row(name: str = "Chè sen", producer: str = "HTX Sen", **cells: object) -> list[object]:
    values = {"Tên sản phẩm": name, "Tên chủ thể": producer, "Quận, huyện": "Đông Anh"}
    values |= {title: cells[key] for title, key in KEYS.items() if key in cells}
    return [values.get(title, "") for title in HEADER]


KEYS = {
    "Mã số thuế": "tax",
    "Quận, huyện": "district",
    "Địa chỉ": "address",
    "Điện thoại": "phone",
    "Email": "email",
    "Nhóm sản phẩm": "group",
    "Mã sản phẩm": "code",
    "Hạng sao": "stars",
    "Năm": "year",
    "Ngày đánh giá": "day",
    "Ghi chú": "note",
}


def book(*rows: list[object]):
    return workbook(*rows, header=HEADER)


def noted(notes: list) -> list[tuple[int, str]]:
    return [(note.row, note.column) for note in notes]


# Producers: the tax code first


def test_two_spellings_with_one_tax_code_are_one_producer(db: None) -> None:
    report = run_import(
        book(row("Chè", "HTX Sen", tax=TAX), row("Trà", "HTX Sen Hồ Tây", tax=TAX)), dry_run=False
    )

    producer = Producer.objects.get()
    assert (report.created, report.failed, report.producers_created) == (2, 0, 1)
    assert {product.producer for product in Product.objects.all()} == {producer}
    assert noted(report.warnings) == [(3, "Tên chủ thể (B)")]
    assert report.warnings[0].reason == (
        "Cùng mã số thuế với “HTX Sen” nên được coi là chủ thể này."
    )


def test_row_without_the_tax_code_follows_its_spelling(db: None) -> None:
    run_import(
        book(
            row("Bánh", "HTX Sen Hồ Tây"),
            row("Chè", "HTX Sen", tax=TAX),
            row("Trà", "HTX Sen Hồ Tây", tax=TAX),
        ),
        dry_run=False,
    )

    assert Producer.objects.get().products.count() == 3


def test_one_tax_code_in_two_districts_is_a_message_at_the_row(db: None) -> None:
    report = run_import(
        book(row(tax=TAX), row("Trà", "HTX Sen", tax=TAX, district="Gia Lâm")), dry_run=True
    )

    assert noted(report.problems) == [(3, "Mã số thuế (C)")]
    assert report.problems[0].reason == (
        "Mã số thuế này đã là của chủ thể “HTX Sen”, Huyện Đông Anh, khác địa bàn ghi ở dòng này "
        "(Huyện Gia Lâm)."
    )


def test_producer_of_another_district_is_not_named_to_an_officer(officer: User) -> None:
    ProducerFactory(name="HTX Bí mật", tax_code=TAX, unit=unit_2021("018"))

    report = run_import(book(row(tax=TAX)), by=officer, dry_run=True)

    assert noted(report.problems) == [(2, "Mã số thuế (C)")]
    assert "Bí mật" not in report.problems[0].reason
    assert "Huyện Gia Lâm" in report.problems[0].reason


def test_old_workbook_finds_a_producer_renamed_in_the_portal(db: None) -> None:
    run_import(book(row(tax=TAX)), dry_run=False)
    producer = Producer.objects.get()
    producer.name = "Công ty Sen Việt"
    producer.save()

    report = run_import(book(row(tax=TAX), row("Trà", tax=TAX)), dry_run=False)

    producer.refresh_from_db()
    assert (report.created, report.skipped, report.failed) == (1, 1, 0)
    assert (producer.name, producer.products.count()) == ("Công ty Sen Việt", 2)


def test_branch_code_is_found_however_its_hyphen_is_written(db: None) -> None:
    ProducerFactory(name="HTX Sen", tax_code="0100000003001")

    report = run_import(book(row("Trà", "HTX khác", tax="0100000003-001")), dry_run=False)

    assert (report.created, Producer.objects.count()) == (1, 1)


def test_same_name_with_another_tax_code_is_a_message_at_the_row(db: None) -> None:
    report = run_import(book(row(tax=TAX), row("Trà", tax=OTHER_TAX)), dry_run=False)

    assert noted(report.problems) == [(3, "Mã số thuế (C)")]
    assert f"đã có mã số thuế {TAX}" in report.problems[0].reason
    assert (Producer.objects.count(), Product.objects.count()) == (0, 0)


def test_workbook_completes_what_a_producer_lacks(db: None) -> None:
    producer = ProducerFactory(name="HTX Sen", address="Thôn 1")
    ProductFactory(name="Chè sen", producer=producer)

    first = run_import(book(row(tax=TAX, address="Thôn 2", phone="0912345678")), dry_run=False)
    second = run_import(book(row(tax=TAX, address="Thôn 2")), dry_run=False)

    producer.refresh_from_db()
    assert (first.updated, second.skipped) == (1, 1)
    assert (producer.tax_code, producer.address, producer.phone) == (TAX, "Thôn 1", "0912345678")
    assert list(Producer.objects.search(TAX)) == [producer]


# Lengths and duplicates


@pytest.mark.parametrize(
    ("cell", "column"),
    [
        ({"name": "c" * 251}, "Tên sản phẩm (A)"),
        ({"producer": "p" * 251}, "Tên chủ thể (B)"),
        ({"address": "đ" * 251}, "Địa chỉ (E)"),
        ({"phone": "0912345678, 0912345679, 0912345670"}, "Điện thoại (F)"),
        ({"email": f"{'e' * 60}@{'m' * 60}.{'n' * 60}.{'o' * 60}.{'p' * 60}.vn"}, "Email (G)"),
        ({"group": "n" * 151}, "Nhóm sản phẩm (H)"),
        ({"code": "m" * 41}, "Mã sản phẩm (I)"),
        ({"note": "g" * 301}, "Ghi chú (M)"),
    ],
)
def test_value_that_is_too_long_is_named_in_preview_and_report(
    db: None, tmp_path: Path, cell: dict, column: str
) -> None:
    path, out = tmp_path / "so.xlsx", tmp_path / "r.json"
    path.write_bytes(book(row("Trà", "HTX Trà"), row(**cell)).getvalue())

    preview = run_import(path, dry_run=True)
    with pytest.raises(CommandError, match="1 dòng lỗi"):
        call_command("import_products", str(path), "--report", str(out), stdout=StringIO())

    report = json.loads(out.read_text())
    assert noted(preview.problems) == [(3, column)]
    assert report["problems"] == [
        {
            "sheet": "Sheet",
            "row": 3,
            "column": column,
            "value": next(iter(cell.values())),
            "reason": preview.problems[0].reason,
        }
    ]
    assert "chỉ nhận tối đa" in preview.problems[0].reason or column == "Email (G)"
    assert (report["failed"], report["created"], report["saved"]) == (1, 0, False)
    assert (Producer.objects.count(), Product.objects.count()) == (0, 0)


def test_longest_values_are_those_of_the_columns() -> None:
    kept = {
        Field.NAME: (Product, "name"),
        Field.PRODUCER_NAME: (Producer, "name"),
        Field.GROUP: (Product, "group_as_written"),
        Field.NOTE: (EarlierResult, "note"),
        Field.ADDRESS: (Producer, "address"),
        Field.PHONE: (Producer, "phone"),
        Field.EMAIL: (Producer, "email"),
        Field.PRODUCT_CODE: (Product, "code"),
    }

    assert {
        field: model._meta.get_field(name).max_length for field, (model, name) in kept.items()
    } == LONGEST


@pytest.mark.parametrize("letter", ["Ệ", "ﬃ", "ﷺ", "ế ", "& "])
def test_longest_names_are_saved_whatever_their_letters(db: None, letter: str) -> None:
    name = (letter * 250)[:249] + "x"

    report = run_import(book(row(name, name)), dry_run=False)

    product = Product.objects.get()
    assert (report.created, report.failed) == (1, 0)
    assert len(product.name_key) <= 250
    assert run_import(book(row(name, name)), dry_run=True).skipped == 1


def test_code_of_another_product_is_a_message_in_its_column(db: None) -> None:
    ProductFactory(name="Cốm", code="M1")

    report = run_import(
        book(row("Chè", code="M1"), row("Trà", code="M2"), row("Bánh", code="M2")), dry_run=False
    )

    assert noted(report.problems) == [(2, "Mã sản phẩm (I)"), (4, "Mã sản phẩm (I)")]
    assert [note.reason for note in report.problems] == [
        "Mã này đã là mã của sản phẩm “Cốm”.",
        "Mã này đã là mã của sản phẩm “Trà”, dòng 3 (Sheet).",
    ]


def test_code_may_go_from_one_product_to_another(db: None) -> None:
    run_import(book(row("Chè", code="M1"), row("Trà", code="M2")), dry_run=False)

    report = run_import(book(row("Chè", code="M3"), row("Trà", code="M1")), dry_run=False)

    assert report.updated == 2
    assert dict(Product.objects.values_list("name", "code")) == {"Chè": "M3", "Trà": "M1"}


def test_product_of_another_commune_is_not_changed(commune_officer: User) -> None:
    product = ProductFactory(
        name="Chè sen", producer__name="HTX Sen", producer__unit=unit_2021("017")
    )
    header = ["Tên sản phẩm", "Tên chủ thể", "Quận, huyện", "Xã, phường", "Mã sản phẩm"]

    report = run_import(
        workbook(["Chè sen", "HTX Sen", "Đông Anh", "Đông Hội", "M1"], header=header),
        by=commune_officer,
        dry_run=False,
    )

    product.refresh_from_db()
    assert noted(report.problems) == [(2, "Tên sản phẩm (A)")]
    assert product.code == ""


# Results


def test_different_stars_for_one_product_and_year_name_both_rows(db: None) -> None:
    report = run_import(
        book(row(stars=3, year=2021), row("Trà", stars=4, year=2021), row(stars=4, year=2021)),
        dry_run=False,
    )

    assert noted(report.problems) == [(2, "Hạng sao (J)"), (4, "Hạng sao (J)")]
    assert report.problems[0].reason == (
        "Cùng sản phẩm, năm 2021 nhưng khác hạng sao: dòng 2 (Sheet) ghi 3 sao, "
        "dòng 4 (Sheet) ghi 4 sao."
    )
    assert EarlierResult.objects.count() == 0


def test_different_stars_on_two_days_of_a_year_are_a_warning(db: None) -> None:
    report = run_import(
        book(row(stars=3, year=2021, day="01/03/2021"), row(stars=4, year=2021, day="01/09/2021")),
        dry_run=False,
    )

    assert report.problems == []
    assert noted(report.warnings) == [(2, "Hạng sao (J)"), (3, "Hạng sao (J)")]
    assert EarlierResult.objects.count() == 2


def test_empty_stars_erase_no_stored_stars(db: None) -> None:
    run_import(book(row(stars=4, year=2021, note="ghi trước")), dry_run=False)

    report = run_import(book(row(year=2021)), dry_run=False)

    result = EarlierResult.objects.get()
    assert (report.skipped, result.stars, result.note) == (1, 4, "ghi trước")


# Amounts


def test_number_of_queries_does_not_grow_with_the_rows(db: None) -> None:
    ProducerFactory(name="HTX Đã có")
    counts = []
    for size in (3, 90):
        rows = [row(f"Chè {size} {n}", f"HTX {size} {n}", stars=3, year=2021) for n in range(size)]
        for _time in range(2):
            with CaptureQueriesContext(connection) as queries:
                run_import(book(*rows), dry_run=False)
            counts.append(len(queries))

    assert counts[:2] == counts[2:]


def test_record_saved_by_somebody_else_meanwhile_is_found(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database refuses the first try; by the second the other's product is there."""
    write, plans = Batch.write, []

    class Plan(ImportPlan):
        def __init__(self, *args: Any) -> None:
            plans.append(self)
            if len(plans) == 2:
                ProductFactory(name="Chè sen", producer__name="HTX Sen")
            super().__init__(*args)

    def refused_once(batch: Batch) -> None:
        if len(plans) == 1:
            raise IntegrityError
        write(batch)

    monkeypatch.setattr(actions, "ImportPlan", Plan)
    monkeypatch.setattr(Batch, "write", refused_once)

    report = run_import(book(row()), dry_run=False)

    assert (len(plans), report.saved, report.created, report.skipped) == (2, True, 0, 1)
    assert Product.objects.count() == 1


def test_somebody_who_keeps_saving_the_same_is_named_in_words(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_batch: Batch) -> None:
        raise IntegrityError

    monkeypatch.setattr(Batch, "write", refused)

    with pytest.raises(Refused, match="người khác lưu cùng lúc"):
        run_import(book(row()), dry_run=False)


def test_a_tax_code_with_a_wrong_check_digit_is_a_warning(db: None) -> None:
    report = run_import(book(row(tax=TAX), row("Trà", "HTX Trà", tax="0100000009")), dry_run=False)

    assert (report.created, report.failed) == (2, 0)
    assert noted(report.warnings) == [(3, "Mã số thuế (C)")]
    assert "không đúng số kiểm tra" in report.warnings[0].reason


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows are many."""
    monkeypatch.setattr(actions, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(jobs, "call_worker", lambda _pk: None)


@pytest.mark.usefixtures("large")
def test_large_workbook_is_checked_and_saved_in_the_background(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(officer)
    rows = [row(f"Chè {n}", stars=3, year=2021) for n in range(3)]

    post_workbook(client, upload(book(*rows)))
    batch = ImportBatch.objects.get()
    checking = client.get(batch.get_absolute_url())
    jobs.run(Job.objects.get().pk)
    preview = client.get(batch.get_absolute_url())
    told = client.get(batch.get_absolute_url(), headers={"HX-Request": "true"})
    url = reverse("products:import_save", args=[batch.pk])
    client.post(url)
    client.post(url)
    saving = client.get(batch.get_absolute_url(), headers={"HX-Request": "true"})
    before = Product.objects.count()
    jobs.run(Job.objects.first().pk)
    saved = client.get(batch.get_absolute_url())

    assert 'hx-trigger="every 1s"' in checking.content.decode()
    assert "Xem trước khi lưu" in preview.content.decode()
    assert told.headers["HX-Refresh"] == "true"
    assert saving.content.decode().lstrip().startswith('<div id="import-progress"')
    assert (before, Product.objects.count(), Job.objects.count()) == (0, 3, 2)
    assert "Kết quả nhập" in saved.content.decode()


@pytest.mark.usefixtures("large")
def test_bar_tells_how_far_the_work_is(officer: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(officer)
    post_workbook(client, upload(book(*[row(f"Chè {n}") for n in range(3)])))
    batch = ImportBatch.objects.get()

    actions._teller(batch, Job.objects.get())("Đối chiếu với dữ liệu đã có", 1, 3)

    page = client.get(batch.get_absolute_url()).content.decode()
    assert "Đối chiếu với dữ liệu đã có" in page
    assert '<progress value="1" max="3"' in page


@pytest.mark.usefixtures("large")
def test_large_workbook_without_a_table_says_why(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    answer = post_workbook(client_of(officer), upload(workbook([1], [2], [3], header=["Hạng sao"])))

    assert answer.status_code == 422
    assert "Không tìm thấy bảng sản phẩm" in answer.content.decode()
    assert Job.objects.count() == 0


@pytest.mark.usefixtures("large")
def test_failed_rows_of_a_large_workbook_are_left_out_only_when_the_officer_says_so(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(officer)
    post_workbook(client, upload(book(row("Chè"), row("Trà"), row("Bánh", stars="sáu sao"))))
    batch = ImportBatch.objects.get()
    jobs.run(Job.objects.get().pk)
    url = reverse("products:import_save", args=[batch.pk])

    refused = client.post(url)
    agreed = client.post(url, {"leave_out_failed": "on"})
    jobs.run(Job.objects.first().pk)

    assert (refused.status_code, agreed.status_code) == (409, 302)
    assert Product.objects.count() == 2


@pytest.mark.usefixtures("large")
def test_stopped_save_can_be_sent_again(officer: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(officer)
    post_workbook(client, upload(book(*[row(f"Chè {n}") for n in range(3)])))
    batch = ImportBatch.objects.get()
    jobs.run(Job.objects.get().pk)
    url = reverse("products:import_save", args=[batch.pk])
    client.post(url)
    jobs.cancel(Job.objects.first(), by=officer)

    stopped = client.get(batch.get_absolute_url()).content.decode()
    client.post(url)
    jobs.run(Job.objects.first().pk)

    assert "Công việc đã dừng trước khi xong" in stopped
    assert Product.objects.count() == 3


def test_import_is_saved_only_by_those_who_may_import(
    officer: User, leader: User, client_of: Callable[[User], Client]
) -> None:
    post_workbook(client_of(officer), upload(book(row())))
    batch = ImportBatch.objects.get()
    officer.roles = []
    officer.save()

    for person in (leader, User.objects.get(pk=officer.pk)):
        with pytest.raises(PermissionDenied):
            actions.save_import(batch, leave_out_failed=False, by=person)
    assert Product.objects.count() == 0
