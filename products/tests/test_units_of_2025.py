"""A place of 2021 and what it is called now: names at the time stay, both are found (T8)."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AdministrativeUnit, User
from accounts.roles import Role
from products.actions.imports import run_import
from products.models import Dossier, Producer, Product
from products.tests.factories import DossierFactory, ProducerFactory, ProductFactory, unit_2021
from products.tests.test_import import workbook

Clients = Callable[[User], Client]
DONG_HOI, DONG_ANH_TOWN = "00523", "00454"  # one successor; three


def unit_2025(code: str) -> AdministrativeUnit:
    return AdministrativeUnit.objects.get(edition=2025, code=code)


@pytest.fixture
def officer_2025(person: Callable[..., User]) -> User:
    """Officer of Đông Anh, a commune of 2025 that Đông Hội went into."""
    return in_unit(person, "xa-moi", "00454")


@pytest.fixture
def stranger_2025(person: Callable[..., User]) -> User:
    return in_unit(person, "xa-khac", "00466")


def in_unit(person: Callable[..., User], name: str, code: str) -> User:
    user = person(name, Role.COMMUNE_OFFICER)
    user.unit = unit_2025(code)
    user.save()
    return user


def test_the_only_successor_is_filled_and_names_at_the_time_stay(db: None) -> None:
    producer = ProducerFactory(unit=unit_2021(DONG_HOI))

    assert producer.current_unit == unit_2025("00454")
    assert producer.place == "Xã Đông Hội, Huyện Đông Anh (nay là Xã Đông Anh)"


def test_of_several_successors_none_is_guessed(db: None) -> None:
    producer = ProducerFactory(unit=unit_2021(DONG_ANH_TOWN))
    chosen = ProducerFactory(unit=unit_2021(DONG_ANH_TOWN), current_unit=unit_2025("00466"))

    assert producer.current_unit is None
    assert chosen.current_unit == unit_2025("00466")


def test_a_choice_that_the_mapping_contradicts_is_dropped_when_the_place_changes(
    db: None,
) -> None:
    producer = ProducerFactory(unit=unit_2021(DONG_ANH_TOWN), current_unit=unit_2025("00466"))

    producer.unit = unit_2021(DONG_HOI)
    producer.save()

    assert producer.current_unit == unit_2025("00454")


def test_the_form_takes_one_of_several_and_refuses_another(
    officer: User, client_of: Clients
) -> None:
    client, url = client_of(officer), reverse("products:producer_create")
    values = {"name": "HTX Sen", "unit": unit_2021(DONG_ANH_TOWN).pk}

    wrong = client.post(url, values | {"current_unit": unit_2025("00541").pk})
    other = client.post(
        url, {"name": "X", "unit": unit_2021(DONG_HOI).pk, "current_unit": unit_2025("00466").pk}
    )
    right = client.post(url, values | {"current_unit": unit_2025("00466").pk})

    assert (wrong.status_code, other.status_code, right.status_code) == (422, 422, 302)
    assert "nay thuộc Xã Đông Anh" in other.content.decode()
    assert Producer.objects.get().current_unit == unit_2025("00466")


@pytest.mark.parametrize("text", ["dong hoi", "huyen dong anh", "xa dong anh", "Đông Hội Đông Anh"])
def test_a_producer_and_its_product_are_found_under_both_names(db: None, text: str) -> None:
    product = ProductFactory(name="Chè", producer__unit=unit_2021(DONG_HOI))

    assert list(Producer.objects.search(text)) == [product.producer]
    assert list(Product.objects.search(text)) == [product]


def test_lists_are_filtered_by_the_district_of_2021_and_the_commune_of_2025(
    staff: User, client_of: Clients
) -> None:
    here = ProductFactory(producer__unit=unit_2021(DONG_HOI))
    ProductFactory(producer__unit=unit_2021("00526"))
    for name, row in (("producer_list", here.producer), ("product_list", here)):
        url = reverse(f"products:{name}")
        for query in (
            {"district": unit_2021("017").pk},
            {"commune": unit_2025("00454").pk},
        ):
            page = client_of(staff).get(url, query).context["page"]
            assert list(page) == [row]


def test_officers_of_the_commune_of_2025_see_and_edit_what_lies_there_now(
    officer_2025: User, client_of: Clients
) -> None:
    dossier = DossierFactory(product__producer__unit=unit_2021(DONG_HOI))
    product, producer = dossier.product, dossier.product.producer
    elsewhere = ProductFactory(producer__unit=unit_2021("00526"))

    assert list(Producer.objects.visible_to(officer_2025)) == [producer]
    assert list(Product.objects.visible_to(officer_2025)) == [product]
    assert list(Dossier.objects.visible_to(officer_2025)) == [dossier]
    for permission, record, other in (
        ("edit_producer", producer, elsewhere.producer),
        ("edit_product", product, elsewhere),
        ("prepare_dossier", product, elsewhere),
    ):
        assert officer_2025.has_perm(f"products.{permission}", record)
        assert not officer_2025.has_perm(f"products.{permission}", other)
    assert officer_2025.has_perm("products.edit_dossier", dossier)
    response = client_of(officer_2025).post(
        reverse("products:producer_edit", args=[producer.pk]),
        {"name": producer.name, "unit": producer.unit_id, "phone": "0912345678"},
    )
    assert response.status_code == 302


def test_a1_the_stranger_of_another_commune_of_2025_gets_404(
    stranger_2025: User, client_of: Clients
) -> None:
    dossier = DossierFactory(product__producer__unit=unit_2021(DONG_HOI))
    client = client_of(stranger_2025)

    for record in (dossier, dossier.product, dossier.product.producer):
        assert client.get(record.get_absolute_url()).status_code == 404
    edit = reverse("products:producer_edit", args=[dossier.product.producer_id])
    assert client.post(edit, {"name": "X"}).status_code == 404


def test_an_officer_of_2025_adds_only_what_lies_in_the_own_commune(
    officer_2025: User, client_of: Clients
) -> None:
    client, url = client_of(officer_2025), reverse("products:producer_create")

    def post(name: str, code: str, **more: object) -> int:
        return client.post(url, {"name": name, "unit": unit_2021(code).pk, **more}).status_code

    assert post("Sen", DONG_HOI) == 302
    assert post("Súng", DONG_ANH_TOWN) == 422  # of its three successors one is the own
    assert post("Súng", DONG_ANH_TOWN, current_unit=unit_2025("00454").pk) == 302
    assert post("Cốm", "00526") == 422
    assert Producer.objects.count() == 2
    assert Producer.objects.visible_to(officer_2025).count() == 2


def test_an_import_fills_the_unit_of_2025_with_constant_queries(
    db: None, django_assert_max_num_queries: Callable
) -> None:
    units = AdministrativeUnit.objects.filter(edition=2021, parent__code="017")
    places = list(units.select_related("parent").prefetch_related("successors"))

    with django_assert_max_num_queries(0):
        for unit in places:
            Producer(name="HTX", unit=unit).fill_keys()


# Officers of 2025 with the lists of before


PLACES = ["Tên sản phẩm", "Tên chủ thể", "Quận, huyện", "Xã, phường"]


def test_an_officer_of_2025_imports_rows_that_name_old_districts_and_communes(
    officer_2025: User,
) -> None:
    file = workbook(
        ["Chè", "HTX Chè", "Huyện Đông Anh", "Xã Đông Hội"],
        ["Cốm", "HTX Cốm", "", "Đông Hội"],  # the district is nowhere on the officers' mind now
        ["Đậu", "HTX Đậu", "H. Đông Anh", "TT Đông Anh"],  # divided among three
        ["Bưởi", "HTX Bưởi", "Gia Lâm", "Bát Tràng"],
        ["Sen", "HTX Sen", "Đông Anh", ""],
        header=PLACES,
    )

    report = run_import(file, by=officer_2025, dry_run=False)

    products = Product.objects.visible_to(officer_2025).order_by("name")
    assert (report.created, report.outside, report.failed) == (3, 2, 0)
    assert [product.name for product in products] == ["Chè", "Cốm", "Đậu"]
    assert {product.producer.current_unit for product in products} == {unit_2025("00454")}
    assert {product.unit.edition for product in products} == {2021}
    assert "nay là Xã Đông Anh" in products[0].place


def test_an_officer_of_2025_is_told_which_old_names_belong_here(officer_2025: User) -> None:
    file = workbook(["Chè", "HTX Chè", "", "Xã Không Có"], header=PLACES)

    (note,) = run_import(file, by=officer_2025, dry_run=True).problems

    assert note.column == "Xã, phường (D)"
    assert note.reason.startswith("Xã Đông Anh không gồm “Xã Không Có”.")
    assert "Xã Đông Hội (Huyện Đông Anh)" in note.reason
