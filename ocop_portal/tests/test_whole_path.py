"""The whole path in a real browser: from an officer's workbook to a certificate that verifies."""

import io
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.roles import Role
from councils.models import Council
from evaluation.models import Assessment, Certificate, Result
from evaluation.tests.conftest import choices_worth
from ocop_portal.models import Job
from products.models import Dossier, Product

PRODUCT = "Nem chay xù"
SHEET = "Đồ ăn nhanh"

pytestmark = [pytest.mark.browser, pytest.mark.services]


def confirm(page: Page) -> None:
    """Say yes in the portal's own dialog."""
    page.locator("dialog[open] button.btn").last.click()


def import_workbook(page: Page, workbook: Path) -> None:
    page.get_by_role("link", name="Nhập từ Excel").first.click()
    page.get_by_label("Tệp Excel").set_input_files(workbook)
    page.get_by_role("button", name="Tải lên và xem trước").click()
    expect(page.get_by_text("Hợp tác xã Công nghiệp quỳ vàng Kiêu Kỵ").first).to_be_attached()
    page.get_by_role("button", name="Lưu 37").click()
    expect(page.get_by_text("Đã lưu: thêm 37").first).to_be_visible()


def prepare_dossier(page: Page, pdf: Callable) -> None:
    page.get_by_role("searchbox").first.fill("nem chay xu")
    page.get_by_role("searchbox").first.press("Enter")
    page.get_by_role("link", name=PRODUCT).first.click()
    page.get_by_role("link", name="Lập hồ sơ").first.click()
    page.get_by_text("Chủ thể đã nộp hồ sơ từ trước?").click()
    page.get_by_label("Ngày chủ thể nộp hồ sơ").fill("30/08/2021")
    page.get_by_role("button", name="Chọn ngày").click()
    expect(page.get_by_text("1048/QĐ-TTg, 781/QĐ-TTg").first).to_be_visible()
    page.get_by_label("Bộ tiêu chí").select_option(label=SHEET)
    page.get_by_label("Năm đánh giá").fill("2021")
    page.get_by_role("button", name="Lập hồ sơ").click()
    for slot in Dossier.objects.get().regulation.rules.documents:
        if slot.compulsory and slot.is_file:
            place = page.locator(f"#muc-{slot.code}")
            file = {"name": f"{slot.code}.pdf", "mimeType": "application/pdf"}
            place.locator("input[type=file]").set_input_files(
                {**file, "buffer": pdf(slot.code).read()}
            )
            place.get_by_role("button", name="Tải lên").click()
            uploaded = page.locator(f"#muc-{slot.code}").get_by_role(
                "link", name=f"Tải về: {slot.code}"
            )
            expect(uploaded).to_be_visible()
    page.get_by_role("button", name="Nộp hồ sơ").click()
    confirm(page)
    expect(page.get_by_text("Đã nộp hồ sơ.").first).to_be_visible()


def receive(page: Page) -> None:
    page.get_by_role("link", name=PRODUCT).first.click()
    page.get_by_label("Ngày tiếp nhận").fill("01/09/2021")
    page.get_by_role("button", name="Tiếp nhận").click()
    expect(page.get_by_text("Đã tiếp nhận hồ sơ.").first).to_be_visible()


def open_session(page: Page, title: str) -> None:
    page.get_by_role("link", name="Phiên họp").first.click()
    page.get_by_role("link", name="Lập phiên họp").first.click()
    page.get_by_label("Tên phiên họp").fill(title)
    page.get_by_label("Ngày họp").fill("01/10/2021")
    page.get_by_role("button", name="Lập phiên họp").click()
    page.get_by_role("checkbox", name=PRODUCT).check()
    page.get_by_role("button", name="Đưa vào chương trình").click()
    page.get_by_role("button", name="Mở phiên chấm điểm").click()
    confirm(page)
    expect(page.get_by_text("Đã mở phiên chấm điểm.").first).to_be_visible()


def score(page: Page, points: int) -> None:
    """Declare that there is no conflict, tap an option of every criterion, then sign."""
    page.get_by_role("link", name="Chấm điểm").first.click()
    declare_nothing(page)
    page.get_by_role("link", name="Chấm điểm").first.click()
    page.get_by_role("link", name=PRODUCT).first.click()
    assessment = Assessment.objects.get(state=Assessment.State.OPEN)
    for code, option in choices_worth(assessment, points).items():
        criterion = page.locator(f"[id='tieu-chi-{code}']")
        value = "none" if option is None else str(option)
        criterion.locator(f"input[type=radio][value='{value}']").check()
    expect(page.locator("#totals")).to_contain_text(str(points))
    page.get_by_role("button", name="Ký phiếu chấm").click()
    confirm(page)
    expect(page.get_by_text("Đã ký phiếu chấm").first).to_be_visible()


def declare_nothing(page: Page) -> None:
    page.get_by_role("link", name="Khai báo").first.click()
    page.get_by_role("button", name="Lưu, không có với các sản phẩm còn lại").click()
    expect(page.get_by_text("khai báo.").first).to_be_visible()


def conclude_and_close(page: Page) -> None:
    page.get_by_role("link", name="Trang chủ").first.click()
    page.get_by_role("link", name=PRODUCT).first.click()
    page.get_by_role("button", name="Chốt kết quả").click()
    if page.locator("dialog[open]").count():
        confirm(page)
    expect(page.get_by_text("Đã chốt kết quả.").first).to_be_visible()
    page.get_by_role("button", name="Kết thúc phiên họp").click()
    confirm(page)
    expect(page.get_by_text("Đã kết thúc phiên họp.").first).to_be_visible()


def issue_decision(page: Page) -> None:
    page.get_by_role("link", name="Quyết định").first.click()
    page.get_by_role("link", name="thành phố").or_(
        page.get_by_role("link", name="Ghi quyết định")
    ).first.click()
    page.get_by_label("Số quyết định").fill("7095/QĐ-UBND")
    page.locator("input[name=signatory_name]").fill("Người ký (mẫu)")
    page.get_by_role("button", name="Ghi quyết định").click()
    if page.locator("dialog[open]").count():
        confirm(page)
    expect(page.get_by_text("Đã ghi quyết định.").first).to_be_visible(timeout=20_000)
    # The bar of the job, then its print file: drawn by the worker process.
    expect(page.get_by_role("link", name="Tải kết quả").first).to_be_visible(timeout=60_000)


def address_in_code(pdf: bytes) -> str:
    """What a phone reads from the printed certificate."""
    drawn = subprocess.run(
        ["pdftoppm", "-r", "150", "-png", "-"], input=pdf, capture_output=True, check=True
    )
    with Image.open(io.BytesIO(drawn.stdout)) as image:
        return zxingcpp.read_barcodes(image)[0].text


@pytest.mark.smoke
@pytest.mark.django_db(transaction=True)
def test_from_workbook_to_verified_certificate(
    live_server: Any,
    settings: Any,
    visit: Callable[[User], Page],
    start_worker: Callable[..., Any],
    worker_folder: Path,
    sample_workbook: Path,
    pdf: Callable,
    officer: User,
    secretary: User,
    members: list[User],
    council: Council,
    make_council: Callable[..., Council],
    person: Callable[..., User],
    staff: User,
) -> None:
    settings.PUBLIC_URL = live_server.url
    settings.MEDIA_ROOT = worker_folder / "media"
    start_worker(OCOP_PUBLIC_URL=live_server.url)
    city_secretary = person("city_secretary", Role.COUNCIL_SECRETARY)
    city_members = [person(f"city_member{n}") for n in (1, 2)]
    make_council("city", secretary=city_secretary, members=city_members, unit_code="01")

    page = visit(officer)
    import_workbook(page, sample_workbook)
    assert Product.objects.count() == 37
    prepare_dossier(page, pdf)
    receive(visit(secretary))

    district = visit(secretary)
    open_session(district, "Phiên họp huyện")
    for user, points in zip(members, (62, 64, 66), strict=True):
        score(visit(user), points)
    conclude_and_close(district)
    assert Result.objects.get(tier="district").outcome == "forward"

    city = visit(city_secretary)
    open_session(city, "Phiên họp Thành phố")
    for user in city_members:
        score(visit(user), 76)
    conclude_and_close(city)
    assert Result.objects.get(tier="city").recognised_stars == 4

    issue_decision(visit(staff))
    certificate = Certificate.objects.get()
    assert Job.objects.get().state == Job.State.DONE
    with certificate.pdf.open() as file:
        address = address_in_code(file.read())

    stranger = visit(staff).context.browser.new_context()  # nobody is signed in
    citizen = stranger.new_page()
    citizen.goto(address)

    assert address == f"{live_server.url}/verify/{certificate.token}"
    expect(citizen.get_by_text("Còn hiệu lực").first).to_be_visible()
    expect(citizen.get_by_text(PRODUCT).first).to_be_visible()
    assert Dossier.objects.get().state == Dossier.State.RECOGNISED
    stranger.close()
