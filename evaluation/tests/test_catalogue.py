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
    in_force: list[Certificate], django_assert_max_num_queries: Callable
) -> None:
    with django_assert_max_num_queries(6):
        Client().get(LIST)


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
