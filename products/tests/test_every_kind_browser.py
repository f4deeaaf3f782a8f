"""A dossier of each kind in a real browser, from the officer's home page: files are dropped on
their slots, the dossier goes in, a supplement is asked for and answered.
"""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from products.actions.supplements import request_supplement
from products.models import Dossier, Product, SupplementRequest
from products.tests import bad_files as make
from products.tests.factories import (
    DocumentFactory,
    DossierFactory,
    ProducerFactory,
    ProductFactory,
    unit_2021,
)
from products.tests.test_upload_browser import drop
from regulations.models import CriteriaSet

pytestmark = [pytest.mark.browser]

NAME = "Bánh đa nem Đông Hội"
SHEET = "do-an-nhanh"


@pytest.fixture
def product(officer: User) -> Product:
    sheet = CriteriaSet.objects.get(regulation__code="qd26-2026", code=SHEET)
    producer = ProducerFactory(name="HTX Bánh Đông Hội", unit=unit_2021("00523"))
    return ProductFactory(name=NAME, producer=producer, criteria_set=sheet)


def recognised_before(product: Product, officer: User) -> None:
    """A dossier of 2024 that was recognised, with one paper that goes on."""
    sheet = CriteriaSet.objects.get(regulation__code="qd148-2023", code=SHEET)
    earlier = DossierFactory(
        product=product,
        criteria_set=sheet,
        created_by=officer,
        state=Dossier.State.RECOGNISED,
        year=2024,
        filed_on=date(2024, 3, 1),
    )
    DocumentFactory(
        dossier=earlier, slot="business_registration", original_name="dang-ky-kinh-doanh.pdf"
    )


def open_dossier(page: Page, kind: str) -> Dossier:
    page.get_by_role("link", name="Sản phẩm").first.click()
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("link", name="Lập hồ sơ").first.click()
    page.get_by_label("Loại hồ sơ").select_option(kind)
    page.get_by_role("button", name="Lập hồ sơ").click()
    expect(page.get_by_role("heading", name="Tài liệu của hồ sơ")).to_be_visible()
    return Dossier.objects.latest("pk")


def drop_on(page: Page, slot: str, name: str, pages: int) -> None:
    drop(page, f"#muc-{slot}", **{name: make.pdf(pages)})
    place = page.locator(f"#muc-{slot}")
    expect(place.get_by_role("link", name=f"Tải về: {name}")).to_be_visible()


def submit(page: Page) -> None:
    page.reload()
    page.get_by_role("button", name="Nộp hồ sơ").click()
    page.locator("dialog[open] button.btn").last.click()
    expect(page.get_by_text("Đã nộp hồ sơ.")).to_be_visible()


@pytest.mark.parametrize("kind", Dossier.Kind.values)
@pytest.mark.django_db(transaction=True)
def test_a_dossier_of_each_kind_is_filled_submitted_and_completed(
    kind: str,
    visit: Callable[[User], Page],
    officer: User,
    staff: User,
    product: Product,
    accessible: Callable[[Page], None],
) -> None:
    if kind != Dossier.Kind.FIRST:
        recognised_before(product, officer)
    page = visit(officer)
    dossier = open_dossier(page, kind)
    carried = set(dossier.documents.values_list("slot", flat=True))
    assert carried == (set() if kind == Dossier.Kind.FIRST else {"business_registration"})

    wanted = [
        slot.code
        for slot in dossier.regulation.rules.documents_for(kind)
        if slot.compulsory and slot.is_file and slot.code not in carried
    ]
    assert wanted
    for n, slot in enumerate(wanted, start=1):
        drop_on(page, slot, f"{slot}.pdf", n)
    submit(page)

    dossier.refresh_from_db()
    request_supplement(
        dossier,
        reason="Bổ sung minh chứng giải thưởng",
        comments={"slot-awards": "Thiếu"},
        by=staff,
    )
    page.get_by_role("link", name="Trang chủ").first.click()
    panel = page.locator("article", has_text="Hồ sơ bị yêu cầu bổ sung")
    panel.get_by_role("link", name=NAME).click()
    expect(page.get_by_text("Bổ sung minh chứng giải thưởng").first).to_be_visible()
    accessible(page)
    drop_on(page, "awards", "giai-thuong.pdf", 7)
    submit(page)

    dossier.refresh_from_db()
    assert dossier.state == Dossier.State.SUBMITTED
    assert SupplementRequest.objects.get(dossier=dossier).answered_at is not None
