"""One supplement request: what it gathers, its deadline, its document, its e-mail, its answer."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pikepdf
import pypdfium2
import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from ocop_portal import jobs, workflow
from ocop_portal.models import Job, Notice
from ocop_portal.notices import send_digests
from ocop_portal.problems import Refused
from products.actions import dossiers as actions
from products.actions import supplements
from products.actions.checking import record_verdict
from products.actions.commune_reports import save_report
from products.actions.documents import replace_document
from products.actions.supplements import deadline_rule, lacks_of, request_supplement
from products.check_page import all_rows
from products.completeness import filled_slots
from products.differences import asked_items, differences
from products.models import Dossier, SupplementRequest
from products.tasks import mail_supplement_request
from products.tests.factories import DocumentFactory, DossierFactory
from regulations.deadlines import working_days_later
from regulations.models import CriteriaSet
from regulations.rules import DayLimit, DayUnit


@pytest.fixture
def submitted(officer: User) -> Dossier:
    dossier = DossierFactory(
        product__name="Chè búp khô", created_by=officer, complete=True, self_score=60
    )
    return actions.submit_dossier(dossier, by=officer)


@pytest.fixture
def lacking(submitted: Dossier, secretary: User) -> Dossier:
    """One document is not good enough, one compulsory slot is empty."""
    plan = submitted.documents.get(slot="business_plan")
    record_verdict(plan, verdict="to_supplement", comment="Thiếu trang 2", seen=0, by=secretary)
    submitted.documents.get(slot="registration_form").delete()
    return submitted


@pytest.fixture
def asked(lacking: Dossier, secretary: User) -> Dossier:
    return request_supplement(lacking, reason="Làm sớm giúp.", by=secretary)


def run_job() -> None:
    jobs.run(Job.objects.get(kind="supplement_request").pk)


def printed(dossier: Dossier) -> bytes:
    with dossier.supplement_requests.get().document.file.open("rb") as content:
        return content.read()


def text_of(data: bytes) -> str:
    with pypdfium2.PdfDocument(data) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    return " ".join(" ".join(texts).split())


# What is asked


def test_request_gathers_what_the_checks_found(asked: Dossier) -> None:
    request = asked.supplement_requests.get()

    assert [(row.slot, row.comment) for row in request.items.all()] == [
        ("registration_form", "Chưa có trong hồ sơ."),
        ("business_plan", "Thiếu trang 2"),
    ]
    assert (asked.state, request.text) == (Dossier.State.SUPPLEMENT, "Làm sớm giúp.")
    assert workflow.history(asked).last().note == "Làm sớm giúp."


def test_without_words_of_its_own_the_history_tells_the_items(
    lacking: Dossier, secretary: User
) -> None:
    asked = request_supplement(lacking, by=secretary)

    assert "Thiếu trang 2" in workflow.history(asked).last().note


def test_chosen_items_only_also_of_slots_that_are_not_compulsory(
    lacking: Dossier, secretary: User
) -> None:
    comments = {"slot-awards": "Nộp bằng khen đã kê trong phiếu."}

    asked = request_supplement(lacking, comments=comments, by=secretary)

    assert [row.slot for row in asked.supplement_requests.get().items.all()] == ["awards"]


def test_nothing_to_ask_is_refused(submitted: Dossier, secretary: User) -> None:
    with pytest.raises(Refused, match="Hãy ghi rõ cần bổ sung những gì"):
        request_supplement(submitted, by=secretary)


def test_no_return_without_a_reason_for_each_document(lacking: Dossier, secretary: User) -> None:
    plan = lacking.documents.get(slot="business_plan")

    with pytest.raises(Refused, match=r"Hãy ghi cần bổ sung gì cho “tai-lieu\.pdf”"):
        request_supplement(lacking, comments={f"document-{plan.pk}": " "}, by=secretary)


def test_only_one_request_is_open(asked: Dossier, secretary: User) -> None:
    with pytest.raises(workflow.TransitionError):
        request_supplement(asked, reason="Nữa", by=secretary)

    assert SupplementRequest.objects.count() == 1


def test_officers_do_not_ask(lacking: Dossier, officer: User) -> None:
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        request_supplement(lacking, reason="x", by=officer)


def test_commune_report_is_asked_where_the_regulation_has_it(officer: User) -> None:
    sheet = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
    dossier = DossierFactory(criteria_set=sheet, created_by=officer, tier="city", complete=True)

    assert [lack.slot for lack in lacks_of(dossier, []) if lack.found][-1] == "commune_report"


# By when


def test_ten_working_days_are_proposed_where_no_rule_limits_them(submitted: Dossier) -> None:
    rule = deadline_rule(submitted, date(2026, 5, 22))

    assert (rule.proposed, rule.first, rule.last) == (date(2026, 6, 5), date(2026, 5, 25), None)


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2026, 5, 22), "deadline_too_early"),
        (date(2026, 5, 30), "deadline_day_off"),
        (date(2026, 5, 25), None),
        (date(2026, 6, 26), None),
    ],
)
def test_deadline_is_a_working_day_after_today(
    submitted: Dossier, day: date, code: str | None
) -> None:
    problem = deadline_rule(submitted, date(2026, 5, 22)).problem(day)

    assert (problem.code if problem else None) == code


def test_limit_of_the_regulation_is_the_last_day(
    submitted: Dossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later decision may set a limit "supplement": data, no code."""
    from regulations.rules import Regulation

    limit = DayLimit("supplement", 5, DayUnit.WORKING, "ngày yêu cầu", "Bổ sung", "Điều 9")
    monkeypatch.setattr(Regulation, "day_limit", lambda self, code: limit)

    rule = deadline_rule(submitted, date(2026, 5, 22))

    assert (rule.proposed, rule.last) == (date(2026, 5, 29), date(2026, 5, 29))
    assert rule.problem(date(2026, 6, 1)).message == (
        "Hạn bổ sung không được sau ngày 29/05/2026 (Điều 9)."
    )


def test_transitional_time_is_the_last_day(officer: User) -> None:
    """26/2026/QĐ-TTg, Điều 12 khoản 2: first evaluations end 60 days after 22/5/2026."""
    sheet = CriteriaSet.objects.get(regulation__code="qd1489-2025", code="do-an-nhanh")
    dossier = DossierFactory(
        criteria_set=sheet,
        created_by=officer,
        tier="city",
        received_on=date(2026, 5, 4),
        received_number="1/2026",
    )

    rule = deadline_rule(dossier, date(2026, 7, 15))

    assert (rule.proposed, rule.last) == (date(2026, 7, 21), date(2026, 7, 21))


# On paper


def test_supplement_request_is_printed_and_kept(asked: Dossier) -> None:
    run_job()

    request = asked.supplement_requests.get()
    data = printed(asked)
    text = text_of(data)
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Chè búp khô",
        "Thiếu trang 2",
        "Chưa có trong hồ sơ.",
        "Làm sớm giúp.",
        f"{request.deadline:%d/%m/%Y}",
        "Nơi nhận",
    ):
        assert words in text
    with pikepdf.open(io.BytesIO(data)) as document:
        sides = [round(float(side) / 72 * 25.4) for side in document.pages[0].mediabox[2:]]
    assert sides == [210, 297]


def test_c8_a_hostile_comment_stays_text(submitted: Dossier, secretary: User) -> None:
    request_supplement(submitted, reason="<style>@page{size:1px}</style>", by=secretary)
    run_job()

    data = printed(submitted)
    assert "<style>" in text_of(data)
    with pikepdf.open(io.BytesIO(data)) as document:
        assert len(document.pages) == 1


# By e-mail


def test_r8_mail_supplement_request_leaves_once_for_each_author(
    asked: Dossier, officer: User, commune_officer: User
) -> None:
    run_job()
    request = asked.supplement_requests.get()

    assert mail_supplement_request(request.pk) == 1
    assert mail_supplement_request(request.pk) == 0
    assert send_digests() == 0
    (message,) = mail.outbox
    assert message.to == [officer.email]
    assert "Thiếu trang 2" in message.body
    assert [name for name, _data, _type in message.attachments] == ["yeu-cau-bo-sung.pdf"]


def test_mail_that_the_server_refuses_comes_with_the_digest(
    asked: Dossier, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise OSError("away")

    with monkeypatch.context() as patch:
        patch.setattr("products.supplement_mail.EmailMessage.send", refuse)
        assert mail_supplement_request(asked.supplement_requests.get().pk) == 0

    assert send_digests() == 1
    assert mail.outbox[0].to == [officer.email]


def test_producers_account_is_told_too(
    lacking: Dossier, secretary: User, person: Callable[..., User]
) -> None:
    account = person("account", Role.PRODUCER)
    lacking.product.producer.accounts.add(account)

    request_supplement(lacking, by=secretary)

    told = Notice.objects.filter(kind="supplement_asked")
    assert {row.recipient.username for row in told} == {"officer", "account"}


# The answer


def answer(asked: Dossier, officer: User, pdf: Callable) -> None:
    replace_document(asked.documents.get(slot="business_plan"), pdf("p2.pdf"), by=officer)
    actions.add_document(asked, "registration_form", pdf("phieu.pdf"), by=officer)


def test_items_are_answered_one_by_one(asked: Dossier, officer: User, pdf: Callable) -> None:
    request = asked.supplement_requests.get()

    def answered() -> list[bool]:
        rows = all_rows(filled_slots(asked))
        return [row.is_answered for row in asked_items(request, asked, rows)]

    assert answered() == [False, False]
    actions.add_document(asked, "registration_form", pdf("phieu.pdf"), by=officer)
    assert answered() == [True, False]
    replace_document(asked.documents.get(slot="business_plan"), pdf("p2.pdf"), by=officer)
    assert answered() == [True, True]


def test_new_version_of_one_file_does_not_answer_for_another(
    submitted: Dossier, officer: User, secretary: User, pdf: Callable
) -> None:
    first = submitted.documents.get(slot="business_plan")
    second = DocumentFactory(dossier=submitted, slot="business_plan", uploaded_by=officer)
    for row in (first, second):
        record_verdict(row, verdict="to_supplement", comment="Mờ", seen=0, by=secretary)
    asked = request_supplement(submitted, by=secretary)

    replace_document(first, pdf("p2.pdf"), by=officer)

    found = asked_items(asked.supplement_requests.get(), asked, all_rows(filled_slots(asked)))
    assert [row.is_answered for row in found] == [True, False]


def test_submitting_again_answers_and_tells_who_asked(
    asked: Dossier, officer: User, secretary: User, pdf: Callable
) -> None:
    answer(asked, officer, pdf)
    actions.submit_dossier(asked, by=officer)

    request = asked.supplement_requests.get()
    assert (request.is_open, request.answered_by) == (False, officer)
    told = Notice.objects.get(kind="supplement_answered")
    assert told.recipient == secretary


def test_returned_dossier_keeps_everything_and_may_be_asked_again(
    asked: Dossier, officer: User, secretary: User, pdf: Callable
) -> None:
    answer(asked, officer, pdf)
    again = actions.submit_dossier(asked, by=officer)
    request_supplement(again, reason="Vẫn thiếu", by=secretary)

    assert asked.documents.count() == 5
    assert asked.supplement_requests.count() == 2
    assert asked.supplement_requests.open().count() == 1


# What was changed


def test_differences_name_files_and_fields(asked: Dossier, officer: User, pdf: Callable) -> None:
    answer(asked, officer, pdf)
    actions.remove_document(asked.documents.get(slot="business_registration"), by=officer)
    asked.refresh_from_db()
    asked.self_score = 72
    asked.save()
    producer = asked.product.producer
    producer.phone = "0900000000"
    producer.save()
    dossier = Dossier.objects.get(pk=asked.pk)

    found = differences(dossier.supplement_requests.get(), dossier, all_rows(filled_slots(dossier)))

    assert [(row.slot, row.label) for row in found.files] == [
        ("registration_form", "Thêm mới"),
        ("business_plan", "Thay bằng bản mới"),
        ("business_registration", "Đã gỡ khỏi hồ sơ"),
    ]
    assert [(row.part, row.before, row.after) for row in found.fields] == [
        ("Hồ sơ", "60", "72"),
        ("Chủ thể", "", "0900000000"),
    ]
    assert found.kept == 1


def test_nothing_changed_says_so(
    client_of: Callable[[User], Client], asked: Dossier, secretary: User
) -> None:
    page = client_of(secretary).get(reverse("products:dossier_changes", args=[asked.pk]))

    assert not page.context["changes"]
    assert "Tài liệu vẫn như lúc yêu cầu bổ sung." in page.content.decode()


def test_page_of_changes_links_both_versions(
    client_of: Callable[[User], Client],
    asked: Dossier,
    officer: User,
    secretary: User,
    pdf: Callable,
) -> None:
    old = asked.documents.get(slot="business_plan")
    new = replace_document(old, pdf("p2.pdf"), by=officer)

    page = client_of(secretary).get(reverse("products:dossier_changes", args=[asked.pk]))

    for document in (old, new):
        url = reverse("products:document_download", args=[document.pk])
        assert url in page.content.decode()
        assert b"".join(client_of(secretary).get(url).streaming_content).startswith(b"%PDF")


def test_changes_take_the_same_queries_for_few_and_many_files(
    client_of: Callable[[User], Client],
    asked: Dossier,
    officer: User,
    secretary: User,
    django_assert_num_queries: Any,
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, url = client_of(secretary), reverse("products:dossier_changes", args=[asked.pk])
    DocumentFactory(dossier=asked, slot="awards", uploaded_by=officer)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _ in range(30):
        DocumentFactory(dossier=asked, slot="awards", uploaded_by=officer)

    with django_assert_num_queries(len(few)):
        client.get(url)


# Pages of the request


def test_form_asks_for_what_was_found_and_proposes_the_day(
    client_of: Callable[[User], Client], lacking: Dossier, secretary: User
) -> None:
    client, url = client_of(secretary), reverse("products:dossier_supplement", args=[lacking.pk])
    form = client.get(url).context["form"]
    ticked = [lack.slot for lack, ask, _comment in form.rows() if ask.initial]
    plan = lacking.documents.get(slot="business_plan")
    proposed = working_days_later(timezone.localdate(), 10)

    answer = client.post(
        url,
        {
            f"ask-document-{plan.pk}": "on",
            f"comment-document-{plan.pk}": "Thiếu trang 2 và 3",
            "deadline": f"{proposed:%d/%m/%Y}",
            "issued_on": f"{timezone.localdate():%d/%m/%Y}",
            "number": "15/OCOP-VP",
            "reason": "",
        },
    )

    assert ticked == ["registration_form", "business_plan"]
    assert answer.status_code == 302
    request = lacking.supplement_requests.get()
    assert (request.number, request.deadline) == ("15/OCOP-VP", proposed)
    assert [row.comment for row in request.items.all()] == ["Thiếu trang 2 và 3"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"deadline": "01/01/2021"}, "deadline"),
        ({"issued_on": "01/01/2099"}, "issued_on"),
        ({"ask-slot-awards": "on"}, "comment-slot-awards"),
    ],
)
def test_form_says_what_is_wrong(
    client_of: Callable[[User], Client],
    lacking: Dossier,
    secretary: User,
    changes: dict[str, str],
    field: str,
) -> None:
    proposed = working_days_later(timezone.localdate(), 10)
    values = {
        "deadline": f"{proposed:%d/%m/%Y}",
        "issued_on": f"{timezone.localdate():%d/%m/%Y}",
        "reason": "Bổ sung",
    }
    url = reverse("products:dossier_supplement", args=[lacking.pk])

    answer = client_of(secretary).post(url, {**values, **changes})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not SupplementRequest.objects.exists()


def test_officer_sees_the_request_with_its_items_and_time_left(
    client_of: Callable[[User], Client], asked: Dossier, officer: User
) -> None:
    page = client_of(officer).get(asked.get_absolute_url()).content.decode()

    for words in ("Còn <strong>2/2</strong>", "Thiếu trang 2", "#muc-business_plan"):
        assert words in page
    assert "còn 10 ngày làm việc" in page


def test_supplements_module_asks_for_the_report_until_it_is_there(
    officer: User, secretary: User
) -> None:
    sheet = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
    dossier = DossierFactory(
        criteria_set=sheet,
        created_by=officer,
        tier="city",
        complete=True,
        filed_on=date(2026, 6, 1),
    )
    actions.submit_dossier(dossier, by=officer)
    asked = supplements.request_supplement(dossier, by=secretary)
    request = asked.supplement_requests.get()

    assert [row.slot for row in request.items.all()] == ["commune_report"]
    assert not asked_items(request, asked, [])[0].is_answered
    values = {
        "findings": [],
        "proposed": "proposed",
        "signatory_title": "Phó Chủ tịch",
        "signatory_name": "Người ký (mẫu)",
        "signed_on": timezone.localdate(),
    }
    save_report(asked, values, version=0, by=officer)
    fresh = Dossier.objects.get(pk=asked.pk)
    assert asked_items(request, fresh, [])[0].is_answered
