"""An officer brings an odd workbook in from the home page, and takes it back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from products.models import EarlierResult, Producer, Product
from products.tests.test_import_mapping import odd

pytestmark = pytest.mark.browser

ROWS = [
    ["Chè sen", "HTX Sen", "0100000003", "Đông Anh", "4 sao", "sen@mau.example"],
    ["Cốm", "Công ty Cốm", "0100000010", "Đông Anh", "bảy sao", "com@mau.example"],
]


def choose(page: Page, name: str, rows: list[list[object]]) -> None:
    page.get_by_label("Tệp Excel (.xlsx) hoặc CSV").set_input_files(
        {
            "name": name,
            "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "buffer": odd(*rows).read(),
        }
    )
    page.get_by_role("button", name="Tải lên và xem trước").click()


@pytest.mark.django_db(transaction=True)
def test_odd_workbook_is_mapped_corrected_saved_and_undone(
    visit: Callable[[User], Page], officer: User, accessible: Callable[[Page], None]
) -> None:
    page = visit(officer)
    page.get_by_role("link", name="Nhập từ Excel").first.click()
    accessible(page)
    choose(page, "so-la.xlsx", ROWS)

    expect(page.get_by_role("heading", name="Các cột của sổ ghi gì?")).to_be_visible()
    expect(page.get_by_label("Cột A: Mặt hàng")).to_have_value("name")
    accessible(page)
    page.get_by_label("Cột A: Mặt hàng").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Cột B: Nơi làm ra")).to_be_focused()
    page.get_by_label("Cột E: Đạt").select_option(label="Hạng sao")
    page.get_by_role("button", name="Nhớ và xem trước").click()

    expect(page.get_by_text("“bảy sao” không phải hạng sao").first).to_be_visible()
    accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải tệp đã đánh dấu ô cần xem").click()
    assert download.value.suggested_filename == "so-la - cần sửa.xlsx"

    page.get_by_role("link", name="Tải lên tệp khác").click()
    choose(page, "so-da-sua.xlsx", [ROWS[0], [*ROWS[1][:4], "3 sao", ROWS[1][5]]])
    page.get_by_role("button", name="Lưu 2 dòng").click()
    expect(page.get_by_text("Đã lưu: thêm 2, cập nhật 0 sản phẩm.")).to_be_visible()
    assert Product.objects.count() == 2
    accessible(page)

    page.get_by_role("link", name="Hoàn tác lần nhập này").click()
    accessible(page)
    page.get_by_role("button", name="Hoàn tác 2 dòng").click()
    expect(page.get_by_text("Đã hoàn tác 2 dòng.")).to_be_visible()
    accessible(page)
    assert [model.objects.count() for model in (Product, Producer, EarlierResult)] == [0, 0, 0]
