"""Sessions at every stage: planned, open, scored, concluded, decided."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from django.utils.html import strip_tags

from accounts.models import User
from councils import actions as councils
from councils.models import Council, Session
from evaluation.actions import decisions, results, scoring
from evaluation.models import Assessment, Decision, Result, ScoreSheet
from products.models import Dossier
from products.tests.factories import DossierFactory

DECISION = {
    "number": "7095/QĐ-UBND",
    "signed_on": date(2021, 12, 14),
    "authority": "ỦY BAN NHÂN DÂN / THÀNH PHỐ HÀ NỘI",
    "signatory_title": "TM. ỦY BAN NHÂN DÂN / CHỦ TỊCH",
    "signatory_name": "Người ký (mẫu)",
}


@pytest.fixture
def accepted(officer: User) -> Callable[..., Dossier]:
    """A complete dossier that waits for a session."""

    def make(tier: str = "district", **fields: object) -> Dossier:
        return DossierFactory(
            created_by=officer,
            complete=True,
            state=Dossier.State.ACCEPTED,
            tier=tier,
            received_number=f"{Dossier.objects.count() + 1:03d}/2021/HS-017",
            received_on=date(2021, 9, 1),
            **fields,
        )

    return make


@pytest.fixture
def open_session(secretary: User) -> Callable[..., Session]:
    """A session of a council that is being scored."""

    def make(council: Council, dossiers: Sequence[Dossier], *, by: User = secretary) -> Session:
        session = councils.create_session(
            council, by=by, title="Phiên họp mẫu", round=1, held_on=date(2021, 10, 1)
        )
        councils.add_to_agenda(session, dossiers, by=by)
        opened = scoring.open_session(session, by=by)
        declare_nothing(opened)
        return opened

    return make


@pytest.fixture
def session(
    council: Council, accepted: Callable[..., Dossier], open_session: Callable[..., Session]
) -> Session:
    """One dossier before the council of Đông Anh."""
    return open_session(council, [accepted()])


@pytest.fixture
def assessment(session: Session) -> Assessment:
    return Assessment.objects.get(item__session=session)


def numbers_shown(page: Any) -> set[str]:
    """The numbers that people read on a page: not those in addresses, tokens and the running
    numbers of the factories' names, which may hold any digits.
    """
    text = strip_tags(page.content.decode())
    return set(re.findall(r"\d+(?:[.,]\d+)*", re.sub(r"mẫu \d+", "", text)))


def declare_nothing(session: Session) -> None:
    """Every voting member says of every product that there is no conflict of interest."""
    nothing = councils.Declared(conflicted=False, reason="Không liên quan (mẫu)")
    for seat in session.council.members.active().voting().select_related("user"):
        said = dict.fromkeys(session.agenda.values_list("pk", flat=True), nothing)
        councils.declare_conflicts(session, said, by=seat.user)


def sheet_of(assessment: Assessment, user: User) -> ScoreSheet:
    return assessment.sheets.get(member__user=user)


def choices_worth(assessment: Assessment, points: int) -> dict[str, int | None]:
    """Options that add up to exactly `points`, from the first criterion on."""
    chosen: dict[str, int | None] = {}
    left = points
    for code, criterion in assessment.criteria_set.sheet.by_code.items():
        fitting = [n for n, option in enumerate(criterion.options) if option.points <= left]
        chosen[code] = max(fitting, key=criterion.points) if fitting else None
        left -= criterion.points(chosen[code])
    assert left == 0
    return chosen


def fill(sheet: ScoreSheet, points: int, *, by: User) -> None:
    """Choose options worth `points` in total, through the action."""
    for code, option in choices_worth(sheet.assessment, points).items():
        scoring.choose_option(sheet, code, option, by=by)


def score(assessment: Assessment, users: Sequence[User], points: Sequence[int]) -> None:
    """Every user fills a sheet worth the given points and signs it."""
    for user, total in zip(users, points, strict=True):
        sheet = sheet_of(assessment, user)
        fill(sheet, total, by=user)
        scoring.sign_sheet(sheet, by=user)


@pytest.fixture
def city_people(person: Callable[..., User]) -> dict[str, User]:
    """Secretary and members of the city council."""
    from accounts.roles import Role

    return {
        "secretary": person("city_secretary", Role.COUNCIL_SECRETARY),
        "one": person("city_member1"),
        "two": person("city_member2"),
    }


@pytest.fixture
def city_council(make_council: Callable[..., Council], city_people: dict[str, User]) -> Council:
    return make_council(
        "city",
        secretary=city_people["secretary"],
        members=[city_people["one"], city_people["two"]],
        unit_code="01",
    )


@pytest.fixture
def city_result(
    city_council: Council,
    city_people: dict[str, User],
    accepted: Callable[..., Dossier],
    open_session: Callable[..., Session],
) -> Callable[[int], Result]:
    """A product that the city council gives so many points to."""

    def make(points: int) -> Result:
        secretary = city_people["secretary"]
        session = open_session(city_council, [accepted(tier="city")], by=secretary)
        assessment = Assessment.objects.get(item__session=session)
        score(assessment, [city_people["one"], city_people["two"]], [points, points])
        result = results.conclude(assessment, results.Findings(), by=secretary)
        results.close_session(session, by=secretary)
        return result

    return make


@pytest.fixture
def decision(city_result: Callable[[int], Result], staff: User, unit: Callable) -> Decision:
    """A decision of the city for one product of four stars."""
    result = city_result(75)
    made, _job = decisions.issue_decision(
        [result], by=staff, tier="city", unit=unit("01"), **DECISION
    )
    return made
