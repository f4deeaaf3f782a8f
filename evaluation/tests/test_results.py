"""From signed sheets to the next tier (Decision 1048/QĐ-TTg: district ≥ 50 goes on; the city
recognises 3 and 4 stars; 90 or more goes on to the centre, which recognises 5).
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.models import User
from councils import actions as councils
from councils.models import Council, Session
from evaluation.actions import decisions, results, scoring
from evaluation.forms import FindingsForm
from evaluation.models import Assessment, Result
from evaluation.panels import contribute
from evaluation.tests.conftest import DECISION, declare_nothing, numbers_shown, score, sheet_of
from ocop_portal.problems import Refused
from products.models import Dossier
from regulations.models import CriteriaSet
from regulations.sheets import Criterion

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
    declare_nothing(session)
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


# Knock-outs come first


def test_knock_out_does_not_wait_for_all_sheets(
    assessment: Assessment, members: list[User], secretary: User
) -> None:
    score(assessment, members[:1], [81])
    found = {"knockouts": ("material_imported_or_unknown",), "knockout_reason": "Biên bản"}

    result = conclude(assessment, secretary, **found)

    assert (result.mean, result.stars, result.outcome) == (81, 0, "not_recognised")
    assert [sheet.is_counted for sheet in assessment.sheets.order_by("member")] == [
        True,
        False,
        False,
    ]
    with pytest.raises(Refused, match="đã chốt"):
        scoring.choose_option(sheet_of(assessment, members[1]), "1.1", 0, by=members[1])


def test_knock_out_needs_one_signed_sheet(assessment: Assessment, secretary: User) -> None:
    found = {"knockouts": ("material_imported_or_unknown",), "knockout_reason": "Biên bản"}

    with pytest.raises(Refused, match="ít nhất một phiếu"):
        conclude(assessment, secretary, **found)

    assert Result.objects.count() == 0


def test_reason_for_scoring_again_has_a_place_of_its_own(
    assessment: Assessment, members: list[User], secretary: User
) -> None:
    score(assessment, members, [60, 66, 71])

    results.score_again(assessment, reason="Đã thảo luận", by=secretary)

    assessment.refresh_from_db()
    assert (assessment.repeat_reason, assessment.knockout_reason) == ("Đã thảo luận", "")


@pytest.mark.django_db(transaction=True)
def test_reasons_for_scoring_again_are_moved_to_their_place(
    assessment: Assessment, members: list[User], secretary: User
) -> None:
    score(assessment, members, [60, 66, 71])
    results.score_again(assessment, reason="Đã thảo luận", by=secretary)
    migration = import_module("evaluation.migrations.0005_move_repeat_reason")

    migration.move_back(apps, None)
    assessment.refresh_from_db()
    old = (assessment.repeat_reason, assessment.knockout_reason)
    migration.move(apps, None)
    assessment.refresh_from_db()

    assert old == ("", "Đã thảo luận")
    assert (assessment.repeat_reason, assessment.knockout_reason) == ("Đã thảo luận", "")


# What is open stays in the room


@pytest.mark.parametrize("who", ["staff", "leader", "officer", "member"])
def test_s1_result_of_a_session_under_way_is_its_secretarys_alone(
    assessment: Assessment,
    members: list[User],
    secretary: User,
    staff: User,
    leader: User,
    officer: User,
    who: str,
) -> None:
    readers = {"staff": staff, "leader": leader, "officer": officer, "member": members[0]}
    score(assessment, members, [60, 60, 60])
    result = conclude(assessment, secretary)

    before = [list(Result.objects.visible_to(user)) for user in (secretary, readers[who])]
    results.close_session(assessment.item.session, by=secretary)
    after = list(Result.objects.visible_to(readers[who]))

    assert before == [[result], []]
    assert after == [result]


def test_s1_home_does_not_tell_of_potential_five_stars_before_the_session_is_over(
    city_council: Council,
    city_people: dict[str, User],
    accepted: Callable[..., Dossier],
    open_session: Callable[..., Session],
    staff: User,
) -> None:
    secretary = city_people["secretary"]
    session = open_session(city_council, [accepted(tier="city")], by=secretary)
    assessment = Assessment.objects.get(item__session=session)
    score(assessment, [city_people["one"], city_people["two"]], [92, 92])
    conclude(assessment, secretary)

    before = [panel.count for panel in contribute(staff).panels]
    results.close_session(session, by=secretary)
    after = [panel.count for panel in contribute(staff).panels]

    # Decisions to enter, products for the centre, certificates that run out.
    assert (before, after) == ([0, 0, 0], [1, 1, 0])


# Levels that the council agrees on (26/2026/QĐ-TTg)


@pytest.fixture
def apart(
    city_council: Council,
    city_people: dict[str, User],
    accepted: Callable[..., Dossier],
    open_session: Callable[..., Session],
) -> tuple[Assessment, str, dict[bool, int]]:
    """Two members who differ at a minimum level of five stars: where, and whose level meets it."""
    criteria_set = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
    dossier = accepted(
        tier="city", criteria_set=criteria_set, product__criteria_set=criteria_set, **BY_HAND
    )
    session = open_session(city_council, [dossier], by=city_people["secretary"])
    assessment = Assessment.objects.get(item__session=session)
    criteria = criteria_set.sheet.by_code
    best = {code: best_option(criterion) for code, criterion in criteria.items()}
    code, level = next(
        (code, index)
        for code, criterion in criteria.items()
        for index in range(len(criterion.options))
        if missed_stars(criterion, index) == [5] and not missed_stars(criterion, best[code])
    )
    for name, choices in (("one", best), ("two", {**best, code: level})):
        user, sheet = city_people[name], sheet_of(assessment, city_people[name])
        for criterion, option in choices.items():
            scoring.choose_option(sheet, criterion, option, by=user)
        scoring.sign_sheet(sheet, by=user)
    return assessment, code, {True: best[code], False: level}


BY_HAND = {"regulation_reason": "Ví dụ mẫu"}


def missed_stars(criterion: Criterion, index: int) -> list[int]:
    return [star for star in criterion.marked_stars if criterion.unmet_minimum(star, index)]


def best_option(criterion: Criterion) -> int:
    return max(range(len(criterion.options)), key=criterion.points)


def test_level_that_members_differ_on_stops_the_conclusion(
    apart: tuple[Assessment, str, dict[bool, int]], city_people: dict[str, User]
) -> None:
    assessment, code, _levels = apart

    with pytest.raises(Refused, match=f"thống nhất mức ở tiêu chí {code}"):
        conclude(assessment, city_people["secretary"])

    assert Result.objects.count() == 0


@pytest.mark.parametrize(("is_met", "stars"), [(True, 5), (False, 4)])
def test_agreed_level_decides(
    apart: tuple[Assessment, str, dict[bool, int]],
    city_people: dict[str, User],
    is_met: bool,
    stars: int,
) -> None:
    assessment, code, levels = apart
    agreed = {code: levels[is_met]}

    result = conclude(assessment, city_people["secretary"], agreed_levels=agreed)

    assessment.refresh_from_db()
    assert assessment.agreed_levels == agreed
    assert (result.stars, result.recognised_stars) == (stars, 4)


def test_level_of_a_criterion_that_is_not_in_question_is_refused(
    apart: tuple[Assessment, str, dict[bool, int]], city_people: dict[str, User]
) -> None:
    assessment, code, levels = apart
    other = next(each for each in assessment.criteria_set.sheet.by_code if each != code)

    with pytest.raises(Refused, match=f"không khác nhau về mức tối thiểu ở tiêu chí {other}"):
        conclude(
            assessment, city_people["secretary"], agreed_levels={code: levels[True], other: None}
        )

    assessment.refresh_from_db()
    assert (assessment.state, assessment.agreed_levels) == (Assessment.State.OPEN, {})


def test_form_of_findings_gives_the_agreed_levels(
    apart: tuple[Assessment, str, dict[bool, int]],
) -> None:
    assessment, code, _levels = apart
    criterion = assessment.criteria_set.sheet.by_code[code]
    law = assessment.criteria_set.regulation.rules

    def levels(value: str) -> dict[str, int | None]:
        form = FindingsForm({f"level-{code}": value}, regulation=law, to_agree=[criterion])
        assert form.is_valid()
        assert [field.name for field in form.level_fields()] == [f"level-{code}"]
        return form.agreed_levels

    assert [levels(""), levels("none"), levels("1")] == [{}, {code: None}, {code: 1}]


def test_secretary_enters_the_agreed_level_on_the_page(
    apart: tuple[Assessment, str, dict[bool, int]],
    city_people: dict[str, User],
    client_of: Callable[[User], Client],
) -> None:
    assessment, code, levels = apart
    client = client_of(city_people["secretary"])
    url = reverse("evaluation:assessment_conclude", args=[assessment.pk])

    page = client.get(assessment.get_absolute_url()).content.decode()
    refused = client.post(url, {})
    concluded = client.post(url, {f"level-{code}": levels[True]})

    assert "Mức hội đồng thống nhất" in page
    assert f'name="level-{code}"' in page
    assert "council_minimum_stars" not in page  # the marks of the sheet judge, not the council
    assert refused.status_code == 409
    assert concluded.status_code == 302
    assert Result.objects.get(assessment=assessment).stars == 5


def test_knock_out_is_entered_before_everybody_has_signed(
    session: Session,
    assessment: Assessment,
    secretary: User,
    members: list[User],
    client_of: Callable[[User], Client],
) -> None:
    score(assessment, members[:1], [95])
    client = client_of(secretary)

    page = client.get(assessment.get_absolute_url())
    response = client.post(
        reverse("evaluation:assessment_conclude", args=[assessment.pk]),
        {"knockouts": ["material_imported_or_unknown"], "knockout_reason": "Biên bản kiểm tra."},
    )

    assert "Loại sản phẩm mà không chờ đủ phiếu" in page.content.decode()
    assert "95" not in numbers_shown(page)  # nobody's score shows before all have signed
    assert response.status_code == 302
    assert Result.objects.get(assessment=assessment).outcome == "not_recognised"


def test_session_after_the_transitional_time_is_refused(
    city_council: Council,
    city_people: dict[str, User],
    accepted: Callable[..., Dossier],
    open_session: Callable[..., Session],
) -> None:
    """26/2026/QĐ-TTg, Điều 12 khoản 2: 60 days from 22/5/2026 end on 21/7/2026."""
    sheet = CriteriaSet.objects.get(regulation__code="qd1489-2025", code="do-an-nhanh")
    dossier = accepted(tier="city", criteria_set=sheet, product__criteria_set=sheet)
    Dossier.objects.filter(pk=dossier.pk).update(received_on=date(2026, 5, 21))
    secretary = city_people["secretary"]
    late = councils.create_session(
        city_council, by=secretary, title="Phiên muộn", round=1, held_on=date(2026, 7, 22)
    )
    councils.add_to_agenda(late, [dossier], by=secretary)

    with pytest.raises(Refused) as refusal:
        scoring.open_session(late, by=secretary)

    assert [problem.code for problem in refusal.value.problems] == ["regulation_lapsed"]
    late.held_on = date(2026, 7, 21)
    late.save()
    assert scoring.open_session(late, by=secretary).state == Session.State.OPEN


# Results that go back


def test_148_city_returns_three_stars_to_the_district_which_finds_again(
    council: Council,
    city_council: Council,
    city_people: dict[str, User],
    members: list[User],
    secretary: User,
    accepted: Callable[..., Dossier],
    open_session: Callable[..., Session],
) -> None:
    criteria_set = CriteriaSet.objects.get(regulation__code="qd148-2023", code="do-an-nhanh")
    dossier = accepted(
        tier="district", criteria_set=criteria_set, product__criteria_set=criteria_set, **BY_HAND
    )

    def find(council: Council, by: User, users: list[User], stars: int) -> Result:
        session = open_session(council, [Dossier.objects.get()], by=by)
        assessment = Assessment.objects.get(item__session=session)
        for user in users:
            sheet = sheet_of(assessment, user)
            for code, option in choices_of(criteria_set, stars).items():
                scoring.choose_option(sheet, code, option, by=user)
            scoring.sign_sheet(sheet, by=user)
        result = conclude(assessment, by)
        results.close_session(session, by=by)
        dossier.refresh_from_db()
        return result

    city = [city_people["one"], city_people["two"]]
    first = find(council, secretary, members, 4)
    assert (first.outcome, dossier.state, dossier.tier) == ("forward", State.ACCEPTED, "city")

    back = find(city_council, city_people["secretary"], city, 3)
    assert (back.stars, back.outcome, back.recognised_stars) == (3, "return", None)
    assert (dossier.state, dossier.tier) == (State.ACCEPTED, "district")

    second = find(council, secretary, members, 3)
    assert (first.round, back.round, second.round) == (1, 1, 2)
    assert (second.outcome, second.recognised_stars) == ("recognise", 3)
    assert dossier.state == State.AWAITING_DECISION


def choices_of(criteria_set: CriteriaSet, stars: int) -> dict[str, int | None]:
    """The lowest options with all minimums up to `stars`, raised until the points suffice."""
    criteria = criteria_set.sheet.by_code
    floor = {band.stars: band.floor for band in criteria_set.regulation.rules.star_bands}[stars]
    chosen = {code: lowest_option(criterion, stars) for code, criterion in criteria.items()}
    for code, criterion in criteria.items():
        if sum(criteria[each].points(chosen[each]) for each in criteria) >= floor:
            break
        chosen[code] = best_option(criterion)
    return chosen


def lowest_option(criterion: Criterion, stars: int) -> int:
    meeting = [
        index
        for index in range(len(criterion.options))
        if not any(
            criterion.unmet_minimum(star, index) for star in criterion.marked_stars if star <= stars
        )
    ]
    return min(meeting, key=criterion.points)


@pytest.mark.parametrize("is_decided", [True, False])
def test_26_below_five_stars_at_the_centre_what_the_city_recognised_stands(
    city_council: Council,
    city_people: dict[str, User],
    accepted: Callable[..., Dossier],
    open_session: Callable[..., Session],
    staff: User,
    unit: Callable,
    is_decided: bool,
) -> None:
    criteria_set = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
    dossier = accepted(
        tier="city", criteria_set=criteria_set, product__criteria_set=criteria_set, **BY_HAND
    )
    session = open_session(city_council, [dossier], by=city_people["secretary"])
    assessment = Assessment.objects.get(item__session=session)
    for user in (city_people["one"], city_people["two"]):
        sheet = sheet_of(assessment, user)
        for code, criterion in criteria_set.sheet.by_code.items():
            scoring.choose_option(sheet, code, best_option(criterion), by=user)
        scoring.sign_sheet(sheet, by=user)
    city = conclude(assessment, city_people["secretary"])
    results.close_session(session, by=city_people["secretary"])
    if is_decided:
        decisions.issue_decision([city], by=staff, tier="city", unit=unit("01"), **DECISION)

    centre = results.record_result(
        Dossier.objects.get(pk=dossier.pk),
        mean=Decimal(88),
        stars=4,
        source_document="Biên bản",
        concluded_on=date(2026, 9, 1),
        by=staff,
    )

    dossier.refresh_from_db()
    assert (city.outcome, centre.outcome, centre.recognised_stars) == (
        "potential_5",
        "return",
        None,
    )
    assert (dossier.state, dossier.tier) == (
        State.RECOGNISED if is_decided else State.AWAITING_DECISION,
        "national",
    )
