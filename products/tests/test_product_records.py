"""What is known of a product: proofs of quality, property, packages, yearly figures, sheets."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from products.actions.merging import merge_producers
from products.models import (
    IntellectualProperty,
    Product,
    ProductPackage,
    ProductStandard,
    ProductYear,
)
from products.tests.factories import (
    PhotoFactory,
    ProducerFactory,
    ProductFactory,
    StandardFactory,
    unit_2021,
)
from products.tests.test_producers import rows
from regulations.actions import draft_regulation
from regulations.models import CriteriaSet, Regulation

Clients = Callable[[User], Client]
BARCODE = "8934563138165"


@pytest.fixture
def product(db: None) -> Product:
    return ProductFactory(name="Chè sen", producer__unit=unit_2021("00523"))


def address(name: str, product: Product) -> str:
    return reverse(f"products:{name}", args=[product.pk])


def text_of(client: Client, name: str, product: Product) -> str:
    return client.get(address(name, product)).content.decode()


# --- Standards ------------------------------------------------------------------------------------


def test_a_standard_is_kept_with_its_term_and_file(
    product: Product, officer: User, client_of: Clients, pdf: Callable
) -> None:
    client = client_of(officer)
    entry = {
        "kind": "organic",
        "title": "TCVN 11041-2:2017",
        "number": "HC-018/2026",
        "issuer": "Tổ chức chứng nhận mẫu",
        "valid_from": "01/02/2026",
        "valid_until": "31/01/2099",
        "upload": pdf("huu-co.pdf"),
    }

    answer = client.post(address("product_standards", product), rows("standards", entry))

    assert answer.url == address("product_quality", product)
    row = ProductStandard.objects.get()
    assert (row.label, row.valid_until) == ("Hữu cơ – TCVN 11041-2:2017", date(2099, 1, 31))
    page = text_of(client, "product_quality", product)
    assert "Còn hạn đến 31/01/2099" in page
    file = client.get(reverse("products:standard_download", args=[row.pk]))
    assert file["Content-Disposition"] == 'attachment; filename="huu-co.pdf"'
    assert b"".join(file.streaming_content).startswith(b"%PDF")


def test_another_file_takes_the_place_of_the_old_one_which_history_knows(
    product: Product, officer: User, client_of: Clients, pdf: Callable
) -> None:
    row = StandardFactory(product=product)
    before = row.stored_id
    entry = {"id": row.pk, "kind": "vietgap", "upload": pdf("moi.pdf")}

    client_of(officer).post(
        address("product_standards", product), rows("standards", entry, stored=1)
    )

    row.refresh_from_db()
    assert row.original_name == "moi.pdf"
    assert row.stored_id != before
    events = apps.get_model("products", "ProductStandardEvent").objects.filter(pgh_obj=row.pk)
    assert [event.stored_id for event in events] == [before]


def test_a_removed_standard_stays_in_the_history(
    product: Product, officer: User, client_of: Clients
) -> None:
    row = StandardFactory(product=product, number="VG-1")
    entry = {"id": row.pk, "kind": "vietgap", "DELETE": "on"}

    client_of(officer).post(
        address("product_standards", product), rows("standards", entry, stored=1)
    )

    assert not ProductStandard.objects.exists()
    events = apps.get_model("products", "ProductStandardEvent").objects.filter(number="VG-1")
    assert events.count() == 1


def test_a_bad_file_is_refused_and_nothing_is_kept(
    product: Product, officer: User, client_of: Clients
) -> None:
    entry = {"kind": "haccp", "upload": SimpleUploadedFile("giay.pdf", b"MZ\x90\x00" * 100)}

    answer = client_of(officer).post(
        address("product_standards", product), rows("standards", entry)
    )

    assert answer.status_code == 422
    assert "chương trình máy tính" in answer.content.decode()
    assert not ProductStandard.objects.exists()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"kind": "haccp", "valid_from": "02/01/2026", "valid_until": "01/01/2026"}, "không trước"),
        ({"kind": "other"}, "Hãy ghi tên"),
        ({"kind": "haccp", "valid_until": "31/02/2026"}, "ngày"),
        ({"title": "Không loại"}, "bắt buộc"),
    ],
)
def test_standards_that_cannot_be_are_refused(
    product: Product, officer: User, client_of: Clients, entry: dict[str, Any], message: str
) -> None:
    answer = client_of(officer).post(
        address("product_standards", product), rows("standards", entry)
    )

    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not ProductStandard.objects.exists()


def test_standards_hold_from_their_first_to_their_last_day(product: Product) -> None:
    today = timezone.localdate()
    day = timedelta(days=1)
    terms = {
        "open": (None, None),
        "today": (today, today),
        "over": (None, today - day),
        "later": (today + day, None),
    }
    for number, (begin, end) in terms.items():
        StandardFactory(product=product, number=number, valid_from=begin, valid_until=end)

    found = product.standards.in_force_on(today)

    assert {row.number for row in found} == {"open", "today"}


@pytest.mark.parametrize(
    ("kind", "title", "label"),
    [
        ("vietgap", "", "VietGAP"),
        ("tcvn", "TCVN 5603:2023", "TCVN 5603:2023"),
        ("tcvn", "5603:2023", "TCVN – 5603:2023"),
        ("other", "BRC", "BRC"),
    ],
)
def test_standards_are_named_once(kind: str, title: str, label: str) -> None:
    assert ProductStandard(kind=kind, title=title).label == label


# --- Property and packages ------------------------------------------------------------------------


def test_property_is_kept_and_a_granted_one_has_its_number(
    product: Product, officer: User, client_of: Clients
) -> None:
    client = client_of(officer)
    url = address("product_properties", product)
    entry = {"kind": "collective", "title": "Sen Tây Hồ (mẫu)", "state": "granted"}

    refused = client.post(url, rows("properties", entry))
    client.post(url, rows("properties", entry | {"number": "4-0123456", "dated_on": "05/03/2025"}))

    assert refused.status_code == 422
    assert "số văn bằng" in refused.content.decode()
    assert str(IntellectualProperty.objects.get()) == "Nhãn hiệu tập thể “Sen Tây Hồ (mẫu)”"
    page = text_of(client, "product_quality", product)
    assert "Số 4-0123456 ngày 05/03/2025" in page
    assert "Đã cấp văn bằng" in page


def test_a_package_keeps_its_barcode_as_digits(
    product: Product, officer: User, client_of: Clients
) -> None:
    client = client_of(officer)
    entry = {"kind": "box", "net_content": "500 g", "barcode": "8 934563 138165"}

    client.post(address("product_packages", product), rows("packages", entry))

    row = ProductPackage.objects.get()
    assert (row.barcode, str(row)) == (BARCODE, "Hộp 500 g")
    page = text_of(client, "product_quality", product)
    assert "EAN-13. Đầu mã 893 do GS1 Việt Nam cấp." in page


def test_wrong_and_taken_barcodes_are_refused(
    product: Product, officer: User, client_of: Clients
) -> None:
    other = ProductFactory(producer=product.producer)
    ProductPackage.objects.create(product=other, kind="bag", net_content="1 kg", barcode=BARCODE)
    url = address("product_packages", product)
    entry = {"kind": "box", "net_content": "500 g"}

    wrong = client_of(officer).post(url, rows("packages", entry | {"barcode": "8934563138166"}))
    taken = client_of(officer).post(url, rows("packages", entry | {"barcode": BARCODE}))

    assert (wrong.status_code, taken.status_code) == (422, 422)
    assert "số kiểm tra" in wrong.content.decode()
    assert "đã ghi cho một quy cách khác" in taken.content.decode()
    assert ProductPackage.objects.count() == 1


# --- Figures --------------------------------------------------------------------------------------


def test_figures_of_a_year_are_kept_and_shown(
    product: Product, officer: User, client_of: Clients
) -> None:
    client = client_of(officer)
    entry = {
        "year": 2025,
        "unit": "tấn",
        "capacity": "12,5",
        "output": "1.200",
        "price_from": "180.000",
        "price_to": "220.000",
        "revenue": "2.450.000.000",
        "export_share": "7,5",
        "markets": "Hà Nội, Nhật Bản",
    }

    answer = client.post(address("product_years", product), rows("years", entry))

    assert answer.url == address("product_figures", product)
    row = ProductYear.objects.get()
    assert (row.capacity, row.output, row.export_share) == (
        Decimal("12.5"),
        Decimal(1200),
        Decimal("7.5"),
    )
    page = text_of(client, "product_figures", product).replace("\u00a0", " ")
    for words in (
        "12,5 tấn",
        "1.200 tấn",
        "180.000 – 220.000 đồng",
        "2.450.000.000 đồng",
        "7,5%",
        "Hà Nội, Nhật Bản",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"price_from": 5, "price_to": 4}, "không thấp hơn"),
        ({"capacity": "5"}, "đơn vị tính"),
        ({"export_share": "100,01"}, "100"),
        ({"export_share": "-1"}, "0"),
        ({"unit": "tấn"}, "ít nhất một số liệu"),
        ({"year": 2099, "revenue": 5}, "Năm này chưa đến"),
    ],
)
def test_figures_that_cannot_be_are_refused(
    product: Product, officer: User, client_of: Clients, entry: dict[str, Any], message: str
) -> None:
    answer = client_of(officer).post(
        address("product_years", product), rows("years", {"year": 2025, **entry})
    )

    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not ProductYear.objects.exists()


# --- The pages ------------------------------------------------------------------------------------


def test_the_sheet_under_every_regulation_is_shown_with_its_address(
    product: Product, officer: User, client_of: Clients
) -> None:
    page = client_of(officer).get(product.get_absolute_url())

    shown = {law.code: sheet and sheet.code for law, sheet in page.context["sheets"]}
    assert shown == {
        "qd26-2026": "do-an-nhanh",
        "qd1489-2025": "do-an-nhanh",
        "qd148-2023": "do-an-nhanh",
        "qd1048-2019": "do-an-nhanh",
    }
    for law in shown:
        assert reverse("regulations:criteria_set_detail", args=[law, "do-an-nhanh"]) in (
            page.content.decode()
        )
    assert page.content.decode().count("Đang nhận hồ sơ") == 1


def test_sheets_of_drafts_are_nobodys_business(
    product: Product, administrator: User, officer: User, client_of: Clients
) -> None:
    law = Regulation.objects.get(code="qd26-2026")
    draft_regulation(law, code="qd-thu", by=administrator)

    page = client_of(officer).get(product.get_absolute_url())

    assert "qd-thu" not in {law.code for law, _sheet in page.context["sheets"]}
    assert "qd-thu" not in page.content.decode()


def test_a_sheet_that_a_person_must_choose_is_said_so(
    product: Product, officer: User, client_of: Clients
) -> None:
    product.criteria_set = CriteriaSet.objects.get(
        regulation__code="qd26-2026", code="thu-cong-my-nghe"
    )
    product.save()

    page = client_of(officer).get(product.get_absolute_url())

    sheets = {law.code: sheet for law, sheet in page.context["sheets"]}
    assert sheets["qd1048-2019"] is None
    assert "người lập hồ sơ chọn" in page.content.decode()


def test_story_and_trace_are_kept_in_one_form_of_unicode_with_their_history(
    product: Product, officer: User, client_of: Clients
) -> None:
    client = client_of(officer)
    sent = {
        "name": product.name,
        "producer": product.producer_id,
        "unit": product.unit_id,
        "criteria_set": product.criteria_set_id,
        "story": "Che\u0300 sen u\u031bo\u031b\u0301p ba đêm.\r\n\r\nGiữ hương.",
        "trace_url": "truyxuat.mau.example/1",
        "trace_code": "TX-001",
    }

    client.post(address("product_edit", product), sent)

    product.refresh_from_db()
    assert product.story == "Chè sen ướp ba đêm.\n\nGiữ hương."
    assert product.trace_url == "https://truyxuat.mau.example/1"
    page = client.get(product.get_absolute_url()).content.decode()
    assert "Mã truy xuất nguồn gốc: để trống → TX-001" in page


def test_tabs_lead_through_the_pages_and_mark_the_present_one(
    product: Product, officer: User, client_of: Clients
) -> None:
    client = client_of(officer)
    names = ["detail", "photos", "quality", "figures", "results"]
    for name in names:
        url = address(f"product_{name}", product)
        page = client.get(url).content.decode()
        assert f'<a href="{url}" aria-current="page">' in page
        for other in names:
            assert f'href="{address(f"product_{other}", product)}"' in page


@pytest.mark.parametrize("name", ["detail", "photos", "quality", "figures", "results"])
def test_pages_take_the_same_queries_whatever_is_known(
    product: Product,
    officer: User,
    client_of: Clients,
    django_assert_max_num_queries: Callable,
    name: str,
) -> None:
    client = client_of(officer)
    url = address(f"product_{name}", product)
    client.get(url)
    for n in range(4):
        StandardFactory(product=product)
        PhotoFactory(product=product, uploaded_by=officer)
        ProductPackage.objects.create(product=product, kind="box", net_content=f"{n} kg")
        ProductYear.objects.create(product=product, year=2020 + n, revenue=n)

    with django_assert_max_num_queries(16):
        client.get(url)


def test_a1_rows_of_another_district_are_hidden(
    product: Product, other_officer: User, leader: User, client_of: Clients
) -> None:
    for name in ("standards", "properties", "packages", "years"):
        url = address(f"product_{name}", product)
        sent = rows(name, {"year": 2024, "revenue": 1, "kind": "box", "net_content": "1 kg"})

        assert client_of(other_officer).post(url, sent).status_code == 404
        assert client_of(leader).post(url, sent).status_code == 403
    assert not ProductYear.objects.exists()
    assert not ProductPackage.objects.exists()


def test_what_is_known_moves_with_a_product_whose_producers_are_merged(
    product: Product, staff: User, officer: User
) -> None:
    twin = ProductFactory(
        name="Chè Sen", producer=ProducerFactory(unit=unit_2021("00523")), trace_code="TX-2"
    )
    StandardFactory(product=twin)
    PhotoFactory(product=twin, uploaded_by=officer)
    ProductYear.objects.create(product=twin, year=2024, revenue=1)
    ProductYear.objects.create(product=product, year=2024, revenue=2)

    merge_producers(product.producer, twin.producer, reason="Trùng", by=staff)

    product.refresh_from_db()
    counts = (product.standards.count(), product.photos.count(), product.years.count())
    assert counts == (1, 1, 1)
    assert (product.years.get().revenue, product.trace_code) == (2, "TX-2")
