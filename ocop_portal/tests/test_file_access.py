"""Handing files out: written down, with a reason when they are many, never unclean."""

import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import InternalError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from ocop_portal import file_reading, files, tasks
from ocop_portal.models import FileAccess, FileAccessReason, Notice, StoredFile
from products.models import DossierDocument
from products.tests.factories import DossierFactory, PaperFactory, unit_2021

SCANNER = """
import pathlib, sys
sys.exit({answer} if b"EICAR" in pathlib.Path(sys.argv[1]).read_bytes() else 0)
"""


def documents(count: int, by: User) -> list[DossierDocument]:
    """One document each of as many producers of Đông Anh."""
    dossiers = [
        DossierFactory(product__producer__unit=unit_2021("00523"), created_by=by, complete=True)
        for _ in range(count)
    ]
    return [dossier.documents.first() for dossier in dossiers]


def download(client: Client, document: DossierDocument) -> int:
    response = client.get(reverse("products:document_download", args=[document.pk]))
    if response.streaming:
        b"".join(response.streaming_content)  # type: ignore[arg-type]
    return response.status_code


# --- P2 -------------------------------------------------------------------------------------------


def test_p2_every_download_is_written_down(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    (document,) = documents(1, officer)

    assert download(client_of(officer), document) == 200

    row = FileAccess.objects.get()
    producer = document.dossier.product.producer
    assert (row.by, row.subject, row.what) == (officer, producer, document.original_name)
    assert row.address == "127.0.0.1"


def test_p2_a_producers_paper_and_a_bound_dossier_are_written_down_too(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    (document,) = documents(1, officer)
    dossier = document.dossier
    paper = PaperFactory(producer=dossier.product.producer, uploaded_by=officer)
    client = client_of(officer)

    paper_answer = client.get(reverse("products:paper_download", args=[paper.pk]))
    client.post(reverse("products:dossier_bundle", args=[dossier.pk]))

    assert b"".join(paper_answer.streaming_content)
    assert list(FileAccess.objects.values_list("what", flat=True)) == [
        f"Cả hồ sơ {dossier}",
        paper.original_name,
    ]
    assert {row.subject for row in FileAccess.objects.all()} == {dossier.product.producer}


def test_p2_reading_in_the_browser_is_written_down_too(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    (document,) = documents(1, officer)

    answer = client_of(officer).get(reverse("products:document_view", args=[document.pk]))

    assert b"".join(answer.streaming_content)  # type: ignore[arg-type]
    assert FileAccess.objects.get().what == document.original_name


def test_p2_more_records_than_a_days_work_need_a_reason_and_alert_the_administrators(
    officer: User,
    administrator: User,
    client_of: Callable[[User], Client],
    settings: Any,
) -> None:
    settings.FILE_SUBJECTS_PER_DAY = 2
    first, second, third = documents(3, officer)
    client = client_of(officer)
    assert [download(client, first), download(client, second)] == [200, 200]

    url = reverse("products:document_download", args=[third.pk])
    asked = client.get(url, follow=True)

    assert asked.redirect_chain[-1][0].startswith(reverse("file_reason"))
    assert FileAccess.objects.count() == 2
    assert download(client, first) == 200  # what one works with goes on

    short = client.post(reverse("file_reason"), {"reason": "vì", "next": url})
    assert short.status_code == 422
    answer = client.post(
        reverse("file_reason"), {"reason": "Chuẩn bị phiên họp của Hội đồng", "next": url}
    )

    assert answer.headers["Location"] == url
    assert download(client, third) == 200
    assert FileAccessReason.objects.get().subjects == 2
    notice = Notice.objects.get(recipient=administrator)
    assert "Chuẩn bị phiên họp của Hội đồng" in notice.detail


@pytest.mark.parametrize("onward", ["//xau.example", "https://xau.example/x", "\\\\xau.example"])
def test_w3_the_reason_never_leads_elsewhere(
    officer: User, client_of: Callable[[User], Client], onward: str
) -> None:
    answer = client_of(officer).post(
        reverse("file_reason"), {"reason": "Chuẩn bị phiên họp", "next": onward}
    )

    assert answer.headers["Location"] == reverse("home")


def test_p2_the_button_of_the_bound_dossier_leads_back_to_its_page(
    officer: User, client_of: Callable[[User], Client], settings: Any
) -> None:
    settings.FILE_SUBJECTS_PER_DAY = 0
    (document,) = documents(1, officer)
    page = document.dossier.get_absolute_url()

    answer = client_of(officer).post(
        reverse("products:dossier_bundle", args=[document.dossier_id]),
        headers={"Referer": f"http://testserver{page}"},
    )

    assert answer.headers["Location"] == f"{reverse('file_reason')}?next={page.replace('/', '%2F')}"


def test_p2_log_is_found_by_whose_files_they_are(
    administrator: User, officer: User, client_of: Callable[[User], Client]
) -> None:
    first, second = documents(2, officer)
    for document, name in ((first, "HTX Rau Đông Hội"), (second, "HTX Gốm Bát Tràng")):
        document.dossier.product.producer.name = name
        document.dossier.product.producer.save()
        download(client_of(officer), document)

    page = client_of(administrator).get(reverse("file_log"), {"q": "dong hoi RAU"})

    assert [row.subject_name for row in page.context["page"]] == ["HTX Rau Đông Hội"]
    assert "HTX Rau Đông Hội" in page.content.decode()


def test_log_takes_the_same_queries_however_long(
    administrator: User,
    officer: User,
    client_of: Callable[[User], Client],
    django_assert_max_num_queries: Any,
) -> None:
    for document in documents(3, officer):
        download(client_of(officer), document)
    client = client_of(administrator)
    client.get(reverse("file_log"))

    with django_assert_max_num_queries(12):
        client.get(reverse("file_log"))


def test_p2_log_can_only_be_added_to(officer: User, client_of: Callable[[User], Client]) -> None:
    (document,) = documents(1, officer)
    download(client_of(officer), document)

    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        FileAccess.objects.update(what="khác")
    with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
        FileAccess.objects.all().delete()


# --- F11 ------------------------------------------------------------------------------------------


@pytest.fixture
def scanner(settings: Any, tmp_path: Path) -> Callable[[int], None]:
    """A scanner that answers `answer` for a file with the test word."""

    def install(answer: int = 1) -> None:
        program = tmp_path / "scan.py"
        program.write_text(SCANNER.format(answer=answer), encoding="utf-8")
        settings.SCAN_COMMAND = f"{sys.executable} {program}"

    return install


def keep(content: bytes, by: User) -> StoredFile:
    return files.keep(
        ContentFile(content), extension="docx", sha256=sha256(content).hexdigest(), size=1, by=by
    )


def in_dossier(stored: StoredFile, officer: User) -> DossierDocument:
    (document,) = documents(1, officer)
    document.stored = stored
    document.save()
    return document


def test_f11_a_file_waits_for_the_scanner_and_is_then_given_out(
    officer: User, scanner: Callable[[int], None], client_of: Callable[[User], Client]
) -> None:
    scanner(1)
    stored = keep(b"sach", officer)
    document = in_dossier(stored, officer)
    client = client_of(officer)

    waiting = client.get(reverse("products:document_download", args=[document.pk]))
    tasks.read_stored_file(stored.pk)

    assert waiting.status_code == 409
    assert "đang chờ quét mã độc" in waiting.content.decode()
    stored.refresh_from_db()
    assert (stored.scan, stored.state) == ("clean", "ready")
    assert download(client, document) == 200


def test_f11_an_infected_file_is_given_to_nobody_and_its_owner_is_told(
    officer: User, scanner: Callable[[int], None], client_of: Callable[[User], Client]
) -> None:
    scanner(1)
    stored = keep(b"EICAR", officer)
    document = in_dossier(stored, officer)
    tasks.read_stored_file(stored.pk)
    tasks.read_stored_file(stored.pk)
    client = client_of(officer)

    answer = client.get(reverse("products:document_download", args=[document.pk]))
    read = client.get(reverse("products:document_view", args=[document.pk]), follow=True)
    bound = client.post(reverse("products:dossier_bundle", args=[document.dossier_id]))

    stored.refresh_from_db()
    assert (stored.scan, stored.state) == ("infected", "failed")
    assert (answer.status_code, read.status_code, bound.status_code) == (409, 409, 409)
    assert "có mã độc" in answer.content.decode()
    assert Notice.objects.filter(recipient=officer, kind="infected_file").count() == 1
    assert not FileAccess.objects.exists()


@pytest.mark.parametrize("command", ["/khong-co/scanner", ""])
def test_f11_while_the_scanner_is_away_the_file_waits(
    officer: User,
    scanner: Callable[[int], None],
    settings: Any,
    command: str,
) -> None:
    scanner(2)  # an error of the scanner, by its own account
    stored = keep(b"EICAR", officer)
    if command:
        settings.SCAN_COMMAND = command

    for _ in range(file_reading.MAX_ATTEMPTS + 1):
        tasks.read_stored_file(stored.pk)

    stored.refresh_from_db()
    assert (stored.scan, stored.state) == ("waiting", "pending")


def test_f11_files_from_before_there_was_a_scanner_are_scanned_too(
    officer: User, scanner: Callable[[int], None]
) -> None:
    stored = keep(b"EICAR cu", officer)
    tasks.read_stored_file(stored.pk)
    assert StoredFile.objects.get(pk=stored.pk).scan == ""
    scanner(1)

    assert file_reading.scan_older_files() == 1
    tasks.read_stored_file(stored.pk)

    assert StoredFile.objects.get(pk=stored.pk).scan == "infected"
    assert file_reading.scan_older_files() == 0
