"""Scoring: choices, totals, signing, and what is refused."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from councils import actions as councils
from councils.models import Council, CouncilMember, Session
from evaluation.actions import results, scoring
from evaluation.models import Assessment, Choice, ScoreSheet
from evaluation.tests.conftest import choices_worth, fill, numbers_shown, score, sheet_of
from ocop_portal.problems import Refused
from products.models import Dossier
from regulations.models import CriteriaSet


@pytest.fixture
def sheet(assessment: Assessment, members: list[User]) -> ScoreSheet:
    return sheet_of(assessment, members[0])


def choose(client: Client, sheet: ScoreSheet, criterion: str, option: str, **headers: str):
    url = reverse("evaluation:sheet_choose", args=[sheet.pk])
    return client.post(url, {"criterion": criterion, "option": option}, headers=headers)


def test_opening_gives_every_member_present_a_sheet(
    session: Session, assessment: Assessment, members: list[User]
) -> None:
    assert {sheet.member.user for sheet in assessment.sheets.all()} == set(members)
    assert assessment.item.dossier.state == Dossier.State.IN_EVALUATION


def test_sheet_that_does_not_add_up_cannot_be_scored_with(
    council: Council, accepted: Callable[..., Dossier], open_session: Callable[..., Session]
) -> None:
    partial = CriteriaSet.objects.exclude(problems=[]).get(regulation__code="qd1048-2019")
    dossier = accepted(criteria_set=partial, product__criteria_set=partial)

    with pytest.raises(Refused, match="chưa cộng đủ điểm"):
        open_session(council, [dossier])

    dossier.refresh_from_db()
    assert dossier.state == Dossier.State.ACCEPTED


def test_choice_is_saved_with_the_total(sheet: ScoreSheet, members: list[User]) -> None:
    scoring.choose_option(sheet, "1.1", 2, by=members[0])
    changed = scoring.choose_option(sheet, "1.1", 0, by=members[0])

    choice = sheet.choices.get()
    assert (choice.option, choice.points, changed.total, changed.version) == (0, 1, 1, 2)


def test_session_does_not_open_with_a_dossier_that_has_gone_on(
    council: Council, secretary: User, accepted: Callable[..., Dossier]
) -> None:
    session = councils.create_session(
        council, by=secretary, title="Phiên", round=1, held_on=date(2021, 10, 1)
    )
    dossier = accepted()
    councils.add_to_agenda(session, [dossier], by=secretary)
    Dossier.objects.update(state=Dossier.State.WITHDRAWN)

    with pytest.raises(Refused, match="bỏ hồ sơ khỏi chương trình"):
        scoring.open_session(session, by=secretary)


def test_nothing_reached_is_an_answer_of_0_points(sheet: ScoreSheet, members: list[User]) -> None:
    scoring.choose_option(sheet, "1.1", None, by=members[0])

    assert sheet.choices.get().option is None
    assert "1.1" not in scoring.open_criteria(sheet)


@pytest.mark.parametrize(
    ("criterion", "option"), [("1.1", "3"), ("1.1", "-1"), ("9.9", "0"), ("1.1", "²"), ("1.1", "x")]
)
def test_s10_option_that_the_sheet_does_not_have_is_refused(
    sheet: ScoreSheet,
    members: list[User],
    client_of: Callable[[User], Client],
    criterion: str,
    option: str,
) -> None:
    response = choose(client_of(members[0]), sheet, criterion, option)

    assert response.status_code == 409
    assert Choice.objects.count() == 0


def test_s11_points_sent_by_the_browser_are_ignored(
    sheet: ScoreSheet, members: list[User], client_of: Callable[[User], Client]
) -> None:
    client_of(members[0]).post(
        reverse("evaluation:sheet_choose", args=[sheet.pk]),
        {"criterion": "1.1", "option": "0", "points": "100", "total": "100"},
    )

    sheet.refresh_from_db()
    assert sheet.total == 1


def test_s2_member_of_another_council_does_not_see_the_sheet(
    sheet: ScoreSheet, city_council: Council, city_people: dict, client_of: Callable
) -> None:
    client = client_of(city_people["one"])

    page = client.get(sheet.get_absolute_url())
    saved = choose(client, sheet, "1.1", "0")

    assert (page.status_code, saved.status_code) == (404, 404)
    assert Choice.objects.count() == 0


def test_s1_members_do_not_see_each_others_sheets(
    assessment: Assessment, members: list[User], client_of: Callable[[User], Client]
) -> None:
    fill(sheet_of(assessment, members[1]), 87, by=members[1])
    client = client_of(members[0])

    pages = [
        client.get(sheet_of(assessment, members[1]).get_absolute_url()),
        client.get(assessment.get_absolute_url()),
        client.get(reverse("evaluation:session_board", args=[assessment.item.session_id])),
        client.get(reverse("evaluation:result_list")),
    ]

    assert [page.status_code for page in pages] == [404, 200, 200, 200]
    assert all("87" not in numbers_shown(page) for page in pages[1:])


def test_action_refuses_somebody_elses_sheet(sheet: ScoreSheet, members: list[User]) -> None:
    with pytest.raises(PermissionDenied):
        scoring.choose_option(sheet, "1.1", 0, by=members[1])


def test_member_who_has_left_scores_no_more(
    sheet: ScoreSheet, members: list[User], client_of: Callable[[User], Client]
) -> None:
    client = client_of(members[0])
    CouncilMember.objects.filter(user=members[0]).update(member_to=date(2021, 1, 1))

    response = choose(client, sheet, "1.1", "0")

    assert response.status_code == 403
    assert Choice.objects.count() == 0


def test_sign_names_what_is_still_open(sheet: ScoreSheet, members: list[User]) -> None:
    choices = choices_worth(sheet.assessment, 60)
    codes = list(choices)
    for code in codes[:-2]:
        scoring.choose_option(sheet, code, choices[code], by=members[0])

    with pytest.raises(Refused) as refusal:
        scoring.sign_sheet(sheet, by=members[0])

    assert str(refusal.value) == f"Còn 2 tiêu chí chưa chọn: {codes[-2]}, {codes[-1]}."


def test_s3_signed_sheet_does_not_change(
    assessment: Assessment, members: list[User], client_of: Callable[[User], Client]
) -> None:
    score(assessment, members[:1], [60])
    sheet = sheet_of(assessment, members[0])
    client = client_of(members[0])

    changed = choose(client, sheet, "1.1", "0")
    again = client.post(reverse("evaluation:sheet_sign", args=[sheet.pk]))
    remark = client.post(reverse("evaluation:sheet_comment", args=[sheet.pk]), {"comment": "x"})

    sheet.refresh_from_db()
    assert [changed.status_code, again.status_code, remark.status_code] == [409, 409, 409]
    assert "đã ký" in changed.content.decode()
    assert (sheet.total, sheet.comment) == (60, "")


def test_s4_score_after_the_conclusion_is_refused(
    assessment: Assessment, members: list[User], secretary: User
) -> None:
    score(assessment, members, [60, 60, 60])
    results.conclude(assessment, results.Findings(), by=secretary)
    sheet = sheet_of(assessment, members[0])
    ScoreSheet.objects.filter(pk=sheet.pk).update(state="draft", signed_at=None)

    with pytest.raises(Refused, match="đã chốt"):
        scoring.choose_option(sheet, "1.1", 0, by=members[0])


def test_htmx_gets_the_totals_only(
    sheet: ScoreSheet, members: list[User], client_of: Callable[[User], Client]
) -> None:
    response = choose(client_of(members[0]), sheet, "1.1", "2", hx_request="true")

    text = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in text
    assert "3" in text


# What was chosen elsewhere


def choose_having_seen(client: Client, sheet: ScoreSheet, option: str, *seen: str, **headers: str):
    url = reverse("evaluation:sheet_choose", args=[sheet.pk])
    return client.post(url, {"criterion": "1.1", "option": option, "seen": seen}, headers=headers)


def test_s6_the_same_choice_again_gives_the_same_answer_and_no_new_version(
    sheet: ScoreSheet, members: list[User], client_of: Callable[[User], Client]
) -> None:
    client = client_of(members[0])

    first, second = (
        choose_having_seen(client, sheet, "2", "", hx_request="true") for _ in range(2)
    )

    sheet.refresh_from_db()
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert (sheet.version, Choice.objects.get().option) == (1, 2)


def test_s8_choice_of_a_page_that_is_out_of_date_changes_nothing(
    sheet: ScoreSheet, members: list[User], client_of: Callable[[User], Client]
) -> None:
    scoring.choose_option(sheet, "1.1", 2, by=members[0])

    response = choose_having_seen(client_of(members[0]), sheet, "0", "")

    text = response.content.decode()
    sheet.refresh_from_db()
    assert response.status_code == 409
    assert "<html" in text
    options = sheet.assessment.criteria_set.sheet.by_code["1.1"].options
    assert f"đang là “{options[2].label}” (3 điểm)" in text
    assert f"Chưa lưu “{options[0].label}” (1 điểm)" in text
    assert (sheet.version, sheet.total, Choice.objects.get().option) == (1, 3, 2)


def test_s8_htmx_gets_both_choices_and_the_criterion_as_it_stands(
    sheet: ScoreSheet, members: list[User], client_of: Callable[[User], Client]
) -> None:
    scoring.choose_option(sheet, "1.1", 2, by=members[0])
    client = client_of(members[0])

    response = choose_having_seen(client, sheet, "0", "none", hx_request="true")
    again = choose_having_seen(client, sheet, "0", "2", hx_request="true")

    text = response.content.decode()
    assert (response.status_code, again.status_code) == (409, 200)
    assert "<html" not in text
    assert 'id="tieu-chi-1.1"' in text
    assert '<input type="hidden" name="seen" value="2"' in text
    assert text.count('hx-swap-oob="true"') == 1
    assert Choice.objects.get().option == 0


def test_s8_a_choice_without_what_was_seen_does_not_replace_another(
    sheet: ScoreSheet, members: list[User], client_of: Callable[[User], Client]
) -> None:
    scoring.choose_option(sheet, "1.1", 2, by=members[0])

    assert choose(client_of(members[0]), sheet, "1.1", "0").status_code == 409
    assert Choice.objects.get().option == 2


def test_choice_whose_answer_got_lost_may_be_changed(
    sheet: ScoreSheet, members: list[User], client_of: Callable[[User], Client]
) -> None:
    """The browser sent 2, heard nothing, and now sends 0: it names both."""
    scoring.choose_option(sheet, "1.1", 2, by=members[0])

    response = choose_having_seen(client_of(members[0]), sheet, "0", "", "2")

    assert response.status_code == 302
    assert Choice.objects.get().option == 0


def test_page_sends_with_each_choice_what_it_shows(
    sheet: ScoreSheet, members: list[User], client_of: Callable[[User], Client]
) -> None:
    scoring.choose_option(sheet, "1.1", 2, by=members[0])
    scoring.choose_option(sheet, "1.2", None, by=members[0])

    page = client_of(members[0]).get(sheet.get_absolute_url())

    blocks = page.context["sheet_page"].blocks()
    assert [block.value for block in blocks][:3] == ["2", "none", ""]
    assert page.content.decode().count('name="seen" value="none"') == 1


def test_sheet_page_takes_a_fixed_number_of_queries(
    assessment: Assessment,
    members: list[User],
    client_of: Callable[[User], Client],
    django_assert_max_num_queries,
) -> None:
    sheet = sheet_of(assessment, members[0])
    fill(sheet, 75, by=members[0])
    client = client_of(members[0])
    client.get(sheet.get_absolute_url())

    with django_assert_max_num_queries(12):
        client.get(sheet.get_absolute_url())


@pytest.mark.django_db(transaction=True)
def test_concurrent_choices_leave_the_right_total(
    assessment: Assessment, members: list[User]
) -> None:
    sheet = sheet_of(assessment, members[0])
    codes = list(assessment.criteria_set.sheet.by_code)[:16]
    barrier = threading.Barrier(4)

    def save(part: list[str]) -> None:
        barrier.wait()
        for code in part:
            scoring.choose_option(sheet, code, 0, by=members[0])
        connection.close()

    threads = [threading.Thread(target=save, args=(codes[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    sheet.refresh_from_db()
    stored = sum(choice.points for choice in sheet.choices.all())
    assert sheet.choices.count() == 16
    assert (sheet.total, sheet.version) == (stored, 16)


@pytest.mark.django_db(transaction=True)
def test_r9_no_score_gets_in_after_the_conclusion(
    assessment: Assessment, members: list[User], secretary: User
) -> None:
    """A late choice and the conclusion at the same moment: whichever comes first, the stored
    total is the one that the result was computed from.
    """
    score(assessment, members, [60, 60, 60])
    sheet = sheet_of(assessment, members[0])
    barrier = threading.Barrier(2)
    refused: list[Refused] = []

    def late() -> None:
        barrier.wait()
        try:
            scoring.choose_option(sheet, "1.1", 0, by=members[0])
        except Refused as refusal:
            refused.append(refusal)
        connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    barrier.wait()
    result = results.conclude(assessment, results.Findings(), by=secretary)
    thread.join()

    sheet.refresh_from_db()
    assert len(refused) == 1
    assert (sheet.total, result.mean) == (60, 60)
