"""The commune's report on the points of its regulation: who writes it, its history, its print."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pypdfium2
import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.models import AdministrativeUnit, User
from accounts.roles import Role
from ocop_portal.problems import Refused
from products.actions import commune_reports
from products.actions.commune_reports import save_report
from products.models import CommuneReport, Dossier
from products.tests.factories import DossierFactory, unit_2021
from regulations.models import CriteriaSet
from regulations.rules import DocumentKind

# 26/2026/QĐ-TTg, Điều 7 khoản 2 điểm a and Mẫu số 03.
POINTS = (
    "Nguồn gốc sản phẩm, nguyên liệu địa phương",
    "Sử dụng lao động địa phương",
    "Nguồn gốc ý tưởng sản phẩm",
    "Bản sắc, trí tuệ địa phương",
)


@pytest.fixture
def dossier(officer: User) -> Dossier:
    """A dossier of Đông Hội under the decision of 2026."""
    sheet = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
    return DossierFactory(
        product__name="Dưa cải muối",
        product__producer__unit=unit_2021("00523"),
        criteria_set=sheet,
        created_by=officer,
        tier="city",
        filed_on=date(2026, 6, 1),
    )


def values(**changes: Any) -> dict[str, Any]:
    return {
        "findings": [[point, f"Về điểm {n}"] for n, point in enumerate(POINTS)],
        "proposed": "proposed",
        "conclusion": "Sản phẩm có nguồn gốc tại xã.",
        "number": "12/BC-UBND",
        "signatory_title": "Phó Chủ tịch",
        "signatory_name": "Người ký (mẫu)",
        "signed_on": date(2026, 6, 10),
        **changes,
    }


def posted(**changes: Any) -> dict[str, Any]:
    return {
        **{f"point_{n}": f"Về điểm {n}" for n in range(4)},
        "proposed": "proposed",
        "conclusion": "",
        "number": "",
        "signatory_title": "Phó Chủ tịch",
        "signatory_name": "Người ký (mẫu)",
        "signed_on": "10/06/2026",
        "version": 0,
        **changes,
    }


def test_four_points_come_from_the_regulation(dossier: Dossier) -> None:
    assert dossier.regulation.rules.screening.points == POINTS


@pytest.mark.parametrize("who", ["officer", "commune_officer"])
def test_officers_of_the_place_write_it(
    request: pytest.FixtureRequest, dossier: Dossier, who: str
) -> None:
    by = request.getfixturevalue(who)

    report = save_report(dossier, values(), version=0, by=by)

    assert (report.version, report.written_by) == (1, by)


def test_officer_of_the_commune_of_2025_writes_it(
    dossier: Dossier, person: Callable[..., User]
) -> None:
    now = dossier.product.producer.current_unit
    assert now.edition == 2025
    by = person("xa_moi", Role.COMMUNE_OFFICER)
    by.unit = AdministrativeUnit.objects.get(pk=now.pk)
    by.save(update_fields=["unit"])

    assert save_report(dossier, values(), version=0, by=by).written_by == by


@pytest.mark.parametrize("who", ["other_officer", "secretary", "staff", "leader"])
def test_others_do_not(request: pytest.FixtureRequest, dossier: Dossier, who: str) -> None:
    with pytest.raises(PermissionDenied):
        save_report(dossier, values(), version=0, by=request.getfixturevalue(who))


def test_decision_of_2019_asks_for_none(officer: User) -> None:
    with pytest.raises(Refused, match="không quy định báo cáo của xã"):
        save_report(DossierFactory(created_by=officer), values(), version=0, by=officer)


@pytest.mark.parametrize("state", ["accepted", "in_evaluation", "recognised", "withdrawn"])
def test_once_received_it_stays(dossier: Dossier, officer: User, state: str) -> None:
    Dossier.objects.filter(pk=dossier.pk).update(state=state)

    with pytest.raises(Refused, match="không sửa được nữa"):
        save_report(dossier, values(), version=0, by=officer)


def test_two_officers_do_not_overwrite_each_other(
    dossier: Dossier, officer: User, commune_officer: User
) -> None:
    save_report(dossier, values(), version=0, by=commune_officer)

    with pytest.raises(Refused, match="vừa được người khác lưu"):
        save_report(dossier, values(conclusion="Khác"), version=0, by=officer)
    assert CommuneReport.objects.get().conclusion == "Sản phẩm có nguồn gốc tại xã."


def test_where_the_regulation_has_a_slot_the_print_is_its_document(
    dossier: Dossier, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = DocumentKind("commune_report", True, True, "Báo cáo của xã", "", "Mẫu số 03")
    monkeypatch.setattr(commune_reports, "slots_of", lambda dossier: (slot,))

    save_report(dossier, values(), version=0, by=officer)
    save_report(dossier, values(conclusion="Bổ sung"), version=1, by=officer)

    old, new = dossier.documents.order_by("pk")
    assert (old.replaced_by, new.replaced_by) == (new, None)
    assert (new.slot, new.number, new.issued_on) == (
        "commune_report",
        "12/BC-UBND",
        date(2026, 6, 10),
    )


# Pages


def test_form_saves_the_points_as_the_regulation_calls_them(
    client_of: Callable[[User], Client], dossier: Dossier, commune_officer: User
) -> None:
    url = reverse("products:commune_report_edit", args=[dossier.pk])

    answer = client_of(commune_officer).post(url, posted())

    assert answer.status_code == 302
    findings = dossier.commune_report.findings
    assert findings == [[point, f"Về điểm {n}"] for n, point in enumerate(POINTS)]


@pytest.mark.parametrize("field", ["point_0", "point_3", "proposed", "signatory_name", "signed_on"])
def test_form_asks_for_every_point_conclusion_and_signature(
    client_of: Callable[[User], Client], dossier: Dossier, commune_officer: User, field: str
) -> None:
    url = reverse("products:commune_report_edit", args=[dossier.pk])

    answer = client_of(commune_officer).post(url, posted(**{field: ""}))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_s8_conflict_in_the_form_shows_both(
    client_of: Callable[[User], Client], dossier: Dossier, officer: User, commune_officer: User
) -> None:
    save_report(dossier, values(conclusion="Của đồng nghiệp"), version=0, by=officer)
    url = reverse("products:commune_report_edit", args=[dossier.pk])

    answer = client_of(commune_officer).post(url, posted(conclusion="Của tôi"))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Của đồng nghiệp" in page
    assert "Của tôi" in page
    assert 'name="version" value="1"' in page


def test_page_shows_what_was_changed_and_by_whom(
    client_of: Callable[[User], Client], dossier: Dossier, commune_officer: User, secretary: User
) -> None:
    client = client_of(commune_officer)
    url = reverse("products:commune_report_edit", args=[dossier.pk])
    client.post(url, posted())
    client.post(url, posted(version=1, point_1="12 lao động của xã"))

    page = client_of(secretary).get(reverse("products:commune_report", args=[dossier.pk]))

    (change,) = page.context["changes"]
    (field,) = change.fields
    assert (change.by, field[0]) == ("commune_officer (mẫu)", "Nội dung đánh giá")
    assert "Sử dụng lao động địa phương: Về điểm 1" in field[1]
    assert "Sử dụng lao động địa phương: 12 lao động của xã" in field[2]


def test_print_holds_the_points_and_the_signature(
    client_of: Callable[[User], Client], dossier: Dossier, officer: User
) -> None:
    save_report(dossier, values(), version=0, by=officer)

    answer = client_of(officer).get(reverse("products:commune_report_print", args=[dossier.pk]))

    with pypdfium2.PdfDocument(answer.content) as document:
        text = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)
    for words in (*POINTS, "Về điểm 3", "TM. ỦY BAN NHÂN DÂN", "Người ký (mẫu)", "12/BC-UBND"):
        assert words in text


def test_checker_sees_it_beside_the_documents(
    client_of: Callable[[User], Client], dossier: Dossier, officer: User, staff: User
) -> None:
    url = reverse("products:dossier_check", args=[dossier.pk])
    assert "Chưa có" in client_of(staff).get(url).content.decode()

    save_report(dossier, values(), version=0, by=officer)

    assert "Đề nghị đánh giá, phân hạng" in client_of(staff).get(url).content.decode()


def test_tab_shows_only_where_the_regulation_has_the_report(
    client_of: Callable[[User], Client], dossier: Dossier, officer: User
) -> None:
    old = DossierFactory(created_by=officer)

    pages = [client_of(officer).get(row.get_absolute_url()) for row in (dossier, old)]

    assert [">Báo cáo của xã</a>" in page.content.decode() for page in pages] == [True, False]


def test_council_reads_it_beside_the_score_sheet(dossier: Dossier, officer: User) -> None:
    from django.template import Context, Template

    save_report(dossier, values(), version=0, by=officer)
    template = Template("{% load dossiers %}{% commune_report dossier %}")

    page = template.render(Context({"dossier": dossier}))

    assert "Về điểm 3" in page
