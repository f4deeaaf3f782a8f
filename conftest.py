"""The cast of the tests: one person for each role, two districts, councils at three tiers."""

from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db.models.signals import post_migrate
from django.test import Client

from accounts.models import AdministrativeUnit, User
from accounts.roles import Role
from councils.models import Council, CouncilMember
from regulations.models import CriteriaSet, Regulation

SHEET = "do-an-nhanh"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


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
    return lambda name: SimpleUploadedFile(name, PDF + name.encode() + b"\n%%EOF\n")


@pytest.fixture
def sample_workbook() -> Path:
    """Officers' own workbook, as messy as they come."""
    return Path(__file__).parent / "products" / "tests" / "data" / "products_messy_01.xlsx"
