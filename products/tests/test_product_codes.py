"""Codes of products in the shapes of every regulation: kept, checked, found, given once."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from ocop_portal.problems import Refused
from products.actions.records import save_product
from products.forms import known_shapes
from products.models import Product, ProductCode
from products.product_codes import shape_of
from products.tests.factories import ProducerFactory, ProductFactory, unit_2021

OLD, NEW = "01-282-10474-1-2021", "01-00070-12-2026"


@pytest.fixture
def product(db: None) -> Product:
    return ProductFactory(name="Chè sen", producer__unit=unit_2021("00523"))


def values(product: Product, **changes: object) -> dict[str, object]:
    return {
        "name": product.name,
        "producer": product.producer_id,
        "unit": product.unit_id,
        "criteria_set": product.criteria_set_id,
        **changes,
    }


def sent(client: Client, product: Product, **changes: object) -> object:
    url = reverse("products:product_edit", args=[product.pk])
    return client.post(url, values(product, **changes))


def test_regulations_write_codes_in_two_shapes(db: None) -> None:
    found = known_shapes()

    assert [shape.pattern.pattern for shape in found] == ["TT-HHH-XXXXX-STT-YYYY", "T-X-STT-20YY"]
    assert [len(shape.decisions) for shape in found] == [3, 1]
    assert [shape.fits(shape.example) for shape in found] == [True, True]
    assert shape_of(OLD, found) is found[0]
    assert shape_of(NEW, found) is found[1]
    assert shape_of("M1", found) is None


def test_both_codes_are_kept_shown_and_found(
    product: Product, officer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(officer)

    sent(client, product, code=OLD, code_1=NEW)

    product.refresh_from_db()
    assert (product.code, [row.code for row in product.codes.all()]) == (OLD, [NEW])
    page = client.get(product.get_absolute_url()).content.decode()
    assert OLD in page
    assert NEW in page
    assert "26/2026/QĐ-TTg" in page
    for code in (OLD, NEW):
        assert list(Product.objects.search(code)) == [product]


def test_the_first_code_stays_where_officers_lists_look_for_it(
    product: Product, officer: User
) -> None:
    save_product(product, codes=[NEW], by=officer)
    assert (product.code, product.other_codes) == (NEW, "")

    save_product(product, codes=[OLD, NEW], by=officer)
    assert (product.code, product.other_codes) == (OLD, NEW)

    save_product(product, codes=[], by=officer)
    assert (product.code, ProductCode.objects.count()) == ("", 0)


@pytest.mark.parametrize(
    "codes",
    [
        {"code": NEW},
        {"code_1": OLD},
        {"code": "01-282-10474-2021"},
        {"code_1": "1-70-12-2026"},
        {"code": "ba vì"},
    ],
)
def test_a_code_of_another_shape_is_an_error_at_its_field(
    product: Product,
    officer: User,
    client_of: Callable[[User], Client],
    codes: dict[str, str],
) -> None:
    answer = sent(client_of(officer), product, **codes)

    (name,) = codes
    assert answer.status_code == 422
    assert "phải có dạng" in str(answer.context["form"].errors[name])


def test_what_an_officers_list_called_the_code_may_stay(
    product: Product, officer: User, client_of: Callable[[User], Client]
) -> None:
    Product.objects.filter(pk=product.pk).update(code="OCOP-7")

    assert sent(client_of(officer), product, code="OCOP-7", story="Mới").status_code == 302
    assert sent(client_of(officer), product, code="OCOP-8").status_code == 422

    product.refresh_from_db()
    assert (product.code, product.story) == ("OCOP-7", "Mới")


def test_a_code_belongs_to_one_product_in_whatever_place_it_is_kept(
    product: Product, officer: User
) -> None:
    other = ProductFactory(producer=ProducerFactory())
    save_product(product, codes=[OLD, NEW], by=officer)

    for codes in ([OLD], [NEW]):
        with pytest.raises(Refused, match="sản phẩm khác"):
            save_product(other, codes=codes, by=officer)
    save_product(product, codes=[OLD, NEW], by=officer)
    assert ProductCode.objects.count() == 1
