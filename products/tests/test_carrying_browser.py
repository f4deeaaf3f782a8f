"""An upgrade in a real browser: it starts with what is there, and asks for the rest only."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from products.models import Dossier, Product
from products.tests.factories import (
    DocumentFactory,
    DossierFactory,
    PaperFactory,
    ProducerFactory,
    unit_2021,
)
from regulations.models import CriteriaSet

pytestmark = [pytest.mark.browser]


@pytest.fixture
def product(officer: User) -> Product:
    """Recognised with three stars under 148/QĐ-TTg, with a report that has lapsed since."""
    sheet = CriteriaSet.objects.get(regulation__code="qd148-2023", code="do-an-nhanh")
    producer = ProducerFactory(name="HTX Bánh Đông Hội", unit=unit_2021("00523"))
    earlier = DossierFactory(
        product__producer=producer,
        product__name="Bánh đa nem",
        product__criteria_set=sheet,
        created_by=officer,
        state=Dossier.State.RECOGNISED,
        year=2024,
        filed_on=date(2024, 3, 1),
    )
    today = timezone.localdate()
    ends = {
        "business_registration": None,
        "production_conditions": today + timedelta(days=200),
        "food_safety_test_report": today - timedelta(days=1),
        "barcode_traceability_ip": None,
    }
    for slot, ends_on in ends.items():
        DocumentFactory(
            dossier=earlier, slot=slot, original_name=f"{slot}.pdf", valid_until=ends_on
        )
    PaperFactory(
        producer=producer, slot="environment", original_name="moi-truong.pdf", uploaded_by=officer
    )
    return earlier.product


@pytest.mark.django_db(transaction=True)
def test_upgrade_starts_with_earlier_documents_and_asks_for_the_rest(
    visit: Callable[[User], Page],
    officer: User,
    product: Product,
    accessible: Callable[[Page], None],
) -> None:
    page = visit(officer)
    page.goto(f"/san-pham/{product.pk}/lap-ho-so/")
    page.get_by_label("Loại hồ sơ").select_option(label="Nâng hạng")
    page.get_by_role("button", name="Lập hồ sơ").click()
    expect(page.get_by_text("Đã lập hồ sơ và mang sang 3 tài liệu đã có.")).to_be_visible()
    slot = page.locator("#muc-production_conditions")
    expect(slot.get_by_text("Hết hạn giữa kỳ")).to_be_visible()
    expect(page.get_by_text("Còn 9 việc cho 3 sao")).to_be_visible()
    accessible(page)

    # What stands on a document, written inside the page.
    slot.get_by_role("link", name="Sửa số, ngày, thời hạn").click()
    slot.get_by_label("Số văn bản").fill("15/GCN")
    slot.get_by_label("Có hiệu lực đến").fill("31/12/2099")
    slot.get_by_role("button", name="Lưu").click()
    expect(slot.get_by_text("Còn hạn đến 31/12/2099")).to_be_visible()
    expect(slot.get_by_text("Số 15/GCN")).to_be_visible()

    page.get_by_role("link", name="Mang sang", exact=True).click()
    asked = page.get_by_role("region", name="Cần bổ sung cho hồ sơ này")
    expect(asked.get_by_text("Lập mới")).to_have_count(3)
    expect(asked.get_by_text("Cần bản mới")).to_have_count(1)
    expect(asked.get_by_text("Phiếu kết quả kiểm nghiệm")).to_be_visible()
    expect(page.get_by_text("Đã mang sang", exact=True)).to_have_count(3)
    accessible(page)

    # A slot that the new regulation split: the officer says what the document is.
    page.get_by_label("Mục cho barcode_traceability_ip.pdf").select_option(label="Sở hữu trí tuệ")
    page.get_by_role("button", name="Đưa vào").first.click()
    expect(page.get_by_text("Đã mang sang “barcode_traceability_ip.pdf”.")).to_be_visible()

    page.get_by_role("link", name="Hiệu lực", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="production_conditions.pdf")).to_contain_text(
        "Còn hạn đến 31/12/2099"
    )
    accessible(page)
    page.goto("/giay-to-sap-het-han/?trong=het")
    expect(page.get_by_role("link", name="food_safety_test_report.pdf")).to_be_visible()
    accessible(page)
    slots = set(Dossier.objects.latest("pk").documents.values_list("slot", flat=True))
    assert slots == {
        "business_registration",
        "production_conditions",
        "environment",
        "intellectual_property",
    }
