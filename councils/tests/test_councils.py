"""Setting up councils and seating their members: the rules, and who may."""

import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Agency, User
from accounts.roles import Role
from councils import actions
from councils.models import Council, CouncilMember, Session
from councils.people import candidates, matching
from councils.seating import tier_names
from ocop_portal.problems import Refused

Position = CouncilMember.Position
BEGIN = date(2020, 1, 1)


@pytest.fixture
def facts(unit: Callable) -> dict[str, Any]:
    """What a decision says about a district council."""
    return {
        "name": "Hội đồng huyện Đông Anh",
        "tier": "district",
        "unit": unit("017"),
        "decision_number": "2137/QĐ-UBND",
        "decision_date": date(2021, 5, 10),
        "term_from": date(2021, 6, 1),
        "term_to": date(2025, 12, 31),
    }


@pytest.fixture
def typed(facts: dict[str, Any]) -> dict[str, Any]:
    """The same as the form sends it."""
    return {
        **facts,
        "unit": facts["unit"].pk,
        "decision_date": "10/05/2021",
        "term_from": "01/06/2021",
        "term_to": "31/12/2025",
    }


@pytest.fixture
def newcomer(person: Callable[..., User]) -> User:
    return person("newcomer", unit_code="017")


def seat_of(council: Council, user: User) -> CouncilMember:
    return council.members.get(user=user)


def planned(council: Council, secretary: User, day: date) -> Session:
    return actions.create_session(council, by=secretary, title=f"{day}", round=1, held_on=day)


# --- Councils -------------------------------------------------------------------------------------


def test_tiers_are_those_of_the_published_regulations(db: None) -> None:
    assert tier_names() == {
        "district": "Cấp huyện",
        "city": "Cấp thành phố, cấp tỉnh",
        "national": "Cấp trung ương",
    }


def test_council_entered_twice_is_one_council(
    staff: User, typed: dict[str, Any], client_of: Callable[[User], Client]
) -> None:
    client = client_of(staff)

    first = client.post(reverse("councils:council_create"), typed)
    second = client.post(reverse("councils:council_create"), typed)

    council = Council.objects.get()
    assert (first.url, second.url) == (council.get_absolute_url(), council.get_absolute_url())
    assert (council.tier, council.unit.code) == ("district", "017")
    assert (council.decision_date, council.term_to) == (date(2021, 5, 10), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"tier": "village"}, "Cấp này không có trong quy định"),
        ({"unit": None}, "cần một địa bàn cấp huyện"),
        ({"tier": "city"}, "cần một địa bàn cấp tỉnh"),
        ({"tier": "national"}, "hãy để trống địa bàn"),
        ({"term_to": date(2021, 5, 31)}, "phải kết thúc sau ngày bắt đầu"),
    ],
)
def test_council_that_does_not_add_up_is_refused(
    staff: User, facts: dict[str, Any], changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(Refused, match=message):
        actions.create_council(by=staff, **{**facts, **changed})

    assert not Council.objects.exists()


def test_second_council_of_the_same_decision_is_refused(staff: User, facts: dict[str, Any]) -> None:
    actions.create_council(by=staff, **facts)

    with pytest.raises(Refused, match="theo quyết định này đã có"):
        actions.create_council(by=staff, **{**facts, "name": "Tên khác"})


def test_reasons_stand_in_the_form_with_what_was_typed(
    staff: User, typed: dict[str, Any], client_of: Callable[[User], Client]
) -> None:
    response = client_of(staff).post(
        reverse("councils:council_create"), {**typed, "tier": "national"}
    )

    assert response.status_code == 409
    assert response.context["form"].non_field_errors() == [
        "Hội đồng cấp này của cả nước: hãy để trống địa bàn."
    ]
    assert "2137/QĐ-UBND" in response.content.decode()


def test_tier_and_unit_stay_once_there_are_sessions(
    council: Council, secretary: User, staff: User
) -> None:
    planned(council, secretary, date(2021, 10, 1))

    actions.edit_council(council, by=staff, name="Tên mới")
    with pytest.raises(Refused, match="cấp và địa bàn không đổi được nữa"):
        actions.edit_council(council, by=staff, tier="national", unit=None)

    council.refresh_from_db()
    assert (council.name, council.tier) == ("Tên mới", "district")


def test_term_that_leaves_a_member_outside_is_refused(
    council: Council, members: list[User], staff: User
) -> None:
    actions.end_membership(seat_of(council, members[1]), last_day=date(2022, 6, 30), by=staff)

    with pytest.raises(Refused) as refusal:
        actions.edit_council(council, by=staff, term_to=date(2022, 6, 29))

    assert str(refusal.value) == f"{members[1]} tham gia ngoài nhiệm kỳ này."


def test_council_keeps_what_it_was(council: Council, staff: User) -> None:
    actions.edit_council(council, by=staff, name="Tên mới")

    assert list(council.events.order_by("pgh_id").values_list("name", flat=True)) == [
        "Hội đồng district",
        "Tên mới",
    ]


# --- Who may --------------------------------------------------------------------------------------


def test_only_department_staff_set_up_and_seat(
    council: Council,
    facts: dict[str, Any],
    newcomer: User,
    secretary: User,
    members: list[User],
    leader: User,
    officer: User,
    administrator: User,
) -> None:
    for stranger in (secretary, members[0], leader, officer, administrator):
        with pytest.raises(PermissionDenied):
            actions.create_council(by=stranger, **facts)
        with pytest.raises(PermissionDenied):
            actions.edit_council(council, by=stranger, name="x")
        with pytest.raises(PermissionDenied):
            seat(council, newcomer, by=stranger)
        with pytest.raises(PermissionDenied):
            actions.end_membership(seat_of(council, members[0]), last_day=BEGIN, by=stranger)
        with pytest.raises(PermissionDenied):
            actions.replace_member(
                seat_of(council, members[0]),
                user=newcomer,
                member_from=date(2022, 1, 1),
                by=stranger,
            )


def test_staff_of_another_territory_do_not_reach_the_council(
    council: Council,
    newcomer: User,
    person: Callable[..., User],
    client_of: Callable[[User], Client],
) -> None:
    stranger = person("staff_of_gia_lam", Role.DEPARTMENT_STAFF, unit_code="018")
    client = client_of(stranger)
    names = ["edit", "member_add", "member_end", "member_replace"]

    answers = {
        client.post(reverse(f"councils:council_{name}", args=[pk])).status_code
        for name in names
        for pk in (council.pk, 999_999)
    }

    assert answers == {404}
    with pytest.raises(PermissionDenied):
        seat(council, newcomer, by=stranger)
    with pytest.raises(PermissionDenied):
        actions.edit_council(council, by=stranger, unit=stranger.unit)


def test_council_is_not_moved_out_of_the_own_territory(
    council: Council, person: Callable[..., User], unit: Callable
) -> None:
    staff = person("staff_of_dong_anh", Role.DEPARTMENT_STAFF, unit_code="017")

    with pytest.raises(PermissionDenied):
        actions.edit_council(council, by=staff, unit=unit("018"))


def test_posts_of_others_change_nothing(
    council: Council,
    newcomer: User,
    members: list[User],
    secretary: User,
    leader: User,
    client_of: Callable[[User], Client],
) -> None:
    sent = {
        "member_add": {"user": newcomer.pk, "position": "member", "member_from": "01/01/2022"},
        "member_end": {"member": seat_of(council, members[0]).pk, "last_day": "01/01/2022"},
        "member_replace": {
            "member": seat_of(council, members[0]).pk,
            "user": newcomer.pk,
            "member_from": "01/01/2022",
        },
    }
    before = list(CouncilMember.objects.order_by("pk").values())

    answers = {
        client_of(user)
        .post(reverse(f"councils:council_{name}", args=[council.pk]), values)
        .status_code
        for user in (secretary, members[0], leader)
        for name, values in sent.items()
    }

    assert answers == {403}
    assert list(CouncilMember.objects.order_by("pk").values()) == before


def test_secretary_sees_members_and_nothing_to_change_them(
    council: Council, secretary: User, members: list[User], client_of: Callable[[User], Client]
) -> None:
    page = client_of(secretary).get(council.get_absolute_url()).content.decode()

    assert members[0].full_name in page
    for name in ("edit", "member_add", "member_end", "member_replace"):
        assert reverse(f"councils:council_{name}", args=[council.pk]) not in page


# --- Members --------------------------------------------------------------------------------------


def seat(council: Council, user: User, *, by: User, **fields: Any) -> CouncilMember:
    values = {"position": Position.MEMBER, "votes": True, "member_from": date(2022, 1, 1)}
    return actions.add_member(council, user=user, by=by, **{**values, **fields})


def test_member_is_added_on_the_page(
    council: Council, staff: User, newcomer: User, client_of: Callable[[User], Client]
) -> None:
    agency = Agency.objects.first()
    url = reverse("councils:council_member_add", args=[council.pk])
    form = {
        "user": newcomer.pk,
        "position": "vice_chair",
        "votes": "on",
        "agency": agency.pk,
        "member_from": "01/01/2022",
    }

    response = client_of(staff).post(url, form)

    added = seat_of(council, newcomer)
    assert response.url == council.get_absolute_url()
    assert (added.position, added.votes, added.agency) == ("vice_chair", True, agency)
    assert (added.member_from, added.member_to) == (date(2022, 1, 1), None)


def test_one_goes_on_adding_members(
    council: Council, staff: User, newcomer: User, client_of: Callable[[User], Client]
) -> None:
    url = reverse("councils:council_member_add", args=[council.pk])
    form = {"user": newcomer.pk, "position": "member", "member_from": "01/01/2022", "again": "1"}

    assert client_of(staff).post(url, form).url == url


def test_agency_is_the_one_of_the_account_where_none_is_given(
    council: Council, staff: User, person: Callable[..., User]
) -> None:
    agency = Agency.objects.first()
    user = person("from_agency", agency=agency)

    assert seat(council, user, by=staff).agency == agency


def test_invited_expert_never_votes(
    council: Council, staff: User, newcomer: User, client_of: Callable[[User], Client]
) -> None:
    url = reverse("councils:council_member_add", args=[council.pk])
    form = {"user": newcomer.pk, "position": "expert", "votes": "on", "member_from": "01/01/2022"}

    client_of(staff).post(url, form)

    assert seat_of(council, newcomer).votes is False
    assert newcomer.has_perm("councils.see_sessions")
    assert not newcomer.has_perm("evaluation.score_products")


def test_second_chair_at_the_same_time_is_refused(
    council: Council, staff: User, members: list[User], newcomer: User
) -> None:
    with pytest.raises(Refused) as refusal:
        seat(council, newcomer, position=Position.CHAIR, by=staff)

    assert str(refusal.value) == f"Hội đồng đã có Chủ tịch: {members[0]}."


def test_chair_follows_a_chair_whose_time_has_ended(
    council: Council, staff: User, members: list[User], newcomer: User
) -> None:
    actions.end_membership(seat_of(council, members[0]), last_day=date(2021, 12, 31), by=staff)

    seat(council, newcomer, position=Position.CHAIR, by=staff)

    chairs = council.members.filter(position=Position.CHAIR).order_by("member_from")
    assert [(row.user, row.member_to) for row in chairs] == [
        (members[0], date(2021, 12, 31)),
        (newcomer, None),
    ]


def test_person_sits_once_and_may_come_back(
    council: Council, staff: User, members: list[User]
) -> None:
    with pytest.raises(Refused, match="đã là thành viên hội đồng trong thời gian này"):
        seat(council, members[1], by=staff)
    actions.end_membership(seat_of(council, members[1]), last_day=date(2022, 1, 1), by=staff)
    with pytest.raises(Refused, match="đã là thành viên"):
        seat(council, members[1], member_from=date(2022, 1, 1), by=staff)

    seat(council, members[1], member_from=date(2022, 1, 2), by=staff)

    assert council.members.filter(user=members[1]).count() == 2


@pytest.mark.parametrize("day", [date(2021, 5, 31), date(2026, 1, 1)])
def test_member_begins_within_the_term(
    staff: User, facts: dict[str, Any], newcomer: User, day: date
) -> None:
    council = actions.create_council(by=staff, **facts)

    with pytest.raises(Refused) as refusal:
        seat(council, newcomer, member_from=day, by=staff)

    assert str(refusal.value) == "Ngày phải nằm trong nhiệm kỳ: từ 01/06/2021 đến 31/12/2025."


@pytest.mark.parametrize("day", [date(2021, 6, 1), date(2025, 12, 31)])
def test_first_and_last_day_belong_to_the_term(
    staff: User, facts: dict[str, Any], newcomer: User, day: date
) -> None:
    council = actions.create_council(by=staff, **facts)
    added = seat(council, newcomer, member_from=day, by=staff)

    with pytest.raises(Refused, match="trong nhiệm kỳ"):
        actions.end_membership(added, last_day=date(2026, 1, 1), by=staff)
    ended = actions.end_membership(added, last_day=date(2025, 12, 31), by=staff)

    assert (ended.member_from, ended.member_to) == (day, date(2025, 12, 31))


def test_secretary_needs_the_role(council: Council, staff: User, newcomer: User) -> None:
    with pytest.raises(Refused, match="chưa có vai trò “Thư ký hội đồng”"):
        seat(council, newcomer, position=Position.SECRETARY, by=staff)


def test_producers_and_locked_accounts_are_not_seated(
    council: Council, staff: User, person: Callable[..., User]
) -> None:
    producer = person("producer", Role.PRODUCER)
    locked = person("locked", is_active=False)

    with pytest.raises(Refused, match="Chủ thể"):
        seat(council, producer, by=staff)
    with pytest.raises(Refused, match="đã bị khóa"):
        seat(council, locked, by=staff)
    assert not {producer, locked} & set(candidates(council))


# --- Ending and replacing -------------------------------------------------------------------------


def test_ended_membership_stays_in_the_history(
    council: Council, staff: User, members: list[User], client_of: Callable[[User], Client]
) -> None:
    gone = seat_of(council, members[1])
    client = client_of(staff)
    url = reverse("councils:council_member_end", args=[council.pk])

    response = client.post(url, {"member": gone.pk, "last_day": "31/12/2021"})
    page = client.get(council.get_absolute_url())

    assert response.url == council.get_absolute_url()
    assert list(page.context["former"]) == [gone]
    assert gone not in page.context["members"]
    assert "01/01/2020 – 31/12/2021" in page.content.decode()
    assert [row.member_to for row in gone.events.order_by("pgh_id")] == [None, date(2021, 12, 31)]


def test_member_does_not_end_twice(council: Council, staff: User, members: list[User]) -> None:
    ended = actions.end_membership(
        seat_of(council, members[1]), last_day=date(2021, 12, 31), by=staff
    )

    with pytest.raises(Refused, match="Đã ghi ngày thôi tham gia của người này: 31/12/2021"):
        actions.end_membership(ended, last_day=date(2022, 1, 31), by=staff)

    ended.refresh_from_db()
    assert ended.member_to == date(2021, 12, 31)


def test_member_does_not_end_before_the_beginning(
    council: Council, staff: User, members: list[User]
) -> None:
    with pytest.raises(Refused, match="không được trước ngày bắt đầu"):
        actions.end_membership(seat_of(council, members[1]), last_day=date(2019, 12, 31), by=staff)


def test_seat_of_another_council_cannot_be_named(
    council: Council,
    staff: User,
    make_council: Callable[..., Council],
    person: Callable[..., User],
    client_of: Callable[[User], Client],
) -> None:
    foreign = person("foreign")
    other = make_council("city", secretary=person("s"), members=[foreign], unit_code="01")
    url = reverse("councils:council_member_end", args=[council.pk])

    for number in (seat_of(other, foreign).pk, "²"):
        page = client_of(staff).post(url, {"member": number, "last_day": "31/12/2021"})
        assert "member" in page.context["form"].errors

    assert not CouncilMember.objects.filter(member_to__isnull=False).exists()


def test_replacement_takes_position_and_vote_in_one_step(
    council: Council,
    staff: User,
    members: list[User],
    newcomer: User,
    client_of: Callable[[User], Client],
) -> None:
    url = reverse("councils:council_member_replace", args=[council.pk])
    chair = seat_of(council, members[0])

    response = client_of(staff).post(
        url, {"member": chair.pk, "user": newcomer.pk, "member_from": "01/01/2022"}
    )

    chair.refresh_from_db()
    successor = seat_of(council, newcomer)
    assert response.url == council.get_absolute_url()
    assert chair.member_to == date(2021, 12, 31)
    assert (successor.position, successor.votes) == (Position.CHAIR, True)
    assert successor.member_from == date(2022, 1, 1)


def test_replacement_that_is_refused_leaves_the_member(
    council: Council, staff: User, secretary: User, members: list[User], newcomer: User
) -> None:
    with pytest.raises(Refused, match="chưa có vai trò"):
        actions.replace_member(
            seat_of(council, secretary), user=newcomer, member_from=date(2022, 1, 1), by=staff
        )
    with pytest.raises(Refused, match="phải sau ngày 01/01/2020"):
        actions.replace_member(
            seat_of(council, members[1]), user=newcomer, member_from=BEGIN, by=staff
        )

    assert council.members.filter(member_to__isnull=True).count() == 4


def test_planned_sessions_follow_the_members_of_their_day(
    council: Council, secretary: User, staff: User, members: list[User], newcomer: User
) -> None:
    before = planned(council, secretary, date(2021, 12, 31))
    after = planned(council, secretary, date(2022, 1, 1))
    absent = after.attendance.get(member__user=members[2])
    actions.record_attendance(
        after, [seat_of(council, members[0]), seat_of(council, members[1])], by=secretary
    )

    actions.replace_member(
        seat_of(council, members[1]), user=newcomer, member_from=date(2022, 1, 1), by=staff
    )

    absent.refresh_from_db()
    assert {row.member.user for row in before.attendance.all()} == set(members)
    assert {row.member.user for row in after.attendance.all()} == {
        members[0],
        newcomer,
        members[2],
    }
    assert not absent.present


def test_sessions_that_are_over_keep_their_members(
    council: Council, secretary: User, staff: User, members: list[User]
) -> None:
    session = planned(council, secretary, date(2022, 1, 1))
    Session.objects.update(state=Session.State.CLOSED)

    actions.end_membership(seat_of(council, members[1]), last_day=date(2021, 12, 31), by=staff)

    assert session.attendance.filter(member__user=members[1]).exists()


def test_member_stays_while_scoring(
    council: Council, secretary: User, staff: User, members: list[User]
) -> None:
    planned(council, secretary, date(2022, 1, 1))
    Session.objects.update(state=Session.State.OPEN)

    with pytest.raises(Refused, match="đang chấm điểm ở phiên “2022-01-01”"):
        actions.end_membership(seat_of(council, members[1]), last_day=date(2022, 1, 1), by=staff)


@pytest.mark.django_db(transaction=True)
def test_two_chairs_seated_at_once_are_one(
    council: Council, staff: User, members: list[User], person: Callable[..., User]
) -> None:
    actions.end_membership(seat_of(council, members[0]), last_day=date(2021, 12, 31), by=staff)
    one, two = person("one"), person("two")
    barrier = threading.Barrier(2)
    refused: list[Refused] = []

    def take_late() -> None:
        barrier.wait()
        try:
            seat(council, two, position=Position.CHAIR, by=staff)
        except Refused as refusal:
            refused.append(refusal)
        connection.close()

    thread = threading.Thread(target=take_late)
    thread.start()
    with transaction.atomic():
        seat(council, one, position=Position.CHAIR, by=staff)
        barrier.wait()
        time.sleep(0.5)  # the other one asks now, before this is committed
    thread.join()

    assert len(refused) == 1
    chairs = council.members.active(date(2022, 1, 1)).filter(position=Position.CHAIR)
    assert [row.user for row in chairs] == [one]


# --- Finding people -------------------------------------------------------------------------------


def test_people_are_found_without_marks_by_name_and_office(
    council: Council, members: list[User]
) -> None:
    agency = Agency.objects.create(code="hoi", name="Hội Nông dân huyện Ba Vì")
    wanted = User.objects.create(
        username="thuy", full_name="Đặng Thị Thuỷ", email="t@mau.example", agency=agency
    )
    people = candidates(council)

    assert matching(people, "dang thuy") == [wanted]
    assert matching(people, "THUY ba vi") == [wanted]
    assert matching(people, "member") == []


def test_page_offers_those_found_and_keeps_the_one_chosen(
    council: Council,
    staff: User,
    newcomer: User,
    person: Callable[..., User],
    client_of: Callable[[User], Client],
) -> None:
    others = [person(f"other{n:02}") for n in range(20)]
    url = reverse("councils:council_member_add", args=[council.pk])
    client = client_of(staff)

    found = client.get(url, {"q": "newcomer"}).context["form"]
    first = client.get(url).context["form"]
    kept = client.post(f"{url}?q=other", {"user": newcomer.pk}).context["form"]

    assert [number for number, _label in found.fields["user"].choices] == [newcomer.pk]
    assert (len(first.fields["user"].choices), first.more) == (10, len(others) + 2 - 10)
    assert newcomer.pk in [number for number, _label in kept.fields["user"].choices]
    assert set(kept.errors) == {"position", "member_from"}


@pytest.mark.parametrize("number", ["²", "x", "9" * 40])
def test_what_is_no_account_is_refused_in_the_form(
    council: Council, staff: User, client_of: Callable[[User], Client], number: str
) -> None:
    url = reverse("councils:council_member_add", args=[council.pk])

    page = client_of(staff).post(
        url, {"user": number, "position": "member", "member_from": "01/01/2022"}
    )

    assert set(page.context["form"].errors) == {"user"}


def test_home_of_the_department_lists_councils_that_cannot_meet(
    council: Council, staff: User, members: list[User], client_of: Callable[[User], Client]
) -> None:
    complete = client_of(staff).get("/").content.decode()
    actions.end_membership(seat_of(council, members[0]), last_day=date(2022, 1, 1), by=staff)
    page = client_of(staff).get("/").content.decode()

    assert "Hội đồng chưa đủ người" in complete
    assert council.get_absolute_url() not in complete
    assert "Chưa có chủ tịch" in page
    assert council.get_absolute_url() in page


def test_council_page_takes_as_many_queries_with_more_members(
    council: Council,
    staff: User,
    person: Callable[..., User],
    client_of: Callable[[User], Client],
    django_assert_max_num_queries: Callable,
) -> None:
    client = client_of(staff)
    client.get(council.get_absolute_url())
    for n in range(3):
        seat(council, person(f"more{n}"), by=staff)

    with django_assert_max_num_queries(12):
        client.get(council.get_absolute_url())
