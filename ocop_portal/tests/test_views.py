"""What every page of the portal has in common: the landing page, headers, refusals, errors."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from councils.models import Council
from ocop_portal import home, jobs, navigation
from ocop_portal.models import Job
from ocop_portal.problems import Problem
from ocop_portal.tests.job_kinds import MARKS
from products.models import Dossier
from products.tests.factories import DossierFactory, ProducerFactory, ProductFactory

SignIn = Callable[[User], Client]


def finished_job(owner: User) -> Job:
    job = jobs.start(MARKS, title="Đánh dấu", items=[], key="marks", by=owner)
    jobs.run(job.pk)
    return job


# --- The landing page -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_home_greets_every_role(person: Callable[..., User], client_of: SignIn, role: Role) -> None:
    user = person("huyen", role)

    page = client_of(user).get("/").content.decode()

    assert "<h1>Xin chào, huyen (mẫu)</h1>" in page
    assert f"<span>{role.label}</span>" in page


def test_home_of_a_person_without_any_role(person: Callable[..., User], client_of: SignIn) -> None:
    response = client_of(person("newcomer", unit_code="")).get("/")

    page = response.context["page"]
    assert (response.status_code, page.panels, page.figures) == (200, [], [])
    assert "Hiện không có việc nào cần làm" in response.content.decode()


def test_home_of_a_member_leads_to_the_sheets(
    council: Council, members: list[User], client_of: SignIn
) -> None:
    response = client_of(members[0]).get("/")

    assert response.status_code == 200
    labels = [entry.label for entry in navigation.entries_for(members[0])]
    assert labels[:1] == ["Chấm điểm"]
    assert [panel.title for panel in response.context["page"].panels] == ["Phiếu chưa ký"]


@pytest.mark.parametrize("role", Role)
def test_home_takes_the_same_queries_for_more_work(
    person: Callable[..., User],
    client_of: SignIn,
    make_council: Callable[..., Council],
    role: Role,
) -> None:
    user = person("huyen", role, unit_code="017")
    make_council("district", secretary=user, members=[], unit_code="017")
    producer = ProducerFactory()
    producer.accounts.add(user)
    client = client_of(user)
    client.get("/")  # what is kept for the whole process
    one = queries_of_home(client, producer)

    queries_of_home(client, producer)
    three = queries_of_home(client, producer)

    assert three == one


def queries_of_home(client: Client, producer: Any) -> int:
    """How many queries the landing page takes after one more dossier in every state."""
    for state in Dossier.State.values:
        DossierFactory(state=state, product=ProductFactory(producer=producer))
    DossierFactory(state="accepted", tier="national", product=ProductFactory(producer=producer))
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/").status_code == 200
    return len(queries)


def test_home_counts_only_ones_own_territory(
    officer: User, other_officer: User, client_of: SignIn
) -> None:
    DossierFactory()

    counts = {
        user.username: {panel.title: panel.count for panel in home.landing_page(user).panels}
        for user in (officer, other_officer)
    }

    assert counts["officer"]["Hồ sơ đang soạn"] == 1
    assert counts["other_officer"]["Hồ sơ đang soạn"] == 0


def test_home_asks_a_visitor_to_sign_in(client: Client, db: None) -> None:
    response = client.get("/")

    assert (response.status_code, response.url) == (302, f"{reverse('account_login')}?next=/")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_home_is_only_read(officer: User, client_of: SignIn, method: str) -> None:
    assert getattr(client_of(officer), method)("/").status_code == 405


# --- Health ---------------------------------------------------------------------------------------


def test_health_answers_without_sign_in(client: Client, db: None) -> None:
    response = client.get("/suc-khoe/")

    assert (response.status_code, response.json()) == (200, {"database": "ok"})


def test_r4_health_says_when_the_database_is_down(client: Client) -> None:
    # No test database here: any question would be an error.
    response = client.get("/suc-khoe/")

    assert (response.status_code, response.json()) == (503, {"database": "down"})


# --- Headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["account_login", "home", "health"])
def test_content_security_policy_allows_only_the_portals_own_files(
    officer: User, client_of: SignIn, client: Client, address: str
) -> None:
    visitor = client if address == "account_login" else client_of(officer)

    policy = visitor.get(reverse(address))["Content-Security-Policy"]

    assert dict(part.strip().split(" ", 1) for part in policy.split(";")) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "frame-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "manifest-src": "'self'",
    }


def test_w11_pages_of_signed_in_people_are_never_kept(officer: User, client_of: SignIn) -> None:
    client = client_of(officer)

    kept = [client.get(address)["Cache-Control"] for address in ("/", "/suc-khoe/", "/khong-co/")]

    assert kept == ["max-age=0, no-cache, no-store, must-revalidate, private"] * 3


def test_w11_no_page_can_be_framed_sniffed_or_leak_its_address(
    officer: User, client_of: SignIn
) -> None:
    response = client_of(officer).get("/")

    names = [
        "X-Frame-Options",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Cross-Origin-Opener-Policy",
    ]
    assert {name: response[name] for name in names} == {
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


# --- Refusals and errors --------------------------------------------------------------------------


def test_refusal_is_a_page_with_its_reason(officer: User, client_of: SignIn) -> None:
    job = finished_job(officer)
    back = f"http://testserver{job.get_absolute_url()}"

    response = client_of(officer).post(
        reverse("job_cancel", args=[job.pk]), headers={"Referer": back}
    )

    page = response.content.decode()
    assert response.status_code == 409
    assert "<title>Chưa thực hiện được – Cổng OCOP</title>" in page
    assert "<li>Công việc này đã kết thúc.</li>" in page
    assert f'href="{back}"' in page


def test_refusal_for_htmx_is_only_the_reason(officer: User, client_of: SignIn) -> None:
    job = finished_job(officer)

    response = client_of(officer).post(
        reverse("job_cancel", args=[job.pk]), headers={"HX-Request": "true"}
    )

    problems = [Problem("job_finished", "Công việc này đã kết thúc.")]
    assert response.status_code == 409
    assert response.content.decode() == render_to_string("_refused.html", {"problems": problems})
    assert "<p>Công việc này đã kết thúc.</p>" in response.content.decode()


def test_w1_form_without_its_token_is_refused(officer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    job = jobs.start(MARKS, title="Đánh dấu", items=[], key="marks", by=officer)

    response = client.post(reverse("job_cancel", args=[job.pk]))

    assert response.status_code == 403
    assert response.templates[0].name == "403_csrf.html"
    assert Job.objects.get().state == Job.State.QUEUED


def test_page_of_another_role_is_refused_in_vietnamese(officer: User, client_of: SignIn) -> None:
    response = client_of(officer).get(reverse("planning:dashboard"))

    assert response.status_code == 403
    assert "<h1>Tài khoản không có quyền thực hiện</h1>" in response.content.decode()


def test_unknown_address_is_not_found_also_for_visitors(
    officer: User, client_of: SignIn, client: Client
) -> None:
    answers = [visitor.get("/khong-co-trang-nay/") for visitor in (client, client_of(officer))]

    assert [(answer.status_code, answer.templates[0].name) for answer in answers] == [
        (404, "404.html"),
        (404, "404.html"),
    ]


def test_error_page_says_nothing_of_the_inside(
    officer: User, client_of: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "_contributors", [lambda user: 1 / 0])
    client = client_of(officer)
    client.raise_request_exception = False

    response = client.get("/")

    page = response.content.decode()
    assert response.status_code == 500
    assert [word in page for word in ("Traceback", "ZeroDivision", "lambda")] == [False] * 3
    assert '<html lang="vi">' in page


# --- The menu -------------------------------------------------------------------------------------


def test_menu_of_every_role_opens(person: Callable[..., User]) -> None:
    menus = {
        role: [entry.label for entry in navigation.entries_for(person(role.value, role))]
        for role in Role
    }

    assert menus[Role.DISTRICT_OFFICER] == [
        "Chủ thể",
        "Sản phẩm",
        "Hồ sơ",
        "Nhập từ Excel",
        "Kết quả",
        "Giấy chứng nhận",
        "Quy định và phiếu chấm",
    ]
    assert menus[Role.SYSTEM_ADMINISTRATOR] == [
        "Quy định và phiếu chấm",
        "Nhật ký tải tệp",
    ]


@pytest.mark.parametrize("role", Role)
def test_a2_menu_holds_exactly_the_pages_that_open(
    person: Callable[..., User], client_of: SignIn, role: Role
) -> None:
    user = person("huyen", role)
    client = client_of(user)
    client.raise_request_exception = False
    shown = {entry.url for entry in navigation.entries_for(user)}

    answers = {entry.url: client.get(entry.url).status_code for entry in all_entries()}

    assert {url: answers[url] for url in shown} == dict.fromkeys(shown, 200)
    hidden = answers.keys() - shown
    assert {url: answers[url] for url in hidden} == dict.fromkeys(hidden, 403)


def all_entries() -> list[navigation.Entry]:
    return navigation._entries
