"""Checking in a real browser: asked for a supplement, answered, compared, accepted."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from ocop_portal import jobs
from ocop_portal.models import Job
from products.actions import dossiers as actions
from products.models import Dossier
from products.tests.factories import DocumentFactory, DossierFactory
from regulations.models import CriteriaSet

pytestmark = [pytest.mark.browser]


@pytest.fixture
def dossier(officer: User) -> Dossier:
    sheet = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
    dossier = DossierFactory(
        product__name="Dưa cải muối",
        criteria_set=sheet,
        created_by=officer,
        tier="city",
        filed_on=date(2026, 6, 1),
    )
    for slot in ("registration_form", "self_assessment", "awards"):
        DocumentFactory(
            dossier=dossier, slot=slot, original_name=f"{slot}.pdf", uploaded_by=officer
        )
    return actions.submit_dossier(dossier, by=officer)


def row_of(page: Page, name: str) -> object:
    return page.locator(".ocop-check", has_text=f"{name}.pdf")


def check_documents(page: Page, accessible: Callable[[Page], None]) -> None:
    """From the landing page to a verdict of each document; every choice is saved at once."""
    page.get_by_role("link", name="Dưa cải muối").first.click()
    expect(page.locator(".ocop-progress-count", has_text="0/3")).to_be_visible()
    accessible(page)
    for name in ("registration_form", "awards"):
        row = row_of(page, name)
        row.get_by_label("Đạt").check()
        expect(row.get_by_text("Đã lưu ·")).to_be_visible()
    row = row_of(page, "self_assessment")
    row.get_by_label("Cần bổ sung").check()
    row.get_by_role("textbox").fill("Thiếu phần tự chấm điểm")
    row.get_by_role("textbox").blur()
    expect(page.locator(".ocop-progress-count", has_text="3/3")).to_be_visible()
    expect(page.locator("[data-ocop-unsaved]")).to_have_count(0)
    page.reload()
    expect(row.get_by_role("textbox")).to_have_value("Thiếu phần tự chấm điểm")
    accessible(page)


def ask(page: Page, accessible: Callable[[Page], None]) -> None:
    page.get_by_role("link", name="Yêu cầu bổ sung").click()
    expect(page.get_by_label("Cần bổ sung gì cho self_assessment.pdf")).to_have_value(
        "Thiếu phần tự chấm điểm"
    )
    accessible(page)
    page.get_by_role("button", name="Gửi yêu cầu bổ sung").click()
    expect(page.get_by_text("Đã chuyển lại hồ sơ để bổ sung.")).to_be_visible()


def answer(page: Page, pdf: Callable, accessible: Callable[[Page], None]) -> None:
    page.get_by_role("link", name="Dưa cải muối").first.click()
    expect(page.get_by_text("Thiếu phần tự chấm điểm").first).to_be_visible()
    accessible(page)
    slot = page.locator("#muc-self_assessment")
    slot.get_by_text("Thay bằng bản mới").click()
    content = {
        "name": "tu-danh-gia-2.pdf",
        "mimeType": "application/pdf",
        "buffer": pdf("tu-danh-gia-2.pdf").read(),
    }
    slot.locator("input[type=file]").first.set_input_files(content)
    slot.get_by_role("button", name="Thay").click()
    expect(page.get_by_text("Đã bổ sung").first).to_be_visible()
    page.get_by_role("button", name="Nộp hồ sơ").click()
    page.locator("dialog[open] button.btn").last.click()
    expect(page.get_by_text("Đã nộp hồ sơ.")).to_be_visible()


def compare_and_accept(page: Page, accessible: Callable[[Page], None]) -> None:
    page.goto("/")
    page.get_by_role("link", name="Dưa cải muối").first.click()
    page.get_by_role("link", name="Xem thay đổi").click()
    change = page.locator(".ocop-change")
    for name in ("self_assessment.pdf", "tu-danh-gia-2.pdf"):
        expect(change.get_by_role("link", name=f"Xem: {name}")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Kiểm tra hồ sơ").click()
    row = row_of(page, "tu-danh-gia-2")
    expect(row.get_by_text("Chưa kiểm tra").last).to_be_visible()
    row.get_by_label("Đạt").check()
    expect(page.locator(".ocop-progress-count", has_text="3/3")).to_be_visible()
    page.get_by_role("button", name="Tiếp nhận").click()
    expect(page.get_by_text("Đã tiếp nhận hồ sơ.")).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_staff_asks_officer_answers_staff_compares_and_accepts(
    visit: Callable[[User], Page],
    staff: User,
    officer: User,
    dossier: Dossier,
    pdf: Callable,
    accessible: Callable[[Page], None],
) -> None:
    office = visit(staff)
    check_documents(office, accessible)
    ask(office, accessible)
    jobs.run(Job.objects.get(kind="supplement_request").pk)

    answer(visit(officer), pdf, accessible)

    compare_and_accept(office, accessible)
    dossier.refresh_from_db()
    assert dossier.state == Dossier.State.ACCEPTED
    assert dossier.supplement_requests.get().document is not None
