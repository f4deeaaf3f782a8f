"""Versions of a dossier's files, what the page says of them, and who may fetch them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ocop_portal import tasks
from ocop_portal.problems import Refused
from products.actions.documents import replace_document, restore_document
from products.actions.dossiers import add_document, remove_document
from products.models import Dossier
from products.tests import bad_files as make
from products.tests.factories import DocumentFactory, DossierFactory

SLOT = "business_plan"


@pytest.fixture
def draft(officer: Any) -> Dossier:
    return DossierFactory(created_by=officer)


def upload(pages: int, name: str = "giay.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, make.pdf(pages))


def test_a_newer_version_keeps_the_old_one(draft: Dossier, officer: Any, client_of: Any) -> None:
    old = add_document(draft, SLOT, upload(1, "cu.pdf"), by=officer)
    client = client_of(officer)

    url = reverse("products:document_replace", args=[old.pk])
    client.post(url, {"file": upload(2, "moi.pdf")})

    assert [row.original_name for row in draft.documents.current()] == ["moi.pdf"]
    page = client.get(draft.get_absolute_url()).content.decode()
    assert "Bản trước và tệp đã xóa (1)" in page
    assert "đã thay bằng moi.pdf" in page
    download = client.get(reverse("products:document_download", args=[old.pk]))
    assert download["Content-Disposition"] == 'attachment; filename="cu.pdf"'
    assert download["X-Content-Type-Options"] == "nosniff"
    assert b"".join(download.streaming_content).startswith(b"%PDF")


def test_a_bad_newer_version_leaves_the_old_one(
    draft: Dossier, officer: Any, client_of: Any
) -> None:
    old = add_document(draft, SLOT, upload(1), by=officer)
    url = reverse("products:document_replace", args=[old.pk])

    bad = client_of(officer).post(url, {"file": SimpleUploadedFile("x.pdf", b"MZ")})
    none = client_of(officer).post(url)

    assert (bad.status_code, none.status_code) == (409, 409)
    assert draft.documents.current().get() == old


def test_an_old_version_is_not_replaced_again(draft: Dossier, officer: Any) -> None:
    old = add_document(draft, SLOT, upload(1), by=officer)
    replace_document(old, upload(2), by=officer)

    with pytest.raises(Refused, match="đã được thay"):
        replace_document(old, upload(3), by=officer)


def test_a_removed_file_comes_back(draft: Dossier, officer: Any, client_of: Any) -> None:
    row = add_document(draft, SLOT, upload(1), by=officer)
    remove_document(row, by=officer)

    client_of(officer).post(reverse("products:document_restore", args=[row.pk]))

    assert draft.documents.current().get() == row


def test_a_removed_file_does_not_come_back_beside_itself(draft: Dossier, officer: Any) -> None:
    row = add_document(draft, SLOT, upload(1), by=officer)
    remove_document(row, by=officer)
    add_document(draft, SLOT, upload(1), by=officer)

    # The same pages of the same content: it is there already.
    row.refresh_from_db()
    current = draft.documents.current().get()
    type(row).objects.filter(pk=row.pk).update(stored=current.stored)
    with pytest.raises(Refused, match="đã có trong mục"):
        restore_document(row, by=officer)


def test_nothing_changes_in_a_dossier_that_was_handed_in(draft: Dossier, officer: Any) -> None:
    row = add_document(draft, SLOT, upload(1), by=officer)
    remove_document(row, by=officer)
    Dossier.objects.filter(pk=draft.pk).update(state=Dossier.State.ACCEPTED)

    with pytest.raises(Refused, match="không sửa được"):
        restore_document(row, by=officer)


def test_the_page_asks_until_the_file_was_read(
    draft: Dossier, officer: Any, client_of: Any
) -> None:
    row = add_document(draft, SLOT, upload(7), by=officer)
    client = client_of(officer)
    url = reverse("products:document_facts", args=[row.pk])
    before = client.get(url).content.decode()

    tasks.read_stored_file(row.stored_id)

    after = client.get(url).content.decode()
    assert "Đang đọc tệp" in before
    assert 'hx-trigger="every 3s"' in before
    assert "7 trang" in after
    assert "hx-trigger" not in after
    picture = client.get(reverse("products:document_thumbnail", args=[row.pk]))
    assert picture["Content-Type"] == "image/png"
    assert b"".join(picture.streaming_content).startswith(b"\x89PNG")


def test_77_files_in_18_slots_open_with_few_queries(
    draft: Dossier, officer: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    slots = [slot.code for slot in draft.regulation.rules.documents if slot.is_file]
    for n in range(77):
        DocumentFactory(dossier=draft, slot=slots[n % len(slots)])
    client = client_of(officer)
    client.get(draft.get_absolute_url())

    with django_assert_max_num_queries(20):
        page = client.get(draft.get_absolute_url())

    assert page.content.decode().count("tải lên") >= 77
