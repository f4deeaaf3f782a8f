"""Decisions and certificates: issued at once, numbered without gaps, valid for 36 months."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from evaluation.actions import decisions
from evaluation.models import Certificate, Decision, Result
from evaluation.tests.conftest import DECISION
from ocop_portal import jobs
from ocop_portal.models import Job
from ocop_portal.problems import Refused
from products.models import Dossier


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
    from decimal import Decimal

    from evaluation.actions.results import record_result

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


def test_certificate_of_another_district_does_not_exist(
    decision: Decision, other_officer: User, officer: User, client_of: Callable[[User], Client]
) -> None:
    url = Certificate.objects.get().get_absolute_url()

    own, foreign = client_of(officer).get(url), client_of(other_officer).get(url)

    assert (own.status_code, foreign.status_code) == (200, 404)
