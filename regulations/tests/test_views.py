"""The pages on which people read and compare the law: for every role, by fixed addresses."""

from collections.abc import Callable
from html import unescape
from typing import Any

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
COMPARE = "/quy-dinh/so-sanh/"
SPOILT = "thuc-pham-chuc-nang-thuoc-tu-duoc-lieu-thuoc-y-hoc-co-truyen"
PAGES = [LIST, DETAIL, SHEET, COMPARE]
SignIn = Callable[[User], Client]


@pytest.mark.parametrize("role", Role)
def test_every_role_may_read_the_law(
    person: Callable[..., User], client_of: SignIn, role: Role
) -> None:
    client = client_of(person("huyen", role))

    assert [client.get(page).status_code for page in PAGES] == [200, 200, 200, 200]


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
        "Quyết định 26/2026/QĐ-TTg",
        "Quyết định 148/QĐ-TTg, 1489/QĐ-TTg",
        "Quyết định 148/QĐ-TTg",
        "Quyết định 1048/QĐ-TTg, 781/QĐ-TTg",
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


# --- New parts of the regulation's page -----------------------------------------------------------


def test_regulation_shows_terms_rounds_renewal_and_revocation(
    officer: User, client_of: SignIn
) -> None:
    page = text_of(client_of(officer).get("/quy-dinh/qd26-2026/"))

    for sentence in [
        "Trước khi đánh giá: Tiếp nhận và đánh giá một số nội dung tại xã",
        "15 ngày làm việc",
        "Nộp hồ sơ từ 180 đến 120 ngày trước khi giấy hết hạn",
        "tối đa 180 ngày sau khi hết hạn",
        "Hồ sơ nộp trước ngày 22/5/2026",
        "Chủ thể không còn sản xuất sản phẩm",
    ]:
        assert sentence in page


def test_regulation_says_until_when_it_takes_dossiers(officer: User, client_of: SignIn) -> None:
    page = text_of(client_of(officer).get("/quy-dinh/qd1489-2025/"))

    assert "đến hết 21/07/2026; nhận hồ sơ đến hết 21/05/2026" in page


def text_of(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).split())


# --- Comparing ------------------------------------------------------------------------------------


def test_the_two_newest_are_compared_where_none_are_chosen(
    officer: User, client_of: SignIn
) -> None:
    context = client_of(officer).get(COMPARE).context

    assert (context["before"].code, context["after"].code) == ("qd1489-2025", "qd26-2026")
    assert len(context["sheets"]) == 26


def test_two_regulations_are_compared_by_choice(officer: User, client_of: SignIn) -> None:
    response = client_of(officer).get(COMPARE, {"trai": "qd1048-2019", "phai": "qd148-2023"})

    page = text_of(response)
    assert "35 điểm" in page
    assert "40 điểm" in page
    new = [row for row in response.context["sheets"] if row.counts is None]
    assert len(new) == 4  # flowers, plants, animals are new; medical devices are gone


def test_one_pair_of_sheets_is_compared_option_by_option(officer: User, client_of: SignIn) -> None:
    choice = {"trai": "qd1489-2025", "phai": "qd26-2026", "bo": "do-an-nhanh"}
    page = text_of(client_of(officer).get(COMPARE, choice))
    everything = text_of(client_of(officer).get(COMPARE, {**choice, "tatca": "1"}))

    assert "1.1. Nguồn nguyên liệu" in page
    assert "Điểm tối đa 5 → 3" in page
    assert "<ins>" in page
    assert "TÍNH ĐỘC ĐÁO" not in page  # the same in both
    assert "TÍNH ĐỘC ĐÁO" in everything


@pytest.mark.parametrize("query", ["trai=khong-co", "phai=khong-co", "bo=khong-co"])
def test_what_cannot_be_compared_is_not_found(officer: User, client_of: SignIn, query: str) -> None:
    assert client_of(officer).get(f"{COMPARE}?{query}").status_code == 404


def test_comparison_takes_few_queries(officer: User, client_of: SignIn) -> None:
    client = client_of(officer)
    client.get(COMPARE)

    with CaptureQueriesContext(connection) as queries:
        client.get(COMPARE)

    assert len(queries) <= 8
