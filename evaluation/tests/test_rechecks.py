"""Rechecks: evidence behind a star's minimum of a recognised product lapses."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from evaluation.models import Certificate, Decision
from evaluation.rechecks import look_at_recognised
from evaluation.tasks import raise_rechecks
from ocop_portal.models import Notice
from ocop_portal.problems import Refused
from products.actions.rechecks import ANSWERED, NOT_HELD, resolve_recheck
from products.models import Dossier, Recheck
from products.tests.factories import DocumentFactory, DossierFactory, PaperFactory

Clients = Callable[[User], Client]


@pytest.fixture
def certificate(decision: Decision) -> Certificate:
    """Four stars by 1048/QĐ-TTg, from 14/12/2021 to 14/12/2024."""
    return Certificate.objects.get()


@pytest.fixture
def today(certificate: Certificate) -> date:
    return certificate.valid_from + timedelta(days=365)


@pytest.fixture
def dossier(certificate: Certificate) -> Dossier:
    return certificate.result.dossier


def lapsed(dossier: Dossier, today: date, slot: str = "quality_declaration", **fields: Any) -> Any:
    fields = {"valid_until": today - timedelta(days=1), **fields}
    return DocumentFactory(dossier=dossier, slot=slot, uploaded_by=dossier.created_by, **fields)


def test_evidence_behind_a_minimum_lapses_the_day_after_its_end(
    dossier: Dossier, today: date
) -> None:
    document = lapsed(dossier, today, valid_until=today)

    assert look_at_recognised(today) == 0
    assert look_at_recognised(today + timedelta(days=1)) == 1
    recheck = Recheck.objects.get()
    assert (recheck.criterion, recheck.criterion_name) == (
        "8.1",
        "Hồ sơ công bố chất lượng sản phẩm",
    )
    assert (recheck.stars, recheck.held_stars) == (2, 4)
    assert (recheck.document, recheck.lapsed_on) == (document, today)


def test_raised_once_and_told_once(dossier: Dossier, today: date, officer: User) -> None:
    lapsed(dossier, today)

    assert [look_at_recognised(today) for _ in range(2)] == [1, 0]
    assert Notice.objects.filter(kind="recheck_raised").count() == 1
    assert officer.notices.filter(kind="recheck_raised").exists()


def test_nightly_task_looks_at_today(
    dossier: Dossier, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    lapsed(dossier, today)
    monkeypatch.setattr(timezone, "localdate", lambda *a, **k: today)

    assert raise_rechecks() == 1
    assert raise_rechecks() == 0


def test_documents_behind_no_minimum_raise_nothing(dossier: Dossier, today: date) -> None:
    lapsed(dossier, today, slot="awards")

    assert look_at_recognised(today) == 0


@pytest.mark.parametrize("ends_on", [None, date(2030, 1, 1)])
def test_another_document_of_the_slot_that_holds_is_enough(
    dossier: Dossier, today: date, ends_on: date | None
) -> None:
    lapsed(dossier, today)
    lapsed(dossier, today, valid_until=ends_on)

    assert look_at_recognised(today) == 0


def test_each_slot_behind_a_criterion_counts(dossier: Dossier, today: date) -> None:
    lapsed(dossier, today, slot="production_conditions")
    lapsed(dossier, today, slot="quality_management", valid_until=None)

    assert look_at_recognised(today) == 1
    assert Recheck.objects.get().slot == "production_conditions"


def test_a_product_without_a_certificate_today_is_left_alone(
    dossier: Dossier, certificate: Certificate, today: date
) -> None:
    lapsed(dossier, today)

    assert look_at_recognised(certificate.valid_until + timedelta(days=1)) == 0


def test_end_of_the_certificate_settles_what_is_open(
    dossier: Dossier, certificate: Certificate, today: date
) -> None:
    lapsed(dossier, today)
    look_at_recognised(today)

    look_at_recognised(certificate.valid_until + timedelta(days=1))

    assert Recheck.objects.get().reason == NOT_HELD


# Answers


@pytest.fixture
def recheck(dossier: Dossier, today: date) -> Recheck:
    lapsed(dossier, today)
    look_at_recognised(today)
    return Recheck.objects.get()


def test_new_paper_of_the_producer_settles_it(dossier: Dossier, today: date) -> None:
    lapsed(dossier, today, slot="production_conditions")
    look_at_recognised(today)

    PaperFactory(
        producer=dossier.product.producer,
        slot="production_conditions",
        uploaded_by=dossier.created_by,
        valid_until=today + timedelta(days=900),
    )
    look_at_recognised(today)

    found = Recheck.objects.get()
    assert (found.reason, found.resolved_by) == (ANSWERED, None)


def test_document_of_the_next_dossier_settles_it(
    recheck: Recheck, dossier: Dossier, today: date, officer: User
) -> None:
    renewal = DossierFactory(product=dossier.product, created_by=officer, previous=dossier)
    DocumentFactory(dossier=renewal, slot="quality_declaration", valid_until=None)

    look_at_recognised(today)

    recheck.refresh_from_db()
    assert recheck.reason == ANSWERED


def test_staff_settle_it_with_a_reason_and_it_stays_settled(
    recheck: Recheck, staff: User, today: date
) -> None:
    resolve_recheck(recheck, by=staff, reason="Đã kiểm tra tại cơ sở, vẫn đạt.")

    recheck.refresh_from_db()
    assert (recheck.reason, recheck.resolved_by) == ("Đã kiểm tra tại cơ sở, vẫn đạt.", staff)
    assert look_at_recognised(today) == 0


def test_new_document_answers_until_it_ends(
    recheck: Recheck, staff: User, today: date, pdf: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *a, **k: today)
    ends_on = today + timedelta(days=100)

    resolve_recheck(recheck, by=staff, upload=pdf("moi.pdf"), number="8", valid_until=ends_on)

    recheck.refresh_from_db()
    assert (recheck.original_name, recheck.number, recheck.reason) == ("moi.pdf", "8", ANSWERED)
    assert look_at_recognised(ends_on) == 0
    assert look_at_recognised(ends_on + timedelta(days=1)) == 1
    assert Recheck.objects.open().get().lapsed_on == ends_on


@pytest.mark.parametrize(
    ("values", "says"),
    [({}, "nộp tài liệu mới hoặc ghi kết luận"), ({"reason": " "}, "nộp tài liệu mới")],
)
def test_no_answer_is_refused(recheck: Recheck, staff: User, values: dict, says: str) -> None:
    with pytest.raises(Refused, match=says):
        resolve_recheck(recheck, by=staff, **values)


def test_document_that_ended_is_refused(recheck: Recheck, staff: User, pdf: Callable) -> None:
    with pytest.raises(Refused, match="cũng đã hết hạn"):
        resolve_recheck(recheck, by=staff, upload=pdf("x.pdf"), valid_until=date(2020, 1, 1))


def test_settled_twice_is_refused(recheck: Recheck, staff: User) -> None:
    resolve_recheck(recheck, by=staff, reason="Đạt")

    with pytest.raises(Refused, match="đã xong"):
        resolve_recheck(recheck, by=staff, reason="Không đạt")


def test_only_department_staff_settle(recheck: Recheck, officer: User, leader: User) -> None:
    for user in (officer, leader):
        with pytest.raises(PermissionDenied):
            resolve_recheck(recheck, by=user, reason="Đạt")


# Pages


def test_staff_see_what_is_open_and_settle_it_on_its_page(
    recheck: Recheck, staff: User, client_of: Clients
) -> None:
    client, listing = client_of(staff), reverse("products:recheck_list")
    page = reverse("products:recheck_resolve", args=[recheck.pk])

    assert page in client.get(listing).content.decode()
    assert client.post(page, {}).status_code == 422
    assert client.post(page, {"reason": "Vẫn đạt"}).url == listing

    assert page not in client.get(listing).content.decode()
    assert "Vẫn đạt" in client.get(listing, {"xong": "1"}).content.decode()
    assert client.post(page, {"reason": "Lại"}).status_code == 409


def test_leaders_read_the_list(recheck: Recheck, leader: User, client_of: Clients) -> None:
    page = client_of(leader).get(reverse("products:recheck_list")).content.decode()

    assert recheck.criterion_name in page
    assert reverse("products:recheck_resolve", args=[recheck.pk]) not in page


def test_new_document_is_downloaded(
    recheck: Recheck, staff: User, pdf: Callable, client_of: Clients
) -> None:
    url = reverse("products:recheck_download", args=[recheck.pk])
    client = client_of(staff)
    assert client.get(url).status_code == 404

    resolve_recheck(recheck, by=staff, upload=pdf("moi.pdf"))

    answer = client.get(url)
    assert answer["Content-Disposition"] == 'attachment; filename="moi.pdf"'
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
