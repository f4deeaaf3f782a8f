"""The pages on which people read the law: for every role, by fixed addresses."""

from collections.abc import Callable
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role
from regulations.models import CriteriaSet, Regulation

LIST = "/quy-dinh/"
DETAIL = "/quy-dinh/qd1048-2019/"
SHEET = "/quy-dinh/qd1048-2019/do-an-nhanh/"
SPOILT = "thuc-pham-chuc-nang-thuoc-tu-duoc-lieu-thuoc-y-hoc-co-truyen"
PAGES = [LIST, DETAIL, SHEET]
SignIn = Callable[[User], Client]


@pytest.mark.parametrize("role", Role)
def test_every_role_may_read_the_law(
    person: Callable[..., User], client_of: SignIn, role: Role
) -> None:
    client = client_of(person("huyen", role))

    assert [client.get(page).status_code for page in PAGES] == [200, 200, 200]


@pytest.mark.parametrize("page", PAGES)
def test_visitors_are_asked_to_sign_in(client: Client, db: None, page: str) -> None:
    response = client.get(page)

    assert (response.status_code, response.url) == (302, f"/tai-khoan/dang-nhap/?next={page}")


@pytest.mark.parametrize(
    "page",
    [
        "/quy-dinh/qd9999-2099/",
        "/quy-dinh/qd1048-2019/khong-co/",
        "/quy-dinh/qd9999-2099/do-an-nhanh/",
    ],
)
def test_unknown_code_is_not_found(officer: User, client_of: SignIn, page: str) -> None:
    assert client_of(officer).get(page).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_law_is_only_read(officer: User, client_of: SignIn, page: str) -> None:
    client = client_of(officer)

    assert [client.post(page).status_code, client.delete(page).status_code] == [405, 405]


def test_list_names_the_regulation(officer: User, client_of: SignIn) -> None:
    response = client_of(officer).get(LIST)

    assert [str(row) for row in response.context["regulations"]] == [
        "Quyết định 1048/QĐ-TTg, 781/QĐ-TTg"
    ]
    assert f'href="{DETAIL}"' in response.content.decode()


def test_regulation_leads_to_all_its_sheets(
    officer: User, client_of: SignIn, regulation: Regulation
) -> None:
    page = client_of(officer).get(DETAIL).content.decode()

    missing = [
        row.code
        for row in regulation.criteria_sets.all()
        if f'href="{row.get_absolute_url()}"' not in page
    ]
    assert missing == []


def test_sheet_shows_every_option(
    officer: User, client_of: SignIn, criteria_set: CriteriaSet
) -> None:
    response = client_of(officer).get(SHEET)

    labels = [
        " ".join(option.label.split())
        for _, criterion in criteria_set.sheet.criteria
        for option in criterion.options
    ]
    page = " ".join(unescape(response.content.decode()).split())
    assert len(labels) > 50
    assert [label for label in labels if label not in page] == []


def test_sheet_that_does_not_add_up_says_why(
    officer: User, client_of: SignIn, regulation: Regulation
) -> None:
    page = client_of(officer).get(f"{DETAIL}{SPOILT}/").content.decode()

    assert "Phần C: các tiêu chí cộng lại được 38 điểm, quy định 40 điểm" in page


@pytest.mark.parametrize("page", PAGES)
def test_pages_take_few_queries(officer: User, client_of: SignIn, page: str) -> None:
    client = client_of(officer)
    client.get(page)  # the rules are parsed once in a process

    with CaptureQueriesContext(connection) as queries:
        client.get(page)

    # Session, person, unit, membership, and two or three for the page itself.
    assert len(queries) <= 8
