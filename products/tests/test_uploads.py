"""Files of a dossier that arrive in pieces: the same judges, permissions and limits as the form."""

import base64
import errno
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.test import Client
from django.urls import reverse

from accounts.models import User
from ocop_portal import resumable
from ocop_portal.models import StoredFile, Upload
from ocop_portal.problems import Refused
from products.actions.dossiers import add_document
from products.actions.uploads import finish_upload
from products.models import Dossier, DossierDocument
from products.tests import bad_files as make
from products.tests.factories import DocumentFactory, DossierFactory
from products.tests.test_bad_files import BAD, FILM_SLOT

SLOT = "business_plan"
SPEAKS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def draft(officer: User) -> Dossier:
    return DossierFactory(created_by=officer)


def begin(client: Client, dossier: Dossier, name: str, length: int, slot: str = SLOT) -> Any:
    values = {"filename": name, "slot": slot}
    words = [f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in values.items()]
    headers = {**SPEAKS, "Upload-Length": str(length), "Upload-Metadata": ",".join(words)}
    return client.post(reverse("products:upload_begin", args=[dossier.pk]), headers=headers)


def send(client: Client, location: str, content: bytes, offset: int = 0) -> Any:
    return client.patch(
        location,
        content,
        content_type="application/offset+octet-stream",
        headers={**SPEAKS, "Upload-Offset": str(offset)},
    )


def finish(client: Client, location: str) -> Any:
    return client.post(f"{location}xong/")


def hand_in(client: Client, dossier: Dossier, name: str, content: bytes, slot: str = SLOT) -> Any:
    location = begin(client, dossier, name, len(content), slot)["Location"]
    send(client, location, content)
    return finish(client, location)


def test_a_file_in_pieces_becomes_a_document(
    draft: Dossier, officer: User, client_of: Callable
) -> None:
    client, content = client_of(officer), make.pdf(3)
    created = begin(client, draft, "Phương án.pdf", len(content))
    location = created["Location"]

    send(client, location, content[:100])
    early = finish(client, location)
    send(client, location, content[100:], 100)
    done = finish(client, location)
    again = finish(client, location)

    assert created.status_code == 201
    assert (early.status_code, early.json()["problems"][0]["code"]) == (409, "not_complete")
    assert done.json() == again.json() == {"slot": SLOT, "name": "Phương án.pdf"}
    document = draft.documents.get()
    with document.file.open("rb") as stored:
        assert hashlib.sha256(stored.read()).hexdigest() == document.sha256
    assert document.sha256 == hashlib.sha256(content).hexdigest()
    assert document.uploaded_by == officer
    upload = Upload.objects.get()
    assert upload.result == document.pk


def test_the_bytes_move_into_place(
    draft: Dossier, officer: User, client_of: Callable, django_capture_on_commit_callbacks: Any
) -> None:
    """300 MB are not copied: the storage gets a second name of the same bytes."""
    client, content = client_of(officer), make.pdf(3)
    location = begin(client, draft, "a.pdf", len(content))["Location"]
    send(client, location, content)
    path = resumable.path_of(Upload.objects.get())
    inode = path.stat().st_ino

    with django_capture_on_commit_callbacks(execute=True):
        finish(client, location)

    stored = StoredFile.objects.get()
    assert FileSystemStorage().path(stored.file.name) == stored.file.path
    assert __import__("os").stat(stored.file.path).st_ino == inode
    assert not path.exists()
    assert list(path.parent.glob(f"{path.name}*")) == []


@pytest.mark.parametrize("case", [case for case in BAD if case != "f6_empty"])
def test_bad_files_are_refused_in_pieces_too(
    case: str, draft: Dossier, officer: User, client_of: Callable
) -> None:
    """F1 to F5: whatever way a file comes, the same judges look at it."""
    name, content, code = BAD[case]
    client = client_of(officer)
    location = begin(client, draft, name, len(content), FILM_SLOT)["Location"]
    send(client, location, content)

    answer = finish(client, location)
    again = finish(client, location)

    assert answer.status_code in {409, 415}
    assert answer.json()["problems"][0]["code"] == code
    assert again.json()["problems"][0]["message"] == answer.json()["problems"][0]["message"]
    assert draft.documents.count() == StoredFile.objects.count() == 0
    assert not resumable.path_of(Upload.objects.get()).exists()


@pytest.mark.parametrize(
    ("length", "slot", "status", "code"),
    [
        (2 * 1024**3, SLOT, 413, "too_large"),
        (300 * 1024**2, SLOT, 413, "too_large"),
        (2 * 1024**3, FILM_SLOT, 413, "too_large"),
        (0, SLOT, 409, "empty_file"),
        (9, "product_samples", 409, "unknown_slot"),
        (9, "khong_co", 409, "unknown_slot"),
    ],
)
def test_f6_refused_before_the_first_byte(
    length: int,
    slot: str,
    status: int,
    code: str,
    draft: Dossier,
    officer: User,
    client_of: Callable,
) -> None:
    answer = begin(client_of(officer), draft, "a.pdf", length, slot)

    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (status, code)
    assert Upload.objects.count() == 0


def test_f6_a_film_may_be_announced_where_it_belongs(
    draft: Dossier, officer: User, client_of: Callable
) -> None:
    client = client_of(officer)

    assert begin(client, draft, "a.mp4", 300 * 1024**2, FILM_SLOT).status_code == 201
    assert begin(client, draft, "a.mp4", 300 * 1024**2, "unsorted").status_code == 201


def test_f6_a_dossier_has_its_limits(
    draft: Dossier, officer: User, client_of: Callable, settings: Any
) -> None:
    client = client_of(officer)
    DocumentFactory(dossier=draft, slot=SLOT, stored__size=1000)
    settings.DOSSIER_MAX_BYTES = 1500

    full = begin(client, draft, "a.pdf", 501)
    fits = begin(client, draft, "a.pdf", 500)
    settings.DOSSIER_MAX_FILES_PER_SLOT = 1
    crowded = begin(client, draft, "a.pdf", 10)

    assert (full.status_code, full.json()["problems"][0]["code"]) == (409, "dossier_full")
    assert fits.status_code == 201
    assert crowded.json()["problems"][0]["code"] == "slot_full"
    with pytest.raises(Refused, match="không nhận thêm"):
        add_document(draft, SLOT, make_upload(), by=officer)


def make_upload() -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("a.pdf", make.pdf())


def test_permission_is_asked_again_at_the_end(
    draft: Dossier, officer: User, client_of: Callable
) -> None:
    """Submitted while the last bytes came: the file stays until the dossier is open again."""
    client, content = client_of(officer), make.pdf()
    location = begin(client, draft, "a.pdf", len(content))["Location"]
    send(client, location, content)
    Dossier.objects.filter(pk=draft.pk).update(state=Dossier.State.SUBMITTED)

    closed = finish(client, location)
    Dossier.objects.filter(pk=draft.pk).update(state=Dossier.State.SUPPLEMENT)
    opened = finish(client, location)

    assert (closed.status_code, closed.json()["problems"][0]["code"]) == (409, "not_editable")
    assert opened.status_code == 200


def test_nothing_begins_in_a_dossier_that_was_handed_in(
    draft: Dossier, officer: User, client_of: Callable
) -> None:
    Dossier.objects.filter(pk=draft.pk).update(state=Dossier.State.SUBMITTED)

    answer = begin(client_of(officer), draft, "a.pdf", 9)

    assert answer.json()["problems"][0]["code"] == "not_editable"


def test_strangers_begin_and_finish_nothing(
    draft: Dossier, officer: User, other_officer: User, staff: User, client_of: Callable
) -> None:
    content = make.pdf()
    location = begin(client_of(officer), draft, "a.pdf", len(content))["Location"]
    send(client_of(officer), location, content)

    assert begin(client_of(other_officer), draft, "a.pdf", 9).status_code == 404
    assert finish(client_of(staff), location).status_code == 404
    assert client_of(staff).post(f"{location}bo/").status_code == 404
    assert draft.documents.count() == 0


def test_finished_twice_at_once_is_one_document(
    transactional_db: None, officer: User, at_once: Callable[..., list[Any]]
) -> None:
    dossier = DossierFactory(created_by=officer)
    content = make.pdf()
    upload = resumable.begin(
        filename="a.pdf",
        length=len(content),
        purpose="dossier_document",
        details={"dossier": dossier.pk, "slot": SLOT},
        by=officer,
    )
    resumable.receive(upload, 0, __import__("io").BytesIO(content), len(content))

    answers = at_once(*[lambda: finish_upload(upload, by=officer)] * 3)

    assert answers == [dossier.documents.get()] * 3


def test_full_disk_at_the_end_keeps_what_arrived(
    draft: Dossier, officer: User, client_of: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, content = client_of(officer), make.pdf()
    location = begin(client, draft, "a.pdf", len(content))["Location"]
    send(client, location, content)

    def full(*_words: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(FileSystemStorage, "_save", full)
        refused = finish(client, location)
    done = finish(client, location)

    assert (refused.status_code, "hết chỗ lưu" in refused.json()["problems"][0]["message"]) == (
        507,
        True,
    )
    assert done.status_code == 200
    assert draft.documents.count() == 1


def test_the_same_content_twice_in_a_slot_is_told(
    draft: Dossier, officer: User, client_of: Callable
) -> None:
    client = client_of(officer)
    hand_in(client, draft, "a.pdf", make.pdf())

    answer = hand_in(client, draft, "b.pdf", make.pdf())

    assert answer.json()["problems"][0]["code"] == "same_file"
    assert StoredFile.objects.count() == DossierDocument.objects.count() == 1


def test_a_file_left_half_way_is_shown_and_thrown_away(
    draft: Dossier, officer: User, client_of: Callable
) -> None:
    client = client_of(officer)
    location = begin(client, draft, "Phim giới thiệu.mp4", 1000, FILM_SLOT)["Location"]
    send(client, location, b"x" * 450)

    page = client.get(draft.get_absolute_url()).content.decode()
    answer = client.post(f"{location}bo/", follow=True)

    assert "Phim giới thiệu.mp4" in page
    assert "45 %" in page
    assert "Đã bỏ tệp tải dở" in answer.content.decode()
    assert Upload.objects.count() == 0


def test_f5_the_name_is_made_harmless(draft: Dossier, officer: User, client_of: Callable) -> None:
    hand_in(client_of(officer), draft, "../../etc/gi\u202eấy.exe", make.pdf())

    assert draft.documents.get().original_name == "giấy.exe.pdf"


# --- Files without a slot -------------------------------------------------------------------------


def unsorted(dossier: Dossier, name: str = "a.pdf", **fields: Any) -> DossierDocument:
    return DocumentFactory(dossier=dossier, slot="unsorted", original_name=name, **fields)


def sort(client: Client, dossier: Dossier, **choices: str) -> Any:
    url = reverse("products:dossier_sort", args=[dossier.pk])
    return client.post(url, {f"slot-{pk[1:]}": slot for pk, slot in choices.items()}, follow=True)


def test_unsorted_files_wait_and_are_told(officer: User, client_of: Callable) -> None:
    dossier = DossierFactory(created_by=officer, complete=True)
    client = client_of(officer)

    hand_in(client, dossier, "giay phep kinh doanh.pdf", make.pdf(), "unsorted")
    page = client.get(dossier.get_absolute_url()).content.decode()
    submitted = client.post(reverse("products:dossier_submit", args=[dossier.pk]))

    assert dossier.documents.get(slot="unsorted").original_name == "giay phep kinh doanh.pdf"
    assert "Còn 1 tệp chưa xếp mục" in page
    assert '<option value="business_registration" selected>' in page
    assert submitted.status_code == 409
    assert "chưa xếp mục" in submitted.content.decode()


def test_files_are_sorted_by_choosing(draft: Dossier, officer: User, client_of: Callable) -> None:
    first, second, third = (unsorted(draft, f"{n}.pdf") for n in range(3))

    page = sort(
        client_of(officer),
        draft,
        **{f"_{first.pk}": SLOT, f"_{second.pk}": "awards", f"_{third.pk}": ""},
    )

    assert "Đã xếp 2 tệp vào mục." in page.content.decode()
    assert dict(draft.documents.values_list("pk", "slot")) == {
        first.pk: SLOT,
        second.pk: "awards",
        third.pk: "unsorted",
    }


def test_what_cannot_be_sorted_says_why(draft: Dossier, officer: User, client_of: Callable) -> None:
    film = unsorted(draft, "phim.mp4", stored__extension="mp4")
    twin = DocumentFactory(dossier=draft, slot=SLOT)
    same = unsorted(draft, "hai.pdf", stored=twin.stored)
    sorted_already = DocumentFactory(dossier=draft, slot="awards")
    elsewhere = unsorted(DossierFactory(created_by=officer))
    choices = {
        film.pk: "awards",
        same.pk: SLOT,
        sorted_already.pk: SLOT,
        elsewhere.pk: SLOT,
    }

    answer = sort(client_of(officer), draft, **{f"_{pk}": slot for pk, slot in choices.items()})

    page = answer.content.decode()
    assert "mục này chỉ nhận PDF, JPG, PNG, DOCX, XLSX" in page
    assert "“hai.pdf” đã có trong mục này" in page
    assert page.count("Tệp này đã được xếp hoặc đã xóa.") == 2
    assert set(DossierDocument.objects.filter(slot="unsorted")) == {film, same, elsewhere}


def test_nothing_chosen_and_unknown_slots(
    draft: Dossier, officer: User, client_of: Callable
) -> None:
    row = unsorted(draft)
    client = client_of(officer)

    none = sort(client, draft).content.decode()
    unknown = sort(client, draft, **{f"_{row.pk}": "product_samples"}).content.decode()

    assert "Chưa chọn mục cho tệp nào." in none
    assert "Mục tài liệu này không có trong quy định." in unknown


def test_nothing_is_sorted_in_a_dossier_that_was_handed_in(
    draft: Dossier, officer: User, client_of: Callable
) -> None:
    row = unsorted(draft)
    Dossier.objects.filter(pk=draft.pk).update(state=Dossier.State.ACCEPTED)

    page = sort(client_of(officer), draft, **{f"_{row.pk}": SLOT}).content.decode()

    assert "không sửa được" in page
