"""The own workbook again, with the cells marked that need an eye, ready to be uploaded again."""

from collections.abc import Callable
from io import BytesIO

import openpyxl
from django.test import Client
from django.urls import reverse

from accounts.models import User
from products.actions.imports import run_import
from products.marked_workbook import marked_workbook
from products.models import ImportBatch
from products.tests.test_import import post_workbook, upload
from products.tests.test_import_rows import book, row
from products.workbook import open_workbook

NOTE = {"sheet": "Sheet", "row": 2, "column": "Hạng sao (J)", "value": "", "reason": "Sai sao."}


def marked(content: BytesIO, *notes: dict) -> openpyxl.Workbook:
    return openpyxl.load_workbook(marked_workbook(open_workbook(content), notes))


def test_problem_cells_are_coloured_and_say_why(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(officer)
    file = book(row("Chè", stars="sáu sao"), row("Trà", tax="0100000009"), row("Cốm"))
    post_workbook(client, upload(file, "Sổ 2021.xlsx"))
    batch = ImportBatch.objects.get()

    answer = client.get(reverse("products:import_marked", args=[batch.pk]))
    content = b"".join(answer.streaming_content)

    sheet = openpyxl.load_workbook(BytesIO(content)).active
    coloured = {
        cell.coordinate: cell.comment.text
        for line in sheet.iter_rows()
        for cell in line
        if cell.fill.fgColor.rgb == "FFFFD6D6" and cell.comment
    }
    assert "S%E1%BB%95%202021%20-%20c%E1%BA%A7n%20s%E1%BB%ADa.xlsx" in answer["Content-Disposition"]
    assert sorted(coloured) == ["C3", "J2"]
    assert "không phải hạng sao" in coloured["J2"]
    assert "số kiểm tra" in coloured["C3"]
    assert [cell.value for cell in sheet["A"]] == ["Tên sản phẩm", "Chè", "Trà", "Cốm"]


def test_corrected_and_uploaded_again_it_works(db: None) -> None:
    file = book(row("Chè", stars="sáu sao", year=2021), row("Trà", year=2020, stars=3))
    book_again = marked(file, NOTE)
    book_again.active["J2"] = 4
    corrected = BytesIO()
    book_again.save(corrected)

    report = run_import(corrected, dry_run=True)

    assert (report.created, report.failed) == (2, 0)


def test_messy_workbook_with_merges_gives_the_same_products_again(
    db: None, sample_workbook
) -> None:
    again = marked_workbook(open_workbook(sample_workbook), [{**NOTE, "sheet": "Biểu"}])

    report = run_import(again, dry_run=True)

    assert (report.rows_read, report.created, report.failed) == (89, 89, 0)


def test_f9_formulas_are_text(db: None) -> None:
    names = ["=1+1", "=cmd|' /C calc'!A0", "@SUM(1)", "+2", "http://x.example"]
    lines = ["Tên sản phẩm;Chủ thể", *(f"{name};HTX Sen" for name in names)]

    sheet = marked(BytesIO("\n".join(lines).encode()), {**NOTE, "sheet": "Tệp CSV"}).active

    assert [cell.value for cell in sheet["A"]][1:] == names
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n"}
    assert all(cell.hyperlink is None for cell in sheet["A"])


def test_column_that_the_table_lacks_is_told_at_the_row(db: None) -> None:
    sheet = marked(book(row()), {**NOTE, "column": "Quận/huyện/TX"}).active

    assert sheet["A2"].comment.text == "Quận/huyện/TX: Sai sao."


def test_overlapping_merges_of_a_hostile_file_are_left_out(db: None) -> None:
    wb = openpyxl.Workbook()
    wb.active.append(["a", "b"])
    wb.active.append(["c", "d"])
    wb.active.merged_cells.ranges.add("A1:B2")
    wb.active.merged_cells.ranges.add("A2:A3")
    buffer = BytesIO()
    wb.save(buffer)

    again = marked(buffer, NOTE).active

    assert [str(area) for area in again.merged_cells.ranges] == ["A1:B2"]


def test_nothing_to_mark_is_no_file(officer: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(officer)
    post_workbook(client, upload(book(row(tax="0100000003"))))

    answer = client.get(reverse("products:import_marked", args=[ImportBatch.objects.get().pk]))

    assert answer.status_code == 404
