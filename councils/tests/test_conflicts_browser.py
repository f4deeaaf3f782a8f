"""A member declares conflicts of interest in a real browser, from the home page."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from councils import actions
from councils.models import ConflictDeclaration, Council
from products.models import Dossier
from products.tests.factories import DossierFactory

pytestmark = [pytest.mark.browser]


@pytest.mark.django_db(transaction=True)
def test_s5_member_declares_from_the_home_page(
    visit: Callable[[User], Page],
    council: Council,
    officer: User,
    secretary: User,
    members: list[User],
    accessible: Callable[[Page], None],
) -> None:
    session = actions.create_session(
        council, by=secretary, title="Phiên mẫu", round=1, held_on=date(2021, 10, 1)
    )
    names = ["Chè sen", "Nem chua", "Rượu nếp"]
    dossiers = [
        DossierFactory(
            product__name=name,
            created_by=officer,
            complete=True,
            state=Dossier.State.ACCEPTED,
            received_number=f"{n}/2021",
            received_on=date(2021, 9, 1),
        )
        for n, name in enumerate(names)
    ]
    actions.add_to_agenda(session, dossiers, by=secretary)
    dossiers[1].product.producer.accounts.add(members[0])

    page = visit(members[0])
    page.get_by_role("link", name="Phiên mẫu").first.click()
    expect(page.get_by_text("Bạn có tài khoản của chủ thể này.")).to_be_visible()
    accessible(page)
    page.get_by_role("group", name="Chè sen").get_by_label("Có, tôi không chấm").check()
    page.get_by_role("button", name="Lưu, không có với các sản phẩm còn lại").click()

    # A reason is missing: what was chosen stays.
    expect(page.get_by_text("Chè sen: hãy ghi vì sao có xung đột lợi ích.")).to_be_visible()
    expect(page.get_by_role("group", name="Chè sen").get_by_label("Có, tôi")).to_be_checked()
    accessible(page)
    page.get_by_label("Lý do với Chè sen").fill("Vợ góp vốn")
    page.get_by_role("group", name="Nem chua").get_by_label("Không", exact=True).check()
    page.get_by_label("Lý do với Nem chua").fill("Đã thôi từ năm 2019")
    page.get_by_role("button", name="Lưu, không có với các sản phẩm còn lại").click()

    expect(page.get_by_text("Đã lưu 3 khai báo.")).to_be_visible()
    said = ConflictDeclaration.objects.values_list("item__dossier__product__name", "conflicted")
    assert dict(said) == {"Chè sen": True, "Nem chua": False, "Rượu nếp": False}

    # The secretary sees what is worth knowing.
    office = visit(secretary)
    office.goto(session.get_absolute_url())
    expect(office.get_by_text("Vợ góp vốn")).to_be_visible()
    accessible(office)
