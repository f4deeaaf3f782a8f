"""Checking documents one by one, by several people at once."""

import threading
from collections.abc import Callable

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import close_old_connections, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from ocop_portal.problems import Refused
from products.actions import dossiers as actions
from products.actions.checking import VerdictConflict, record_verdict
from products.actions.documents import replace_document
from products.actions.supplements import request_supplement
from products.check_forms import mark_of
from products.models import Dossier, DossierDocument
from products.tests.factories import DocumentFactory, DossierFactory

Verdict = DossierDocument.Verdict


@pytest.fixture
def submitted(officer: User) -> Dossier:
    dossier = DossierFactory(created_by=officer, complete=True)
    return actions.submit_dossier(dossier, by=officer)


@pytest.fixture
def document(submitted: Dossier) -> DossierDocument:
    return submitted.documents.get(slot="business_plan")


def check(document: DossierDocument, by: User, verdict: str = "accepted", **values: object) -> None:
    record_verdict(document, verdict=verdict, by=by, **{"comment": "", "seen": 0, **values})


def values_of(document: DossierDocument, verdict: str, comment: str = "") -> dict[str, object]:
    """What a row of the page sends."""
    name = f"tl-{document.pk}"
    return {
        f"{name}-verdict": verdict,
        f"{name}-comment": comment,
        f"{name}-version": document.verdict_version,
        f"{name}-mark": mark_of(document.verdict, document.verdict_comment),
    }


# The action


def test_verdict_says_who_and_when_and_keeps_the_one_before(
    document: DossierDocument, secretary: User, staff: User
) -> None:
    check(document, secretary, "to_supplement", comment="Mờ")
    check(document, staff, "accepted", seen=1)

    document.refresh_from_db()
    assert (document.verdict, document.checked_by) == ("accepted", staff)
    assert document.checked_at is not None
    events = apps.get_model("products.DossierDocumentEvent").objects.filter(pgh_obj=document)
    before = [(row.verdict, row.checked_by) for row in events.order_by("pgh_id")]
    assert before == [("", None), ("to_supplement", secretary)]


def test_verdict_can_be_taken_back(document: DossierDocument, secretary: User) -> None:
    check(document, secretary)
    check(document, secretary, "", seen=1)

    document.refresh_from_db()
    assert (document.verdict, document.checked_by, document.checked_at) == ("", None, None)


def test_same_verdict_twice_is_saved_once(document: DossierDocument, secretary: User) -> None:
    check(document, secretary)
    check(document, secretary)

    document.refresh_from_db()
    assert document.verdict_version == 1


def test_s8_what_a_colleague_said_meanwhile_is_not_overwritten_unseen(
    document: DossierDocument, secretary: User, staff: User
) -> None:
    check(document, secretary, "to_supplement", comment="Mờ")

    with pytest.raises(VerdictConflict, match=r"secretary .*Cần bổ sung.*Mờ"):
        check(document, staff, "accepted")
    document.refresh_from_db()
    assert document.verdict == "to_supplement"


@pytest.mark.django_db(transaction=True)
def test_r9_two_checkers_at_once_one_wins_and_the_other_is_told(
    document: DossierDocument, secretary: User, staff: User
) -> None:
    barrier, outcomes = threading.Barrier(2), []

    def say(by: User, verdict: str) -> None:
        barrier.wait()
        try:
            check(document, by, verdict)
            outcomes.append("saved")
        except VerdictConflict:
            outcomes.append("told")
        finally:
            close_old_connections()
            connection.close()

    people = [(secretary, "accepted"), (staff, "to_supplement")]
    threads = [threading.Thread(target=say, args=person) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    document.refresh_from_db()
    assert sorted(outcomes) == ["saved", "told"]
    assert document.verdict_version == 1


@pytest.mark.parametrize("who", ["officer", "commune_officer", "leader"])
def test_only_those_who_receive_check(
    request: pytest.FixtureRequest, document: DossierDocument, who: str
) -> None:
    with pytest.raises(PermissionDenied):
        check(document, request.getfixturevalue(who))


def test_secretary_elsewhere_does_not_check(
    document: DossierDocument, person: Callable[..., User]
) -> None:
    stranger = person("stranger", Role.COUNCIL_SECRETARY, unit_code="018")

    with pytest.raises(PermissionDenied):
        check(document, stranger)


@pytest.mark.parametrize("state", set(Dossier.State.values) - {Dossier.State.SUBMITTED})
def test_only_what_waits_for_reception_is_checked(
    document: DossierDocument, secretary: User, state: str
) -> None:
    Dossier.objects.filter(pk=document.dossier_id).update(state=state)

    with pytest.raises(Refused, match="không kiểm tra tài liệu được"):
        check(document, secretary)


def test_new_version_is_unchecked_again(
    document: DossierDocument, officer: User, secretary: User, pdf: Callable
) -> None:
    check(document, secretary, "to_supplement", comment="Mờ")
    request_supplement(document.dossier, by=secretary)

    newer = replace_document(document, pdf("ban-ro.pdf"), by=officer)

    document.refresh_from_db()
    assert (newer.verdict, newer.checked_by) == (Verdict.UNCHECKED, None)
    assert (document.verdict, document.verdict_comment) == ("to_supplement", "Mờ")


def test_dossier_with_a_lacking_document_is_not_accepted(
    document: DossierDocument, secretary: User
) -> None:
    from datetime import date

    check(document, secretary, "to_supplement", comment="Mờ")

    with pytest.raises(Refused, match="được ghi là cần bổ sung"):
        actions.accept_dossier(document.dossier, received_on=date(2021, 9, 1), by=secretary)


# The page


@pytest.fixture
def page_of(client_of: Callable[[User], Client], submitted: Dossier, secretary: User) -> Client:
    return client_of(secretary)


def test_page_shows_documents_progress_and_what_is_missing(
    page_of: Client, submitted: Dossier, document: DossierDocument, secretary: User
) -> None:
    check(document, secretary)
    submitted.documents.get(slot="registration_form").delete()

    answer = page_of.get(reverse("products:dossier_check", args=[submitted.pk]))

    progress = answer.context["progress"]
    assert (progress.checked, progress.total, progress.lacking) == (1, 3, 0)
    assert [row.slot.code for row in answer.context["missing"]] == ["registration_form"]


def test_one_row_is_saved_by_htmx_and_nothing_else(
    page_of: Client, submitted: Dossier, document: DossierDocument
) -> None:
    other = submitted.documents.get(slot="registration_form")
    sent = {
        **values_of(document, "to_supplement", "Thiếu trang 2"),
        **values_of(other, "accepted"),
        "only": document.pk,
    }

    answer = page_of.post(
        reverse("products:dossier_check", args=[submitted.pk]), sent, headers={"HX-Request": "true"}
    )

    document.refresh_from_db()
    other.refresh_from_db()
    assert answer.status_code == 200
    assert (document.verdict, document.verdict_comment) == ("to_supplement", "Thiếu trang 2")
    assert other.verdict == Verdict.UNCHECKED
    text = answer.content.decode()
    assert f'id="tl-{document.pk}-version" value="1" hx-swap-oob="true"' in text
    assert "1/4" in text


def test_s8_conflict_in_a_row_shows_both_and_saving_again_replaces(
    page_of: Client, submitted: Dossier, document: DossierDocument, staff: User
) -> None:
    sent = {**values_of(document, "accepted"), "only": document.pk}
    check(document, staff, "to_supplement", comment="Mờ")
    url = reverse("products:dossier_check", args=[submitted.pk])

    answer = page_of.post(url, sent, headers={"HX-Request": "true"})

    assert answer.status_code == 422
    assert "staff (mẫu) vừa lưu “Cần bổ sung”, “Mờ”" in answer.content.decode()
    document.refresh_from_db()
    assert document.verdict == "to_supplement"
    again = {**sent, f"tl-{document.pk}-version": 1}
    assert page_of.post(url, again, headers={"HX-Request": "true"}).status_code == 200
    document.refresh_from_db()
    assert document.verdict == "accepted"


def test_without_script_all_changed_rows_are_saved_and_the_others_stay(
    page_of: Client, submitted: Dossier, staff: User
) -> None:
    """A colleague checks the third document while the page is open: its row was not touched."""
    first, second, third, fourth = submitted.documents.order_by("pk")
    sent = {
        **values_of(first, "accepted"),
        **values_of(second, "to_supplement", "Mờ"),
        **values_of(third, ""),
        **values_of(fourth, "accepted"),
    }
    check(third, staff)
    check(fourth, staff, "to_supplement", comment="Hết hạn")

    answer = page_of.post(reverse("products:dossier_check", args=[submitted.pk]), sent)

    rows = [row.verdict for row in submitted.documents.order_by("pk")]
    assert rows == ["accepted", "to_supplement", "accepted", "to_supplement"]
    assert answer.status_code == 409
    assert len(answer.context["conflicts"]) == 1
    typed = [row.verdict for _slot, group in answer.context["groups"] for row in group]
    assert typed.count("accepted") == 3


def test_without_script_everything_saved_leads_back_to_the_page(
    page_of: Client, submitted: Dossier, document: DossierDocument
) -> None:
    url = reverse("products:dossier_check", args=[submitted.pk])

    answer = page_of.post(url, values_of(document, "accepted"))

    assert (answer.status_code, answer.url) == (302, url)


def test_w7_a_comment_is_shown_as_text(
    page_of: Client, submitted: Dossier, document: DossierDocument, secretary: User
) -> None:
    check(document, secretary, "to_supplement", comment="</textarea><script>x</script>")

    page = page_of.get(reverse("products:dossier_check", args=[submitted.pk])).content.decode()

    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_page_takes_the_same_queries_for_4_files_and_for_77(
    page_of: Client, submitted: Dossier, secretary: User
) -> None:
    url = reverse("products:dossier_check", args=[submitted.pk])
    page_of.get(url)

    with CaptureQueriesContext(connection) as few:
        page_of.get(url)
    slots = [slot.code for slot in submitted.regulation.rules.documents if slot.is_file]
    for n in range(73):
        made = DocumentFactory(dossier=submitted, slot=slots[n % len(slots)], uploaded_by=secretary)
        DossierDocument.objects.filter(pk=made.pk).update(verdict="accepted", checked_by=secretary)
    with CaptureQueriesContext(connection) as many:
        answer = page_of.get(url)

    assert answer.context["progress"].total == 77
    assert len(many) == len(few)
    assert len(many) <= 20


def test_f1_a_document_opens_as_its_type_and_may_run_nothing(
    page_of: Client, document: DossierDocument
) -> None:
    answer = page_of.get(reverse("products:document_view", args=[document.pk]))

    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'inline; filename="tai-lieu.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    policy = sorted(answer["Content-Security-Policy"].split("; "))
    assert policy == ["default-src 'none'", "frame-ancestors 'none'"]


def test_what_a_browser_cannot_show_is_a_download(
    page_of: Client, document: DossierDocument
) -> None:
    document.stored.extension = "docx"
    document.stored.save(update_fields=["extension"])

    answer = page_of.get(reverse("products:document_view", args=[document.pk]))

    assert answer.url == reverse("products:document_download", args=[document.pk])
