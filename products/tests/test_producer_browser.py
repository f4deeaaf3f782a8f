"""A producer's account in a real browser: invited, a dossier written and given to the officer."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from conftest import PASSWORD, Visitor
from products.models import Dossier, Producer
from products.tests.factories import ProducerFactory, ProductFactory, unit_2021
from regulations.models import CriteriaSet

pytestmark = [pytest.mark.browser]


@pytest.fixture
def producer(officer: User) -> Producer:
    producer = ProducerFactory(name="HTX Rau Đông Hội", unit=unit_2021("00523"))
    sheet = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
    ProductFactory(name="Dưa cải muối", producer=producer, criteria_set=sheet)
    return producer


def invite(page: Page, accessible: Callable[[Page], None]) -> str:
    """The officer invites from the home page; gives the address that the e-mail holds."""
    page.get_by_role("link", name="Chủ thể").first.click()
    page.get_by_role("link", name="HTX Rau Đông Hội").click()
    page.get_by_role("link", name="Tài khoản").click()
    page.get_by_label("Họ và tên").fill("Người viết hồ sơ (mẫu)")
    page.get_by_label("Thư điện tử").fill("viet@mau.example")
    accessible(page)
    page.get_by_role("button", name="Gửi lời mời").click()
    expect(page.get_by_text("Đã gửi lời mời đến viet@mau.example.")).to_be_visible()
    return page.get_by_label("Liên kết trong lời mời").input_value()


def open_account(visitor: Visitor, address: str, accessible: Callable[[Page], None]) -> Page:
    page = visitor.page
    page.goto("/" + address.split("/", 3)[3])
    expect(page.get_by_text("HTX Rau Đông Hội")).to_be_visible()
    accessible(page)
    page.get_by_label("Tên đăng nhập").fill("nguoi.viet")
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("input[name=password2]").fill(PASSWORD)
    page.get_by_role("button", name="Mở tài khoản").click()
    return visitor.sign_in(User.objects.get(username="nguoi.viet"))


def write_dossier(page: Page, pdf: Callable, accessible: Callable[[Page], None]) -> None:
    """From the producer's home to a dossier with its compulsory documents."""
    page.get_by_role("link", name="Mở danh sách sản phẩm").click()
    page.get_by_role("link", name="Dưa cải muối").click()
    page.get_by_role("link", name="Lập hồ sơ").first.click()
    page.get_by_role("button", name="Lập hồ sơ").click()
    expect(page.get_by_text("Chủ thể đang soạn").first).to_be_visible()
    accessible(page)
    for slot in Dossier.objects.get().regulation.rules.documents_for("first"):
        if slot.compulsory and slot.is_file:
            place = page.locator(f"#muc-{slot.code}")
            place.locator("input[type=file]").set_input_files(
                {
                    "name": f"{slot.code}.pdf",
                    "mimeType": "application/pdf",
                    "buffer": pdf(slot.code).read(),
                }
            )
            place.get_by_role("button", name="Tải lên").click()
            expect(place.get_by_role("link", name=f"Tải về: {slot.code}.pdf")).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_producer_writes_and_the_officer_submits(
    visit: Callable[[User], Page],
    visitor: Callable[[], Visitor],
    officer: User,
    producer: Producer,
    pdf: Callable,
    accessible: Callable[[Page], None],
) -> None:
    office = visit(officer)
    page = open_account(visitor(), invite(office, accessible), accessible)
    accessible(page)

    write_dossier(page, pdf, accessible)
    expect(page.get_by_role("button", name="Nộp hồ sơ")).to_have_count(0)
    page.get_by_role("button", name="Gửi cán bộ").click()
    page.locator("dialog[open] button.btn").last.click()
    expect(page.get_by_text("Đã gửi hồ sơ cho cán bộ.")).to_be_visible()

    office.goto("/")
    office.get_by_role("link", name="Thông báo: 1 chưa đọc").click()
    office.get_by_role("button", name="HTX Rau Đông Hội gửi hồ sơ Dưa cải muối").click()
    office.get_by_role("button", name="Nộp hồ sơ").click()
    office.locator("dialog[open] button.btn").last.click()
    expect(office.get_by_text("Đã nộp hồ sơ.")).to_be_visible()
    assert Dossier.objects.get().state == Dossier.State.SUBMITTED
