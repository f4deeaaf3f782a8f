"""The search box: what it finds, for whom, however it is typed, and at what cost."""

import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from councils.models import Council, Session
from evaluation.models import Certificate, Decision, Result
from ocop_portal.searching import SHOWN, Hit, Kind, find, prefix_query
from products.models import Producer, Product
from products.tests.factories import DossierFactory, ProducerFactory, ProductFactory


def titles(user: User, text: str) -> dict[str, list[str]]:
    return {group.kind.label: [hit.title for hit in group.hits] for group in find(user, text)}


@pytest.fixture
def tea(db: None) -> Product:
    return ProductFactory(
        name="Chè búp khô Ba Vì", producer__name="Hợp tác xã Đông Hội", code="M-0042"
    )


@pytest.mark.parametrize(
    "text",
    [
        "chè búp",
        "che bup",
        "CHE BUP",
        "bup che",
        "vi ba khô",
        "bu k c",
        "Ba Vì",
        "ba v",
        "dong hoi che",
        "htx dong hoi",
        "HTX Đông",
        "hop tac xa bup",
        "m 0042",
        "0042 che",
        "chè, búp – khô!",
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_product_is_found_however_it_is_typed(
    officer: User, tea: Product, text: str, form: Any
) -> None:
    assert titles(officer, unicodedata.normalize(form, text))["Sản phẩm"] == [tea.name]


@pytest.mark.parametrize("text", ["up", "hè", "che bup zzz", "vif", "xkho"])
def test_every_word_must_begin_one_of_the_record(officer: User, tea: Product, text: str) -> None:
    assert titles(officer, text) == {}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_that_was_stored_in_parts_is_found(officer: User, form: Any) -> None:
    ProductFactory(name=unicodedata.normalize(form, "Tương nếp Cự Đà"))

    assert "Sản phẩm" in titles(officer, "cu da")


@pytest.mark.parametrize(
    "text",
    [
        "'",
        "a' & b",
        "!a",
        "a | b",
        "(((",
        "a:*",
        "\\",
        "\x00",
        "<->",
        "a" * 5000,
        "x " * 500,
        "%",
        "_",
    ],
)
def test_w8_nothing_typed_reaches_the_language_of_the_query(officer: User, text: str) -> None:
    find(officer, text)

    query = prefix_query(text)
    assert query is None or set(str(query.get_source_expressions()[-1].value)) <= set(
        "abcdefghijklmnopqrstuvwxyz0123456789 &:*"
    )


def test_the_best_come_first_and_no_more_than_a_screen(officer: User) -> None:
    producer = ProducerFactory(name="HTX Chè Xanh")
    for n in range(SHOWN + 2):
        ProductFactory(producer=producer, name=f"Bánh {n:02d}")
    ProductFactory(producer=producer, name="Chè xanh")

    (products, *_others) = find(officer, "che xanh")

    assert products.hits[0].title == "Chè xanh"
    assert (len(products.hits), products.has_more) == (SHOWN, True)
    assert products.list_url == f"{reverse('products:product_list')}?q=che+xanh"


def test_only_what_the_person_may_see_is_found(
    officer: User, other_officer: User, person: Callable[..., User], tea: Product
) -> None:
    DossierFactory(product=tea)

    assert set(titles(officer, "che bup")) == {"Sản phẩm", "Hồ sơ"}
    assert titles(other_officer, "che bup") == {}
    assert titles(person("nobody"), "che bup") == {}


def test_merged_records_are_not_found(officer: User, tea: Product) -> None:
    kept = ProductFactory(name="Chè búp Ba Vì", producer=tea.producer)
    Product.objects.filter(pk=tea.pk).update(merged_into=kept)
    twin = ProducerFactory(name="HTX Đông Hội hai")
    Producer.objects.filter(pk=tea.producer.pk).update(merged_into=twin)

    assert titles(officer, "che bup") == {"Sản phẩm": [kept.name]}
    assert titles(officer, "dong hoi")["Chủ thể"] == [twin.name]


def test_every_kind_of_record_is_found(
    staff: User, officer: User, council: Council, unit: Callable[[str], Any], tea: Product
) -> None:
    dossier = DossierFactory(
        product=tea, state="recognised", received_number="007/2021/HS-017", received_on="2021-09-01"
    )
    Session.objects.create(council=council, title="Phiên Đông Hội", held_on=date(2021, 10, 1))
    decision = Decision.objects.create(
        number="7095/QĐ-UBND",
        signed_on=date(2021, 12, 14),
        tier="city",
        unit=unit("01"),
        authority="UBND",
        signatory_title="CHỦ TỊCH",
        signatory_name="Người ký (mẫu)",
        issued_by=staff,
    )
    result = Result.objects.create(
        dossier=dossier,
        tier="city",
        mean=75,
        stars=4,
        outcome="recognise",
        concluded_on=date(2021, 11, 1),
        recorded_by=staff,
    )
    Certificate.objects.create(
        decision=decision,
        result=result,
        product=tea,
        producer=tea.producer,
        register_number=1,
        number="0001/2021/GCN-OCOP-01",
        stars=4,
        product_name=tea.name,
        producer_name=tea.producer.name,
        producer_address="Đông Hội",
        valid_from=date(2021, 12, 14),
        valid_until=date(2099, 12, 14),
        issued_by=staff,
    )

    assert set(titles(staff, "dong hoi")) == {
        "Sản phẩm",
        "Hồ sơ",
        "Chủ thể",
        "Phiên họp",
        "Giấy chứng nhận",
    }
    assert titles(staff, "007/2021") == {"Hồ sơ": [tea.name]}
    assert titles(staff, "0001/2021") == {"Giấy chứng nhận": ["0001/2021/GCN-OCOP-01"]}
    assert titles(staff, "7095") == {"Quyết định": [str(decision)]}
    assert "Quyết định" not in titles(officer, "7095")


def test_the_box_takes_the_same_few_queries_however_much_there_is(officer: User) -> None:
    counts: list[int] = []
    find(officer, "che")  # the officer's unit is read once
    for _ in range(2):
        for n in range(3):
            DossierFactory(product__name=f"Chè {n} {len(counts)}")
        with CaptureQueriesContext(connection) as queries:
            find(officer, "che")
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 10


def test_apps_add_what_can_be_found(
    officer: User, client_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    events = Kind(
        "Hội chợ",
        "event",
        "products.see_products",
        1,
        lambda search, limit: [Hit("Hội chợ Xuân", "/")],
    )
    monkeypatch.setattr("ocop_portal.searching._kinds", [events])

    text = client_of(officer).get(reverse("products:search"), {"q": "xuan"}).content.decode()

    assert "Hội chợ Xuân" in text


def test_the_words_of_a_product_follow_its_producer(officer: User, tea: Product) -> None:
    from products.actions.records import save_producer

    tea.producer.name = "Hợp tác xã Suối Hai"
    save_producer(tea.producer, by=officer)

    assert titles(officer, "suoi hai")["Sản phẩm"] == [tea.name]
    assert "Sản phẩm" not in titles(officer, "dong hoi htx bup suoi xa")


def test_rows_come_without_the_words_that_only_the_database_needs(tea: Product) -> None:
    assert "search_vector" in Product.objects.get().get_deferred_fields()
