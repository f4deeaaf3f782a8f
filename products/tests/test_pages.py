"""One scan for many slots: ranges of pages, their pictures, their downloads."""

import io
import os
import resource
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import User
from ocop_portal import jobs, tasks
from ocop_portal.models import Job, StoredFile
from ocop_portal.problems import Refused
from products import page_pictures
from products.actions.dossiers import add_document, remove_document
from products.actions.pages import assign_pages, pages_left
from products.models import Dossier, DossierDocument
from products.page_slices import content_of
from products.tests.factories import DocumentFactory, DossierFactory


@pytest.fixture
def draft(officer: User) -> Dossier:
    return DossierFactory(created_by=officer)


def scan(dossier: Dossier, officer: User, pages: int = 40, slot: str = "unsorted") -> Any:
    """A file whose pages are known by their width: page n is 200 + n points wide."""
    target = io.BytesIO()
    with pikepdf.new() as made:
        for number in range(1, pages + 1):
            made.add_blank_page(page_size=(200 + number, 280))
        made.save(target)
    upload = SimpleUploadedFile("quét.pdf", target.getvalue())
    row = add_document(dossier, slot, upload, by=officer)
    tasks.read_stored_file(row.stored_id)
    return DossierDocument.objects.get(pk=row.pk)


def widths(data: bytes) -> list[int]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [int(page.mediabox[2]) - 200 for page in pdf.pages]


def test_pages_go_into_slots_until_none_is_left(
    draft: Dossier, officer: User, client_of: Callable
) -> None:
    row = scan(draft, officer)
    client = client_of(officer)
    url = reverse("products:document_pages", args=[row.pk])

    client.post(url, {"first": 1, "last": 12, "slot": "business_plan"})
    page = client.get(url).content.decode()
    client.post(url, {"first": 13, "last": 13, "slot": "awards"})
    still = DossierDocument.objects.get(pk=row.pk).removed_at
    client.post(url, {"first": 14, "last": 40, "slot": "business_plan"})

    assert "13–40" in page
    assert still is None
    current = draft.documents.current()
    assert list(current.values_list("slot", "first_page", "last_page", "original_name")) == [
        ("awards", 13, 13, "quét (trang 13).pdf"),
        ("business_plan", 1, 12, "quét (trang 1–12).pdf"),
        ("business_plan", 14, 40, "quét (trang 14–40).pdf"),
    ]
    assert StoredFile.objects.count() == 1
    assert client.get(url)["Location"].startswith(draft.get_absolute_url())


def test_pages_are_taken_out_of_a_slot_again(
    draft: Dossier, officer: User, client_of: Callable
) -> None:
    row = scan(draft, officer)
    part = assign_pages(row, 5, 7, "awards", by=officer)
    other = DocumentFactory(dossier=draft)
    client = client_of(officer)
    url = reverse("products:document_pages", args=[row.pk])

    page = client.post(url, {"take_out": part.pk}, follow=True).content.decode()

    assert "1–40" in page
    assert client.post(url, {"take_out": other.pk}).status_code == 404
    assert client.post(url, {"take_out": "x"}).status_code == 404
    assert set(draft.documents.current()) == {row, other}


def test_only_the_pages_are_downloaded(draft: Dossier, officer: User, client_of: Callable) -> None:
    row = scan(draft, officer)
    part = assign_pages(row, 5, 7, "awards", by=officer)

    answer = client_of(officer).get(reverse("products:document_download", args=[part.pk]))

    assert widths(b"".join(answer.streaming_content)) == [5, 6, 7]
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''qu%C3%A9t")
    assert (part.page_count, draft.documents.get(pk=row.pk).page_count) == (3, 40)


def test_a_page_brings_nothing_of_the_others(draft: Dossier, officer: User) -> None:
    """Bookmarks, and links from page to page, would keep the whole scan in every part."""
    target = io.BytesIO()
    with pikepdf.new() as made:
        for _ in range(5):
            page = made.add_blank_page()
            picture = made.make_stream(os.urandom(100_000))
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=picture))
        for page in made.pages:
            link = pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Link,
                Rect=[0, 0, 9, 9],
                Dest=[made.pages[4].obj, pikepdf.Name.Fit],
            )
            page.Annots = made.make_indirect(pikepdf.Array([made.make_indirect(link)]))
        with made.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(str(n), n) for n in range(5))
        made.save(target)
    upload = SimpleUploadedFile("a.pdf", target.getvalue())
    row = add_document(draft, "unsorted", upload, by=officer)
    tasks.read_stored_file(row.stored_id)
    part = assign_pages(row, 2, 2, "awards", by=officer)

    with content_of(part) as content:
        assert 100_000 < len(content.read()) < 110_000


def test_the_whole_file_stays_the_whole_file(draft: Dossier, officer: User) -> None:
    part = assign_pages(scan(draft, officer, 3), 1, 3, "awards", by=officer)

    assert (part.first_page, part.last_page, part.original_name) == (None, None, "quét.pdf")
    assert draft.documents.current().get() == part


@pytest.mark.parametrize(
    ("first", "last", "slot", "code"),
    [
        (0, 3, "awards", "no_such_pages"),
        (3, 2, "awards", "no_such_pages"),
        (39, 41, "awards", "no_such_pages"),
        (1, 2, "product_samples", "unknown_slot"),
        (1, 2, "unsorted", "unknown_slot"),
        (1, 4, "business_plan", "same_file"),
    ],
)
def test_what_cannot_be_assigned(
    first: int, last: int, slot: str, code: str, draft: Dossier, officer: User
) -> None:
    row = scan(draft, officer)
    assign_pages(row, 1, 4, "business_plan", by=officer)

    with pytest.raises(Refused) as refusal:
        assign_pages(row, first, last, slot, by=officer)

    assert refusal.value.problems[0].code == code


def test_only_whole_pdfs_that_were_read_are_split(draft: Dossier, officer: User) -> None:
    picture = DocumentFactory(dossier=draft, stored__extension="jpg", stored__pages=1)
    unread = DocumentFactory(dossier=draft)
    part = assign_pages(scan(draft, officer), 1, 4, "business_plan", by=officer)
    removed = scan(draft, officer, 5)
    remove_document(removed, by=officer)
    codes = []

    for row in (picture, unread, part, removed):
        with pytest.raises(Refused) as refusal:
            assign_pages(row, 1, 1, "awards", by=officer)
        codes.append(refusal.value.problems[0].code)

    assert codes == ["not_whole_pdf", "not_read_yet", "not_whole_pdf", "not_current"]


def test_a_refusal_stands_at_the_form(draft: Dossier, officer: User, client_of: Callable) -> None:
    url = reverse("products:document_pages", args=[scan(draft, officer).pk])
    client = client_of(officer)

    beyond = client.post(url, {"first": 1, "last": 99, "slot": "awards"})
    nothing = client.post(url, {})

    assert (beyond.status_code, nothing.status_code) == (409, 422)
    assert "từ 1 đến 40" in beyond.content.decode()


def test_nothing_is_assigned_in_a_dossier_that_was_handed_in(
    draft: Dossier, officer: User, client_of: Callable
) -> None:
    row = scan(draft, officer)
    Dossier.objects.filter(pk=draft.pk).update(state=Dossier.State.ACCEPTED)
    url = reverse("products:document_pages", args=[row.pk])
    client = client_of(officer)

    page = client.get(url).content.decode()
    answer = client.post(url, {"first": 1, "last": 2, "slot": "awards"})

    assert "Xếp trang vào mục" not in page
    assert answer.status_code == 409
    assert draft.documents.count() == 1


@pytest.mark.parametrize(
    ("ranges", "left"),
    [
        ([], [(1, 9)]),
        ([(1, 9)], []),
        ([(None, None)], []),
        ([(2, 3), (3, 5), (9, 9)], [(1, 1), (6, 8)]),
    ],
)
def test_pages_left(ranges: list[Any], left: list[tuple[int, int]]) -> None:
    parts = [DossierDocument(first_page=first, last_page=last) for first, last in ranges]

    assert pages_left(9, parts) == left


def draw(client: Client, row: DossierDocument) -> Job:
    client.post(reverse("products:document_pages_draw", args=[row.pk]))
    job = Job.objects.get(kind="page_pictures")
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def test_the_worker_draws_the_pages_once(
    draft: Dossier, officer: User, staff: User, client_of: Callable
) -> None:
    row = scan(draft, officer, 45)
    client = client_of(officer)

    job = draw(client, row)
    again = draw(client_of(staff), row)
    picture = client.get(reverse("products:document_page", args=[row.pk, 45]))
    beyond = client.get(reverse("products:document_page", args=[row.pk, 46]))

    assert (job.state, job.total, again.pk) == ("done", 3, job.pk)
    assert page_pictures.drawn(row.stored) == set(range(1, 46))
    assert picture["Content-Type"] == "image/webp"
    image = Image.open(io.BytesIO(b"".join(picture.streaming_content)))
    assert max(image.size) == page_pictures.PIXELS
    assert beyond.status_code == 404


def test_the_page_asks_batch_by_batch_until_all_is_drawn(
    draft: Dossier, officer: User, client_of: Callable
) -> None:
    row = scan(draft, officer, 45)
    client = client_of(officer)
    url = reverse("products:document_pages", args=[row.pk])
    client.post(reverse("products:document_pages_draw", args=[row.pk]))
    job = Job.objects.get()

    before = client.get(url).content.decode()
    page_pictures._draw(job, "1-20")
    fragment = client.get(f"{url}?tu=1", headers={"HX-Request": "true"}).content.decode()
    jobs.run(job.pk)
    after = client.get(url).content.decode()

    assert before.count('hx-trigger="every 2s"') == 1
    assert "?tu=1" in before
    # The first twenty are there; the next twenty go on asking, swapped in out of band.
    assert fragment.count("<img") == 20
    assert fragment.count('hx-trigger="every 2s"') == 1
    assert 'hx-swap-oob="true"' in fragment
    assert after.count('class="ocop-page-picture" src') == 45
    assert "every 2s" not in after
    assert client.get(f"{url}?tu=7", headers={"HX-Request": "true"}).status_code == 404


def test_a_batch_drawn_twice_writes_the_same_pictures(draft: Dossier, officer: User) -> None:
    row = scan(draft, officer, 3)
    job = page_pictures.start(row.stored, "x", by=officer)

    page_pictures._draw(job, "1-3")
    page_pictures._draw(job, "1-3")

    assert page_pictures.drawn(row.stored) == {1, 2, 3}


def test_memory_does_not_grow_with_the_pages(draft: Dossier, officer: User) -> None:
    """Pages as they come from a scanner, each a picture of 2 megapixels."""
    target = io.BytesIO()
    with pikepdf.new() as made:
        image = Image.effect_noise((1240, 1754), 50)
        jpeg = io.BytesIO()
        image.save(jpeg, "JPEG", quality=30)
        for number in range(60):
            page = made.add_blank_page(page_size=(595, 842))
            data = jpeg.getvalue() + bytes([number])
            page.Resources = pikepdf.Dictionary(
                XObject=pikepdf.Dictionary(
                    X=pikepdf.Stream(
                        made,
                        data,
                        Type=pikepdf.Name.XObject,
                        Subtype=pikepdf.Name.Image,
                        Width=1240,
                        Height=1754,
                        ColorSpace=pikepdf.Name.DeviceGray,
                        BitsPerComponent=8,
                        Filter=pikepdf.Name.DCTDecode,
                    )
                )
            )
            page.Contents = made.make_stream(b"q 595 0 0 842 0 0 cm /X Do Q")
        made.save(target)
    row = add_document(
        draft, "unsorted", SimpleUploadedFile("a.pdf", target.getvalue()), by=officer
    )
    tasks.read_stored_file(row.stored_id)
    job = page_pictures.start(StoredFile.objects.get(), "x", by=officer)
    page_pictures._draw(job, "1-20")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    page_pictures._draw(job, "21-40")
    page_pictures._draw(job, "41-60")

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024


def test_as_many_queries_for_few_pages_as_for_many(
    draft: Dossier, officer: User, client_of: Callable, django_assert_num_queries: Any
) -> None:
    few, many = scan(draft, officer, 3), scan(draft, officer, 60)
    for first in range(1, 40, 2):
        assign_pages(many, first, first + 1, "business_plan", by=officer)
    client = client_of(officer)
    urls = [reverse("products:document_pages", args=[row.pk]) for row in (few, many)]
    client.get(urls[0])
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        client.get(urls[0])
    with django_assert_num_queries(len(asked)):
        client.get(urls[1])
