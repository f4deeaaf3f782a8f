"""Members who leave a session under way, or come late: whose sheets are asked for, and count."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import InternalError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from councils import actions as councils
from councils.models import Attendance, Council, CouncilMember, Session
from evaluation.actions import attendance, results, scoring
from evaluation.models import Assessment, AttendanceChange, Result, ScoreSheet
from evaluation.panels import contribute
from evaluation.tests.conftest import declare_nothing, score, sheet_of
from ocop_portal.problems import Refused


@pytest.fixture
def seat(council: Council) -> Callable[[User], CouncilMember]:
    return lambda user: council.members.get(user=user)


@pytest.fixture
def leave(
    session: Session, seat: Callable[[User], CouncilMember], secretary: User
) -> Callable[[User], None]:
    def go(user: User) -> None:
        attendance.note_leaving(
            session, seat(user), at=timezone.now(), reason="Có việc đột xuất", by=secretary
        )

    return go


def conclude(assessment: Assessment, by: User) -> Result:
    return results.conclude(assessment, results.Findings(), by=by)


def test_s15_who_leaves_without_signing_does_not_block_the_session(
    session: Session,
    assessment: Assessment,
    members: list[User],
    secretary: User,
    leave: Callable[[User], None],
) -> None:
    score(assessment, members[:2], [60, 61])
    leave(members[2])

    result = conclude(assessment, secretary)
    results.close_session(session, by=secretary)

    assert str(result.mean) == "60.5"
    assert assessment.sheets.count() == 3


def test_s15_a_signed_sheet_of_who_left_is_kept_and_not_counted(
    assessment: Assessment,
    members: list[User],
    secretary: User,
    seat: Callable[[User], CouncilMember],
    leave: Callable[[User], None],
) -> None:
    score(assessment, members, [60, 61, 68])
    leave(members[2])

    result = conclude(assessment, secretary)

    left = sheet_of(assessment, members[2])
    assert str(result.mean) == "60.5"
    assert (left.is_signed, left.total, left.is_counted) == (True, 68, False)
    assert result.derivation["absent_members"] == [seat(members[2]).pk]
    assert set(result.derivation["member_totals"]) == {seat(user).pk for user in members[:2]}


def test_s15_result_stays_when_somebody_leaves_after_it(
    assessment: Assessment,
    members: list[User],
    secretary: User,
    leave: Callable[[User], None],
) -> None:
    score(assessment, members, [60, 61, 68])
    result = conclude(assessment, secretary)
    leave(members[2])

    assessment.refresh_from_db()

    assert results.rating_of(assessment).mean == result.mean == 63
    assert assessment.sheets.counted().count() == 3


def test_who_comes_back_counts_again(
    session: Session,
    assessment: Assessment,
    members: list[User],
    secretary: User,
    seat: Callable[[User], CouncilMember],
    leave: Callable[[User], None],
) -> None:
    score(assessment, members, [60, 61, 68])
    leave(members[2])
    attendance.note_arrival(session, seat(members[2]), by=secretary)

    assert conclude(assessment, secretary).mean == 63


def test_ended_membership_counts_as_absent(
    assessment: Assessment,
    members: list[User],
    secretary: User,
    seat: Callable[[User], CouncilMember],
) -> None:
    score(assessment, members[:2], [60, 61])
    CouncilMember.objects.filter(pk=seat(members[2]).pk).update(member_to=date(2022, 1, 1))

    assert str(conclude(assessment, secretary).mean) == "60.5"


def test_scoring_again_asks_only_those_who_are_there(
    assessment: Assessment,
    members: list[User],
    secretary: User,
    leave: Callable[[User], None],
) -> None:
    score(assessment, members[:2], [60, 75])
    leave(members[2])

    second = results.score_again(assessment, reason="Đã thảo luận", by=secretary)

    assert {sheet.member.user for sheet in second.sheets.all()} == set(members[:2])
    assert sheet_of(assessment, members[2]).is_counted is False


def test_without_anybody_there_is_no_new_attempt_and_no_result(
    assessment: Assessment, members: list[User], secretary: User, leave: Callable[[User], None]
) -> None:
    for user in members:
        leave(user)

    with pytest.raises(Refused, match="có mặt"):
        conclude(assessment, secretary)
    with pytest.raises(Refused, match="có mặt"):
        results.score_again(assessment, reason="Lý do", by=secretary)


def test_late_member_gets_sheets_of_what_is_still_open(
    council: Council,
    secretary: User,
    members: list[User],
    accepted: Callable,
    seat: Callable[[User], CouncilMember],
) -> None:
    session = councils.create_session(
        council, by=secretary, title="Phiên", round=1, held_on=date(2021, 10, 1)
    )
    councils.add_to_agenda(session, [accepted(), accepted()], by=secretary)
    councils.record_attendance(session, [seat(user) for user in members[:2]], by=secretary)
    scoring.open_session(session, by=secretary)
    declare_nothing(session)
    first, second = Assessment.objects.order_by("item__position")
    score(first, members[:2], [60, 62])
    conclude(first, secretary)

    for _ in range(2):
        attendance.note_arrival(session, seat(members[2]), by=secretary)

    late = ScoreSheet.objects.filter(member__user=members[2])
    assert [sheet.assessment for sheet in late] == [second]
    assert AttendanceChange.objects.get().present


def test_member_who_was_seated_after_the_opening_may_come(
    session: Session, council: Council, secretary: User, person: Callable[..., User]
) -> None:
    user = person("successor", unit_code="017")
    seat = CouncilMember.objects.create(
        council=council, user=user, position="member", member_from=date(2021, 1, 1)
    )

    attendance.note_arrival(session, seat, by=secretary)

    assert Attendance.objects.get(session=session, member=seat).present
    assert ScoreSheet.objects.filter(member=seat).count() == 1


def test_strangers_do_not_come(
    session: Session, city_council: Council, city_people: dict[str, User], secretary: User
) -> None:
    stranger = city_council.members.get(user=city_people["one"])

    with pytest.raises(Refused, match="không phải thành viên"):
        attendance.note_arrival(session, stranger, by=secretary)


def test_who_is_away_neither_scores_nor_signs(
    assessment: Assessment, members: list[User], leave: Callable[[User], None]
) -> None:
    score(assessment, members[:1], [60])
    leave(members[1])
    sheet = sheet_of(assessment, members[1])

    with pytest.raises(Refused, match="vắng mặt"):
        scoring.choose_option(sheet, "1.1", 0, by=members[1])
    with pytest.raises(Refused, match="vắng mặt"):
        scoring.sign_sheet(sheet, by=members[1])


def test_sheet_of_who_is_away_says_so(
    assessment: Assessment,
    members: list[User],
    leave: Callable[[User], None],
    client_of: Callable[[User], Client],
) -> None:
    leave(members[1])
    client = client_of(members[1])

    page = client.get(sheet_of(assessment, members[1]).get_absolute_url()).content.decode()
    listing = client.get(reverse("evaluation:my_sheets")).content.decode()

    assert "Bạn được ghi là vắng mặt" in page
    assert "data-ocop-comment" not in page
    assert "Vắng mặt" in listing
    assert "Chấm tiếp" not in listing


@pytest.mark.parametrize("minutes", [-60, 5])
def test_time_of_leaving_lies_within_the_session(
    session: Session,
    members: list[User],
    secretary: User,
    seat: Callable[[User], CouncilMember],
    minutes: int,
) -> None:
    at = timezone.now() + timedelta(minutes=minutes)

    with pytest.raises(Refused, match="Giờ rời họp"):
        attendance.note_leaving(session, seat(members[0]), at=at, reason="Ốm", by=secretary)


def test_leaving_needs_a_reason(
    session: Session,
    members: list[User],
    secretary: User,
    seat: Callable[[User], CouncilMember],
) -> None:
    with pytest.raises(Refused, match="lý do"):
        attendance.note_leaving(
            session, seat(members[0]), at=timezone.now(), reason="", by=secretary
        )


def test_only_the_secretary_notes_attendance_and_only_while_scoring(
    session: Session,
    assessment: Assessment,
    members: list[User],
    secretary: User,
    staff: User,
    seat: Callable[[User], CouncilMember],
) -> None:
    for stranger in (members[0], staff):
        with pytest.raises(PermissionDenied):
            attendance.note_arrival(session, seat(members[0]), by=stranger)
    score(assessment, members, [60, 60, 60])
    conclude(assessment, secretary)
    results.close_session(session, by=secretary)

    with pytest.raises(Refused, match="không ở trạng thái"):
        attendance.note_arrival(session, seat(members[0]), by=secretary)


def test_what_was_noted_does_not_change(
    members: list[User], assessment: Assessment, leave: Callable[[User], None]
) -> None:
    leave(members[0])

    with pytest.raises(InternalError), transaction.atomic():
        AttendanceChange.objects.update(reason="Khác")


# The board


def post(client: Client, session: Session, **values: object):
    return client.post(reverse("evaluation:session_attendance", args=[session.pk]), values)


def test_board_notes_who_leaves_and_who_comes(
    session: Session,
    assessment: Assessment,
    members: list[User],
    secretary: User,
    seat: Callable[[User], CouncilMember],
    client_of: Callable[[User], Client],
) -> None:
    client, url = client_of(secretary), reverse("evaluation:session_board", args=[session.pk])
    score(assessment, members[:2], [60, 61])
    now = timezone.localtime().strftime("%H:%M")
    member = seat(members[2]).pk
    leaving = {"leaving-member": member, "leaving-left_at": now, "leaving-reason": "Ốm nặng"}

    left = post(client, session, **leaving)
    page = client.get(url)
    board = client_of(members[0]).get(url, headers={"HX-Request": "true"}).content.decode()
    (row,) = page.context["assessments"]

    assert left.url == url
    assert (row.signed_count, row.sheet_count, row.is_ready) == (2, 2, True)
    assert "Ốm nặng" in board
    assert f"rời lúc {now}" in board
    assert "<form" not in board

    came = post(client, session, arriving=member)
    (row,) = client.get(url).context["assessments"]

    assert came.url == url
    assert (row.signed_count, row.sheet_count, row.is_ready) == (2, 3, False)


def test_board_names_what_is_missing_and_keeps_what_was_typed(
    session: Session, members: list[User], secretary: User, client_of: Callable[[User], Client]
) -> None:
    response = post(client_of(secretary), session, **{"leaving-reason": "Ốm nặng"})

    text = response.content.decode()
    assert response.status_code == 422
    assert set(response.context["leaving_form"].errors) == {"member", "left_at"}
    assert "Ốm nặng" in text


@pytest.mark.parametrize("value", ["²", "x", "0", "9" * 30])
def test_board_knows_no_member_by_a_strange_key(
    session: Session, secretary: User, client_of: Callable[[User], Client], value: str
) -> None:
    assert post(client_of(secretary), session, arriving=value).status_code == 404


def test_home_asks_only_those_who_are_there(
    session: Session,
    assessment: Assessment,
    members: list[User],
    secretary: User,
    leave: Callable[[User], None],
) -> None:
    score(assessment, members[:2], [60, 61])
    leave(members[2])

    asked, ready = contribute(members[2]).panels[0], contribute(secretary).panels[0]

    assert (asked.count, ready.count) == (0, 1)


def test_board_takes_a_fixed_number_of_queries(
    council: Council,
    secretary: User,
    accepted: Callable,
    open_session: Callable[..., Session],
    client_of: Callable[[User], Client],
    django_assert_max_num_queries,
) -> None:
    session = open_session(council, [accepted(), accepted(), accepted()])
    client, url = client_of(secretary), reverse("evaluation:session_board", args=[session.pk])
    client.get(url)

    with django_assert_max_num_queries(22):
        client.get(url)
