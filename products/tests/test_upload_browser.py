"""A dossier filled by dropping files in a real browser, over a line that breaks."""

import base64
import os
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from ocop_portal import jobs, tasks
from ocop_portal.models import Job, Upload
from products.actions.dossiers import add_document
from products.models import Dossier, DossierDocument
from products.tests import bad_files as make
from products.tests.factories import DossierFactory

pytestmark = [pytest.mark.browser]


def heavy_pdf(size: int) -> bytes:
    """A sound PDF of one page that cannot be compressed."""
    from io import BytesIO

    target = BytesIO()
    with pikepdf.new() as made:
        page = made.add_blank_page()
        page.Resources = pikepdf.Dictionary(
            XObject=pikepdf.Dictionary(X=made.make_stream(os.urandom(size)))
        )
        made.save(target)
    return target.getvalue()


def drop(page: Page, selector: str, **files: bytes) -> None:
    """Let files fall on a place of the page, as from a folder of the desktop."""
    held = page.evaluate_handle(
        """(files) => {
          const transfer = new DataTransfer();
          for (const [name, text] of files) {
            const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
            transfer.items.add(new File([bytes], name, { lastModified: 1 }));
          }
          return transfer;
        }""",
        [[name, base64.b64encode(data).decode()] for name, data in files.items()],
    )
    page.dispatch_event(selector, "dragover", {"dataTransfer": held})
    page.dispatch_event(selector, "drop", {"dataTransfer": held})


def line(page: Page, name: str) -> Any:
    return page.locator("[data-ocop-upload-list] > li", has_text=name)


def break_after(page: Page, pieces: int) -> Callable[[], None]:
    """Let some pieces through and then none; gives the way to mend the line."""
    sent = 0

    def pass_or_not(route: Route) -> None:
        nonlocal sent
        sent += route.request.method == "PATCH"
        if sent > pieces:
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/tai-len/**", pass_or_not)
    return lambda: page.unroute("**/tai-len/**")


@pytest.mark.django_db(transaction=True)
def test_files_are_dropped_over_a_line_that_breaks(
    visit: Callable[[User], Page], officer: User, accessible: Callable[[Page], None]
) -> None:
    dossier = DossierFactory(created_by=officer)
    page = visit(officer)
    page.goto(dossier.get_absolute_url())

    # Two files on a slot, one of them bad.
    slot = page.locator("#muc-business_plan")
    drop(page, "#muc-business_plan", **{"phương án.pdf": make.pdf(2), "virus.pdf": b"MZ" * 99})
    expect(slot.get_by_role("link", name="Tải về: phương án.pdf")).to_be_visible()
    expect(line(page, "phương án.pdf")).to_contain_text("Xong")
    expect(line(page, "virus.pdf")).to_contain_text("Bị từ chối")
    expect(line(page, "virus.pdf")).to_contain_text("chương trình máy tính")
    accessible(page)

    # A large one, by the keyboard's way, while the line breaks after its second piece.
    mend = break_after(page, 2)
    content = heavy_pdf(3 * 1024 * 1024)
    upload = {"name": "quét.pdf", "mimeType": "application/pdf", "buffer": content}
    page.get_by_label("Chọn các tệp chưa xếp mục").set_input_files(upload)
    page.get_by_label("Chọn các tệp chưa xếp mục").press("Tab")
    page.keyboard.press("Enter")
    expect(line(page, "quét.pdf")).to_contain_text("Tạm dừng – mất mạng", timeout=20_000)
    accessible(page)
    assert Upload.objects.open().get().offset == 2 * 1024 * 1024
    mend()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(line(page, "quét.pdf")).to_contain_text("Xong", timeout=20_000)
    document = DossierDocument.objects.get(original_name="quét.pdf")
    with document.file.open("rb") as stored:
        assert stored.read() == content

    # It waits to be sorted; another comes with a name that says its slot.
    drop(page, "#lich-su", **{"giay phep kinh doanh.pdf": make.pdf(3)})
    choice = page.get_by_label("Mục của tệp giay phep kinh doanh.pdf")
    expect(choice).to_have_value("business_registration")
    page.get_by_label("Mục của tệp quét.pdf").select_option("awards")
    accessible(page)
    page.get_by_role("button", name="Xếp vào mục").click()
    expect(page.get_by_text("Đã xếp 2 tệp vào mục.")).to_be_visible()

    assert dict(dossier.documents.values_list("original_name", "slot")) == {
        "phương án.pdf": "business_plan",
        "quét.pdf": "awards",
        "giay phep kinh doanh.pdf": "business_registration",
    }


@pytest.mark.django_db(transaction=True)
def test_the_browser_was_closed_on_the_way(
    visit: Callable[[User], Page], officer: User, accessible: Callable[[Page], None]
) -> None:
    """Another day the page tells of the half file; the same file, chosen again, goes on."""
    dossier = DossierFactory(created_by=officer)
    content = heavy_pdf(2 * 1024 * 1024)
    page = visit(officer)
    page.goto(dossier.get_absolute_url())
    mend = break_after(page, 1)
    drop(page, "#muc-awards", **{"giải thưởng.pdf": content})
    expect(line(page, "giải thưởng.pdf")).to_contain_text("mất mạng", timeout=20_000)
    mend()

    page.reload()
    expect(page.get_by_text("Tệp tải dở (1)")).to_be_visible()
    accessible(page)
    first = page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('tus::'))")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    drop(page, "#muc-awards", **{"giải thưởng.pdf": content})

    expect(line(page, "giải thưởng.pdf")).to_contain_text("Xong", timeout=20_000)
    expect(page.get_by_text("Tệp tải dở (1)")).to_have_count(0)
    # From where it stood: asked how far it is, and only the rest was sent.
    assert asked.count("HEAD") == 1
    assert asked.count("PATCH") == 2
    assert len(first) == 1
    assert page.evaluate("Object.keys(localStorage).filter((k) => k.startsWith('tus::'))") == []
    with dossier.documents.get().file.open("rb") as stored:
        assert stored.read() == content


@pytest.mark.django_db(transaction=True)
def test_a_file_is_given_up_and_one_is_dragged_into_a_slot(
    visit: Callable[[User], Page], officer: User
) -> None:
    dossier = DossierFactory(created_by=officer)
    page = visit(officer)
    page.goto(dossier.get_absolute_url())
    mend = break_after(page, 1)
    drop(page, "#lich-su", **{"phim.pdf": heavy_pdf(2 * 1024 * 1024)})
    expect(line(page, "phim.pdf")).to_contain_text("mất mạng", timeout=20_000)
    mend()
    page.get_by_role("button", name="Hủy phim.pdf").click()
    expect(line(page, "phim.pdf")).to_have_count(0)

    drop(page, "#lich-su", **{"a.pdf": make.pdf(1)})
    row = page.locator("[data-ocop-document]")
    expect(row).to_be_visible()
    # By its edge: the middle is the list of slots. Nothing may scroll on the way.
    page.set_viewport_size({"width": 1280, "height": 4000})
    row.drag_to(page.locator("#muc-awards"), source_position={"x": 6, "y": 6})

    expect(page.locator("#muc-awards").get_by_role("link", name="Tải về: a.pdf")).to_be_visible()
    expect(page.locator("[data-ocop-document]")).to_have_count(0)
    assert dossier.documents.get().slot == "awards"
    assert Dossier.objects.get().documents.count() == 1
    assert Upload.objects.open().count() == 0


@pytest.mark.django_db(transaction=True)
def test_pages_of_a_scan_are_chosen_by_their_pictures(
    visit: Callable[[User], Page], officer: User, accessible: Callable[[Page], None]
) -> None:
    dossier = DossierFactory(created_by=officer)
    scan = SimpleUploadedFile("quét.pdf", make.pdf(25))
    row = add_document(dossier, "unsorted", scan, by=officer)
    tasks.read_stored_file(row.stored_id)
    page = visit(officer)
    page.goto(dossier.get_absolute_url())

    page.get_by_role("button", name="Chia theo trang tệp quét.pdf").click()
    expect(page.get_by_role("heading", name="Chia theo trang")).to_be_visible()
    jobs.run(Job.objects.get(kind="page_pictures").pk)
    expect(page.locator("img.ocop-page-picture")).to_have_count(25, timeout=15_000)
    accessible(page)
    page.get_by_role("button", name="Trang 3", exact=True).click()
    page.get_by_role("button", name="Trang 5", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Từ trang")).to_have_value("3")
    expect(page.get_by_label("Đến trang")).to_have_value("5")
    page.get_by_role("combobox", name="Mục").select_option("awards")
    page.get_by_role("button", name="Xếp vào mục").click()

    expect(page.get_by_text("Đã xếp “quét (trang 3–5).pdf”.")).to_be_visible()
    expect(page.get_by_text("1–2, 6–25")).to_be_visible()
    part = dossier.documents.get(slot="awards")
    assert (part.first_page, part.last_page, part.stored_id) == (3, 5, row.stored_id)
    accessible(page)
