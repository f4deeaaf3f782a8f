"""From signed sheets to the next tier (Decision 1048/QĐ-TTg: district ≥ 50 goes on; the city
recognises 3 and 4 stars; 90 or more goes on to the centre, which recognises 5).
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.models import User
from councils.models import Council, Session
from evaluation.actions import results, scoring
from evaluation.models import Assessment, Result
from evaluation.tests.conftest import score, sheet_of
from ocop_portal.problems import Refused
from products.models import Dossier

State = Dossier.State


def conclude(assessment: Assessment, by: User, **findings: object) -> Result:
    return results.conclude(assessment, results.Findings(**findings), by=by)


@pytest.mark.parametrize(
    ("points", "mean", "outcome", "state", "tier"),
    [
        ([50, 50, 50], "50", "forward", State.ACCEPTED, "city"),
        ([49, 50, 50], "49.666667", "not_recognised", State.NOT_RECOGNISED, "district"),
        ([45, 50, 55], "50", "forward", State.ACCEPTED, "city"),
        ([90, 95, 92], "92.333333", "forward", State.ACCEPTED, "city"),
    ],
)
def test_district_sends_on_from_50_points(
    assessment: Assessment,
    members: list[User],
    secretary: User,
    points: list[int],
    mean: str,
    outcome: str,
    state: str,
    tier: str,
) -> None:
    score(assessment, members, points)

    result = conclude(assessment, secretary)

    result.refresh_from_db()
    dossier = Dossier.objects.get(pk=result.dossier_id)
    assert (str(result.mean.normalize()), result.outcome) == (
        str(Decimal(mean).normalize()),
        outcome,
    )
    assert (dossier.state, dossier.tier) == (state, tier)


@pytest.mark.parametrize(
    ("points", "stars", "outcome", "recognised", "state", "tier"),
    [
        (49, 2, "not_recognised", None, State.NOT_RECOGNISED, "city"),
        (50, 3, "recognise", 3, State.AWAITING_DECISION, "city"),
        (69, 3, "recognise", 3, State.AWAITING_DECISION, "city"),
        (70, 4, "recognise", 4, State.AWAITING_DECISION, "city"),
        (89, 4, "recognise", 4, State.AWAITING_DECISION, "city"),
        (90, 5, "potential_5", 4, State.ACCEPTED, "national"),
    ],
)
def test_city_recognises_3_and_4_stars_and_sends_on_from_90(
    city_result: Callable[[int], Result],
    points: int,
    stars: int,
    outcome: str,
    recognised: int | None,
    state: str,
    tier: str,
) -> None:
    result = city_result(points)

    dossier = Dossier.objects.get(pk=result.dossier_id)
    assert (result.stars, result.outcome, result.recognised_stars) == (stars, outcome, recognised)
    assert (dossier.state, dossier.tier) == (state, tier)


def test_mean_between_89_and_90_is_four_stars(
    city_council: Council,
    city_people: dict[str, User],
    accepted: Callable[..., Dossier],
    open_session: Callable[..., Session],
) -> None:
    session = open_session(city_council, [accepted(tier="city")], by=city_people["secretary"])
    assessment = Assessment.objects.get(item__session=session)
    score(assessment, [city_people["one"], city_people["two"]], [89, 90])

    result = conclude(assessment, city_people["secretary"])

    assert (result.mean, result.stars) == (Decimal("89.5"), 4)


def test_spread_of_10_is_allowed_and_of_11_is_not(
    assessment: Assessment, members: list[User], secretary: User
) -> None:
    score(assessment, members, [60, 66, 71])

    with pytest.raises(Refused, match="chênh nhau quá 10 điểm"):
        conclude(assessment, secretary)

    assessment.refresh_from_db()
    assert assessment.state == Assessment.State.OPEN


def test_second_attempt_has_fresh_sheets_and_keeps_the_old(
    assessment: Assessment, members: list[User], secretary: User
) -> None:
    score(assessment, members, [60, 66, 71])

    second = results.score_again(assessment, reason="Đã thảo luận", by=secretary)
    score(second, members, [60, 66, 70])
    result = conclude(second, secretary)

    assessment.refresh_from_db()
    assert (second.attempt, assessment.state) == (2, Assessment.State.REPEATED)
    assert [sheet_of(assessment, user).total for user in members] == [60, 66, 71]
    assert result.assessment == second


def test_unsigned_sheets_stop_the_conclusion(
    assessment: Assessment, members: list[User], secretary: User
) -> None:
    score(assessment, members[:2], [60, 60])

    with pytest.raises(Refused, match="Chưa ký phiếu: member3"):
        conclude(assessment, secretary)


def test_absent_member_does_not_count(
    council: Council,
    secretary: User,
    members: list[User],
    accepted: Callable[..., Dossier],
) -> None:
    from councils import actions as councils

    session = councils.create_session(
        council, by=secretary, title="Phiên", round=1, held_on=date(2021, 10, 1)
    )
    councils.add_to_agenda(session, [accepted()], by=secretary)
    present = council.members.filter(user__in=members[:2])
    councils.record_attendance(session, present, by=secretary)
    scoring.open_session(session, by=secretary)
    assessment = Assessment.objects.get()
    score(assessment, members[:2], [60, 62])

    result = conclude(assessment, secretary)

    assert (assessment.sheets.count(), result.mean) == (2, 61)


def test_knock_out_recognises_nothing_whatever_the_points(
    assessment: Assessment, members: list[User], secretary: User
) -> None:
    score(assessment, members, [90, 90, 90])

    result = conclude(
        assessment,
        secretary,
        knockouts=("material_imported_or_unknown",),
        knockout_reason="Biên bản kiểm tra",
    )

    assert (result.stars, result.outcome) == (0, "not_recognised")


def test_knock_out_needs_a_reason_and_must_be_in_the_regulation(
    assessment: Assessment, members: list[User], secretary: User
) -> None:
    score(assessment, members, [90, 90, 90])

    with pytest.raises(Refused, match="căn cứ"):
        conclude(assessment, secretary, knockouts=("material_imported_or_unknown",))
    with pytest.raises(Refused, match="không có trong quy định"):
        conclude(assessment, secretary, knockouts=("bia_dat",), knockout_reason="x")


def test_minimum_that_the_council_found_caps_the_stars(
    city_council: Council,
    city_people: dict[str, User],
    accepted: Callable[..., Dossier],
    open_session: Callable[..., Session],
) -> None:
    session = open_session(city_council, [accepted(tier="city")], by=city_people["secretary"])
    assessment = Assessment.objects.get(item__session=session)
    score(assessment, [city_people["one"], city_people["two"]], [85, 85])

    result = conclude(assessment, city_people["secretary"], council_minimum_stars=3)

    assert (result.stars, result.recognised_stars) == (3, 3)


def test_only_the_councils_secretary_concludes(
    assessment: Assessment, members: list[User], staff: User
) -> None:
    score(assessment, members, [60, 60, 60])

    for stranger in (members[0], staff):
        with pytest.raises(PermissionDenied):
            conclude(assessment, stranger)


def test_concluded_twice_gives_one_result(
    assessment: Assessment, members: list[User], secretary: User, client_of: Callable
) -> None:
    score(assessment, members, [60, 60, 60])
    url = reverse("evaluation:assessment_conclude", args=[assessment.pk])
    client = client_of(secretary)

    first, second = client.post(url), client.post(url)

    assert (first.status_code, second.status_code) == (302, 409)
    assert Result.objects.count() == 1


def test_s13_session_closes_only_with_all_results(
    session: Session, assessment: Assessment, members: list[User], secretary: User
) -> None:
    with pytest.raises(Refused, match="chưa chốt"):
        results.close_session(session, by=secretary)

    score(assessment, members, [60, 60, 60])
    conclude(assessment, secretary)

    assert results.close_session(session, by=secretary).state == Session.State.CLOSED


def test_result_of_the_centre_is_recorded(
    city_result: Callable[[int], Result], staff: User, client_of: Callable[[User], Client]
) -> None:
    dossier = city_result(92).dossier
    response = client_of(staff).post(
        reverse("evaluation:result_record", args=[dossier.pk]),
        {
            "mean": "91,25",
            "stars": "5",
            "source_document": "Biên bản ngày 1/3/2022",
            "concluded_on": "01/03/2022",
        },
    )

    result = Result.objects.get(dossier=dossier, tier="national")
    dossier.refresh_from_db()
    assert response.status_code == 302
    assert (result.mean, result.recognised_stars) == (Decimal("91.25"), 5)
    assert dossier.state == State.AWAITING_DECISION


def test_below_90_at_the_centre_the_citys_stars_stand(
    city_result: Callable[[int], Result], staff: User
) -> None:
    dossier = city_result(92).dossier

    result = results.record_result(
        dossier,
        mean=Decimal(88),
        stars=4,
        source_document="Biên bản",
        concluded_on=date(2022, 3, 1),
        by=staff,
    )

    dossier.refresh_from_db()
    assert (result.outcome, result.recognised_stars) == ("not_recognised", None)
    assert dossier.state == State.AWAITING_DECISION


def test_recorded_stars_above_the_band_are_refused(
    city_result: Callable[[int], Result], staff: User
) -> None:
    with pytest.raises(Refused, match="chỉ ứng với 4 sao"):
        results.record_result(
            city_result(92).dossier,
            mean=Decimal(88),
            stars=5,
            source_document="Biên bản",
            concluded_on=date(2022, 3, 1),
            by=staff,
        )
