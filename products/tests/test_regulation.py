"""Which regulation a dossier is judged by, from the first draft to the session."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from ocop_portal import workflow
from ocop_portal.problems import Refused
from products.actions import dossiers as actions
from products.actions.regulation import (
    change_regulation,
    follow_the_law,
    refuse_lapsed_regulation,
    sheet_under,
    transition_deadline,
)
from products.completeness import OTHER_DOCUMENTS, filled_slots, slots_of, submission_problems
from products.models import Dossier
from products.tests.factories import DocumentFactory, DossierFactory, ProductFactory
from products.workflow import TRANSITIONS
from regulations.models import CriteriaSet, Regulation

OF_2019, OF_2023, OF_2025, OF_2026 = "qd1048-2019", "qd148-2023", "qd1489-2025", "qd26-2026"
SHEET = "do-an-nhanh"
State = Dossier.State


def sheet(regulation: str, code: str = SHEET) -> CriteriaSet:
    return CriteriaSet.objects.select_related("regulation").get(
        regulation__code=regulation, code=code
    )


def under(regulation: str, **fields: object) -> Dossier:
    """A dossier under a regulation, without a day of filing."""
    criteria_set = sheet_under(sheet(OF_2019), regulation)
    assert criteria_set is not None
    return DossierFactory(criteria_set=criteria_set, **{"filed_on": None, "year": 2026, **fields})


def received(regulation: str, day: date, **fields: object) -> Dossier:
    values = {"state": State.ACCEPTED, "received_on": day, "received_number": "1", **fields}
    return under(regulation, **values)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Let it be another day, at noon in Vietnam."""

    def be(day: date) -> None:
        noon = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda: noon)

    return be


# The day that counts


@pytest.mark.parametrize(
    ("filed_on", "received_on", "day"),
    [
        (None, None, date(2026, 6, 1)),
        (date(2021, 8, 16), None, date(2021, 8, 16)),
        (date(2021, 8, 16), date(2023, 3, 1), date(2023, 3, 1)),
    ],
)
def test_day_of_law_is_receipt_then_filing_then_today(
    filed_on: date | None, received_on: date | None, day: date
) -> None:
    dossier = Dossier(filed_on=filed_on, received_on=received_on)

    assert dossier.day_of_law(date(2026, 6, 1)) == day


@pytest.mark.parametrize(
    ("filed_on", "regulation"),
    [
        (date(2019, 8, 21), OF_2019),
        (date(2023, 2, 23), OF_2019),
        (date(2023, 2, 24), OF_2023),
        (date(2025, 7, 5), OF_2023),
        (date(2025, 7, 6), OF_2025),
        (date(2026, 5, 21), OF_2025),
        (date(2026, 5, 22), OF_2026),
    ],
)
def test_new_dossier_takes_the_regulation_of_its_day(
    officer: User, filed_on: date, regulation: str
) -> None:
    criteria_set = sheet_under(sheet(OF_2019), regulation)

    dossier = actions.create_dossier(
        ProductFactory(),
        by=officer,
        criteria_set=criteria_set,
        kind="first",
        year=filed_on.year,
        filed_on=filed_on,
    )

    assert dossier.regulation.code == regulation
    assert dossier.tier == dossier.regulation.rules.tiers[0].code


def test_new_dossier_with_a_sheet_of_another_regulation_is_refused(officer: User) -> None:
    with pytest.raises(Refused, match="hãy chọn bộ tiêu chí của quy định này") as refusal:
        actions.create_dossier(
            ProductFactory(),
            by=officer,
            criteria_set=sheet(OF_2019),
            kind="first",
            year=2026,
            filed_on=date(2026, 6, 1),
        )

    assert [problem.code for problem in refusal.value.problems] == ["other_regulation"]
    assert Dossier.objects.count() == 0


def test_day_before_the_first_regulation_is_refused(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    product = ProductFactory()
    url = reverse("products:dossier_create", args=[product.pk])
    values = {"criteria_set": product.criteria_set_id, "kind": "first", "year": 2019}
    client = client_of(officer)

    page = client.get(url, {"ngay_nop": "20/08/2019"})
    sent = client.post(url, values | {"filed_on": "20/08/2019"})

    assert (page.status_code, sent.status_code) == (409, 409)
    assert "Không có quy định nào tiếp nhận hồ sơ vào ngày 20/08/2019" in page.content.decode()
    assert Dossier.objects.count() == 0


def test_form_offers_the_sheets_of_the_day_of_filing(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    url = reverse("products:dossier_create", args=[ProductFactory().pk])
    client = client_of(officer)

    offered = {}
    for day in ("16/08/2021", "01/06/2026"):
        form = client.get(url, {"ngay_nop": day}).context["form"]
        offered[day] = {row.regulation.code for row in form.fields["criteria_set"].queryset}

    assert offered == {"16/08/2021": {OF_2019}, "01/06/2026": {OF_2026}}


def test_future_day_of_filing_is_refused(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    product = ProductFactory()
    url = reverse("products:dossier_create", args=[product.pk])
    sheet_now = sheet_under(product.criteria_set, OF_2026)
    assert sheet_now is not None
    values = {"criteria_set": sheet_now.pk, "kind": "first", "year": 2026}
    client = client_of(officer)

    asked = client.get(url, {"ngay_nop": "01/01/2099"})
    sent = client.post(url, values | {"filed_on": "01/01/2099"})

    assert "Ngày này chưa đến." in asked.content.decode()
    assert sent.status_code == 422
    assert "Ngày này chưa đến." in sent.content.decode()
    assert Dossier.objects.count() == 0


# Submitting and receiving


def test_draft_moves_to_the_regulation_of_the_day_it_is_submitted(officer: User) -> None:
    dossier = under(OF_2025, created_by=officer)

    with pytest.raises(Refused) as refusal:
        actions.submit_dossier(dossier, by=officer)

    dossier.refresh_from_db()
    assert dossier.regulation.code == OF_2026
    assert [problem.code for problem in refusal.value.problems] == [
        "missing_registration_form",
        "missing_self_assessment",
    ]


def test_draft_that_was_filed_in_its_time_stays(officer: User) -> None:
    dossier = under(OF_2025, filed_on=date(2026, 5, 21), complete=True, created_by=officer)

    submitted = actions.submit_dossier(dossier, by=officer)

    assert (submitted.state, submitted.regulation.code) == (State.SUBMITTED, OF_2025)


def test_submitting_is_for_authors_only_and_moves_nothing(
    leader: User, other_officer: User
) -> None:
    dossier = under(OF_2025)

    for person in (leader, other_officer):
        with pytest.raises(PermissionDenied):
            actions.submit_dossier(dossier, by=person)

    dossier.refresh_from_db()
    assert dossier.regulation.code == OF_2025


def test_accepting_moves_to_the_sheet_that_stands_for_its_own(staff: User) -> None:
    dossier = under(OF_2019, state=State.SUBMITTED, complete=True, created_by=staff)

    accepted = actions.accept_dossier(dossier, received_on=date(2023, 2, 24), by=staff)

    assert accepted.regulation.code == OF_2023
    assert accepted.criteria_set == sheet_under(sheet(OF_2019), OF_2023)
    assert accepted.tier == accepted.regulation.rules.tiers[0].code
    assert "148" in workflow.history(accepted).get().note


def test_accepting_refuses_what_the_new_regulation_lacks(staff: User) -> None:
    dossier = under(OF_2025, state=State.SUBMITTED, complete=True, created_by=staff)

    with pytest.raises(Refused) as refusal:
        actions.accept_dossier(dossier, received_on=date(2026, 5, 22), by=staff)

    dossier.refresh_from_db()
    assert [problem.code for problem in refusal.value.problems] == ["missing_self_assessment"]
    assert "26/2026" in refusal.value.problems[0].message
    assert (dossier.state, dossier.regulation.code) == (State.SUBMITTED, OF_2025)
    assert dossier.received_number == ""


def test_accepting_without_a_counterpart_sheet_is_refused(
    staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier = under(OF_2025, state=State.SUBMITTED, complete=True, created_by=staff)
    monkeypatch.setattr("products.actions.regulation.sheet_under", lambda *_: None)

    with pytest.raises(Refused, match="không có bộ tương ứng") as refusal:
        actions.accept_dossier(dossier, received_on=date(2026, 6, 1), by=staff)

    assert [problem.code for problem in refusal.value.problems] == ["other_regulation"]


def test_future_day_of_receipt_is_refused(
    secretary: User, client_of: Callable[[User], Client]
) -> None:
    dossier = under(OF_2026, state=State.SUBMITTED, complete=True, created_by=secretary)

    response = client_of(secretary).post(
        reverse("products:dossier_accept", args=[dossier.pk]), {"received_on": "01/01/2099"}
    )

    dossier.refresh_from_db()
    assert response.status_code == 422
    assert "Ngày này chưa đến." in response.content.decode()
    assert dossier.state == State.SUBMITTED


# By decision of the Department


def test_staff_choose_another_regulation_with_the_reason(staff: User) -> None:
    dossier = received(OF_2026, date(2026, 6, 1))

    change_regulation(dossier, criteria_set=sheet(OF_2019), reason="Nộp từ năm 2021", by=staff)

    dossier.refresh_from_db()
    step = workflow.history(dossier).get()
    assert (dossier.regulation.code, dossier.regulation_reason) == (OF_2019, "Nộp từ năm 2021")
    assert dossier.state == State.ACCEPTED
    assert (step.source, step.target, step.by) == ("accepted", "accepted", staff)
    assert step.note.startswith("Từ ")
    assert step.note.endswith(": Nộp từ năm 2021")
    follow_the_law(dossier)
    dossier.refresh_from_db()
    assert dossier.regulation.code == OF_2019


def test_officer_may_not_change_the_regulation(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    dossier = received(OF_2026, date(2026, 6, 1))
    page = reverse("products:dossier_regulation", args=[dossier.pk])
    client = client_of(officer)
    values = {"criteria_set": sheet(OF_2019).pk, "reason": "vì thế"}

    assert (client.get(page).status_code, client.post(page, values).status_code) == (403, 403)
    with pytest.raises(PermissionDenied):
        change_regulation(dossier, criteria_set=sheet(OF_2019), reason="vì thế", by=officer)
    dossier.refresh_from_db()
    assert dossier.regulation.code == OF_2026


@pytest.mark.parametrize("reason", ["", "   "])
def test_change_without_a_reason_is_refused(
    staff: User, client_of: Callable[[User], Client], reason: str
) -> None:
    dossier = received(OF_2026, date(2026, 6, 1))

    response = client_of(staff).post(
        reverse("products:dossier_regulation", args=[dossier.pk]),
        {"criteria_set": sheet(OF_2019).pk, "reason": reason},
    )

    assert response.status_code == 422
    with pytest.raises(Refused, match="Hãy ghi lý do"):
        change_regulation(dossier, criteria_set=sheet(OF_2019), reason=reason, by=staff)
    assert workflow.history(dossier).count() == 0


def test_change_after_scoring_began_is_refused(
    staff: User, client_of: Callable[[User], Client]
) -> None:
    dossier = received(OF_2026, date(2026, 6, 1))
    workflow.apply(TRANSITIONS["start_evaluation"], dossier, by=staff)
    workflow.apply(TRANSITIONS["forward"], dossier, by=staff)

    response = client_of(staff).post(
        reverse("products:dossier_regulation", args=[dossier.pk]),
        {"criteria_set": sheet(OF_2019).pk, "reason": "muộn"},
    )

    dossier.refresh_from_db()
    assert response.status_code == 409
    assert "không đổi được" in response.content.decode()
    assert dossier.regulation.code == OF_2026


def test_change_to_a_sheet_that_does_not_add_up_is_refused(staff: User) -> None:
    dossier = received(OF_2026, date(2026, 6, 1))
    broken = CriteriaSet.objects.exclude(problems=[]).filter(regulation__code=OF_2019).first()
    assert broken is not None

    with pytest.raises(Refused, match="chưa dùng để chấm được"):
        change_regulation(dossier, criteria_set=broken, reason="vì thế", by=staff)


def test_page_offers_only_published_sheets(
    staff: User, client_of: Callable[[User], Client]
) -> None:
    Regulation.objects.filter(code=OF_2023).update(state=Regulation.State.DRAFT)
    dossier = received(OF_2026, date(2026, 6, 1))

    page = client_of(staff).get(reverse("products:dossier_regulation", args=[dossier.pk]))

    offered = page.context["form"].fields["criteria_set"].queryset
    assert {row.regulation.code for row in offered} == {OF_2019, OF_2025, OF_2026}


# The transitional time (26/2026/QĐ-TTg, Điều 12 khoản 2)


@pytest.mark.parametrize(
    ("kind", "complete_by"),
    [
        ("first", date(2026, 7, 21)),
        ("upgrade", date(2026, 7, 21)),
        ("renewal", date(2026, 6, 21)),
    ],
)
def test_old_dossier_must_be_judged_within_the_transitional_time(
    db: None, kind: str, complete_by: date
) -> None:
    dossier = received(OF_2025, date(2026, 5, 21), kind=kind)
    day_after = complete_by.replace(day=complete_by.day + 1)

    assert transition_deadline(dossier, date(2026, 6, 1)) == complete_by
    refuse_lapsed_regulation(dossier, complete_by)
    with pytest.raises(Refused) as refusal:
        refuse_lapsed_regulation(dossier, day_after)
    assert [problem.code for problem in refusal.value.problems] == ["regulation_lapsed"]


@pytest.mark.parametrize(
    "fields", [{"regulation_reason": "Sở quyết định"}, {"state": State.RECOGNISED}]
)
def test_no_deadline_by_decision_or_after_the_end(db: None, fields: dict) -> None:
    dossier = received(OF_2025, date(2026, 5, 21), **fields)

    assert transition_deadline(dossier, date(2026, 6, 1)) is None


def test_page_tells_the_deadline(
    officer: User, client_of: Callable[[User], Client], today: Callable[[date], None]
) -> None:
    dossier = received(OF_2025, date(2026, 5, 21))
    today(date(2026, 6, 1))

    page = client_of(officer).get(dossier.get_absolute_url())

    assert page.context["complete_by"] == date(2026, 7, 21)
    assert "21/07/2026" in page.content.decode()


# Documents


def test_documents_of_other_slots_are_kept_at_the_end(
    staff: User, client_of: Callable[[User], Client]
) -> None:
    dossier = under(OF_2025, complete=True, created_by=staff)
    kept = DocumentFactory(dossier=dossier, slot="accounting", original_name="so-sach.pdf")
    Dossier.objects.filter(pk=dossier.pk).update(
        regulation=Regulation.objects.get(code=OF_2026),
        criteria_set=sheet_under(sheet(OF_2019), OF_2026),
    )
    dossier = Dossier.objects.get(pk=dossier.pk)

    last = filled_slots(dossier)[-1]
    page = client_of(staff).get(dossier.get_absolute_url()).content.decode()

    assert last.slot == OTHER_DOCUMENTS
    assert kept in last.documents
    assert {document.slot for document in last.documents} == {
        "business_plan",
        "organisation_profile",
        "accounting",
    }
    assert "Tài liệu khác đã nộp" in page
    assert "so-sach.pdf" in page
    assert 'value="other"' not in page


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("first", []),
        ("upgrade", ["changes"]),
        ("renewal", ["update_since_recognition"]),
    ],
)
def test_compulsory_documents_of_2026_depend_on_the_kind(
    db: None, kind: str, asked: list[str]
) -> None:
    dossier = under(OF_2026, kind=kind)

    compulsory = [slot.code for slot in slots_of(dossier) if slot.compulsory and slot.is_file]
    missing = [problem.code for problem in submission_problems(dossier)]

    assert sorted(compulsory) == sorted(["registration_form", "self_assessment", *asked])
    assert missing == [f"missing_{code}" for code in compulsory]


def test_document_goes_only_into_a_slot_of_its_kind(officer: User, pdf: Callable) -> None:
    dossier = under(OF_2026, created_by=officer)

    for slot in ("changes", "other", "accounting"):
        with pytest.raises(Refused, match="không có trong quy định"):
            actions.add_document(dossier, slot, pdf("a.pdf"), by=officer)
