"""Headers that nobody knows: the page that asks, what is remembered, and for whom."""

from collections.abc import Callable
from io import BytesIO

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from ocop_portal import jobs
from ocop_portal.models import Job
from ocop_portal.problems import Refused
from products.actions import imports as actions
from products.actions.import_mappings import mappings_of, remember_mapping
from products.columns import Field
from products.header_mapping import find_header, sheets_to_map
from products.models import ImportBatch, ImportMapping, Product
from products.tests.test_import import post_workbook, upload
from products.workbook import open_workbook

TITLES = ["Mặt hàng", "Nơi làm ra", "MST doanh nghiệp", "Thuộc huyện", "Đạt", "Liên hệ"]
ROWS = [
    ["Chè sen", "HTX Sen", "0100000003", "Đông Anh", "4 sao", "sen@mau.example"],
    ["Cốm", "Công ty Cốm", "0100000010", "Đông Anh", "3 sao", "com@mau.example"],
]
CHOICE = {"c0": "name", "c1": "producer_name", "c2": "tax_code", "c3": "district", "c4": "stars"}


def odd(*rows: list[object], titles: list[str] = TITLES, above: int = 1) -> BytesIO:
    """A workbook with `above` rows over a header that is in no list."""
    book = openpyxl.Workbook()
    for n in range(above):
        book.active.append([f"Biểu tổng hợp {n}"])
    for row in (titles, *(rows or ROWS)):
        book.active.append(row)
    buffer = BytesIO()
    book.save(buffer)
    buffer.seek(0)
    return buffer


def mapped(client: Client, batch: ImportBatch, **choice: str):
    url = reverse("products:import_columns", args=[batch.pk])
    return client.post(url, {"trang": "Sheet", "dong": "2", **(choice or CHOICE)})


def test_guesses_come_from_titles_words_and_values() -> None:
    book = open_workbook(odd())

    header = find_header(sheets_to_map(book)[0])

    assert header.row == 2
    assert {column.letters: column.guess for column in header.columns} == {
        "A": Field.NAME,
        "B": Field.PRODUCER_NAME,
        "C": Field.TAX_CODE,
        "D": Field.DISTRICT,
        "E": Field.STARS,
        "F": Field.EMAIL,
    }
    assert header.columns[0].samples == ("Chè sen", "Cốm")


def test_unknown_header_leads_to_the_page_and_is_remembered(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(officer)
    first = post_workbook(client, upload(odd()))
    batch = ImportBatch.objects.get()
    page = client.get(first.url, follow=True)
    answer = mapped(client, batch)
    batch.refresh_from_db()
    again = post_workbook(client, upload(odd(["Trà", "HTX Sen", "", "Đông Anh", 3], above=4)))

    text = page.content.decode()
    assert page.redirect_chain[-1][0] == reverse("products:import_columns", args=[batch.pk])
    assert "Cột A: Mặt hàng" in text
    assert "Ví dụ: Chè sen; Cốm" in text
    assert answer.url == batch.get_absolute_url()
    assert (batch.state, batch.report["created"], batch.report["failed"]) == ("preview", 2, 0)
    assert again.status_code == 302
    assert ImportBatch.objects.first().state == "preview"


def test_choice_can_be_changed_afterwards(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(officer)
    post_workbook(client, upload(odd()))
    batch = ImportBatch.objects.get()
    mapped(client, batch, **CHOICE | {"c4": ""})
    without = batch.rows.values_list("stars", flat=True)[0]

    page = client.get(reverse("products:import_columns", args=[batch.pk])).content.decode()
    mapped(client, batch)

    assert "Đổi cách đọc cột" in client.get(batch.get_absolute_url()).content.decode()
    assert 'value="name" selected' in page
    assert (without, batch.rows.values_list("stars", flat=True)[0]) == (None, 4)
    assert ImportMapping.objects.count() == 1


def test_what_one_office_says_is_not_said_for_another(
    officer: User, other_officer: User, client_of: Callable[[User], Client], person: Callable
) -> None:
    post_workbook(client_of(officer), upload(odd()))
    mapped(client_of(officer), ImportBatch.objects.get())

    post_workbook(client_of(other_officer), upload(odd()))
    colleague = person("dong_nghiep", Role.DISTRICT_OFFICER, unit_code="017")
    post_workbook(client_of(colleague), upload(odd()))

    assert ImportBatch.objects.get(owner=other_officer).state == "mapping"
    assert ImportBatch.objects.get(owner=colleague).state == "preview"
    assert mappings_of(None) == {}


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"c0": "name"}, "Hãy chọn cột cho “Tên chủ thể”"),
        ({"c0": "name", "c1": "name", "c2": "producer_name"}, "“Tên sản phẩm” đã được chọn"),
        ({"c0": "khong_co"}, "không phải là một trong"),
    ],
)
def test_choices_that_cannot_be_are_told(
    officer: User, client_of: Callable[[User], Client], choice: dict[str, str], message: str
) -> None:
    client = client_of(officer)
    post_workbook(client, upload(odd()))

    answer = mapped(client, ImportBatch.objects.get(), **choice)

    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert ImportMapping.objects.count() == 0


def test_row_and_sheet_of_the_header_can_be_chosen(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Một", "Hai", "Ba", "Bốn"])
    other = book.create_sheet("Biểu 2")
    other.append(["Tên gọi", "Ai làm"])
    other.append(["Chè", "HTX Sen"])
    buffer = BytesIO()
    book.save(buffer)
    client = client_of(officer)
    post_workbook(client, upload(buffer))
    url = reverse("products:import_columns", args=[ImportBatch.objects.get().pk])

    first = client.get(url).content.decode()
    second = client.get(url, {"trang": "Biểu 2", "dong": "1"}).content.decode()
    odd_row = client.get(url, {"trang": "Không có", "dong": "99999"}).content.decode()

    assert "Cột A: Một" in first
    assert "Cột A: Tên gọi" in second
    assert "Cột A: Một" in odd_row


def test_a_large_workbook_is_checked_again_in_the_background(
    officer: User, client_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(jobs, "call_worker", lambda _pk: None)
    client = client_of(officer)
    post_workbook(client, upload(odd()))
    batch = ImportBatch.objects.get()

    for stars in ("", "stars"):
        mapped(client, batch, **CHOICE | {"c4": stars})
        batch.refresh_from_db()
        assert batch.state == "checking"
        jobs.run(Job.objects.order_by("-pk")[0].pk)

    batch.refresh_from_db()
    assert (batch.state, batch.report["created"]) == ("preview", 2)
    assert batch.rows.values_list("stars", flat=True)[0] == 4
    assert Job.objects.count() == 2


def test_saved_import_keeps_its_columns(officer: User, leader: User) -> None:
    batch = actions.upload_workbook(upload(odd()), by=officer)
    header = find_header(sheets_to_map(actions.book_of(batch))[0])
    columns = {Field.NAME: 0, Field.PRODUCER_NAME: 1, Field.DISTRICT: 3}
    batch = actions.choose_columns(batch, header, columns, by=officer)
    batch = actions.save_import(batch, leave_out_failed=False, by=officer)

    with pytest.raises(Refused, match="đã lưu nên không đổi được"):
        actions.choose_columns(batch, header, columns, by=officer)
    with pytest.raises(Refused, match="Hãy chỉ cột “Tên chủ thể”"):
        remember_mapping(header, {Field.NAME: 0}, by=officer)
    with pytest.raises(PermissionDenied):
        remember_mapping(header, columns, by=leader)
    assert Product.objects.count() == 2
