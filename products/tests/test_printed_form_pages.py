"""The pages of printed forms: what is missing, entering it, who may, the way into the dossier."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ocop_portal.problems import Refused
from products.actions.form_answers import save_answers, shown_mark
from products.models import CommuneReport, Dossier, FormAnswers
from products.printed_forms import structure
from products.printed_forms.answers import answers_of, carried_from
from products.printed_forms.filling import all_text, fill
from products.printed_forms.sources import Records
from products.tests.factories import DossierFactory, ProducerFactory, ProductFactory, unit_2021
from regulations.models import CriteriaSet


@pytest.fixture
def draft(officer: Any) -> Dossier:
    return DossierFactory(created_by=officer, product__producer__unit=unit_2021("00523"))


def page(name: str, dossier: Dossier, *args: str) -> str:
    return reverse(f"products:{name}", args=[dossier.pk, *args])


def save(dossier: Dossier, code: str, values: dict[str, Any], *, by: Any) -> FormAnswers:
    form = structure.form(code)
    shown = shown_mark(dossier, form, answers_of(dossier))
    return save_answers(dossier, form, values, shown=shown, by=by)


def test_the_page_says_what_is_missing_and_where_it_is_entered(
    draft: Dossier, officer: Any, client_of: Any
) -> None:
    html = client_of(officer).get(page("dossier_forms", draft)).content.decode()

    for number in ("Biểu số 01", "Biểu số 02", "Biểu số 03", "Biểu số 04"):
        assert f"{number}. " in html
    assert "Mẫu số" not in html
    assert "làm một trong 2 biểu của mục này" in html
    assert f'href="/chu-the/{draft.product.producer_id}/sua/"' in html
    assert f'href="{page("dossier_form", draft, "bieu_03")}#id_swot"' in html
    assert page("dossier_form_download", draft, "bieu_04", "docx") in html


def test_answers_are_saved_shared_and_kept_in_history(
    draft: Dossier, officer: Any, client_of: Any
) -> None:
    client = client_of(officer)
    url = page("dossier_form", draft, "bieu_02")
    shown = client.get(url).context["form"]["shown"].value()

    answer = client.post(
        url,
        {
            "shown": shown,
            "workshop_address": "  Thôn   Hội Phụ ",
            "customers": ["rural", "urban"],
            "sales.0": ["Dưa cải", "", ""],
            "sales.1": ["2021", "", ""],
            "sales.2": ["kg", "", ""],
            "sales.3": ["1.200", "", ""],
            "sales.4": ["60.000.000", "", ""],
        },
    )

    assert answer.status_code == 302
    row = FormAnswers.objects.get(dossier=draft)
    assert row.answers == {
        "workshop_address": "Thôn Hội Phụ",
        "customers": ["rural", "urban"],
        "sales": [["Dưa cải", "2021", "kg", "1.200", "60.000.000"]],
    }
    assert row.saved_by == officer
    # Asked once: the other form that prints it shows it.
    other = client.get(page("dossier_form", draft, "bieu_04")).content.decode()
    assert 'value="Thôn Hội Phụ"' in other
    save(draft, "bieu_02", {"workshop_address": "Nơi khác"}, by=officer)
    history = FormAnswers.pgh_event_model.objects.order_by("pgh_id")
    assert [one.answers["workshop_address"] for one in history] == ["Thôn Hội Phụ", "Nơi khác"]


def test_two_people_do_not_overwrite_each_other(
    draft: Dossier, officer: Any, staff: Any, client_of: Any
) -> None:
    client, url = client_of(officer), page("dossier_form", draft, "bieu_04")
    shown = client.get(url).context["form"]["shown"].value()
    values = {"accounting": "Hai kế toán"}
    save(draft, "bieu_04", values, by=staff)

    refused = client.post(url, {"shown": shown, "accounting": "Một kế toán"})
    html = refused.content.decode()

    assert refused.status_code == 409
    assert "vừa được người khác lưu" in html
    assert "Một kế toán" in html
    assert "Đang lưu: Hai kế toán (staff (mẫu) lưu lúc " in html
    assert answers_of(draft) == {"accounting": "Hai kế toán"}
    again = refused.context["form"].data["shown"]
    client.post(url, {"shown": again, "accounting": "Một kế toán"})
    assert answers_of(draft) == {"accounting": "Một kế toán"}


def test_what_is_stored_is_told_in_words(
    draft: Dossier, officer: Any, staff: Any, client_of: Any
) -> None:
    client, url = client_of(officer), page("dossier_form", draft, "bieu_02")
    shown = client.get(url).context["form"]["shown"].value()
    rows = [["Thuê xe", "2021", "5.000.000"]]
    save(draft, "bieu_02", {"customers": ["rural", "urban"], "costs": rows}, by=staff)

    html = client.post(url, {"shown": shown, "customers": ["wealthy"]}).content.decode()

    assert "Đang lưu: Nông thôn; Thành thị (" in html
    assert "Đang lưu: Thuê xe | 2021 | 5.000.000 (" in html


def test_another_form_does_not_stand_in_the_way(draft: Dossier, officer: Any, staff: Any) -> None:
    form = structure.form("bieu_04")
    shown = shown_mark(draft, form, {})
    save(draft, "bieu_03", {"swot": "Vùng trồng gần xưởng"}, by=staff)

    save_answers(draft, form, {"accounting": "Thuê ngoài"}, shown=shown, by=officer)

    assert answers_of(draft) == {"swot": "Vùng trồng gần xưởng", "accounting": "Thuê ngoài"}


def test_answers_have_the_shape_that_the_form_declares(
    draft: Dossier, officer: Any, client_of: Any
) -> None:
    client, url = client_of(officer), page("dossier_form", draft, "bieu_02")
    shown = client.get(url).context["form"]["shown"].value()

    bad = client.post(
        url, {"shown": shown, "customers": ["emperor"], "history": "x" * 4001, "sales.0": "y" * 121}
    )

    assert bad.status_code == 422
    assert set(bad.context["form"].errors) == {"customers", "history", "sales"}
    with pytest.raises(Refused, match="không có mục swot"):
        save(draft, "bieu_04", {"swot": "của biểu khác"}, by=officer)
    assert not FormAnswers.objects.exists()


def test_what_goes_on_is_carried_to_the_next_dossier(
    draft: Dossier, officer: Any, client_of: Any
) -> None:
    save(draft, "bieu_03", {"charter_capital": "5 tỷ đồng", "sales_plan": "Năm 2021"}, by=officer)
    Dossier.objects.filter(pk=draft.pk).update(state=Dossier.State.RECOGNISED)
    later = DossierFactory(product=draft.product, created_by=officer, year=2022)
    other = DossierFactory(created_by=officer)

    assert answers_of(later) == {"charter_capital": "5 tỷ đồng"}
    assert carried_from(later) == draft
    assert answers_of(other) == {}
    html = client_of(officer).get(page("dossier_forms", later)).content.decode()
    assert "hồ sơ năm 2021" in html

    save(later, "bieu_03", {"charter_capital": "6 tỷ đồng"}, by=officer)

    assert carried_from(later) is None
    assert answers_of(later) == {"charter_capital": "6 tỷ đồng"}
    assert answers_of(draft)["charter_capital"] == "5 tỷ đồng"


def test_a_dossier_that_was_handed_in_keeps_its_answers(
    draft: Dossier, officer: Any, client_of: Any
) -> None:
    Dossier.objects.filter(pk=draft.pk).update(state=Dossier.State.SUBMITTED)
    client = client_of(officer)

    html = client.get(page("dossier_forms", draft)).content.decode()
    refused = client.post(
        page("dossier_form", draft, "bieu_04"),
        {"shown": shown_mark(draft, structure.form("bieu_04"), {}), "accounting": "x"},
    )

    assert "Nhập nội dung" not in html
    assert "Đưa vào hồ sơ" not in html
    assert refused.status_code == 409
    assert "không sửa được" in refused.content.decode()
    assert client.post(page("dossier_form_file", draft, "bieu_04")).status_code == 409
    assert not draft.documents.exists()


@pytest.mark.parametrize(
    ("kind", "content_type", "begins"),
    [("pdf", "application/pdf", b"%PDF-"), ("docx", "application/vnd.openxml", b"PK")],
)
def test_files_are_downloads_with_a_speaking_name(
    kind: str, content_type: str, begins: bytes, draft: Dossier, leader: Any, client_of: Any
) -> None:
    answer = client_of(leader).get(page("dossier_form_download", draft, "bieu_04", kind))

    assert answer["Content-Type"].startswith(content_type)
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Bi%E1%BB%83u")
    assert answer["Content-Disposition"].endswith(f".{kind}")
    assert answer.content.startswith(begins)


def test_a_form_of_another_regulation_is_not_there(
    draft: Dossier, officer: Any, client_of: Any
) -> None:
    client = client_of(officer)

    assert client.get(page("dossier_form_download", draft, "mau_02", "pdf")).status_code == 404
    assert client.get(page("dossier_form_download", draft, "bieu_04", "exe")).status_code == 404
    assert client.get(page("dossier_form", draft, "questions")).status_code == 404


def test_the_pdf_goes_into_its_slot_and_a_newer_one_replaces_it(
    draft: Dossier, officer: Any, client_of: Any
) -> None:
    client, url = client_of(officer), page("dossier_form_file", draft, "bieu_03")

    first = client.post(url)
    same = client.post(url)
    save(draft, "bieu_03", {"swot": "Vùng trồng gần xưởng"}, by=officer)
    client.post(url)

    assert first.url == f"{draft.get_absolute_url()}#muc-business_plan"
    assert same.status_code == 409
    rows = list(draft.documents.order_by("pk"))
    assert [(row.slot, row.replaced_by) for row in rows] == [
        ("business_plan", rows[1]),
        ("business_plan", None),
    ]
    name = "Biểu số 03. Phương án, kế hoạch kinh doanh sản phẩm.pdf"
    assert {row.original_name for row in rows} == {name}
    assert name in client.get(page("dossier_forms", draft)).content.decode()


def test_two_forms_of_one_slot_do_not_replace_each_other(
    draft: Dossier, officer: Any, client_of: Any
) -> None:
    client = client_of(officer)

    for code in ("bieu_01", "bieu_02"):
        client.post(page("dossier_form_file", draft, code))

    assert draft.documents.current().filter(slot="registration_form").count() == 2


def test_the_producer_writes_while_it_holds_the_pen_but_not_the_communes_report(
    person: Any, officer: Any, client_of: Any
) -> None:
    account = person("producer", "producer", unit_code="00523")
    sheet = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
    producer = ProducerFactory(unit=unit_2021("00523"))
    producer.accounts.add(account)
    product = ProductFactory(producer=producer, criteria_set=sheet)
    dossier = DossierFactory(product=product, with_producer=True, created_by=account)
    client = client_of(account)

    html = client.get(page("dossier_forms", dossier)).content.decode()
    save(dossier, "mau_02", {"history": "Từ năm 2016"}, by=account)
    form = structure.form("mau_03")
    mark = shown_mark(dossier, form, answers_of(dossier))
    url = page("dossier_form", dossier, "mau_03")
    refused = client.post(url, {"shown": mark, "commune_idea": "tự viết"})

    assert page("dossier_form", dossier, "mau_02") in html
    assert f'href="{url}"' not in html
    assert refused.status_code == 403
    assert client.post(page("dossier_form_file", dossier, "mau_03")).status_code == 403
    assert answers_of(dossier) == {"history": "Từ năm 2016"}

    Dossier.objects.filter(pk=dossier.pk).update(with_producer=False)
    dossier.refresh_from_db()
    CommuneReport.objects.create(
        dossier=dossier,
        findings=[["a", "Lúa của xã"], ["b", "12 người"], ["c", "Nghề cũ của làng"], ["d", "Có"]],
        proposed="proposed",
        signatory_title="Phó Chủ tịch",
        signatory_name="Người ký (mẫu)",
        signed_on=date(2026, 6, 1),
        written_by=officer,
    )
    assert answers_of(dossier)["commune_idea"] == "Nghề cũ của làng"
    CommuneReport.objects.filter(dossier=dossier).update(proposed="not_proposed")
    form = fill(structure.form("mau_03"), Records(dossier), answers_of(dossier))
    words = " ".join(all_text(form))
    assert "chưa đề nghị Ủy ban nhân dân" in words
    assert "Người ký (mẫu)" in words
    put = client_of(officer).post(page("dossier_form_file", dossier, "mau_03"))
    assert put.status_code == 409
    assert "khi xã lưu báo cáo" in put.content.decode()


def test_the_page_takes_the_same_queries_however_much_there_is(
    draft: Dossier, officer: Any, client_of: Any
) -> None:
    client, url = client_of(officer), page("dossier_forms", draft)
    client.get(url)

    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for year in range(2016, 2022):
        draft.product.producer.years.create(year=year, revenue=1)
    for n in range(5):
        draft.product.producer.chains.create(name=f"Chuỗi {n}", part="leader")
    client.post(page("dossier_form_file", draft, "bieu_03"))
    with CaptureQueriesContext(connection) as many:
        client.get(url)

    assert len(many) == len(few)
