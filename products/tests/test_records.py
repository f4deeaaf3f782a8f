"""Producers and products: their forms, also sent many times at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.models import User
from ocop_portal.problems import Refused
from products.actions.records import save_producer, save_product
from products.models import Producer, Product
from products.tests.factories import (
    ProducerFactory,
    ProductFactory,
    unit_2021,
)

TIMES = 6


def producer_values(**changes: object) -> dict[str, object]:
    return {"name": "HTX Sen", "unit": unit_2021("00523").pk, **changes}


def product_values(producer: Producer, **changes: object) -> dict[str, object]:
    return {"name": "Chè sen", "producer": producer.pk, "unit": producer.unit_id, **changes}


def post_at_once(
    user: User, client_of: Callable[[User], Client], url: str, values: dict
) -> list[int]:
    """The status codes of the same form sent by several tabs in one moment."""
    clients = [client_of(user) for _ in range(TIMES)]
    barrier = Barrier(TIMES)

    def send(client: Client) -> int:
        try:
            barrier.wait(10)
            return client.post(url, values).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(TIMES) as pool:
        return sorted(pool.map(send, clients))


def test_producer_sent_six_times_at_once_is_made_once(
    transactional_db: None, officer: User, client_of: Callable[[User], Client]
) -> None:
    url = reverse("products:producer_create")

    codes = post_at_once(officer, client_of, url, producer_values(tax_code="0100000010"))

    assert codes == [302, *[422] * (TIMES - 1)]
    assert Producer.objects.count() == 1


def test_product_sent_six_times_at_once_is_made_once(
    transactional_db: None, officer: User, client_of: Callable[[User], Client]
) -> None:
    values = product_values(ProducerFactory(), code="01-017-00523-1-2021")

    codes = post_at_once(officer, client_of, reverse("products:product_create"), values)

    assert codes == [302, *[422] * (TIMES - 1)]
    assert Product.objects.count() == 1


def test_twins_are_refused_with_the_sentence_of_their_constraint(officer: User) -> None:
    producer = ProducerFactory(name="HTX Sen", tax_code="0100000010")
    code = "01-017-00523-1-2021"
    product = ProductFactory(producer=producer, name="Chè sen", code=code)
    twins = [
        (save_producer, Producer(name="Hợp tác xã Sen", unit=producer.unit)),
        (save_producer, Producer(name="Khác", unit=producer.unit, tax_code="0100000010")),
        (save_product, Product(name="CHÈ SEN", unit=producer.unit, producer=producer)),
        (save_product, Product(name="Khác", unit=producer.unit, producer=producer, code=code)),
    ]

    refusals = []
    for save, twin in twins:
        with pytest.raises(Refused) as refusal:
            save(twin, by=officer)
        refusals.append(refusal.value.problems[0].code)

    assert refusals == [
        "producer_once_per_district",
        "producer_tax_code_once",
        "product_once_per_producer",
        "product_code_once",
    ]
    assert list(Product.objects.all()) == [product]


def test_records_of_another_district_are_not_saved(other_officer: User) -> None:
    with pytest.raises(PermissionDenied):
        save_producer(Producer(name="HTX Sen", unit=unit_2021("017")), by=other_officer)
    with pytest.raises(PermissionDenied):
        save_product(Product(name="Chè sen", unit=unit_2021("017")), by=other_officer)


@pytest.mark.parametrize("letter", ["Ệ", "ﬃ", "ﷺ", "ế ", "a\u0301\u0323", "& "])
def test_longest_names_are_saved_whatever_their_letters(
    officer: User, client_of: Callable[[User], Client], letter: str
) -> None:
    client = client_of(officer)
    name = (letter * 250)[:249] + "x"

    made = client.post(reverse("products:producer_create"), producer_values(name=name))
    producer = Producer.objects.get()
    product = client.post(reverse("products:product_create"), product_values(producer, name=name))

    assert (made.status_code, product.status_code) == (302, 302)
    assert len(producer.name_key) <= 250
    assert len(Product.objects.get().name_key) <= 250


def test_long_names_that_differ_at_the_end_stay_apart(db: None) -> None:
    first = ProducerFactory(name="ế " * 124 + "a")
    second = ProducerFactory(name="ế " * 124 + "b")

    assert first.name_key != second.name_key


def test_13_digit_tax_code_is_kept_in_one_form(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(officer)
    url = reverse("products:producer_create")

    client.post(url, producer_values(tax_code="0100000010001"))
    again = client.post(url, producer_values(name="Khác", tax_code="0100000010-001"))

    assert Producer.objects.get().tax_code == "0100000010-001"
    assert again.status_code == 422


def test_bad_form_answers_422_and_keeps_what_was_typed(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(officer)
    product = ProductFactory()
    pages = [
        reverse("products:producer_create"),
        reverse("products:producer_edit", args=[product.producer_id]),
        reverse("products:product_create"),
        reverse("products:product_edit", args=[product.pk]),
    ]

    answers = [client.post(url, {"name": "chỉ có tên"}) for url in pages]

    assert [answer.status_code for answer in answers] == [422] * 4
    assert all("chỉ có tên" in answer.content.decode() for answer in answers)
