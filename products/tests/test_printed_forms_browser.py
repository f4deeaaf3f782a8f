"""Printed forms in a real browser: from the officer's home to the file, and into the dossier."""

import io
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from products.models import Dossier
from products.tests.factories import DossierFactory, ProducerFactory, ProductFactory, unit_2021
from regulations.models import CriteriaSet

pytestmark = [pytest.mark.browser]


@pytest.fixture
def draft(officer: User) -> Dossier:
    producer = ProducerFactory(name="HTX Rau Đông Hội", unit=unit_2021("00523"))
    sheet = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
    product = ProductFactory(name="Dưa cải muối", producer=producer, criteria_set=sheet)
    return DossierFactory(product=product, created_by=officer)


@pytest.mark.django_db(transaction=True)
def test_an_officer_fills_prints_and_files_a_form(
    visit: Callable[[User], Page],
    officer: User,
    draft: Dossier,
    accessible: Callable[[Page], None],
) -> None:
    page = visit(officer)
    page.get_by_role("link", name="Hồ sơ", exact=True).first.click()
    page.get_by_role("link", name="Dưa cải muối").click()
    page.get_by_role("link", name="Biểu mẫu").click()
    accessible(page)
    card = page.locator("#mau_02")
    card.get_by_text("Xem chỗ còn trống").click()
    card.get_by_role("link", name="Lịch sử hình thành của chủ thể").click()
    accessible(page)
    page.get_by_label("Lịch sử hình thành của chủ thể").fill("Bảy hộ trồng rau lập năm 2016.")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Đã lưu nội dung Mẫu số 02.")).to_be_visible()

    with page.expect_download() as started:
        page.locator("#mau_02").get_by_role("link", name="PDF Mẫu số 02").click()
    assert started.value.suggested_filename.startswith("Mẫu số 02. Báo cáo tự đánh giá")
    data = Path(started.value.path()).read_bytes()
    drawn = pypdfium2.PdfDocument(io.BytesIO(data))
    text = drawn[0].get_textpage().get_text_range() + drawn[1].get_textpage().get_text_range()
    drawn.close()
    assert "HTX Rau Đông Hội" in text
    assert "Bảy hộ trồng rau lập năm 2016." in text

    page.locator("#mau_02").get_by_role("button", name="Đưa vào hồ sơ").click()
    expect(page.get_by_text("Đã đưa Mẫu số 02 vào mục")).to_be_visible()
    place = page.locator("#muc-self_assessment")
    expect(place.get_by_role("link", name="Tải về: Mẫu số 02. Báo cáo tự đánh giá")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("link", name="Biểu mẫu").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
