"""Decisions and certificates: issued at once, numbered without gaps, valid for 36 months."""

import html
import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import User
from accounts.roles import Role
from councils.models import Council, Session
from evaluation.actions import decisions
from evaluation.actions.results import Findings, close_session, conclude, record_result
from evaluation.models import Assessment, Certificate, Decision, Result
from evaluation.tests.conftest import DECISION, score
from ocop_portal import jobs
from ocop_portal.models import Counter, Job
from ocop_portal.problems import Refused
from products.models import Dossier, Producer, Product


@pytest.fixture
def issue(staff: User, unit: Callable) -> Callable[..., Decision]:
    def run(results: list[Result], **fields: object) -> Decision:
        values = {"tier": "city", "unit": unit("01"), **DECISION, **fields}
        return decisions.issue_decision(results, by=staff, **values)[0]

    return run


def test_decision_makes_certificates_and_recognises_the_dossiers(
    city_result: Callable[[int], Result], issue: Callable[..., Decision]
) -> None:
    rows = [city_result(75), city_result(55)]

    decision = issue(rows)

    certificates = list(decision.certificates.order_by("register_number"))
    assert [row.number for row in certificates] == [
        "0001/2021/GCN-OCOP-01",
        "0002/2021/GCN-OCOP-01",
    ]
    assert [row.stars for row in certificates] == [4, 3]
    assert {row.valid_until for row in certificates} == {date(2024, 12, 14)}
    assert {row.dossier.state for row in Result.objects.select_related("dossier")} == {
        Dossier.State.RECOGNISED
    }


def test_c2_result_in_a_decision_cannot_be_in_another(
    city_result: Callable[[int], Result], issue: Callable[..., Decision]
) -> None:
    result = city_result(75)
    issue([result])

    with pytest.raises(Refused, match="quyết định khác"):
        issue([result], number="2/QĐ-UBND")

    assert Certificate.objects.count() == 1


def test_number_of_a_decision_is_used_once_a_year(
    city_result: Callable[[int], Result], issue: Callable[..., Decision]
) -> None:
    issue([city_result(75)])

    with pytest.raises(Refused, match="đã được ghi trong năm"):
        issue([city_result(75)])

    assert Decision.objects.count() == 1


def test_results_of_another_tier_are_refused(
    city_result: Callable[[int], Result], issue: Callable[..., Decision]
) -> None:
    with pytest.raises(Refused):
        issue([city_result(75)], tier="national")


def test_only_department_staff_issue(
    city_result: Callable[[int], Result], leader: User, unit: Callable
) -> None:
    with pytest.raises(PermissionDenied):
        decisions.issue_decision(
            [city_result(75)], by=leader, tier="city", unit=unit("01"), **DECISION
        )


def test_potential_five_stars_gets_four_and_goes_on(
    city_result: Callable[[int], Result], issue: Callable[..., Decision]
) -> None:
    result = city_result(93)

    issue([result])

    dossier = Dossier.objects.get(pk=result.dossier_id)
    assert Certificate.objects.get().stars == 4
    assert (dossier.state, dossier.tier) == (Dossier.State.ACCEPTED, "national")


def test_five_stars_replace_the_earlier_certificate(
    city_result: Callable[[int], Result], issue: Callable[..., Decision], staff: User
) -> None:
    result = city_result(93)
    issue([result])
    national = record_result(
        result.dossier,
        mean=Decimal(94),
        stars=5,
        source_document="Biên bản",
        concluded_on=date(2022, 3, 1),
        by=staff,
    )

    issue([national], tier="national", number="9/QĐ-BNN", signed_on=date(2022, 4, 1))

    old, new = Certificate.objects.order_by("valid_from")
    assert (old.replaced_by, new.stars, new.number) == (new, 5, "0001/2022/GCN-OCOP-TW")
    assert old.status_on(date(2022, 5, 1)) == Certificate.Status.REPLACED


@pytest.mark.django_db(transaction=True)
def test_c1_numbers_are_distinct_and_without_gaps_under_concurrent_issue(
    city_result: Callable[[int], Result], issue: Callable[..., Decision]
) -> None:
    rows = [city_result(75) for _ in range(6)]
    barrier = threading.Barrier(3)

    def run(n: int) -> None:
        barrier.wait()
        issue(rows[n::3], number=f"{n}/QĐ-UBND")
        connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    numbers = sorted(Certificate.objects.values_list("register_number", flat=True))
    assert numbers == [1, 2, 3, 4, 5, 6]


def test_job_draws_every_certificate_and_the_print_file(decision: Decision) -> None:
    job = Job.objects.get()

    jobs.run(job.pk)

    job.refresh_from_db()
    certificate = Certificate.objects.get()
    assert job.state == Job.State.DONE
    with certificate.pdf.open() as single, job.result.open() as bound:
        assert single.read(4) == b"%PDF"
        assert bound.read(4) == b"%PDF"


def test_colleagues_share_the_print_file_and_strangers_do_not(
    decision: Decision, person: Callable[..., User], leader: User
) -> None:
    colleague = person("colleague", Role.DEPARTMENT_STAFF)

    assert list(Job.objects.visible_to(colleague)) == [Job.objects.get()]
    assert list(Job.objects.visible_to(leader)) == []


def test_r8_drawing_twice_gives_the_same_bytes_under_the_same_name(decision: Decision) -> None:
    job = Job.objects.get()
    jobs.run(job.pk)
    first = Certificate.objects.get()
    job.items.update(state="pending")
    Job.objects.update(state="queued")

    jobs.run(job.pk)

    second = Certificate.objects.get()
    assert (first.pdf.name, first.pdf_sha256) == (second.pdf.name, second.pdf_sha256)


def test_c7_certificate_keeps_what_it_said_when_the_producer_is_renamed(
    decision: Decision,
) -> None:
    certificate = Certificate.objects.get()
    name = certificate.producer_name
    producer = certificate.producer
    producer.name = "Tên mới"
    producer.save()

    certificate.refresh_from_db()

    assert certificate.producer_name == name


def test_status_by_day(decision: Decision) -> None:
    certificate = Certificate.objects.get()

    assert certificate.status_on(date(2024, 12, 14)) == Certificate.Status.VALID
    assert certificate.status_on(date(2024, 12, 15)) == Certificate.Status.EXPIRED


def test_revocation_needs_a_reason_and_a_valid_certificate(decision: Decision, staff: User) -> None:
    certificate = Certificate.objects.get()
    Certificate.objects.update(valid_until=date(2099, 1, 1))

    with pytest.raises(Refused, match="lý do"):
        decisions.revoke_certificate(certificate, reason="", by=staff)
    revoked = decisions.revoke_certificate(certificate, reason="Ngừng sản xuất", by=staff)
    with pytest.raises(Refused, match="còn hiệu lực"):
        decisions.revoke_certificate(certificate, reason="Lần nữa", by=staff)

    assert revoked.status == Certificate.Status.REVOKED


# What cannot be printed is not recorded


def written() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Decision, Certificate, Job, Counter))


UNPRINTABLE = {
    "authority": ("UBND " * 14 + "X", "71 ký tự, chỉ vừa khoảng"),
    "signatory_title": ("P" * 67, "Chức danh người ký quá dài"),
    "signatory_name": ("Nguyễn Văn " * 13 + "An Bình", "150 ký tự, chỉ vừa khoảng"),
    "number": ("70 😀/QĐ-UBND", "“😀” (U+1F600)"),
}


@pytest.mark.parametrize(("field", "value", "words"), [(k, *v) for k, v in UNPRINTABLE.items()])
def test_c10_decision_that_cannot_be_printed_is_not_recorded(
    city_result: Callable[[int], Result],
    issue: Callable[..., Decision],
    field: str,
    value: str,
    words: str,
) -> None:
    with pytest.raises(Refused) as refusal:
        issue([city_result(75), city_result(55)], **{field: value})

    (problem,) = refusal.value.problems
    assert problem.field == field
    assert words in problem.message
    assert written() == (0, 0, 0, 0)


def test_c10_title_of_five_lines_is_not_recorded(
    city_result: Callable[[int], Result], issue: Callable[..., Decision]
) -> None:
    with pytest.raises(Refused, match="từ 1 đến 4 dòng, đang có 5"):
        issue([city_result(75)], signatory_title="A / B / C / D / E")

    assert written() == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Nem chay 😀", "Tên sản phẩm có ký tự không in được: “😀” (U+1F600)"),
        ("W" * 250, "Tên sản phẩm quá dài để in trên giấy chứng nhận: 250 ký tự"),
    ],
)
def test_c10_product_that_cannot_be_printed_is_named(
    city_result: Callable[[int], Result], issue: Callable[..., Decision], name: str, words: str
) -> None:
    good, bad = city_result(75), city_result(75)
    Product.objects.filter(pk=bad.dossier.product_id).update(name=name)

    with pytest.raises(Refused) as refusal:
        issue([good, bad])

    assert f"Sản phẩm “{name[:60]}”: {words}" in str(refusal.value)
    assert written() == (0, 0, 0, 0)


def test_c10_address_that_is_too_long_is_refused_before_it_is_kept(
    city_result: Callable[[int], Result], issue: Callable[..., Decision]
) -> None:
    result = city_result(75)
    Producer.objects.update(address="Thôn Quất Động " * 16)

    with pytest.raises(Refused, match="Địa chỉ chủ thể quá dài"):
        issue([result])


# Days


def test_decision_that_is_not_signed_yet_is_refused(
    city_result: Callable[[int], Result], issue: Callable[..., Decision]
) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)

    for day in (tomorrow, date.max):
        with pytest.raises(Refused, match="ngày chưa đến"):
            issue([city_result(75)], signed_on=day)

    assert written() == (0, 0, 0, 0)


def test_certificate_does_not_hold_before_its_first_day(decision: Decision) -> None:
    certificate = Certificate.objects.get()

    assert certificate.status_on(date(2021, 12, 13)) == Certificate.Status.UPCOMING
    assert Certificate.Status.UPCOMING.label == "Chưa có hiệu lực"


def test_decision_signed_earlier_but_entered_later_does_not_give_a_second_valid_certificate(
    city_result: Callable[[int], Result], issue: Callable[..., Decision], staff: User
) -> None:
    city = city_result(93)
    national = record_result(
        city.dossier,
        mean=Decimal(94),
        stars=5,
        source_document="Biên bản",
        concluded_on=date(2022, 3, 1),
        by=staff,
    )
    day = date(2022, 4, 1)
    issue([national], tier="national", number="9/QĐ-BNN", signed_on=day)

    issue([city], signed_on=date(2021, 12, 14))

    late, five_stars = Certificate.objects.order_by("valid_from")
    assert (late.stars, late.replaced_by) == (4, five_stars)
    assert list(Certificate.objects.valid_on(day)) == [five_stars]


# While the session is under way


def test_result_of_a_session_under_way_waits_for_no_decision(
    city_council: Council,
    city_people: dict[str, User],
    accepted: Callable[..., Dossier],
    open_session: Callable[..., Session],
    issue: Callable[..., Decision],
    staff: User,
    client_of: Callable[[User], Client],
) -> None:
    secretary = city_people["secretary"]
    session = open_session(city_council, [accepted(tier="city")], by=secretary)
    assessment = Assessment.objects.get(item__session=session)
    score(assessment, [city_people["one"], city_people["two"]], [75, 75])
    result = conclude(assessment, Findings(), by=secretary)
    url = reverse("evaluation:decision_create")

    with pytest.raises(Refused, match="không chờ quyết định"):
        issue([result])
    form = client_of(staff).get(url)
    posted = client_of(staff).post(url, decision_values([result]))
    close_session(session, by=secretary)
    later = client_of(staff).get(url)

    assert list(form.context["results"]) == []
    assert posted.status_code == 409
    assert Decision.objects.count() == 0
    assert list(later.context["results"]) == [result]


# The job


@pytest.fixture
def job_of_two(city_result: Callable[[int], Result], issue: Callable[..., Decision]) -> Job:
    """Two certificates to draw, the second of which fails."""
    issue([city_result(75), city_result(55)])
    Certificate.objects.filter(register_number=2).update(product_name="Nem chay 😀")
    return Job.objects.get()


def pages_of(job: Job) -> int:
    with job.result.open() as file:
        return len(PdfReader(file).pages)


def test_certificate_that_fails_does_not_stop_the_print_file_of_the_others(
    job_of_two: Job, staff: User, client_of: Callable[[User], Client]
) -> None:
    jobs.run(job_of_two.pk)
    job_of_two.refresh_from_db()
    (failed,) = job_of_two.failures
    page = client_of(staff).get(Decision.objects.get().get_absolute_url()).content.decode()

    assert (job_of_two.state, pages_of(job_of_two)) == (Job.State.DONE, 1)
    assert job_of_two.result_name.endswith("-thieu-1-giay.pdf")
    assert "ký tự không in được" in failed.error
    assert failed.error in html.unescape(page)


def test_retry_makes_the_print_file_whole(job_of_two: Job, staff: User) -> None:
    jobs.run(job_of_two.pk)
    Certificate.objects.filter(register_number=2).update(product_name="Nem chay")
    jobs.resume(job_of_two, by=staff)

    jobs.run(job_of_two.pk)

    job = Job.objects.get()
    assert (job.counts["failed"], pages_of(job)) == (0, 2)
    assert "thieu" not in job.result_name


def test_job_without_one_good_certificate_has_no_print_file(job_of_two: Job) -> None:
    Certificate.objects.update(product_name="😀")

    jobs.run(job_of_two.pk)

    job = Job.objects.get()
    assert (job.state, bool(job.result), job.error) == (Job.State.DONE, False, "")


def test_table_is_asked_for_again_until_the_job_is_done(
    decision: Decision, leader: User, client_of: Callable[[User], Client]
) -> None:
    client, url = client_of(leader), decision.get_absolute_url()

    before = client.get(url).content.decode()
    jobs.run(Job.objects.get().pk)
    fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
    after = client.get(url).content.decode()

    polls = f'id="certificates" hx-get="{url}" hx-trigger="every 2s"'
    assert polls in before
    assert "Đang tạo" in before
    assert "<html" not in fragment
    assert "Đang tạo" not in fragment
    assert "hx-get" not in fragment
    assert fragment.strip() in after


# The pages


def decision_values(rows: list[Result], **changes: object) -> dict[str, object]:
    return {
        **DECISION,
        "signed_on": "14/12/2021",
        "result": [row.pk for row in rows],
        **changes,
    }


def test_form_issues_a_decision_once(
    city_result: Callable[[int], Result], staff: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(staff)
    values = decision_values([city_result(75)])
    url = reverse("evaluation:decision_create")

    first, second = client.post(url, values), client.post(url, values)

    assert first.url == second.url == Decision.objects.get().get_absolute_url()
    assert Certificate.objects.count() == 1


def test_bad_date_is_named_and_what_was_typed_stays(
    city_result: Callable[[int], Result], staff: User, client_of: Callable[[User], Client]
) -> None:
    response = client_of(staff).post(
        reverse("evaluation:decision_create"),
        decision_values([city_result(75)], signed_on="31/02/2021"),
    )

    text = response.content.decode()
    assert set(response.context["form"].errors) == {"signed_on"}
    assert "31/02/2021" in text
    assert "7095/QĐ-UBND" in text
    assert Decision.objects.count() == 0


def test_c10_field_that_cannot_be_printed_is_named_and_what_was_typed_stays(
    city_result: Callable[[int], Result], staff: User, client_of: Callable[[User], Client]
) -> None:
    response = client_of(staff).post(
        reverse("evaluation:decision_create"),
        decision_values([city_result(75)], authority="UBND " * 14 + "X", signatory_name="An 😀"),
    )

    assert response.status_code == 409
    assert set(response.context["form"].errors) == {"authority", "signatory_name"}
    assert "UBND UBND" in response.content.decode()
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("day", ["31/12/9999", "01/01/2999"])
def test_day_that_has_not_come_is_an_error_of_its_field(
    city_result: Callable[[int], Result],
    staff: User,
    client_of: Callable[[User], Client],
    day: str,
) -> None:
    response = client_of(staff).post(
        reverse("evaluation:decision_create"), decision_values([city_result(75)], signed_on=day)
    )

    assert set(response.context["form"].errors) == {"signed_on"}
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("stranger", ["999999", "²", "x", "-1", "9" * 40])
def test_list_with_an_unknown_result_issues_nothing(
    city_result: Callable[[int], Result],
    staff: User,
    client_of: Callable[[User], Client],
    stranger: str,
) -> None:
    result = city_result(75)

    response = client_of(staff).post(
        reverse("evaluation:decision_create"), decision_values([], result=[result.pk, stranger])
    )

    assert response.status_code == 409
    assert "chưa ghi gì" in response.content.decode()
    assert Decision.objects.count() == 0


def test_certificate_of_another_district_does_not_exist(
    decision: Decision, other_officer: User, officer: User, client_of: Callable[[User], Client]
) -> None:
    url = Certificate.objects.get().get_absolute_url()

    own, foreign = client_of(officer).get(url), client_of(other_officer).get(url)

    assert (own.status_code, foreign.status_code) == (200, 404)
