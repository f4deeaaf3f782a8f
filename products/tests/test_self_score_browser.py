"""The producer's own score in a real browser: by tap and by keyboard, on to the ladder."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.roles import Role
from products.models import Dossier, SelfChoice
from products.self_score import points_of
from products.tests.factories import DossierFactory, ProducerFactory, ProductFactory, unit_2021
from regulations.models import CriteriaSet

pytestmark = [pytest.mark.browser]


@pytest.fixture
def account(person: Callable[..., User]) -> User:
    return person("account", Role.PRODUCER, unit_code="00523")


@pytest.fixture
def own(account: User) -> Dossier:
    producer = ProducerFactory(name="HTX Rau Đông Hội", unit=unit_2021("00523"))
    producer.accounts.add(account)
    sheet = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
    product = ProductFactory(name="Dưa cải muối", producer=producer, criteria_set=sheet)
    return DossierFactory(
        product=product,
        created_by=account,
        with_producer=True,
        complete=True,
        year=2026,
        tier="city",
        filed_on=None,
    )


def saved(page: Page, count: int) -> None:
    """The bar counts so many criteria as scored."""
    expect(page.locator("#totals progress")).to_have_attribute("value", str(count))


def score_whole_sheet(page: Page, own: Dossier) -> None:
    """The lowest option with points of every criterion, by the keys that people type."""
    for code, criterion in own.criteria_set.sheet.by_code.items():
        if code == "1.1":
            continue
        points = min(option.points for option in criterion.options if option.points)
        page.locator(f"[id='tieu-chi-{code}'] input[type=radio]").first.focus()
        page.keyboard.press(str(points))


@pytest.mark.django_db(transaction=True)
def test_producer_scores_by_tap_and_keyboard_and_opens_the_ladder(
    visit: Callable[[User], Page],
    own: Dossier,
    account: User,
    accessible: Callable[[Page], None],
) -> None:
    page = visit(account)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(own.get_absolute_url())
    page.get_by_role("link", name="Tự chấm điểm").click()
    expect(page.get_by_text("Chưa chấm tiêu chí nào")).to_be_visible()

    first = page.locator("[id='tieu-chi-1.1']")
    first.get_by_text("từ 75% đến 100%").click()
    saved(page, 1)
    expect(first.locator("[data-ocop-state]")).to_have_text("3/3")
    expect(page.locator("#diem-phan-A")).to_have_text("3")

    first.get_by_role("link", name="Minh chứng và thuyết minh").click()
    box = first.get_by_role("checkbox").first
    box.check()
    expect(first.get_by_text("Minh chứng đã nêu")).to_be_visible()
    first.get_by_label("Thuyết minh của tiêu chí 1.1").fill("Hợp đồng với 12 hộ")
    first.get_by_label("Thuyết minh của tiêu chí 1.1").blur()
    expect(first.locator(".ocop-self-remark")).to_have_text("Hợp đồng với 12 hộ")
    accessible(page)
    box.uncheck()
    expect(first.get_by_text("Minh chứng đã nêu")).to_have_count(0)

    score_whole_sheet(page, own)
    count = len(own.criteria_set.sheet.by_code)
    saved(page, count)
    points = points_of(own)
    assert len(points) == count
    own.refresh_from_db()
    assert own.self_score == sum(points.values())
    assert SelfChoice.objects.get(criterion="1.1").remark == "Hợp đồng với 12 hộ"
    expect(page.locator("#totals strong").first).to_have_text(str(own.self_score))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.get_by_role("link", name="Xem đường lên hạng sao").click()
    expect(page.get_by_role("heading", name="Theo bản tự chấm của chủ thể")).to_be_visible()
    expect(page.get_by_role("heading", name="Cần nâng ít nhất")).to_be_visible()
    page.get_by_text("Các tiêu chí khác còn nâng được").click()
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.django_db(transaction=True)
def test_two_windows_do_not_replace_each_other_unseen(
    visit: Callable[[User], Page], own: Dossier, account: User
) -> None:
    page = visit(account)
    address = f"{own.get_absolute_url()}tu-cham/"
    page.goto(address)
    other = page.context.new_page()
    other.goto(address)
    page.locator("[id='tieu-chi-1.1']").get_by_text("từ 75% đến 100%").click()
    saved(page, 1)

    other.locator("[id='tieu-chi-1.1']").get_by_text("từ 50% đến dưới 75%").click()

    expect(other.get_by_text("đã đổi ở cửa sổ hoặc thiết bị khác")).to_be_visible()
    again = other.locator("[id='tieu-chi-1.1'] input:checked")
    expect(again).to_have_value(str(SelfChoice.objects.get().option))
    assert points_of(own) == {"1.1": 3}
    other.locator("[id='tieu-chi-1.1']").get_by_text("từ 50% đến dưới 75%").click()
    expect(other.locator("[id='tieu-chi-1.1'] [data-ocop-state]")).to_have_text("2/3")
    assert points_of(own) == {"1.1": 2}


@pytest.mark.django_db(transaction=True)
def test_whole_sheet_without_script(
    visit: Callable[[User], Page], own: Dossier, account: User
) -> None:
    signed_in = visit(account)
    context = signed_in.context.browser.new_context(
        base_url=signed_in.url.rstrip("/"),
        java_script_enabled=False,
        storage_state=signed_in.context.storage_state(),
    )
    page = context.new_page()
    page.goto(f"{own.get_absolute_url()}tu-cham/")

    page.locator("input[name='option-1.1']").last.check()
    page.locator("input[name='option-1.2']").first.check()
    page.get_by_role("button", name="Lưu cả phiếu").click()

    expect(page.get_by_text("Đã lưu bản tự chấm.")).to_be_visible()
    page.get_by_role("link", name="Minh chứng và thuyết minh của tiêu chí 1.1").click()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Minh chứng đã nêu")).to_be_visible()
    assert points_of(own)["1.1"] == 3
    assert SelfChoice.objects.get(criterion="1.1").evidence.count() == 1
    context.close()
