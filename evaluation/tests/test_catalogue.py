"""The public catalogue and its JSON: products in force, public facts, and nothing else."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from evaluation.actions import decisions
from evaluation.models import Certificate, Result
from evaluation.tests.conftest import DECISION
from products.models import (
    IntellectualProperty,
    Product,
    ProductPackage,
    ProductPhoto,
    ProductStandard,
)
from products.tests.factories import PhotoFactory

LIST = "/san-pham-ocop/"
API = "/api/v1/products"


@pytest.fixture
def in_force(
    city_result: Callable[[int], Result], staff: User, unit: Callable, settings: Any
) -> list[Certificate]:
    """A product of 4 stars and one of 3, recognised a month ago."""
    settings.PUBLIC_URL = "https://ocop.mau.example"
    rows = [city_result(75), city_result(55)]
    producer = rows[0].dossier.product.producer
    producer.name, producer.phone, producer.email = "HTX Rau Đông Hội", "0912345678", "a@mau.vn"
    producer.representative = "Người Đại Diện Mẫu"
    producer.save()
    product = rows[0].dossier.product
    product.name, product.story = "Cà chua bi", "Trồng ven sông Đuống."
    product.save()
    day = timezone.localdate() - timedelta(days=30)
    decisions.issue_decision(
        rows, by=staff, tier="city", unit=unit("01"), **{**DECISION, "signed_on": day}
    )
    return list(Certificate.objects.order_by("-stars"))


def names(page: Any) -> list[str]:
    return [row.product_name for row in page.context["page"]]


def test_everybody_finds_a_product_without_marks(in_force: list[Certificate]) -> None:
    page = Client().get(LIST, {"q": "ca chua dong hoi"})

    assert names(page) == ["Cà chua bi"]
    assert "HTX Rau Đông Hội" in page.content.decode()


@pytest.mark.parametrize(("query", "count"), [("", 2), ("stars=4", 1), ("stars=5", 0)])
def test_filter_by_stars(in_force: list[Certificate], query: str, count: int) -> None:
    assert len(names(Client().get(f"{LIST}?{query}"))) == count


def test_only_districts_with_products_can_be_chosen(in_force: list[Certificate]) -> None:
    page = Client().get(LIST)

    shown = page.context["filter"].filters["district"].queryset
    assert [unit.name for unit in shown] == ["Đông Anh"]


@pytest.mark.parametrize("how", ["expired", "revoked"])
def test_c6_what_has_ended_leaves_the_catalogue_and_says_so_on_its_page(
    in_force: list[Certificate], how: str
) -> None:
    today = timezone.localdate()
    values: dict[str, Any] = (
        {"valid_until": today - timedelta(days=1)}
        if how == "expired"
        else {"revoked_on": today, "revocation_reason": "Mẫu"}
    )
    Certificate.objects.filter(pk=in_force[0].pk).update(**values)

    page = Client().get(f"{LIST}{in_force[0].product_id}/ca-chua-bi/").content.decode()

    assert "Cà chua bi" not in names(Client().get(LIST))
    assert Client().get(f"{API}/{in_force[0].product_id}").status_code == 404
    assert "noindex" in page
    assert ("không còn hiệu lực" if how == "expired" else "đã bị thu hồi") in page
    assert "OCOP 4 sao" not in page


def test_product_page_tells_star_validity_producer_and_story(in_force: list[Certificate]) -> None:
    page = Client().get(f"{LIST}{in_force[0].product_id}/ca-chua-bi/").content.decode()

    for words in ["Cà chua bi", "OCOP 4 sao", "HTX Rau Đông Hội", "Trồng ven sông Đuống."]:
        assert words in page
    assert 'itemtype="https://schema.org/Product"' in page
    assert '<meta property="og:title" content="Cà chua bi – OCOP 4 sao">' in page


def test_old_slug_leads_to_the_present_address(in_force: list[Certificate]) -> None:
    answer = Client().get(f"{LIST}{in_force[0].product_id}/ten-cu/")

    assert (answer.status_code, answer.url) == (
        301,
        f"{LIST}{in_force[0].product_id}/ca-chua-bi/",
    )


def test_p1_no_person_telephone_or_address_is_public(in_force: list[Certificate]) -> None:
    client = Client()
    pages = [LIST, f"{LIST}{in_force[0].product_id}/ca-chua-bi/", API, "/sitemap.xml"]

    for url in [*pages, f"{API}/{in_force[0].product_id}"]:
        text = client.get(url).content.decode()
        assert "Người Đại Diện Mẫu" not in text
        assert "@mau.vn" not in text
        assert not re.search(r"(?<!\d)(0\d{9}|\d{12})(?!\d)", text), url


def test_pages_may_be_cached_and_hold_nothing_of_a_visitor(
    in_force: list[Certificate], officer: User, client_of: Callable[[User], Client]
) -> None:
    anonymous, signed_in = Client().get(LIST), client_of(officer).get(LIST)

    assert "public" in anonymous["Cache-Control"]
    assert officer.full_name not in signed_in.content.decode()
    assert anonymous.content == signed_in.content


def test_list_takes_the_same_queries_whatever_its_length(
    in_force: list[Certificate], officer: User, django_assert_max_num_queries: Callable
) -> None:
    for row in in_force:
        PhotoFactory.create_batch(3, product=row.product, uploaded_by=officer, is_public=True)

    with django_assert_max_num_queries(7):
        Client().get(LIST)


def test_page_of_a_product_takes_the_same_queries_whatever_is_known(
    known: Product, officer: User, django_assert_max_num_queries: Callable
) -> None:
    PhotoFactory.create_batch(5, product=known, uploaded_by=officer, is_public=True)

    with django_assert_max_num_queries(5):
        Client().get(f"{LIST}{known.pk}/ca-chua-bi/")


@pytest.fixture
def known(in_force: list[Certificate], officer: User) -> Product:
    """Cà chua bi with photos of every kind, a standard, property and a package."""
    product = in_force[0].product
    today = timezone.localdate()
    shown = {"is_public": True, "alt": "Giỏ cà chua bi", "caption": "Vụ đông"}
    PhotoFactory(product=product, uploaded_by=officer, alt="Ảnh nội bộ")
    PhotoFactory(product=product, uploaded_by=officer, **shown)
    PhotoFactory(product=product, uploaded_by=officer, is_public=True, removed_at=timezone.now())
    ProductStandard.objects.create(product=product, kind="vietgap", number="VG-01")
    over = {"valid_until": today - timedelta(days=1), "number": "CU-01"}
    ProductStandard.objects.create(product=product, kind="haccp", **over)
    marks = IntellectualProperty.objects
    marks.create(product=product, kind="trademark", title="Bi Đông", state="granted", number="4-01")
    marks.create(product=product, kind="design", title="Hộp chờ", state="filed")
    ProductPackage.objects.create(
        product=product, kind="box", net_content="500 g", barcode="8934563138165"
    )
    product.trace_url = "https://truyxuat.mau.example/ca-chua"
    product.save()
    return product


def photo_named(alt: str) -> ProductPhoto:
    return ProductPhoto.objects.get(alt=alt)


def test_only_photos_whose_owner_agrees_are_shown(known: Product) -> None:
    agreed, hidden = photo_named("Giỏ cà chua bi"), photo_named("Ảnh nội bộ")

    for url in (LIST, f"{LIST}{known.pk}/ca-chua-bi/", API, f"{API}/{known.pk}"):
        page = Client().get(url).content.decode()
        assert f"/san-pham-ocop/anh/{agreed.pk}" in page
        assert f"/san-pham-ocop/anh/{hidden.pk}" not in page
        assert "Ảnh nội bộ" not in page
    for photo in known.photos.all():
        for name in (f"{photo.pk}.jpg", f"{photo.pk}-nho.jpg"):
            answer = Client().get(f"{LIST}anh/{name}")
            assert answer.status_code == (200 if photo == agreed else 404)
            b"".join(getattr(answer, "streaming_content", ()))


@pytest.mark.parametrize("how", ["consent", "expired", "removed"])
def test_a_photo_leaves_with_its_consent_and_with_its_product(known: Product, how: str) -> None:
    photo = photo_named("Giỏ cà chua bi")
    yesterday = timezone.localdate() - timedelta(days=1)
    if how == "consent":
        ProductPhoto.objects.filter(pk=photo.pk).update(is_public=False)
    elif how == "removed":
        ProductPhoto.objects.filter(pk=photo.pk).update(removed_at=timezone.now())
    else:
        Certificate.objects.filter(product=known).update(valid_until=yesterday)

    page = Client().get(f"{LIST}{known.pk}/ca-chua-bi/").content.decode()

    assert Client().get(f"{LIST}anh/{photo.pk}.jpg").status_code == 404
    assert "/san-pham-ocop/anh/" not in page


def test_photos_are_cached_and_asked_again_cheaply(known: Product) -> None:
    url = f"{LIST}anh/{photo_named('Giỏ cà chua bi').pk}.jpg"

    first = Client().get(url)
    b"".join(first.streaming_content)
    again = Client().get(url, headers={"if-none-match": first["ETag"]})

    assert first["Content-Type"] == "image/jpeg"
    assert first["Cache-Control"] == "public, max-age=3600"
    assert (again.status_code, again.content) == (304, b"")
    assert not first.cookies


def test_pictures_keep_their_place_and_tell_what_they_show(known: Product) -> None:
    photo = photo_named("Giỏ cà chua bi")
    card = Client().get(LIST).content.decode()
    page = Client().get(f"{LIST}{known.pk}/ca-chua-bi/").content.decode()

    assert (
        f'<img src="/san-pham-ocop/anh/{photo.pk}-nho.jpg" width="480" height="360" '
        'alt="Giỏ cà chua bi" itemprop="image">'
    ) in card
    assert 'width="1600" height="1200" alt="Giỏ cà chua bi" itemprop="image"' in page
    for name, value in {
        "image": f"https://ocop.mau.example/san-pham-ocop/anh/{photo.pk}.jpg",
        "image:width": "1600",
        "image:alt": "Giỏ cà chua bi",
    }.items():
        assert f'<meta property="og:{name}" content="{value}">' in page


def test_a_product_without_photo_has_a_calm_drawing(in_force: list[Certificate]) -> None:
    page = Client().get(LIST).content.decode()

    assert page.count("ocop-catalogue-placeholder") == 2
    detail = Client().get(f"{LIST}{in_force[0].product_id}/ca-chua-bi/").content.decode()
    assert "og:image" not in detail


def test_proofs_that_hold_today_are_public_and_others_are_not(known: Product) -> None:
    page = Client().get(f"{LIST}{known.pk}/ca-chua-bi/").content.decode()

    for words in (
        "VietGAP",
        "VG-01",
        "Nhãn hiệu “Bi Đông”",
        '<span class="ocop-code" itemprop="gtin">8934563138165</span>',
        "https://truyxuat.mau.example/ca-chua",
    ):
        assert words in page
    for words in ("CU-01", "Hộp chờ"):
        assert words not in page


def test_json_tells_photos_proofs_and_packages(known: Product) -> None:
    row = Client().get(f"{API}/{known.pk}").json()

    photo = photo_named("Giỏ cà chua bi")
    assert row["photos"] == [
        {
            "url": f"https://ocop.mau.example/san-pham-ocop/anh/{photo.pk}.jpg",
            "width": 1600,
            "height": 1200,
            "small_url": f"https://ocop.mau.example/san-pham-ocop/anh/{photo.pk}-nho.jpg",
            "small_width": 480,
            "small_height": 360,
            "alt": "Giỏ cà chua bi",
            "caption": "Vụ đông",
        }
    ]
    assert [one["name"] for one in row["standards"]] == ["VietGAP"]
    assert row["intellectual_property"] == [
        {"kind": "trademark", "name": "Bi Đông", "number": "4-01"}
    ]
    assert row["packages"] == [{"kind": "box", "net_content": "500 g", "gtin": "8934563138165"}]
    assert row["trace_url"] == "https://truyxuat.mau.example/ca-chua"


def test_json_takes_the_same_queries_whatever_its_length(
    known: Product, django_assert_max_num_queries: Callable
) -> None:
    with django_assert_max_num_queries(5):
        Client().get(API)


def test_sitemap_names_the_products_in_force_under_the_public_address(
    in_force: list[Certificate],
) -> None:
    tree = ElementTree.fromstring(Client().get("/sitemap.xml").content)

    found = {place.text for place in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    assert f"https://ocop.mau.example{LIST}{in_force[0].product_id}/ca-chua-bi/" in found
    assert len(found) == 2


def test_search_engines_read_the_catalogue_only() -> None:
    text = Client().get("/robots.txt").content.decode()

    assert text.splitlines() == [
        "User-agent: *",
        "Allow: /san-pham-ocop/",
        "Disallow: /",
        f"Sitemap: {text.rpartition('Sitemap: ')[2].strip()}",
    ]


def test_json_gives_the_public_facts(in_force: list[Certificate]) -> None:
    data = Client().get(API, {"stars": 4}).json()

    (row,) = data["items"]
    assert data["next"] is None
    assert row["name"] == "Cà chua bi"
    assert row["district"] == "Huyện Đông Anh"
    assert row["stars"] == 4
    assert row["certificate_number"] == in_force[0].number
    assert row["url"].startswith("https://ocop.mau.example/san-pham-ocop/")


def test_json_pages_lead_through_everything_once(in_force: list[Certificate]) -> None:
    seen, url = [], f"{API}?limit=1"
    while url:
        data = Client().get(url).json()
        seen += [row["id"] for row in data["items"]]
        url = (data["next"] or "").removeprefix("https://ocop.mau.example")

    assert seen == sorted(row.product_id for row in in_force)


@pytest.mark.parametrize(
    "query",
    ["limit=100000", "limit=0", "after=-1", "stars=9", "stars=x", f"q={'a' * 101}"],
)
def test_a8_what_cannot_be_asked_is_refused_without_echo(
    in_force: list[Certificate], query: str
) -> None:
    answer = Client().get(f"{API}?{query}")

    assert answer.status_code == 422
    assert answer.json()["fields"] == [query.partition("=")[0]]


@pytest.mark.parametrize("number", ["999999", "9" * 40])
def test_unknown_product_is_404(db: None, number: str) -> None:
    assert Client().get(f"{API}/{number}").status_code == 404


def test_interface_only_reads(in_force: list[Certificate]) -> None:
    assert Client().post(API).status_code == 405


def test_description_matches_what_is_answered(in_force: list[Certificate]) -> None:
    """Every field of an answer is described, and nothing described is missing."""
    description = json.loads(Client().get("/api/v1/openapi.json").content)

    described = description["components"]["schemas"]["ProductOut"]
    answered = Client().get(API).json()["items"][0]
    assert set(description["paths"]) == {"/api/v1/products", "/api/v1/products/{number}"}
    assert set(described["properties"]) == set(answered) == set(described["required"])
