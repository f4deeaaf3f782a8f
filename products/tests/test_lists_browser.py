"""A list in a real browser: filtered, kept, with own columns, exported, turned; also on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from products.models import Dossier
from products.tests.factories import DossierFactory

pytestmark = [pytest.mark.browser]


@pytest.fixture
def dossiers(officer: User) -> None:
    for n in range(60):
        DossierFactory(product__name=f"Chè {n:02d}", created_by=officer)
    DossierFactory(product__name="Nộp được", created_by=officer, complete=True, year=2020)


@pytest.mark.django_db(transaction=True)
def test_officer_filters_keeps_chooses_exports_and_turns_pages(
    visit: Callable[[User], Page],
    officer: User,
    dossiers: None,
    accessible: Callable[[Page], None],
) -> None:
    page = visit(officer)
    page.goto("/ho-so/")
    expect(page.get_by_text("61 hồ sơ", exact=True)).to_be_visible()
    accessible(page)

    page.get_by_role("searchbox", name="Tìm", exact=True).fill("che")
    page.get_by_role("button", name="Lọc", exact=True).click()
    expect(page.locator(".ocop-list-head strong")).to_have_text("60")
    page.get_by_text("Lưu bộ lọc này").click()
    page.get_by_label("Tên bộ lọc").fill("Chè của huyện")
    accessible(page)
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("link", name="Chè của huyện", exact=True)).to_have_attribute(
        "aria-current", "true"
    )

    page.locator("summary", has_text="Cột").click()
    page.get_by_label("Xã, phường").check()
    page.get_by_label("Loại hồ sơ").uncheck()
    page.get_by_role("button", name="Áp dụng").click()
    expect(page.get_by_role("columnheader", name="Xã, phường")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Loại hồ sơ")).to_have_count(0)

    page.locator("summary", has_text="Xuất").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert len(download.value.path().read_text(encoding="utf-8").splitlines()) == 61

    page.goto("/ho-so/")
    page.get_by_role("link", name="Chè của huyện", exact=True).click()
    page.get_by_role("link", name="Sau", exact=True).click()
    page.get_by_role("link", name="Sau", exact=True).click()
    expect(page.get_by_text("10 dòng trên trang này")).to_be_visible()
    page.get_by_role("link", name="Trước", exact=True).click()
    expect(page.get_by_text("25 dòng trên trang này")).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_officer_submits_several_dossiers_on_a_phone(
    visit: Callable[[User], Page],
    officer: User,
    dossiers: None,
    accessible: Callable[[Page], None],
) -> None:
    page = visit(officer)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/ho-so/?year=2020")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    accessible(page)

    page.get_by_label("Đánh dấu Nộp được").check()
    page.get_by_role("button", name="Nộp hồ sơ").click()
    expect(page.get_by_role("heading", name="Nộp hồ sơ: 1 hồ sơ")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Nộp hồ sơ", exact=True).click()
    expect(page.get_by_role("heading", name="Tiến độ")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert Dossier.objects.get(year=2020).state == Dossier.State.DRAFT
