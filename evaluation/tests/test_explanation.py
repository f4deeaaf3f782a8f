"""The page of a result: who sees it, who sees names, what it says, and what it costs."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from councils import actions as councils
from councils.models import Council, Session
from evaluation.actions import results, scoring
from evaluation.models import Assessment, Choice, Result, ScoreSheet
from evaluation.result_page import result_page
from evaluation.tests.conftest import choices_worth, score
from products.models import Dossier
from regulations.explanation import MinimumState
from regulations.models import CriteriaSet

ClientOf = Callable[[User], Client]


def page_of(result: Result, client: Client):
    return client.get(reverse("evaluation:result_detail", args=[result.pk]))


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def producer(person: Callable[..., User]) -> User:
    return person("producer", Role.PRODUCER, unit_code="017")


@pytest.fixture
def concluded(
    council: Council,
    secretary: User,
    members: list[User],
    producer: User,
    accepted: Callable[..., Dossier],
    open_session: Callable[..., Session],
) -> Callable[..., Result]:
    """A result of Đông Anh's council for a product of the producer; its session may be running."""

    def make(points: Sequence[int] = (60, 66, 64), *, is_over: bool = True) -> Result:
        dossier = accepted()
        dossier.product.producer.accounts.add(producer)
        session = open_session(council, [dossier])
        assessment = Assessment.objects.get(item__session=session)
        score(assessment, members, points)
        result = results.conclude(assessment, results.Findings(), by=secretary)
        if is_over:
            results.close_session(session, by=secretary)
        return result

    return make


# Who sees it, and when


def test_everybody_of_the_dossier_and_of_the_council_sees_the_result(
    concluded: Callable[..., Result],
    producer: User,
    officer: User,
    commune_officer: User,
    staff: User,
    members: list[User],
    client_of: ClientOf,
    person: Callable[..., User],
) -> None:
    result = concluded()
    strangers = [
        person("other_producer", Role.PRODUCER, unit_code="017"),
        person("other_officer_2", Role.DISTRICT_OFFICER, unit_code="018"),
        commune_officer,  # of a commune, the product belongs to the district as a whole
    ]
    seers = [producer, officer, staff, members[0]]

    assert [page_of(result, client_of(user)).status_code for user in seers] == [200] * 4
    assert [page_of(result, client_of(user)).status_code for user in strangers] == [404] * 3


def test_s1_result_of_a_running_session_exists_for_its_secretary_only(
    concluded: Callable[..., Result],
    producer: User,
    officer: User,
    staff: User,
    secretary: User,
    members: list[User],
    client_of: ClientOf,
) -> None:
    result = concluded(is_over=False)
    url = reverse("evaluation:result_detail", args=[result.pk])
    dossier_page = text_of(client_of(producer).get(result.dossier.get_absolute_url()))

    others = [producer, officer, staff, members[0]]
    assert [page_of(result, client_of(user)).status_code for user in others] == [404] * 4
    assert page_of(result, client_of(secretary)).status_code == 200
    assert url not in dossier_page


@pytest.mark.parametrize("who", ["secretary", "member", "staff", "leader"])
def test_council_and_department_see_the_names(
    who: str,
    concluded: Callable[..., Result],
    secretary: User,
    members: list[User],
    staff: User,
    leader: User,
    client_of: ClientOf,
) -> None:
    readers = {"secretary": secretary, "member": members[1], "staff": staff, "leader": leader}
    response = page_of(concluded(), client_of(readers[who]))

    text = text_of(response)
    assert all(member.full_name in text for member in members)
    # By total: 66, 64, 60.
    assert [column.name for column in response.context["page"].columns] == [
        members[1].full_name,
        members[2].full_name,
        members[0].full_name,
    ]


@pytest.mark.parametrize("who", ["producer", "officer"])
def test_members_are_not_named_to_producers_and_officers(
    who: str,
    concluded: Callable[..., Result],
    producer: User,
    officer: User,
    members: list[User],
    client_of: ClientOf,
) -> None:
    result = concluded()
    response = page_of(result, client_of({"producer": producer, "officer": officer}[who]))

    text = text_of(response)
    known = [word for user in members for word in (user.full_name, user.username, user.email)]
    assert [word for word in known if word in text] == []
    assert all(f"TV {number}" in text for number in (1, 2, 3))
    assert "không nêu tên" in text
    assert reverse("evaluation:assessment_detail", args=[result.assessment_id]) not in text


def test_place_in_the_matrix_follows_what_was_given_and_not_the_seat(
    concluded: Callable[..., Result], producer: User
) -> None:
    first, second = concluded((60, 66, 64)), concluded((66, 64, 60))

    orders = [
        [column.total for column in result_page(result, user=producer).columns]
        for result in (first, second)
    ]
    assert orders == [[66, 64, 60]] * 2


def test_member_of_another_council_who_sees_the_dossier_sees_no_names(
    concluded: Callable[..., Result],
    make_council: Callable[..., Council],
    person: Callable[..., User],
    members: list[User],
    client_of: ClientOf,
) -> None:
    """Membership somewhere opens the board's pages, but not those of this council."""
    elsewhere = person("elsewhere", Role.DISTRICT_OFFICER, unit_code="017")
    make_council(
        "district",
        secretary=person("secretary_18", Role.COUNCIL_SECRETARY, unit_code="018"),
        members=[elsewhere],
        unit_code="018",
    )

    text = text_of(page_of(concluded(), client_of(elsewhere)))

    assert "không nêu tên" in text
    assert members[0].full_name not in text


# What it says


def test_page_derives_the_result_step_by_step(
    concluded: Callable[..., Result], producer: User, client_of: ClientOf
) -> None:
    result = concluded((60, 66, 64))
    response = page_of(result, client_of(producer))

    text = text_of(response)
    assert "Tổng 190 điểm của 3 thành viên chấm, chia cho 3: điểm trung bình 63,33." in text
    assert "Còn cách hạng 4 sao (từ 70 điểm) 6,67 điểm." in text
    assert "Hội đồng chưa xét yêu cầu tối thiểu theo hạng sao" in text
    assert "Theo điểm là hạng 3 sao, yêu cầu tối thiểu không hạ hạng này." in text
    assert "Để lên hạng 4 sao" in text
    for article in (
        "Quyết định 1048/QĐ-TTg, Điều 1 khoản 2",
        "Quyết định 1048/QĐ-TTg, Phụ lục II, mục 1 điểm a",
        "Quyết định 781/QĐ-TTg",
    ):
        assert article in text
    assert response.context["page"].explanation.matrix.points == (66, 64, 60)
    assert result.dossier.regulation.get_absolute_url() in text


def test_page_prints(concluded: Callable[..., Result], producer: User, client_of: ClientOf) -> None:
    text = text_of(page_of(concluded(), client_of(producer)))
    css = (Path(settings.BASE_DIR) / "static/css/evaluation.css").read_text(encoding="utf-8")

    assert "data-ocop-print" in text
    assert 'tabindex="0" role="region" aria-label="Điểm theo tiêu chí của từng thành viên"' in text
    assert "@page ocop-landscape { size: A4 landscape;" in css


def test_knock_out_is_named_with_what_it_rests_on(
    assessment: Assessment, members: list[User], secretary: User, client_of: ClientOf
) -> None:
    score(assessment, members, [90, 90, 90])
    findings = results.Findings(
        knockouts=("material_imported_or_unknown",), knockout_reason="Biên bản kiểm tra"
    )
    result = results.conclude(assessment, findings, by=secretary)

    text = text_of(page_of(result, client_of(secretary)))

    assert "Biên bản kiểm tra" in text
    assert "Quyết định 1048/QĐ-TTg, Phụ lục III, ghi chú tiêu chí 1.1" in text
    assert "Trước hết phải khắc phục lý do loại." in text


def test_recorded_result_shows_what_was_recorded(
    city_result: Callable[[int], Result], staff: User, client_of: ClientOf
) -> None:
    recorded = results.record_result(
        city_result(92).dossier,
        mean=Decimal("88.25"),
        stars=4,
        source_document="Biên bản ngày 1/3/2022",
        concluded_on=date(2022, 3, 1),
        by=staff,
    )
    response = page_of(recorded, client_of(staff))

    text = text_of(response)
    assert response.context["page"].explanation is None
    assert "theo Biên bản ngày 1/3/2022" in text
    assert "giữ hạng sao mà cấp tỉnh đã công nhận" in text
    assert "Điểm trung bình còn thiếu 1,75 điểm để đến hạng 5 sao (từ 90 điểm)." in text
    assert "không có phiếu chấm" in text


def test_sheets_that_contradict_the_result_are_not_passed_off_as_its_derivation(
    concluded: Callable[..., Result], staff: User, client_of: ClientOf
) -> None:
    result = concluded()
    Result.objects.filter(pk=result.pk).update(mean=70, stars=4)

    response = page_of(result, client_of(staff))

    page = response.context["page"]
    assert (page.explanation, page.is_contradicted) == (None, True)
    assert "không ra kết quả đã chốt" in text_of(response)


def test_links_lead_from_list_dossier_product_and_assessment(
    concluded: Callable[..., Result], staff: User, producer: User, client_of: ClientOf
) -> None:
    result = concluded()
    url = reverse("evaluation:result_detail", args=[result.pk])
    product = result.dossier.product

    for user, page in (
        (producer, reverse("evaluation:result_list")),
        (producer, result.dossier.get_absolute_url()),
        (producer, product.get_absolute_url()),
        (staff, result.assessment.get_absolute_url()),
    ):
        assert url in text_of(client_of(user).get(page)), page


# Marked minimums, eleven members, and the number of queries


@pytest.fixture
def of_2026(
    make_council: Callable[..., Council],
    person: Callable[..., User],
    accepted: Callable[..., Dossier],
) -> Callable[[int], Result]:
    """A result of the city's council by the regulation of 2026, with so many members."""

    def make(count: int) -> Result:
        secretary = person(f"secretary_of_{count}", Role.COUNCIL_SECRETARY)
        members = [person(f"member_{n}_of_{count}") for n in range(1, count + 1)]
        council = make_council("city", secretary=secretary, members=members, unit_code="01")
        sheet = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
        dossier = accepted("city", criteria_set=sheet, product__criteria_set=sheet)
        Dossier.objects.filter(pk=dossier.pk).update(received_on=date(2026, 8, 3))
        session = councils.create_session(
            council, by=secretary, title="Phiên", round=1, held_on=date(2026, 9, 1)
        )
        councils.add_to_agenda(session, [dossier], by=secretary)
        session = scoring.open_session(session, by=secretary)
        assessment = Assessment.objects.get(item__session=session)
        _sign_all(assessment, 75)
        result = results.conclude(assessment, results.Findings(), by=secretary)
        results.close_session(session, by=secretary)
        return result

    return make


def _sign_all(assessment: Assessment, points: int) -> None:
    """The same signed sheet of every member, without the hundreds of single saves."""
    chosen = choices_worth(assessment, points)
    criteria = assessment.criteria_set.sheet.by_code
    for sheet in assessment.sheets.all():
        Choice.objects.bulk_create(
            Choice(sheet=sheet, criterion=code, option=option, points=criteria[code].points(option))
            for code, option in chosen.items()
        )
        ScoreSheet.objects.filter(pk=sheet.pk).update(
            total=points, state=ScoreSheet.State.SIGNED, signed_at=assessment.created_at
        )


def test_minimums_of_2026_are_shown_with_option_and_source(
    of_2026: Callable[[int], Result], staff: User, client_of: ClientOf
) -> None:
    response = page_of(of_2026(3), client_of(staff))

    step = response.context["page"].explanation.minimums
    assert [star.stars for star in step.by_star] == [3, 4, 5]
    missed = [c for star in step.by_star for c in star.checks if c.state is MinimumState.NOT_MET]
    assert missed
    text = text_of(response)
    assert "Chưa đạt" in text
    assert "Quyết định 26/2026/QĐ-TTg, Phụ lục II" in text
    assert response.context["page"].advice.target is not None


def test_cost_of_the_page_does_not_grow_with_the_council(
    of_2026: Callable[[int], Result],
    staff: User,
    client_of: ClientOf,
    django_assert_max_num_queries: Callable,
) -> None:
    small, large = of_2026(3), of_2026(11)
    client = client_of(staff)
    page_of(small, client)  # the regulation is parsed once per process

    with django_assert_max_num_queries(12) as of_three:
        assert page_of(small, client).status_code == 200
    with django_assert_max_num_queries(12) as of_eleven:
        response = page_of(large, client)
    assert len(of_three) == len(of_eleven)
    assert len(response.context["page"].columns) == 11
