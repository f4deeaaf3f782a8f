"""What ends soon: the list, the panel and who is told."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from ocop_portal.home import landing_page
from ocop_portal.models import Notice
from products.expiring import expiring_rows, tell_of_expiring
from products.models import Dossier, DossierDocument, ProducerDocument
from products.tasks import tell_of_expiring_documents
from products.tests.factories import (
    DocumentFactory,
    DossierFactory,
    PaperFactory,
    ProducerFactory,
    unit_2021,
)

Clients = Callable[[User], Client]
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: TODAY)


@pytest.fixture
def dossier(officer: User) -> Dossier:
    return DossierFactory(product__producer__unit=unit_2021("00523"), created_by=officer)


def document(dossier: Dossier, days: int, **fields: Any) -> DossierDocument:
    fields = {"original_name": f"con-{days}.pdf", "slot": "awards", **fields}
    return DocumentFactory(dossier=dossier, valid_until=TODAY + timedelta(days=days), **fields)


def paper(dossier: Dossier, days: int, **fields: Any) -> ProducerDocument:
    return PaperFactory(
        producer=dossier.product.producer,
        original_name=f"giay-{days}.pdf",
        valid_until=TODAY + timedelta(days=days),
        uploaded_by=dossier.created_by,
        **fields,
    )


def names(user: User, days: int = 90, **wanted: Any) -> list[str]:
    rows = expiring_rows(user, first=TODAY, last=TODAY + timedelta(days=days), **wanted)
    return [row["name"] for row in rows]


def test_documents_and_papers_stand_in_one_list_by_their_end(
    dossier: Dossier, officer: User
) -> None:
    for days in (-1, 0, 30, 91):
        document(dossier, days)
    paper(dossier, 10)

    assert names(officer) == ["con-0.pdf", "giay-10.pdf", "con-30.pdf"]
    assert names(officer, 29) == ["con-0.pdf", "giay-10.pdf"]
    assert names(officer, what="paper") == ["giay-10.pdf"]
    assert names(officer, what="document") == ["con-0.pdf", "con-30.pdf"]


def test_what_no_longer_matters_is_not_listed(dossier: Dossier, officer: User) -> None:
    own = paper(dossier, 10)
    document(dossier, 5, producer_document=own)
    document(dossier, 6, removed_at="2026-01-01T00:00:00+07:00")
    for state in (Dossier.State.WITHDRAWN, Dossier.State.NOT_RECOGNISED):
        document(DossierFactory(created_by=officer, state=state), 7)
    old = DossierFactory(created_by=officer, state=Dossier.State.RECOGNISED)
    document(old, 8)
    DossierFactory(
        product=old.product, created_by=officer, previous=old, state=Dossier.State.RECOGNISED
    )

    assert names(officer) == ["giay-10.pdf"]


def test_a_carried_document_is_listed_once_where_it_goes_on(
    dossier: Dossier, officer: User
) -> None:
    Dossier.objects.filter(pk=dossier.pk).update(state=Dossier.State.RECOGNISED)
    before = document(dossier, 5)
    draft = DossierFactory(product=dossier.product, created_by=officer, previous=dossier)
    document(draft, 5, carried_from=before, original_name="mang-sang.pdf")

    assert names(officer) == ["mang-sang.pdf"]


def test_everybody_sees_the_own_territory_or_producer(
    dossier: Dossier,
    officer: User,
    other_officer: User,
    commune_officer: User,
    staff: User,
    person: Callable[..., User],
) -> None:
    document(dossier, 5)
    paper(dossier, 6)
    account = person("account", Role.PRODUCER, unit_code="00523")
    stranger = person("stranger", Role.PRODUCER, unit_code="00523")
    dossier.product.producer.accounts.add(account)

    both = ["con-5.pdf", "giay-6.pdf"]
    for user in (officer, commune_officer, staff, account):
        assert names(user) == both
    for user in (other_officer, stranger):
        assert names(user) == []


def test_list_filters_and_pages(dossier: Dossier, staff: User, client_of: Clients) -> None:
    for days in (-3, 20, 45, 80):
        document(dossier, days)
    other = DossierFactory(
        created_by=staff, product__producer=ProducerFactory(unit=unit_2021("018"))
    )
    document(other, 20, original_name="gia-lam.pdf")
    client, url = client_of(staff), reverse("products:expiring_list")

    def shown(**query: Any) -> list[str]:
        return [row["name"] for row in client.get(url, query).context["page"]]

    assert shown() == ["con-20.pdf", "gia-lam.pdf", "con-45.pdf", "con-80.pdf"]
    assert shown(trong="30") == ["con-20.pdf", "gia-lam.pdf"]
    assert shown(trong="60", district=unit_2021("017").pk) == ["con-20.pdf", "con-45.pdf"]
    assert shown(trong="het") == ["con--3.pdf"]
    assert shown(q=other.product.name, trong="90") == ["gia-lam.pdf"]
    assert shown(trong="nonsense") == shown()


def test_list_takes_the_same_queries_for_one_and_many(
    dossier: Dossier, officer: User, client_of: Clients, django_assert_max_num_queries: Callable
) -> None:
    client, url = client_of(officer), reverse("products:expiring_list")
    for days in range(1, 30):
        document(dossier, days)
        paper(dossier, days)
    client.get(url)

    with django_assert_max_num_queries(12):
        assert client.get(url).status_code == 200


def test_home_shows_what_ends_within_sixty_days(dossier: Dossier, officer: User) -> None:
    document(dossier, 60)
    document(dossier, 61)

    panels = {panel.title: panel for panel in landing_page(officer).panels}

    panel = panels["Giấy tờ sắp hết hạn (60 ngày tới)"]
    assert (panel.count, [task.title for task in panel.tasks]) == (1, ["con-60.pdf"])
    assert panel.all_url == reverse("products:expiring_list")


# Who is told


@pytest.mark.parametrize(
    ("days", "step"), [(90, 90), (61, 90), (60, 60), (31, 60), (30, 30), (0, 30)]
)
def test_people_are_told_at_90_60_and_30_days_once(
    dossier: Dossier,
    officer: User,
    commune_officer: User,
    other_officer: User,
    days: int,
    step: int,
) -> None:
    row = document(dossier, days)

    told, again = tell_of_expiring(TODAY), tell_of_expiring(TODAY)

    assert (told, again) == (2, 0)
    keys = set(Notice.objects.values_list("key", flat=True))
    assert keys == {f"document/{row.pk}/{row.valid_until:%Y%m%d}/{step}"}
    people = set(Notice.objects.values_list("recipient__username", flat=True))
    assert people == {"officer", "commune_officer"}


@pytest.mark.parametrize("days", [-1, 91])
def test_nobody_is_told_too_early_or_too_late(dossier: Dossier, officer: User, days: int) -> None:
    document(dossier, days)

    assert tell_of_expiring(TODAY) == 0


def test_producers_are_told_of_their_papers(
    dossier: Dossier, officer: User, person: Callable[..., User]
) -> None:
    account = person("account", Role.PRODUCER, unit_code="00523")
    dossier.product.producer.accounts.add(account)
    paper(dossier, 30, number="9/GCN")

    assert tell_of_expiring_documents() == 2

    notice = account.notices.get()
    assert notice.title == (f"{dossier.product.producer}: Giấy đăng ký kinh doanh còn 30 ngày")
    assert "giay-30.pdf, số 9/GCN, hết hạn sau ngày 24/12/2026." in notice.detail
    assert tell_of_expiring_documents() == 0
