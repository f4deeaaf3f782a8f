"""The pages on which system administrators write the law: drafts, and sheets to complete."""

import json
from copy import deepcopy
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from regulations import actions
from regulations.loading import checksum_of
from regulations.models import Regulation
from regulations.tests.test_views import COMPARE, DETAIL, LIST, SPOILT, SignIn, text_of

# --- Drafts: who sees them ------------------------------------------------------------------------

NEW = "/quy-dinh/qd30-2027/"
EDITOR = f"{NEW}soan/do-an-nhanh/"
CRITERION = f"{EDITOR}parts/0/sections/0/criteria/3/"
ONLY_FOR_ADMINISTRATORS = [
    "/quy-dinh/qd26-2026/soan-moi/",
    f"{NEW}soan/",
    f"{NEW}soan/regulation/",
    f"{NEW}soan/regulation/documents/",
    f"{NEW}soan/groups/",
    EDITOR,
    CRITERION,
    f"{EDITOR}tai-ve/",
    f"{NEW}dua-vao-ap-dung/",
    f"{NEW}bo/",
    f"{DETAIL}soan/{SPOILT}/",
]
OPEN_PAGES_OF_A_DRAFT = [NEW, f"{NEW}do-an-nhanh/", f"{COMPARE}?trai=qd26-2026&phai=qd30-2027"]


@pytest.fixture
def draft(administrator: User) -> Regulation:
    base = Regulation.objects.get(code="qd26-2026")
    return actions.draft_regulation(base, code="qd30-2027", by=administrator)


@pytest.mark.parametrize("page", [*ONLY_FOR_ADMINISTRATORS, *OPEN_PAGES_OF_A_DRAFT, LIST])
def test_administrator_opens_every_page(
    draft: Regulation, administrator: User, client_of: SignIn, page: str
) -> None:
    assert client_of(administrator).get(page).status_code == 200


@pytest.mark.parametrize("page", ONLY_FOR_ADMINISTRATORS)
def test_others_do_not_write_the_law(
    draft: Regulation, staff: User, client_of: SignIn, page: str
) -> None:
    assert client_of(staff).get(page).status_code == 403


@pytest.mark.parametrize(
    "page",
    [
        "/quy-dinh/qd26-2026/soan-moi/",
        EDITOR,
        CRITERION,
        f"{EDITOR}tai-len/",
        f"{EDITOR}dua-vao-dung/",
        f"{NEW}dua-vao-ap-dung/",
        f"{NEW}bo/",
    ],
)
def test_others_send_nothing(draft: Regulation, staff: User, client_of: SignIn, page: str) -> None:
    assert client_of(staff).post(page).status_code == 403


@pytest.mark.parametrize("page", OPEN_PAGES_OF_A_DRAFT)
def test_drafts_do_not_exist_for_others(
    draft: Regulation, staff: User, client_of: SignIn, page: str
) -> None:
    client = client_of(staff)

    assert client.get(page).status_code == 404
    assert "qd30-2027" not in text_of(client.get(LIST))


@pytest.mark.parametrize(
    "page",
    [
        "/quy-dinh/qd26-2026/soan/",
        "/quy-dinh/qd26-2026/soan/regulation/",
        "/quy-dinh/qd26-2026/soan/do-an-nhanh/",
        "/quy-dinh/qd26-2026/dua-vao-ap-dung/",
        "/quy-dinh/qd26-2026/bo/",
        f"{NEW}soan-moi/",
        f"{NEW}soan/khong-co/",
        f"{EDITOR}parts/9/",
        f"{EDITOR}khong-co/",
    ],
)
def test_what_is_in_force_has_no_editor(
    draft: Regulation, administrator: User, client_of: SignIn, page: str
) -> None:
    assert client_of(administrator).get(page).status_code == 404


def test_buttons_are_there_for_administrators_only(
    administrator: User, staff: User, client_of: SignIn, regulation: Regulation
) -> None:
    page = f"{DETAIL}{SPOILT}/"
    link = f'href="{DETAIL}soan/{SPOILT}/"'

    assert link in text_of(client_of(administrator).get(page))
    assert link not in text_of(client_of(staff).get(page))
    assert "soan-moi" in text_of(client_of(administrator).get(DETAIL))
    assert "soan-moi" not in text_of(client_of(staff).get(DETAIL))


def test_landing_page_names_the_work(
    draft: Regulation, administrator: User, staff: User, client_of: SignIn
) -> None:
    page = text_of(client_of(administrator).get("/"))

    assert "Phiếu chấm chưa dùng được" in page
    assert f'href="{NEW}soan/"' in page
    assert "Phiếu chấm chưa dùng được" not in text_of(client_of(staff).get("/"))


# --- Drafts: writing ------------------------------------------------------------------------------


def test_draft_is_begun_on_its_page(administrator: User, client_of: SignIn) -> None:
    response = client_of(administrator).post("/quy-dinh/qd26-2026/soan-moi/", {"code": "qd30-2027"})

    assert (response.status_code, response.url) == (302, f"{NEW}soan/")
    assert Regulation.objects.get(code="qd30-2027").is_draft


def test_code_with_marks_is_an_error_of_the_form(administrator: User, client_of: SignIn) -> None:
    response = client_of(administrator).post("/quy-dinh/qd26-2026/soan-moi/", {"code": "Mới 1"})

    assert response.status_code == 422
    assert "code" in response.context["form"].errors


def page_values(response: Any, **typed: str) -> dict[str, str]:
    """What the browser sends of an editor's page, with some values typed."""
    form = response.context["form"]
    parts = [form.values]
    for rows in form.rows:
        parts += [rows.formset.management_form, *rows.formset.forms]
    values = {
        field.html_name: "" if field.value() is None else str(field.value())
        for part in parts
        for field in part
        if field.value() is not False
    }
    return {**values, "checksum": response.context["checksum"], **typed}


def criterion_of(draft: Regulation) -> Any:
    sheet = draft.criteria_sets.get(code="do-an-nhanh").data
    return sheet["parts"][0]["sections"][0]["criteria"][3]


def test_criterion_is_saved(draft: Regulation, administrator: User, client_of: SignIn) -> None:
    client = client_of(administrator)
    values = page_values(client.get(CRITERION), name="Liên kết", **{"rows-options-3-points": "4"})

    response = client.post(CRITERION, values)

    assert (response.status_code, response.url) == (302, CRITERION)
    assert criterion_of(draft)["name"] == "Liên kết"
    assert criterion_of(draft)["options"][3]["points"] == 4
    assert "Tiêu chí 1.4: lựa chọn cao nhất 4 điểm" in text_of(client.get(CRITERION))


def test_wrong_value_is_refused_and_nothing_typed_is_lost(
    draft: Regulation, administrator: User, client_of: SignIn
) -> None:
    client = client_of(administrator)
    before = criterion_of(draft)
    values = page_values(client.get(CRITERION), name="Tên đã gõ", max_points="ba")

    response = client.post(CRITERION, values)

    assert response.status_code == 422
    page = text_of(response)
    assert "Điểm tối đa: Nhập một số nguyên." in page
    assert "Tên đã gõ" in page
    assert 'value="ba"' in page
    assert criterion_of(draft) == before


def test_second_saver_is_told_and_keeps_what_was_typed(
    draft: Regulation, administrator: User, client_of: SignIn
) -> None:
    client = client_of(administrator)
    first = page_values(client.get(CRITERION), name="Người thứ nhất")
    second = page_values(client.get(CRITERION), name="Người thứ hai")
    client.post(CRITERION, first)

    response = client.post(CRITERION, second)

    assert response.status_code == 409
    page = text_of(response)
    assert "vừa được người khác lưu" in page
    assert "Người thứ hai" in page
    assert criterion_of(draft)["name"] == "Người thứ nhất"
    # Sent again as it stands, it is refused again.
    again = {**second, "checksum": response.context["checksum"]}
    assert client.post(CRITERION, again).status_code == 409


def test_place_that_somebody_took_away_is_said_to_be_gone(
    draft: Regulation, administrator: User, client_of: SignIn
) -> None:
    client = client_of(administrator)
    page = f"{EDITOR}parts/2/"
    values = page_values(client.get(page))
    client.post(EDITOR, page_values(client.get(EDITOR), **{"rows-parts-2-DELETE": "on"}))

    response = client.post(page, values)

    assert response.status_code == 409
    assert "Chỗ này vừa bị người khác bỏ" in text_of(response)


def test_criterion_is_added_and_its_page_opens(
    draft: Regulation, administrator: User, client_of: SignIn
) -> None:
    client = client_of(administrator)
    section = f"{EDITOR}parts/0/sections/0/"
    values = page_values(client.get(section), name="Tên mục", add="criteria")

    response = client.post(section, values)

    data = draft.criteria_sets.get(code="do-an-nhanh").data["parts"][0]["sections"][0]
    assert response.url == f"{section}criteria/{len(data['criteria']) - 1}/"
    assert data["name"] == "Tên mục"
    assert client.get(response.url).status_code == 200


def test_criteria_change_their_order_and_are_taken_away(
    draft: Regulation, administrator: User, client_of: SignIn
) -> None:
    client = client_of(administrator)
    section = f"{EDITOR}parts/0/sections/0/"
    typed = {"rows-criteria-1-ORDER": "0", "rows-criteria-2-DELETE": "on"}

    client.post(section, page_values(client.get(section), **typed))

    data = draft.criteria_sets.get(code="do-an-nhanh").data["parts"][0]["sections"][0]
    assert [one["code"] for one in data["criteria"]] == ["1.2", "1.1", "1.4", "1.5", "1.6"]


def test_nothing_unknown_is_added(
    draft: Regulation, administrator: User, client_of: SignIn
) -> None:
    client = client_of(administrator)

    response = client.post(CRITERION, page_values(client.get(CRITERION), add="code"))

    assert response.status_code == 404


def test_document_is_sent_and_taken_back(
    draft: Regulation, administrator: User, client_of: SignIn
) -> None:
    client = client_of(administrator)
    sent = client.get(f"{EDITOR}tai-ve/")
    data = json.loads(sent.content)

    response = upload(client, draft, json.dumps({**data, "name": "Đồ ăn nhanh, mới"}).encode())

    assert sent.headers["Content-Disposition"] == (
        'attachment; filename="qd30-2027-do-an-nhanh.json"'
    )
    assert next(iter(data)) == "schema"
    assert response.status_code == 302
    row = draft.criteria_sets.get(code="do-an-nhanh")
    assert (row.name, row.data) == ("Đồ ăn nhanh, mới", {**data, "name": "Đồ ăn nhanh, mới"})


def upload(client: Client, draft: Regulation, content: bytes) -> Any:
    checksum = checksum_of(actions.working_document(draft, "do-an-nhanh"))
    file = SimpleUploadedFile("phieu.json", content)
    return client.post(f"{EDITOR}tai-len/", {"file": file, "checksum": checksum})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"a": ', "không phải là tệp JSON đọc được (sai ở dòng 1, cột 7)"),
        (b"\xff\xfe", "không phải mã UTF-8"),
        (b'{"name": "\\u0000"}', "có nội dung không lưu được"),
        (b'{"name": "\\ud800"}', "có nội dung không lưu được"),
        (b"[" * 200_000, "có nội dung không lưu được"),
        (b'{"max_points": NaN}', "có nội dung không lưu được"),
        (b" " * (1024 * 1024 + 1), "Tệp lớn hơn 1 MB"),
        (b"", "Hãy chọn một tệp JSON."),
        (b"[]", "Toàn bộ: cần đối tượng, nhận được []."),
        (b'{"max_points": 3.5}', "Điểm tối đa: cần số nguyên"),
        (b"{}", "Mã quy định: phải giữ nguyên “qd30-2027”"),
    ],
)
def test_file_that_is_no_document_is_refused_with_the_reason(
    draft: Regulation, administrator: User, client_of: SignIn, content: bytes, sentence: str
) -> None:
    response = upload(client_of(administrator), draft, content)

    assert response.status_code == 409
    assert sentence in text_of(response)


# --- Drafts: in force -----------------------------------------------------------------------------


def test_draft_is_put_in_force_on_its_page(
    draft: Regulation, administrator: User, client_of: SignIn
) -> None:
    response = client_of(administrator).post(
        f"{NEW}dua-vao-ap-dung/", {"effective_from": "01/01/2027"}
    )

    assert (response.status_code, response.url) == (302, NEW)
    assert not Regulation.objects.get(code="qd30-2027").is_draft


@pytest.mark.parametrize(("day", "status"), [("", 422), ("32/1/2027", 422), ("22/05/2026", 409)])
def test_day_that_does_not_fit_is_refused(
    draft: Regulation, administrator: User, client_of: SignIn, day: str, status: int
) -> None:
    response = client_of(administrator).post(f"{NEW}dua-vao-ap-dung/", {"effective_from": day})

    assert response.status_code == status
    assert Regulation.objects.get(code="qd30-2027").is_draft


def test_draft_is_thrown_away_after_a_question(
    draft: Regulation, administrator: User, client_of: SignIn
) -> None:
    client = client_of(administrator)

    assert "Giữ lại" in text_of(client.get(f"{NEW}bo/"))
    assert client.post(f"{NEW}bo/").url == LIST
    assert not Regulation.objects.filter(code="qd30-2027").exists()


def test_draft_that_cannot_be_read_is_shown_with_what_is_wrong(
    draft: Regulation, administrator: User, client_of: SignIn
) -> None:
    client = client_of(administrator)
    data = {key: value for key, value in draft.data.items() if key != "certificate"}
    actions.save_document(
        draft, "regulation", data, checksum=checksum_of(draft.data), by=administrator
    )

    assert client.get(NEW).url == f"{NEW}soan/"
    assert client.get(f"{NEW}do-an-nhanh/").url == f"{NEW}soan/"
    assert "Giấy chứng nhận: chưa có" in text_of(client.get(f"{NEW}soan/"))
    assert client.get(OPEN_PAGES_OF_A_DRAFT[-1]).status_code == 409
    assert client.get(f"{NEW}dua-vao-ap-dung/").status_code == 200
    assert client.get(LIST).status_code == 200


# --- Completing a sheet ---------------------------------------------------------------------------


def test_sheet_is_completed_on_its_pages(
    regulation: Regulation, administrator: User, client_of: SignIn
) -> None:
    client = client_of(administrator)
    editor = f"{DETAIL}soan/{SPOILT}/"
    data = deepcopy(regulation.criteria_sets.get(code=SPOILT).data)
    section = data["parts"][2]["sections"][0]
    best = max(section["criteria"][0]["options"], key=lambda option: option["points"])
    best["points"] += 2
    section["criteria"][0]["max_points"] += 2
    section["max_points"] += 2
    checksum = client.get(editor).context["checksum"]
    assert "Phần C: các tiêu chí cộng lại được 38 điểm" in text_of(client.get(editor))

    file = SimpleUploadedFile("phieu.json", json.dumps(data).encode())
    client.post(f"{editor}tai-len/", {"file": file, "checksum": checksum})
    assert "Bản hoàn thiện đã cộng đủ điểm" in text_of(client.get(editor))
    response = client.post(f"{editor}dua-vao-dung/", {"checksum": checksum_of(data)})

    assert (response.status_code, response.url) == (302, f"{DETAIL}{SPOILT}/")
    assert regulation.criteria_sets.get(code=SPOILT).is_usable
    assert client.get(editor).status_code == 404
    assert "Phiếu này chưa dùng" not in text_of(client.get(response.url))
