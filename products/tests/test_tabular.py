"""From an officer's sheet to product rows."""

import csv
import time
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from products.columns import Field
from products.reading import ProductRow, RowProblem, WorkbookReading, read_products
from products.sheet_xml import Merge
from products.spool import Spool
from products.tabular import Layout, RowKind, find_layout
from products.workbook import RawRow, RawSheet, WorkbookError

DATA = Path(__file__).parent / "data"
HEADER = ["TT", "Tên sản phẩm", "Chủ thể", "Huyện", "Hạng sao", "Năm", "Ghi chú"]


def read(*rows: list[object], merges: tuple[str, ...] = (), title: str = "Biểu") -> WorkbookReading:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    for merge in merges:
        book.active.merge_cells(merge)
    return read_book(book)


def read_book(book: openpyxl.Workbook) -> WorkbookReading:
    file = BytesIO()
    book.save(file)
    return read_products(file)


def names(reading: WorkbookReading) -> list[str]:
    return [row.name for row in reading.rows]


# The officers' workbook


def expected_rows() -> list[dict[str, str]]:
    with (DATA / "products_messy_01_expected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_expected(row: ProductRow) -> dict[str, str]:
    potential = "yes" if row.is_potential else "no"
    return {
        "sheet": row.sheet,
        "row": str(row.row),
        "product_name": row.name.casefold(),
        "producer_name": row.producer_name,
        "producer_type": row.producer_kind or "",
        "district": row.district.name if row.district else "",
        "commune": row.commune.name if row.commune else "",
        "product_group": row.group,
        "star_rating": str(row.stars or ""),
        "star_is_potential": potential if row.stars else "",
        "year": str(row.year or ""),
        "assessment_date": str(row.assessed_on or ""),
        "status": row.status or "",
    }


def test_the_messy_workbook_gives_every_product_as_expected() -> None:
    reading = read_products(DATA / "products_messy_01.xlsx")

    read_rows = [as_expected(row) for row in reading.rows]
    expected = [
        {column: row[column] for column in read_rows[0]}
        | {"product_name": row["product_name"].casefold()}
        for row in expected_rows()
    ]
    assert read_rows == expected
    assert len(read_rows) == 89
    assert reading.problems == ()


def test_the_messy_workbook_tells_what_was_left_out() -> None:
    reading = read_products(DATA / "products_messy_01.xlsx")

    assert reading.skipped == {
        RowKind.NUMBERING: 1,
        RowKind.SECTION: 4,
        RowKind.TOTAL: 1,
        RowKind.SIGNATURE: 1,
    }
    assert [(sheet.title, sheet.products) for sheet in reading.sheets_read] == [
        ("TH san pham 2021-2023", 89)
    ]
    assert [(sheet.title, sheet.reason) for sheet in reading.sheets_left_out] == [
        ("Sheet2", "Không có bảng sản phẩm."),
        ("Sheet3", "Trang tính trống."),
    ]
    assert len(reading.producers) == len({row.producer_key for row in reading.rows} - {""})


# Headers


def test_a_clean_table_from_the_first_row() -> None:
    reading = read(
        ["Tên sản phẩm", "Chủ thể", "MST", "Điện thoại", "Email", "Địa chỉ", "Mã SP"],
        ["Cốm", "HTX Vòng", 101234567, 912345678, "com@vong.vn", "Thôn 1", "01-2-3"],
    )

    row = reading.rows[0]
    assert (row.name, row.producer_name, row.tax_code) == ("Cốm", "HTX Vòng", "0101234567")
    assert (row.phone, row.email) == ("0912345678", "com@vong.vn")
    assert (row.address, row.product_code) == ("Thôn 1", "01-2-3")
    assert reading.sheets_read[0].missing == ("Quận/huyện/TX", "Hạng sao", "Năm")


def test_short_titles_under_a_merged_one() -> None:
    reading = read(
        ["BIỂU TỔNG HỢP SẢN PHẨM"],
        ["Sản phẩm", None, "Chủ thể", None, "Kết quả phân hạng", None],
        ["Tên", "Nhóm", "Tên", "Địa chỉ", "Sao", "Năm"],
        ["Cốm", "Thực phẩm", "HTX Vòng", "Thôn 1", 4, 2022],
        merges=("A1:F1", "A2:B2", "C2:D2", "E2:F2"),
    )

    row = reading.rows[0]
    assert (row.name, row.group, row.producer_name) == ("Cốm", "Thực phẩm", "HTX Vòng")
    assert (row.address, row.stars, row.year) == ("Thôn 1", 4, 2022)


def test_titles_with_explanations_and_line_breaks() -> None:
    reading = read(
        ["Số\nTT", "TÊN SẢN PHẨM\n(ghi đầy đủ)", "Tên chủ thể đăng ký", "Hạng sao (dự kiến)"],
        [1, "Cốm", "HTX Vòng", "4 sao"],
    )

    assert reading.rows[0].producer_name == "HTX Vòng"
    assert reading.sheets_read[0].columns[Field.STARS] == "Hạng sao (dự kiến) (D)"


def test_missing_column_is_named_with_what_was_found() -> None:
    with pytest.raises(WorkbookError) as caught:
        read(["TT", "Tên sản phẩm", "Huyện", "Hạng sao"], [1, "Cốm", "Ba Vì", 4])

    assert caught.value.code == "no_header"
    assert caught.value.message == (
        "Không tìm thấy bảng sản phẩm: thiếu cột “Tên chủ thể”. Trang tính “Biểu” chỉ có các cột: "
        "“TT”, “Tên sản phẩm”, “Huyện”, “Hạng sao”."
    )


def test_a_workbook_without_any_header() -> None:
    with pytest.raises(WorkbookError) as caught:
        read(["Báo cáo tháng 5"], ["Kính gửi"])

    assert caught.value.message == (
        "Không tìm thấy bảng sản phẩm: thiếu cột “Tên sản phẩm”, “Tên chủ thể”. "
        "Không trang tính nào có dòng tiêu đề cột."
    )


def test_a_workbook_from_before_unicode_is_told_so() -> None:
    with pytest.raises(WorkbookError) as caught:
        read(["Tªn s¶n phÈm", "Chñ thÓ", "HuyÖn"], ["B¸nh cèm", "HTX B¸t Trµng", "Gia L©m"])

    assert caught.value.code == "old_encoding"


def test_several_sheets_are_read_and_hidden_ones_are_named() -> None:
    book = openpyxl.Workbook()
    for title in ("Ba Vì", "Gia Lâm", "Cũ"):
        sheet = book.create_sheet(title)
        sheet.append(["Tên sản phẩm", "Chủ thể", "Huyện"])
        sheet.append(["Cốm", "HTX Vòng", title])
    book["Cũ"].sheet_state = "hidden"
    del book["Sheet"]

    reading = read_book(book)

    assert [row.sheet for row in reading.rows] == ["Ba Vì", "Gia Lâm"]
    assert [(sheet.title, sheet.reason) for sheet in reading.sheets_left_out] == [
        ("Cũ", "Trang tính đang ẩn.")
    ]


# Rows


def test_section_gives_the_district_only_where_the_row_has_none() -> None:
    reading = read(
        HEADER,
        ["I", "HUYỆN BA VÌ (2 sản phẩm)"],
        [1, "Sữa", "HTX A", None, 3, 2022],
        [2, "Chè", "HTX B", "Gia Lâm", 3, 2022],
        [None, "Xã Minh Châu"],
        [3, "Bò", "HTX C", None, 3, 2022],
        ["II. Thị xã Sơn Tây"],
        [1, "Gà", "HTX D", None, 3, 2022],
        merges=("A7:G7",),
    )

    units = [
        (row.district and row.district.name, row.commune and row.commune.name)
        for row in reading.rows
    ]
    assert units == [
        ("Ba Vì", None),
        ("Gia Lâm", None),
        ("Ba Vì", "Minh Châu"),
        ("Sơn Tây", None),
    ]
    assert reading.skipped == {RowKind.SECTION: 3}


def test_rows_that_are_no_products_are_counted_not_read() -> None:
    reading = read(
        HEADER,
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"],
        [1, "Cốm", "HTX Vòng", "Ba Vì", 3, 2022],
        HEADER,
        [2, "Tổng hợp hạt", "Công ty A", "Ba Vì", 4, 2022],
        [3],
        [None, "Cộng", None, None, 2],
        ["Tổng số: 2 sản phẩm"],
        [None, "Ghi chú: số liệu tạm tính"],
        [None, None, None, "Hà Nội, ngày 5 tháng 1 năm 2024"],
        [None, "NGƯỜI LẬP BIỂU", None, None, "GIÁM ĐỐC"],
        [None, "Nguyễn Văn A", None, None, "Trần B"],
    )

    assert names(reading) == ["Cốm", "Tổng hợp hạt"]
    assert reading.problems == ()
    assert reading.skipped == {
        RowKind.NUMBERING: 1,
        RowKind.REPEATED_HEADER: 1,
        RowKind.BLANK: 1,
        RowKind.TOTAL: 2,
        RowKind.NOTE: 2,
        RowKind.SIGNATURE: 2,
    }


def test_merged_producer_and_stars_count_for_all_their_rows_and_names_do_not() -> None:
    reading = read(
        HEADER,
        [1, "Cốm", "HTX Vòng", "Ba Vì", 4, 2022],
        [2, "Chè"],
        [3, None, None, None, None, None, "Đã có QĐ"],
        [4, "Sữa", "HTX A"],
        merges=("C2:C4", "D2:D4", "E2:E3", "B3:B4"),
    )

    assert [(row.name, row.producer_name, row.stars) for row in reading.rows] == [
        ("Cốm", "HTX Vòng", 4),
        ("Chè", "HTX Vòng", 4),
        ("Sữa", "HTX A", None),
    ]
    assert reading.problems == (
        RowProblem("Biểu", 4, "Tên sản phẩm (B)", "", "Thiếu tên sản phẩm."),
    )


def test_every_doubt_names_its_sheet_row_and_column() -> None:
    reading = read(
        HEADER,
        [1, "Cốm", "HTX Vòng", "Ba Vì", "sáu sao", 2200],
        [2, "#REF!", "HTX Vòng"],
        [None, "Sản phẩm nào đó"],
    )

    assert [(p.row, p.column, p.value) for p in reading.problems] == [
        (2, "Hạng sao (E)", "sáu sao"),
        (2, "Năm (F)", "2200"),
        (3, "Tên sản phẩm (B)", "#REF!"),
        (4, "Tên sản phẩm (B)", "Sản phẩm nào đó"),
    ]
    assert [(row.name, row.stars, row.year) for row in reading.rows] == [("Cốm", None, None)]


def test_producer_spellings_are_shown_as_one() -> None:
    reading = read(
        HEADER,
        [1, "Cốm", "HTX Vòng"],
        [2, "CHÈ LAM", "Hợp tác xã Vòng"],
        [3, "Bánh", "Hợp tác xã Vọng"],
    )

    assert [(row.name, row.producer_name, row.producer_written) for row in reading.rows] == [
        ("Cốm", "Hợp tác xã Vòng", "HTX Vòng"),
        ("Chè lam", "Hợp tác xã Vòng", "Hợp tác xã Vòng"),
        ("Bánh", "Hợp tác xã Vọng", "Hợp tác xã Vọng"),
    ]
    assert [group.rows for group in reading.producers] == [2, 1]


def test_date_cells_and_formula_text() -> None:
    reading = read(
        ["Tên sản phẩm", "Chủ thể", "Ngày đánh giá", "Ghi chú"],
        ["+Cốm", "HTX Vòng", date(2022, 12, 9), "'=cmd"],
    )

    row = reading.rows[0]
    assert (row.name, row.assessed_on, row.note) == ("+Cốm", date(2022, 12, 9), "'=cmd")


def test_a_name_column_two_cells_wide_is_no_section() -> None:
    reading = read(
        ["TT", "Tên sản phẩm", None, "Chủ thể"],
        [1, "Cốm", None, "HTX Vòng"],
        [2, "Chè"],
        merges=("B1:C1", "B2:C2", "B3:C3", "D2:D3"),
    )

    assert names(reading) == ["Cốm", "Chè"]


def test_merges_over_merges_cost_little_however_many_there_are() -> None:
    header = ("Tên sản phẩm", "Chủ thể", *map(str, range(198)))
    rows = tuple(RawRow(number, header) for number in range(1, 61))
    merges = tuple(Merge(1, 0, 60, last) for last in range(1, 100_001))

    started = time.process_time()
    layout = find_layout(RawSheet("Biểu", Spool(rows), merges))

    assert isinstance(layout, Layout)
    assert time.process_time() - started < 5
