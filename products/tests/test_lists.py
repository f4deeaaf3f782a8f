"""Lists of products, producers and dossiers: what stands in the address, well meant or not."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from products.models import Product
from products.tests.factories import GIA_LAM, DossierFactory, ProductFactory, unit_2021


@pytest.fixture
def world(db: None, person: Callable[..., User]) -> User:
    """30 records of Đông Anh and one of Gia Lâm; the person is the Department's."""
    for n in range(30):
        ProductFactory(name=f"Chè {n:02d}", producer__name=f"HTX {n:02d}")
    ProductFactory(
        name="Trà 100%_", producer__name="HTX 'Gia Lâm'", producer__unit=unit_2021("018")
    )
    return person("sở", Role.DEPARTMENT_STAFF)


LISTS = ["product_list", "producer_list", "dossier_list"]


def shown(client: Client, name: str, query: str) -> list[str]:
    response = client.get(f"{reverse(f'products:{name}')}?{query}")
    assert response.status_code == 200
    return [str(row) for row in response.context["page"]]


@pytest.fixture
def with_dossiers(world: User) -> User:
    for product in Product.objects.all():
        DossierFactory(product=product)
    return world


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "query",
    [
        "page_size=100000",
        "per_page=100000&limit=100000",
        "sort=created_by__password&o=-created_by__password&ordering=accounts__password",
        "created_by__password__startswith=p&accounts__password=x&unit__staff__email=x",
    ],
)
def test_a8_page_size_sort_and_hidden_fields_are_ignored(
    with_dossiers: User, client_of: Callable[[User], Client], name: str, query: str
) -> None:
    client = client_of(with_dossiers)

    assert shown(client, name, query) == shown(client, name, "")
    assert len(shown(client, name, query)) == 25


@pytest.mark.parametrize("name", LISTS)
def test_a8_filter_by_a_foreign_district_shows_nothing_of_it(
    with_dossiers: User, officer: User, client_of: Callable[[User], Client], name: str
) -> None:
    client = client_of(officer)

    rows = shown(client, name, f"district={unit_2021(GIA_LAM).pk}")

    assert len(rows) == 25
    assert not any("Trà" in row or "Gia Lâm" in row for row in rows)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("%25", 0),
        ("_", 0),
        ("---", 0),
        ("%27", 0),
        ("%27+OR+1=1--", 0),
        ("%22%3B+DROP+TABLE+products_product%3B--", 0),
        ("100%25", 1),
        ("a" * 10_000, 0),
        ("(q%2B)%2B" * 1000, 0),
        ("%27Gia+L%C3%A2m%27", 1),
    ],
)
def test_w8_search_is_safe_and_bounded(
    with_dossiers: User,
    client_of: Callable[[User], Client],
    name: str,
    text: str,
    count: int,
) -> None:
    if name == "producer_list" and text == "100%25":
        count = 0  # the product's name

    assert len(shown(client_of(with_dossiers), name, f"q={text}")) == count


@pytest.mark.parametrize("name", LISTS)
def test_w8_nonsense_in_filters_is_no_error(
    with_dossiers: User, client_of: Callable[[User], Client], name: str
) -> None:
    client = client_of(with_dossiers)
    query = "q=%00&district=1%27&kind=%25&criteria_set=-1&missing=x&state=%27&tier=_&year=1e99"

    for page in ("abc", "-1", "99999999999999999999"):
        assert shown(client, name, f"page={page}")
    assert client.get(f"{reverse(f'products:{name}')}?{query}").status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_w10_the_last_of_repeated_parameters_counts(
    with_dossiers: User, client_of: Callable[[User], Client], name: str
) -> None:
    client = client_of(with_dossiers)
    gia_lam, dong_anh = unit_2021(GIA_LAM).pk, unit_2021("017").pk

    last = shown(client, name, f"district={dong_anh}&district={gia_lam}&page=7&page=1")

    assert last == shown(client, name, f"district={gia_lam}")
    assert len(last) == 1


@pytest.mark.parametrize("text", ["---", "%25", "...", "+"])
def test_search_without_words_asks_for_words(
    with_dossiers: User, client_of: Callable[[User], Client], text: str
) -> None:
    response = client_of(with_dossiers).get(f"{reverse('products:search')}?q={text}")

    assert "Gõ vào ô tìm kiếm ở đầu trang" in response.content.decode()
    assert "Chè 00" not in response.content.decode()
