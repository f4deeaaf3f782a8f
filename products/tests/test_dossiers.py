"""Dossiers: from draft to acceptance, and everything that is refused on the way."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from ocop_portal import workflow
from ocop_portal.problems import Refused
from products.actions import dossiers as actions
from products.actions.supplements import request_supplement
from products.completeness import submission_problems
from products.models import Dossier, DossierDocument
from products.tests import bad_files
from products.tests.factories import DossierFactory, ProductFactory
from products.workflow import TRANSITIONS
from regulations.models import CriteriaSet

State = Dossier.State
COMPULSORY = ["registration_form", "business_plan", "organisation_profile", "business_registration"]


@pytest.fixture
def draft(officer: User) -> Dossier:
    return DossierFactory(created_by=officer)


@pytest.fixture
def complete(officer: User) -> Dossier:
    return DossierFactory(created_by=officer, complete=True)


def edit_values(dossier: Dossier, **changes: object) -> dict[str, object]:
    return {
        "criteria_set": dossier.criteria_set_id,
        "kind": "first",
        "year": 2021,
        "filed_on": "16/08/2021",
        "self_score": "",
        "note": "",
        "version": dossier.version,
        **changes,
    }


# What is missing (Decision 1048/QĐ-TTg: four papers and five sample units are compulsory)


def test_empty_dossier_lacks_the_four_compulsory_papers(draft: Dossier) -> None:
    problems = submission_problems(draft)

    assert [problem.code for problem in problems] == [f"missing_{code}" for code in COMPULSORY]


def test_complete_dossier_lacks_nothing(complete: Dossier) -> None:
    assert submission_problems(complete) == []


def test_product_without_producer_cannot_be_submitted(complete: Dossier) -> None:
    complete.product.producer = None

    assert [problem.code for problem in submission_problems(complete)] == ["no_producer"]


def test_sheet_that_does_not_add_up_stops_submission(complete: Dossier) -> None:
    complete.criteria_set = CriteriaSet.objects.exclude(problems=[]).get(
        regulation=complete.regulation
    )

    assert [problem.code for problem in submission_problems(complete)] == ["sheet_incomplete"]


# The process


def test_submit_writes_state_time_and_history(complete: Dossier, officer: User) -> None:
    actions.submit_dossier(complete, by=officer)

    complete.refresh_from_db()
    step = workflow.history(complete).get()
    assert complete.state == State.SUBMITTED
    assert complete.submitted_at is not None
    assert (step.source, step.target, step.by) == ("draft", "submitted", officer)


def test_incomplete_dossier_is_refused_with_all_reasons(draft: Dossier, officer: User) -> None:
    with pytest.raises(Refused) as refusal:
        actions.submit_dossier(draft, by=officer)

    draft.refresh_from_db()
    assert len(refusal.value.problems) == 4
    assert draft.state == State.DRAFT


def test_t1_dossier_submitted_twice_is_submitted_once(complete: Dossier, officer: User) -> None:
    actions.submit_dossier(complete, by=officer)

    actions.submit_dossier(complete, by=officer)

    assert workflow.history(complete).count() == 1


def test_acceptance_counts_up_the_register(secretary: User, officer: User) -> None:
    numbers = []
    for _ in range(2):
        dossier = DossierFactory(created_by=officer, complete=True)
        actions.submit_dossier(dossier, by=officer)
        accepted = actions.accept_dossier(dossier, received_on=date(2021, 9, 1), by=secretary)
        numbers.append(accepted.received_number)

    assert numbers == ["001/2021/HS-017", "002/2021/HS-017"]


def test_supplement_gives_the_dossier_back_with_everything_in_it(
    complete: Dossier, officer: User, secretary: User
) -> None:
    actions.submit_dossier(complete, by=officer)

    returned = request_supplement(complete, reason="Thiếu trang 2", by=secretary)

    assert returned.state == State.SUPPLEMENT
    assert returned.documents.count() == 4
    assert workflow.history(returned).last().note == "Thiếu trang 2"


@pytest.mark.parametrize("name", list(TRANSITIONS))
def test_every_step_is_refused_from_every_other_state(
    name: str, complete: Dossier, staff: User, person: Callable[..., User]
) -> None:
    account = person("account", Role.PRODUCER)
    complete.product.producer.accounts.add(account)
    step = TRANSITIONS[name]
    with_producer = name in {"hand_over", "take_back"}
    by = account if name == "hand_over" else staff
    for state in set(State.values) - step.sources:
        Dossier.objects.filter(pk=complete.pk).update(state=state, with_producer=with_producer)
        with pytest.raises(workflow.TransitionError):
            workflow.apply(step, complete, by=by)
    complete.refresh_from_db()
    assert workflow.history(complete).count() == 0


def test_one_open_dossier_per_product(draft: Dossier, officer: User) -> None:
    with pytest.raises(Refused, match="chưa kết thúc"):
        actions.create_dossier(
            draft.product, by=officer, criteria_set=draft.criteria_set, kind="first", year=2021
        )


def test_stranger_cannot_submit(complete: Dossier, other_officer: User) -> None:
    with pytest.raises(PermissionDenied):
        actions.submit_dossier(complete, by=other_officer)


def test_a4_officer_who_was_moved_is_judged_by_the_new_district(
    complete: Dossier, officer: User, other_officer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(officer)
    before = client.get(complete.get_absolute_url()).status_code
    User.objects.filter(pk=officer.pk).update(unit=other_officer.unit)

    after = client.get(complete.get_absolute_url()).status_code

    assert (before, after) == (200, 404)


# The pages


def without_tokens(response: HttpResponse) -> str:
    """The page without what differs every time: CSRF tokens and its own address."""
    text = re.sub(r"[A-Za-z0-9]{64}", "", response.content.decode())
    return re.sub(r"/ho-so/\d+/", "", text)


def test_a1_dossier_of_another_district_does_not_exist(
    draft: Dossier, other_officer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(other_officer)

    foreign = client.get(reverse("products:dossier_detail", args=[draft.pk]))
    missing = client.get(reverse("products:dossier_detail", args=[draft.pk + 10_000]))

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert without_tokens(foreign) == without_tokens(missing)


def test_a3_submitted_dossier_cannot_be_edited(
    complete: Dossier, officer: User, client_of: Callable[[User], Client]
) -> None:
    actions.submit_dossier(complete, by=officer)

    response = client_of(officer).post(
        reverse("products:dossier_edit", args=[complete.pk]), edit_values(complete, note="đổi")
    )

    complete.refresh_from_db()
    assert response.status_code == 409
    assert "không sửa được" in response.content.decode()
    assert complete.note == ""


def test_two_people_saving_the_same_dossier_never_overwrite_each_other(
    draft: Dossier, officer: User, staff: User, client_of: Callable[[User], Client]
) -> None:
    url = reverse("products:dossier_edit", args=[draft.pk])
    values = edit_values(draft)

    first = client_of(staff).post(url, values | {"note": "của Sở"})
    second = client_of(officer).post(url, values | {"note": "của huyện"})

    draft.refresh_from_db()
    text = second.content.decode()
    assert (first.status_code, second.status_code) == (302, 409)
    assert draft.note == "của Sở"
    assert "vừa được người khác lưu" in text
    assert "của huyện" in text
    assert f"Đang lưu: của Sở ({staff} lưu lúc " in text


def test_second_click_saves_knowingly_what_the_person_saw_compared(
    draft: Dossier, officer: User, staff: User, client_of: Callable[[User], Client]
) -> None:
    url = reverse("products:dossier_edit", args=[draft.pk])
    values = edit_values(draft, kind="upgrade")
    theirs = values | {"note": "của Sở", "self_score": 77, "filed_on": "17/08/2021"}
    client_of(staff).post(url, theirs)
    client = client_of(officer)

    refused = client.post(url, values | {"note": "của huyện"})
    form = refused.context["form"]
    saved = client.post(url, values | {"note": "của huyện", "version": form["version"].value()})

    draft.refresh_from_db()
    text = refused.content.decode()
    assert "Đang lưu: 77 (" in text
    assert "ngày chủ thể nộp hồ sơ: đang lưu 17/08/2021" in text.lower()
    assert form["kind"].help_text == ""
    assert (saved.status_code, draft.note, draft.self_score) == (302, "của huyện", None)
    assert draft.saved_by == officer


def test_value_of_somebody_else_is_shown_as_text(
    draft: Dossier, officer: User, staff: User, client_of: Callable[[User], Client]
) -> None:
    url = reverse("products:dossier_edit", args=[draft.pk])
    client_of(staff).post(url, edit_values(draft, note="<b>đậm</b>"))

    refused = client_of(officer).post(url, edit_values(draft, note="khác"))

    assert "Đang lưu: &lt;b&gt;đậm&lt;/b&gt;" in refused.content.decode()


def test_form_sent_twice_makes_one_dossier(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    product = ProductFactory()
    client = client_of(officer)
    url = reverse("products:dossier_create", args=[product.pk])
    values = {
        "criteria_set": product.criteria_set_id,
        "kind": "first",
        "year": 2021,
        "filed_on": "16/08/2021",
    }

    first = client.post(url, values)
    second = client.post(url, values)

    assert (first.status_code, second.status_code) == (302, 409)
    assert product.dossiers.count() == 1


@pytest.mark.parametrize("bad", [{"year": "hai nghìn"}, {"year": 1999}, {"self_score": 101}])
def test_bad_values_are_named_and_what_was_typed_stays(
    draft: Dossier, officer: User, client_of: Callable[[User], Client], bad: dict
) -> None:
    response = client_of(officer).post(
        reverse("products:dossier_edit", args=[draft.pk]),
        edit_values(draft, note="giữ nguyên", **bad),
    )

    assert response.status_code == 422
    assert "giữ nguyên" in response.content.decode()
    assert set(response.context["form"].errors) == set(bad)


# Documents


def upload(
    client: Client, dossier: Dossier, *files: SimpleUploadedFile, slot: str = "business_plan"
):
    url = reverse("products:document_add", args=[dossier.pk])
    return client.post(url, {"slot": slot, "files": list(files)})


def test_upload_keeps_the_file_under_another_name(
    draft: Dossier, officer: User, client_of: Callable[[User], Client], pdf: Callable
) -> None:
    client = client_of(officer)
    response = upload(client, draft, pdf("Phương án.pdf"))

    document = draft.documents.get()
    download = client.get(reverse("products:document_download", args=[document.pk]))
    assert response.status_code == 302
    assert document.original_name == "Phương án.pdf"
    assert "Ph" not in document.file.name
    assert download["Content-Disposition"].startswith("attachment")
    assert b"".join(download.streaming_content).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("virus.pdf", b"MZ\x90\x00", "chương trình máy tính"),
        ("anh.svg", b"<svg onload='alert(1)'/>", "ảnh SVG"),
        ("trang.html", b"<html><script>1</script>", "trang web"),
        ("cut.pdf", b"%PDF-1.4\n1 0 obj", "bị cắt giữa chừng"),
        ("js.pdf", bad_files.acting_pdf("/JavaScript"), "mã lệnh"),
    ],
)
def test_f1_f2_files_are_judged_by_content(
    draft: Dossier,
    officer: User,
    client_of: Callable[[User], Client],
    name: str,
    content: bytes,
    word: str,
) -> None:
    response = upload(client_of(officer), draft, SimpleUploadedFile(name, content))

    assert response.status_code == 422
    assert word in response.content.decode()
    assert draft.documents.count() == 0


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\x\\to khai.pdf", "to khai.pdf"),
        ('a"; filename="b.pdf', "a'; filename='b.pdf"),
        ("Phu\u031bo\u031bng a\u0301n.pdf", "Phương án.pdf"),
        ("\u202efdp.exe.pdf", "fdp.exe.pdf"),
    ],
)
def test_f5_file_names_are_made_harmless(
    draft: Dossier, officer: User, name: str, shown: str
) -> None:
    upload_file = SimpleUploadedFile("x.pdf", bad_files.pdf())
    upload_file._name = name  # as a hostile client sends it

    document = actions.add_document(draft, "business_plan", upload_file, by=officer)

    assert document.original_name == shown


def test_slot_that_the_regulation_does_not_have_is_refused(
    draft: Dossier, officer: User, pdf: Callable
) -> None:
    for slot in ("khong-co", "product_samples"):
        with pytest.raises(Refused, match="không có trong quy định"):
            actions.add_document(draft, slot, pdf("a.pdf"), by=officer)


def test_same_file_twice_in_a_slot_is_refused(draft: Dossier, officer: User, pdf: Callable) -> None:
    actions.add_document(draft, "business_plan", pdf("a.pdf"), by=officer)

    with pytest.raises(Refused, match="đã có trong mục này"):
        actions.add_document(draft, "business_plan", pdf("a.pdf"), by=officer)


def test_a7_document_of_another_district_does_not_exist(
    complete: Dossier, other_officer: User, client_of: Callable[[User], Client]
) -> None:
    document = complete.documents.first()
    client = client_of(other_officer)

    download = client.get(reverse("products:document_download", args=[document.pk]))
    remove = client.post(reverse("products:document_remove", args=[document.pk]))

    assert (download.status_code, remove.status_code) == (404, 404)
    assert DossierDocument.objects.filter(pk=document.pk).exists()


def test_a7_media_folder_is_not_served(
    complete: Dossier, officer: User, client_of: Callable[[User], Client]
) -> None:
    name = complete.documents.first().file.name

    response = client_of(officer).get(f"/media/{name}")

    assert response.status_code == 404
