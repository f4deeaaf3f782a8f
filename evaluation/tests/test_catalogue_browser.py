"""A product's record in a real browser: an officer fills it, then everybody sees what is public."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import AdministrativeUnit, User
from conftest import Visitor
from evaluation.models import Certificate, Decision, Result
from products.models import Product, ProductPhoto
from products.tests.factories import DossierFactory, ProductFactory, unit_2021
from products.tests.photos import photo, tagged_jpeg

pytestmark = [pytest.mark.browser]


@pytest.fixture
def product(officer: User) -> Product:
    return ProductFactory(name="Chè sen ướp tay", producer__unit=unit_2021("00523"))


def recognise(product: Product, by: User) -> Certificate:
    """Four stars since a month, by a decision of the city."""
    day = timezone.localdate() - timedelta(days=30)
    decision = Decision.objects.create(
        number="1/QĐ-UBND",
        signed_on=day,
        tier="city",
        unit=AdministrativeUnit.objects.get(edition=2021, code="01"),
        authority="UBND",
        signatory_title="CHỦ TỊCH",
        signatory_name="Người ký (mẫu)",
        issued_by=by,
    )
    result = Result.objects.create(
        dossier=DossierFactory(product=product, created_by=by),
        tier="city",
        mean=75,
        stars=4,
        outcome="recognise",
        recognised_stars=4,
        decision=decision,
        concluded_on=day,
        recorded_by=by,
    )
    return Certificate.objects.create(
        decision=decision,
        result=result,
        product=product,
        producer=product.producer,
        register_number=1,
        number="0001/2026/GCN-OCOP-01",
        stars=4,
        product_name=product.name,
        producer_name=product.producer.name,
        producer_address="Đông Hội",
        valid_from=day,
        valid_until=day + timedelta(days=1000),
        issued_by=by,
    )


def fill_photos(page: Page, accessible: Callable[[Page], None]) -> None:
    page.get_by_role("link", name="Ảnh", exact=True).click()
    accessible(page)
    bad = {"name": "la.txt", "mimeType": "image/jpeg", "buffer": b"khong phai anh"}
    page.get_by_label("Chọn ảnh").set_input_files([bad])
    page.get_by_role("button", name="Tải lên").click()
    expect(page.get_by_text("không phải ảnh JPG, PNG hoặc WebP").first).to_be_visible()
    accessible(page)
    first = {"name": "dam-sen.jpg", "mimeType": "image/jpeg", "buffer": tagged_jpeg((640, 480))}
    second = {"name": "hop.png", "mimeType": "image/png", "buffer": photo("hop", "PNG").read()}
    page.get_by_label("Chọn ảnh").set_input_files([first, second])
    page.get_by_role("button", name="Tải lên").click()
    expect(page.get_by_text("Đã thêm 2 ảnh.")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Sửa chú thích, thứ tự, công khai").click()
    page.get_by_label("Mô tả ảnh").first.fill("Hái sen ở đầm buổi sớm")
    page.get_by_label("Dùng trong danh mục công khai").first.check()
    accessible(page)
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Đã lưu thông tin ảnh.")).to_be_visible()


def fill_figures(page: Page, accessible: Callable[[Page], None]) -> None:
    page.get_by_role("link", name="Số liệu năm").click()
    page.get_by_role("link", name="Thêm số liệu theo năm").click()
    page.get_by_label("Năm", exact=False).first.fill("2025")
    page.get_by_label("Đơn vị tính").fill("kg")
    page.get_by_label("Sản lượng").fill("1.250,5")
    page.get_by_label("Doanh thu (đồng)").fill("2.450.000.000")
    accessible(page)
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("1.250,5 kg")).to_be_visible()
    accessible(page)


def fill_package(page: Page, accessible: Callable[[Page], None]) -> None:
    page.get_by_role("link", name="Tiêu chuẩn, bao bì").click()
    page.get_by_role("link", name="Thêm bao bì, mã vạch").click()
    page.get_by_label("Loại bao bì").select_option("Hộp")
    page.get_by_label("Khối lượng, thể tích thực").fill("100 g")
    page.get_by_label("Mã vạch").fill("8 934563 138165")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("8934563138165")).to_be_visible()
    accessible(page)


@pytest.mark.django_db(transaction=True)
def test_an_officer_fills_a_record_and_everybody_sees_what_is_public(
    visit: Callable[[User], Page],
    visitor: Callable[[], Visitor],
    officer: User,
    product: Product,
    accessible: Callable[[Page], None],
) -> None:
    page = visit(officer)
    page.get_by_role("link", name="Sản phẩm").first.click()
    page.get_by_role("link", name="Chè sen ướp tay").click()
    accessible(page)
    fill_photos(page, accessible)
    fill_figures(page, accessible)
    fill_package(page, accessible)
    recognise(product, officer)

    everybody = visitor().page
    everybody.goto("/san-pham-ocop/")
    main = everybody.get_by_role("img", name="Hái sen ở đầm buổi sớm")
    expect(main).to_be_visible()
    # The picture has arrived, upright: it was taken with the camera on its side.
    assert main.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [360, 480]
    accessible(everybody)
    everybody.get_by_role("link", name="Chè sen ướp tay").click()
    expect(everybody.get_by_text("8934563138165")).to_be_visible()
    hidden = ProductPhoto.objects.get(original_name="hop.png")
    assert f"/anh/{hidden.pk}" not in everybody.content()
    accessible(everybody)
    everybody.set_viewport_size({"width": 390, "height": 844})
    assert everybody.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(everybody)
