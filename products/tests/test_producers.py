"""What is known of a producer: registration, figures of its years, its value chains."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from products.models import ChainMembership, Producer, ProducerYear
from products.tests.factories import ProducerFactory, unit_2021

Clients = Callable[[User], Client]


def values(**changes: Any) -> dict[str, Any]:
    return {"name": "HTX Sen", "unit": unit_2021("00523").pk, **changes}


def rows(prefix: str, *entries: dict[str, Any], stored: int = 0) -> dict[str, Any]:
    """What a page of several rows sends."""
    sent = {f"{prefix}-TOTAL_FORMS": len(entries), f"{prefix}-INITIAL_FORMS": stored}
    for n, entry in enumerate(entries):
        sent |= {f"{prefix}-{n}-{name}": value for name, value in entry.items()}
    return sent


def test_a_producer_is_kept_with_its_registration(officer: User, client_of: Clients) -> None:
    client_of(officer).post(
        reverse("products:producer_create"),
        values(
            tax_code="0100 109 106",
            registration_number="01D8000123",
            registered_on="05/03/2015",
            registered_at="Phòng Tài chính huyện Đông Anh",
            founded_year="2014",
            representative="Nguyễn Thị Sen",
            representative_title="Giám đốc",
            website="htxsen.example",
        ),
    )

    producer = Producer.objects.get()
    assert producer.tax_code == "0100109106"
    assert producer.registered_on == date(2015, 3, 5)
    assert (producer.founded_year, producer.website) == (2014, "https://htxsen.example")
    page = client_of(officer).get(producer.get_absolute_url()).content.decode()
    assert "Nguyễn Thị Sen (Giám đốc)" in page
    assert "01D8000123 ngày 05/03/2015" in page


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("tax_code", "0100109107", "số kiểm tra"),
        ("tax_code", "123", "10, 12 hoặc 13"),
        ("founded_year", "2099", "Năm này chưa đến"),
        ("registered_on", "01/01/2099", "Ngày này chưa đến"),
        ("website", "javascript:alert(1)", ""),
    ],
)
def test_a_wrong_value_is_an_error_at_its_field(
    officer: User, client_of: Clients, field: str, value: str, message: str
) -> None:
    response = client_of(officer).post(
        reverse("products:producer_create"), values(**{field: value})
    )

    assert response.status_code == 422
    assert message in str(response.context["form"].errors[field])
    assert not Producer.objects.exists()


def test_an_imported_tax_code_does_not_stop_other_changes(
    officer: User, client_of: Clients
) -> None:
    producer = ProducerFactory(name="HTX Sen", tax_code="0100000001", unit=unit_2021("00523"))
    url = reverse("products:producer_edit", args=[producer.pk])

    kept = client_of(officer).post(url, values(tax_code="0100000001", phone="0912345678"))
    changed = client_of(officer).post(url, values(tax_code="0100000002"))

    assert (kept.status_code, changed.status_code) == (302, 422)
    producer.refresh_from_db()
    assert (producer.tax_code, producer.phone) == ("0100000001", "0912345678")


def test_figures_of_several_years_are_kept_and_shown(officer: User, client_of: Clients) -> None:
    producer = ProducerFactory(unit=unit_2021("00523"))
    url = reverse("products:producer_years", args=[producer.pk])
    entries = (
        {"year": 2024, "revenue": "1.250.000.000", "workers": 20, "local_workers": 18},
        {"year": 2025, "revenue": "1500000000", "workers": "", "local_workers": ""},
        {"year": "", "revenue": "", "workers": "", "local_workers": ""},
    )

    response = client_of(officer).post(url, rows("years", *entries))

    assert response.status_code == 302
    assert list(producer.years.values_list("year", "revenue", "local_workers")) == [
        (2025, 1_500_000_000, None),
        (2024, 1_250_000_000, 18),
    ]
    page = client_of(officer).get(producer.get_absolute_url()).content.decode()
    assert "1.250.000.000\u00a0đồng" in page


def test_a_stored_year_is_changed_or_deleted(officer: User, client_of: Clients) -> None:
    producer = ProducerFactory(unit=unit_2021("00523"))
    first = ProducerYear.objects.create(producer=producer, year=2023, workers=5)
    second = ProducerYear.objects.create(producer=producer, year=2022, workers=4)
    url = reverse("products:producer_years", args=[producer.pk])

    client_of(officer).post(
        url,
        rows(
            "years",
            {"id": first.pk, "year": 2023, "workers": 9},
            {"id": second.pk, "year": 2022, "workers": 4, "DELETE": "on"},
            stored=2,
        ),
    )

    assert list(producer.years.values_list("year", "workers")) == [(2023, 9)]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([{"year": 2024, "workers": 5, "local_workers": 6}], "không nhiều hơn"),
        ([{"year": 2024, "local_workers": 6}], "không nhiều hơn"),
        ([{"year": 2024}], "ít nhất một số liệu"),
        ([{"year": 2099, "workers": 5}], "Năm này chưa đến"),
        ([{"year": 2024, "revenue": "-5"}], "lớn hơn hoặc bằng"),
        ([{"year": 2024, "workers": 1}, {"year": 2024, "workers": 2}], "trùng"),
    ],
)
def test_figures_that_cannot_be_are_refused_and_nothing_typed_is_lost(
    officer: User, client_of: Clients, entries: list[dict[str, Any]], message: str
) -> None:
    producer = ProducerFactory(unit=unit_2021("00523"))

    response = client_of(officer).post(
        reverse("products:producer_years", args=[producer.pk]), rows("years", *entries)
    )

    assert response.status_code == 422
    page = response.content.decode()
    assert message in page
    assert f'value="{entries[0]["year"]}"' in page
    assert not ProducerYear.objects.exists()


def test_chains_are_kept_and_shown(officer: User, client_of: Clients) -> None:
    producer = ProducerFactory(unit=unit_2021("00523"))
    chain = {"name": "Chuỗi rau an toàn", "part": "grower", "partner": "Công ty Mẫu"}
    dates = {"begins_on": "01/01/2024", "ends_on": "31/12/2023"}
    url = reverse("products:producer_chains", args=[producer.pk])

    refused = client_of(officer).post(url, rows("chains", chain | dates))
    client_of(officer).post(url, rows("chains", chain | {"begins_on": "01/01/2024"}))

    assert refused.status_code == 422
    assert ChainMembership.objects.get().producer == producer
    page = client_of(officer).get(producer.get_absolute_url()).content.decode()
    assert "Chuỗi rau an toàn" in page
    assert "từ 01/01/2024" in page


def test_a1_figures_of_another_district_are_hidden(
    other_officer: User, leader: User, client_of: Clients
) -> None:
    producer = ProducerFactory(unit=unit_2021("00523"))
    for name in ("producer_years", "producer_chains"):
        url = reverse(f"products:{name}", args=[producer.pk])
        sent = rows("years", {"year": 2024, "workers": 1})

        assert client_of(other_officer).post(url, sent).status_code == 404
        assert client_of(leader).post(url, sent).status_code == 403
    assert not ProducerYear.objects.exists()
