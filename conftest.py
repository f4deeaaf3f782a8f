"""The cast of the tests: one person for each role, two districts, councils at three tiers."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from threading import Barrier
from typing import Any

import pikepdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.apps import apps
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connections
from django.db.models.signals import post_migrate
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from accounts.models import AdministrativeUnit, User
from accounts.roles import Role
from councils.models import Council, CouncilMember
from regulations.models import CriteriaSet, Regulation

SHEET = "do-an-nhanh"
PASSWORD = "Mau-kiem-thu-2021"


def _load_reference(**_kwargs: Any) -> None:
    call_command("load_reference", verbosity=0, stdout=StringIO())


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Every test starts from the reference data: loaded once, and again after each test that had
    to empty the database (Django says `post_migrate` when it has done so).
    """
    with django_db_blocker.unblock():
        _load_reference()
    post_migrate.connect(_load_reference, sender=apps.get_app_config("evaluation"), weak=False)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Counters of rate limits belong to one test."""
    cache.clear()


@pytest.fixture
def unit(db: None) -> Callable[[str], AdministrativeUnit]:
    """A unit of the 2021 list by its code."""
    return lambda code: AdministrativeUnit.objects.get(edition=2021, code=code)


@pytest.fixture
def regulation(db: None) -> Regulation:
    return Regulation.objects.get(code="qd1048-2019")


@pytest.fixture
def criteria_set(regulation: Regulation) -> CriteriaSet:
    return regulation.criteria_sets.get(code=SHEET)


@pytest.fixture
def person(unit: Callable[[str], AdministrativeUnit]) -> Callable[..., User]:
    """Make a person: `person("huyen", Role.DISTRICT_OFFICER, unit="017")`."""

    def make(username: str, *roles: Role, unit_code: str = "01", **fields: Any) -> User:
        return User.objects.create(
            username=username,
            full_name=f"{username} (mẫu)",
            email=f"{username}@mau.example",
            roles=list(roles),
            unit=unit(unit_code) if unit_code else None,
            **fields,
        )

    return make


@pytest.fixture
def officer(person: Callable[..., User]) -> User:
    """District officer of Đông Anh."""
    return person("officer", Role.DISTRICT_OFFICER, unit_code="017")


@pytest.fixture
def other_officer(person: Callable[..., User]) -> User:
    """District officer of Gia Lâm: the stranger."""
    return person("other_officer", Role.DISTRICT_OFFICER, unit_code="018")


@pytest.fixture
def commune_officer(person: Callable[..., User]) -> User:
    """Officer of Đông Hội, a commune of Đông Anh."""
    return person("commune_officer", Role.COMMUNE_OFFICER, unit_code="00523")


@pytest.fixture
def staff(person: Callable[..., User]) -> User:
    return person("staff", Role.DEPARTMENT_STAFF)


@pytest.fixture
def leader(person: Callable[..., User]) -> User:
    return person("leader", Role.DEPARTMENT_LEADER)


@pytest.fixture
def administrator(person: Callable[..., User]) -> User:
    return person("administrator", Role.SYSTEM_ADMINISTRATOR, is_staff=True, is_superuser=True)


@pytest.fixture
def secretary(person: Callable[..., User]) -> User:
    """Secretary of Đông Anh's council."""
    return person("secretary", Role.COUNCIL_SECRETARY, unit_code="017")


@pytest.fixture
def members(person: Callable[..., User]) -> list[User]:
    """Three voting members of Đông Anh's council."""
    return [person(f"member{n}", unit_code="017") for n in (1, 2, 3)]


@pytest.fixture
def make_council(unit: Callable[[str], AdministrativeUnit]) -> Callable[..., Council]:
    """A council of a tier with its secretary and voting members, the first one its chair."""

    def make(tier: str, *, secretary: User, members: list[User], unit_code: str | None) -> Council:
        begin = date(2020, 1, 1)
        council = Council.objects.create(
            name=f"Hội đồng {tier}",
            tier=tier,
            unit=unit(unit_code) if unit_code else None,
            decision_number="1/QĐ-UBND",
            decision_date=begin,
            term_from=begin,
        )
        position = CouncilMember.Position
        for n, member in enumerate(members):
            CouncilMember.objects.create(
                council=council,
                user=member,
                position=position.MEMBER if n else position.CHAIR,
                member_from=begin,
            )
        CouncilMember.objects.create(
            council=council,
            user=secretary,
            position=position.SECRETARY,
            votes=False,
            member_from=begin,
        )
        return council

    return make


@pytest.fixture
def council(make_council: Callable[..., Council], secretary: User, members: list[User]) -> Council:
    """The council of Đông Anh."""
    return make_council("district", secretary=secretary, members=members, unit_code="017")


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A browser that a person is signed in with."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def pdf() -> Callable[[str], SimpleUploadedFile]:
    """A small valid upload; each name gives another content."""

    def make(name: str) -> SimpleUploadedFile:
        target = BytesIO()
        with pikepdf.new() as made:
            made.add_blank_page()
            made.docinfo["/Title"] = name
            made.save(target)
        return SimpleUploadedFile(name, target.getvalue())

    return make


@pytest.fixture
def sample_workbook() -> Path:
    """Officers' own workbook, as messy as they come."""
    return Path(__file__).parent / "products" / "tests" / "data" / "products_messy_01.xlsx"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    names = [os.environ.get("OCOP_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    path = next(found for name in names if name and (found := shutil.which(name)))
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop is in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


class Visitor:
    """A person at a browser; every page must be free of script errors and refused content."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.context = browser.new_context(base_url=address, locale="vi-VN")
        self.context.set_default_timeout(10_000)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._listen)

    def _listen(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def sign_in(self, user: User) -> Page:
        self.page.goto("/tai-khoan/dang-nhap/")
        self.page.get_by_label("Tên đăng nhập hoặc thư điện tử").fill(user.username)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.get_by_role("button", name="Đăng nhập").click()
        self.page.wait_for_url(f"{self.address}/")
        return self.page

    def leave(self) -> None:
        self.context.close()
        assert self.complaints == []


@pytest.fixture
def visitor(live_server: Any, chromium: Browser) -> Iterator[Callable[[], Visitor]]:
    """Open a browser for somebody not signed in; closed with the test, complaints reported."""
    visitors: list[Visitor] = []

    def come() -> Visitor:
        visitors.append(Visitor(chromium, live_server.url))
        return visitors[-1]

    yield come
    for one in visitors:
        one.leave()


@pytest.fixture
def visit(visitor: Callable[[], Visitor]) -> Callable[[User], Page]:
    """Open a browser as a person."""

    def open_for(user: User) -> Page:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        return visitor().sign_in(user)

    return open_for


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Hold a page against WCAG 2.2 AA as far as axe-core can tell."""

    def check(page: Page) -> None:
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        options = {"runOnly": {"type": "tag", "values": tags}}
        found = Axe().run(page, options=options).response["violations"]
        assert [f"{row['id']}: {row['nodes'][0]['html'][:200]}" for row in found] == []

    return check


@pytest.fixture
def at_once(transactional_db: None) -> Callable[..., list[Any]]:
    """Call functions in threads that start together, each with its own database connection.

    Returns their answers, or what they raised.
    """

    def call_all(*functions: Callable[[], Any]) -> list[Any]:
        barrier = Barrier(len(functions))

        def call(function: Callable[[], Any]) -> Any:
            try:
                barrier.wait(10)
                return function()
            except Exception as error:
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(call, functions))

    return call_all
