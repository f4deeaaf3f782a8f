"""Papers of a producer: kept once, replaced by newer versions, never lost."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from products.models import Producer, ProducerDocument
from products.papers import SLOTS, papers_of, validity
from products.tests import bad_files
from products.tests.factories import PaperFactory, ProducerFactory, unit_2021
from regulations.models import Regulation

Clients = Callable[[User], Client]


@pytest.fixture
def producer(db: None) -> Producer:
    return ProducerFactory(unit=unit_2021("00523"))


def upload(**values: Any) -> dict[str, Any]:
    file = SimpleUploadedFile("giay-phep.pdf", PDF, "application/pdf")
    return {"slot": "business_registration", "file": file, **values}


PDF = bad_files.pdf()


def test_every_slot_is_one_of_a_regulation(db: None) -> None:
    known = {slot.code for row in Regulation.objects.published() for slot in row.rules.documents}

    assert set(SLOTS) <= known


@pytest.mark.parametrize(
    ("ends_on", "says", "tone"),
    [
        (None, "Không ghi thời hạn", ""),
        (date(2026, 3, 9), "Hết hạn từ 09/03/2026", "danger"),
        (date(2026, 3, 10), "Sắp hết hạn: còn 0 ngày, đến 10/03/2026", "warning"),
        (date(2026, 5, 9), "Sắp hết hạn: còn 60 ngày, đến 09/05/2026", "warning"),
        (date(2026, 5, 10), "Còn hạn đến 10/05/2026", "success"),
    ],
)
def test_the_end_of_a_paper_is_told_in_words_and_colour(
    ends_on: date | None, says: str, tone: str
) -> None:
    assert validity(ends_on, date(2026, 3, 10)) == (says, tone)


def test_a_paper_is_kept_shown_and_downloaded(
    producer: Producer, officer: User, client_of: Clients
) -> None:
    client = client_of(officer)
    sent = upload(
        number="12/GCN", issuer="UBND huyện", issued_on="01/02/2024", valid_until="01/02/2099"
    )

    client.post(reverse("products:paper_add", args=[producer.pk]), sent)

    paper = producer.documents.get()
    assert (paper.number, paper.issued_on, paper.uploaded_by) == (
        "12/GCN",
        date(2024, 2, 1),
        officer,
    )
    page = client.get(producer.get_absolute_url()).content.decode()
    assert "Số 12/GCN ngày 01/02/2024 do UBND huyện cấp" in page
    assert "Còn hạn đến 01/02/2099" in page
    answer = client.get(reverse("products:paper_download", args=[paper.pk]))
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert "attachment" in answer["Content-Disposition"]


def test_a_new_version_replaces_the_old_one_which_is_kept(
    producer: Producer, officer: User, client_of: Clients
) -> None:
    old = PaperFactory(producer=producer, uploaded_by=officer)
    url = reverse("products:paper_add", args=[producer.pk])

    client_of(officer).post(url, upload(replaces=old.pk))
    again = client_of(officer).post(url, upload(replaces=old.pk))

    new = producer.documents.current().get()
    old.refresh_from_db()
    assert old.replaced_by == new
    assert again.status_code == 422
    assert papers_of(producer)[0].papers == (new,)


def test_a_removed_paper_leaves_the_page_and_stays_in_the_record(
    producer: Producer, officer: User, client_of: Clients
) -> None:
    paper = PaperFactory(producer=producer, uploaded_by=officer)

    client_of(officer).post(reverse("products:paper_remove", args=[paper.pk]))

    paper.refresh_from_db()
    assert paper.removed_by == officer
    assert not producer.documents.current().exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"slot": "registration_form"}, "slot"),
        ({"issued_on": "01/01/2099"}, "issued_on"),
        ({"issued_on": "02/01/2024", "valid_until": "01/01/2024"}, "valid_until"),
        ({"file": SimpleUploadedFile("x.pdf", b"MZ not a pdf")}, "file"),
        ({"file": SimpleUploadedFile("x.pdf", b"")}, "file"),
    ],
)
def test_what_cannot_be_kept_is_an_error_at_its_field(
    producer: Producer, officer: User, client_of: Clients, values: dict[str, Any], field: str
) -> None:
    url = reverse("products:paper_add", args=[producer.pk])

    response = client_of(officer).post(url, upload(number="12/GCN", **values))

    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert 'value="12/GCN"' in response.content.decode()
    assert not ProducerDocument.objects.exists()


def test_the_same_file_is_not_kept_twice_in_a_slot(
    producer: Producer, officer: User, client_of: Clients
) -> None:
    url = reverse("products:paper_add", args=[producer.pk])

    client_of(officer).post(url, upload())
    again = client_of(officer).post(url, upload())

    assert again.status_code == 422
    assert "đã có trong mục này" in again.content.decode()


def test_the_producers_own_account_keeps_its_papers_and_no_others(
    producer: Producer, person: Callable[..., User], client_of: Clients
) -> None:
    owner = person("chuthe", Role.PRODUCER)
    producer.accounts.add(owner)
    stranger = ProducerFactory(unit=unit_2021("00523"))
    client = client_of(owner)

    own = client.post(reverse("products:paper_add", args=[producer.pk]), upload())
    other = client.post(reverse("products:paper_add", args=[stranger.pk]), upload())

    assert (own.status_code, other.status_code) == (302, 404)
    assert ProducerDocument.objects.get().producer == producer


def test_a1_papers_of_another_district_are_hidden(
    producer: Producer, officer: User, other_officer: User, client_of: Clients
) -> None:
    paper = PaperFactory(producer=producer, uploaded_by=officer)
    client = client_of(other_officer)

    assert client.get(reverse("products:paper_download", args=[paper.pk])).status_code == 404
    assert client.post(reverse("products:paper_remove", args=[paper.pk])).status_code == 404
    assert producer.documents.current().count() == 1
