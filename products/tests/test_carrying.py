"""A dossier that goes on from the last one: what is carried, what not and why."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from accounts.models import User
from ocop_portal.problems import Refused
from products.actions.carrying import bring_in, bring_paper_in, carry_over, move_document
from products.actions.documents import replace_document
from products.actions.dossiers import create_dossier, remove_document, save_dossier
from products.actions.regulation import change_regulation
from products.carrying import Fate, plan
from products.models import Dossier, DossierDocument, Product
from products.tests.factories import DocumentFactory, DossierFactory, PaperFactory
from regulations.models import CriteriaSet

TODAY = date(2026, 11, 24)
Kind = Dossier.Kind


def sheet(code: str) -> CriteriaSet:
    return CriteriaSet.objects.get(regulation__code=code, code="do-an-nhanh")


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: TODAY)


@pytest.fixture
def earlier(officer: User) -> Dossier:
    """A product recognised under 148/QĐ-TTg, with documents that hold, lapse and have no place."""
    dossier = DossierFactory(
        product__criteria_set=sheet("qd148-2023"),
        created_by=officer,
        state=Dossier.State.RECOGNISED,
        year=2024,
        filed_on=date(2024, 3, 1),
    )
    for slot, ends_on in {
        "registration_form": None,
        "business_plan": None,
        "business_registration": None,
        "production_conditions": date(2027, 3, 1),
        "food_safety_test_report": date(2025, 3, 1),
        "product_standard": None,
        "quality_control_plan": None,
        "barcode_traceability_ip": None,
        "accounting": None,
    }.items():
        DocumentFactory(
            dossier=dossier,
            slot=slot,
            original_name=f"{slot}.pdf",
            number=f"{slot}/2024",
            issued_on=date(2024, 3, 1),
            valid_until=ends_on,
        )
    return dossier


def upgrade(product: Product, officer: User, kind: str = Kind.UPGRADE) -> Dossier:
    return create_dossier(
        product, by=officer, criteria_set=sheet("qd26-2026"), kind=kind, year=2026
    )


def held(dossier: Dossier) -> dict[str, str]:
    return {row.original_name: row.slot for row in dossier.documents.current()}


def fates(dossier: Dossier, day: date = TODAY) -> dict[str, Fate]:
    return {row.document.original_name: row.fate for row in plan(dossier, day).rows}


def test_u5_upgrade_starts_with_what_still_holds(earlier: Dossier, officer: User) -> None:
    dossier = upgrade(earlier.product, officer)

    assert dossier.previous == earlier
    assert held(dossier) == {
        "business_registration.pdf": "business_registration",
        "production_conditions.pdf": "production_conditions",
        "product_standard.pdf": "quality_declaration",
        "quality_control_plan.pdf": "quality_management",
    }


def test_carried_document_is_the_same_file_with_its_facts(earlier: Dossier, officer: User) -> None:
    before = earlier.documents.get(slot="production_conditions")

    carried = upgrade(earlier.product, officer).documents.get(slot="production_conditions")

    assert carried.carried_from == before
    assert carried.stored == before.stored
    facts = ("number", "issued_on", "valid_until", "original_name")
    assert [getattr(carried, name) for name in facts] == [getattr(before, name) for name in facts]
    assert (carried.verdict, carried.uploaded_by) == ("", officer)


def test_plan_says_why_the_rest_stayed(earlier: Dossier, officer: User) -> None:
    dossier = upgrade(earlier.product, officer)

    rows = {row.document.original_name: row for row in plan(dossier, TODAY).rows}

    assert {name: row.fate for name, row in rows.items()} == {
        "registration_form.pdf": Fate.MADE_ANEW,
        "business_plan.pdf": Fate.MADE_ANEW,
        "business_registration.pdf": Fate.CARRIED,
        "production_conditions.pdf": Fate.CARRIED,
        "food_safety_test_report.pdf": Fate.EXPIRED,
        "product_standard.pdf": Fate.CARRIED,
        "quality_control_plan.pdf": Fate.CARRIED,
        "barcode_traceability_ip.pdf": Fate.CHOOSE,
        "accounting.pdf": Fate.NO_SLOT,
    }
    assert rows["food_safety_test_report.pdf"].reason == (
        "Hết hạn ngày 01/03/2025, không còn hiệu lực vào ngày 24/11/2026."
    )


def test_only_expired_and_new_documents_are_asked_for(earlier: Dossier, officer: User) -> None:
    dossier = upgrade(earlier.product, officer)

    asked = {one.slot.code: one.label for one in plan(dossier, TODAY).asked}

    assert asked == {
        "registration_form": "Lập mới",
        "self_assessment": "Lập mới",
        "changes": "Lập mới",
        "food_safety_test_report": "Cần bản mới",
        "local_labour": "Mục mới",
        "business_growth": "Mục mới",
        "advertising": "Mục mới",
        "commune_report": "Mục mới",
    }


@pytest.mark.parametrize(("ends_on", "comes"), [(TODAY, True), (date(2026, 11, 23), False)])
def test_a_document_holds_until_its_last_day(
    earlier: Dossier, officer: User, ends_on: date, comes: bool
) -> None:
    earlier.documents.filter(slot="production_conditions").update(valid_until=ends_on)

    dossier = upgrade(earlier.product, officer)

    assert ("production_conditions.pdf" in held(dossier)) is comes


def test_what_ends_before_the_session_does_not_serve(
    earlier: Dossier, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("products.session_days._providers", [lambda dossier: date(2027, 3, 2)])

    assert "production_conditions.pdf" not in held(upgrade(earlier.product, officer))


def test_first_evaluation_takes_nothing_by_itself(earlier: Dossier, officer: User) -> None:
    dossier = upgrade(earlier.product, officer, Kind.FIRST)

    assert (dossier.previous, held(dossier)) == (earlier, {})


def test_withdrawn_dossier_is_not_gone_on_from(earlier: Dossier, officer: User) -> None:
    Dossier.objects.filter(pk=earlier.pk).update(state=Dossier.State.WITHDRAWN)

    assert upgrade(earlier.product, officer).previous is None


def test_carrying_again_brings_nothing_twice(earlier: Dossier, officer: User) -> None:
    dossier = upgrade(earlier.product, officer)
    before = held(dossier)

    assert carry_over(dossier, by=officer, today=TODAY) == 0
    assert held(dossier) == before


def test_what_was_taken_out_stays_out_and_can_be_brought_in(
    earlier: Dossier, officer: User
) -> None:
    dossier = upgrade(earlier.product, officer)
    remove_document(dossier.documents.get(slot="quality_declaration"), by=officer)

    assert carry_over(dossier, by=officer, today=TODAY) == 0
    assert fates(dossier)["product_standard.pdf"] == Fate.TAKEN_OUT

    before = earlier.documents.get(slot="product_standard")
    bring_in(dossier, before, "quality_declaration", by=officer)
    assert held(dossier)["product_standard.pdf"] == "quality_declaration"


def test_what_was_replaced_in_the_new_dossier_does_not_come_again(
    earlier: Dossier, officer: User, pdf: Callable
) -> None:
    dossier = upgrade(earlier.product, officer)
    replace_document(
        dossier.documents.get(slot="production_conditions"), pdf("moi.pdf"), by=officer
    )

    assert carry_over(dossier, by=officer, today=TODAY) == 0
    assert "production_conditions.pdf" not in held(dossier)


def test_a_split_slot_is_chosen_by_hand(earlier: Dossier, officer: User) -> None:
    dossier = upgrade(earlier.product, officer)
    before = earlier.documents.get(slot="barcode_traceability_ip")

    bring_in(dossier, before, "intellectual_property", by=officer)

    assert held(dossier)["barcode_traceability_ip.pdf"] == "intellectual_property"
    assert fates(dossier)["barcode_traceability_ip.pdf"] == Fate.CARRIED


@pytest.mark.parametrize("slot", ["business_plan", "product_samples"])
def test_nothing_is_brought_into_a_slot_without_files(
    earlier: Dossier, officer: User, slot: str
) -> None:
    dossier = upgrade(earlier.product, officer)

    with pytest.raises(Refused, match="không có trong quy định"):
        bring_in(dossier, earlier.documents.get(slot="accounting"), slot, by=officer)


def test_a_document_of_another_dossier_is_refused(earlier: Dossier, officer: User) -> None:
    dossier = upgrade(earlier.product, officer)

    with pytest.raises(Refused, match="không thuộc hồ sơ trước"):
        bring_in(dossier, DocumentFactory(dossier__created_by=officer), "awards", by=officer)


# Papers of the producer


def paper_of(dossier: Dossier, officer: User, **fields: Any) -> Any:
    return PaperFactory(producer=dossier.product.producer, uploaded_by=officer, **fields)


def test_papers_of_the_producer_serve_every_dossier(earlier: Dossier, officer: User) -> None:
    paper = paper_of(
        earlier, officer, slot="local_labour", number="5/DS", valid_until=date(2027, 1, 1)
    )

    dossier = upgrade(earlier.product, officer, Kind.FIRST)

    row = dossier.documents.get()
    assert (row.slot, row.producer_document, row.stored) == ("local_labour", paper, paper.stored)
    assert (row.number, row.valid_until) == ("5/DS", date(2027, 1, 1))


def test_an_expired_paper_is_asked_for_anew(earlier: Dossier, officer: User) -> None:
    paper_of(earlier, officer, slot="local_labour", valid_until=date(2026, 11, 23))

    dossier = upgrade(earlier.product, officer)

    asked = {one.slot.code: one.label for one in plan(dossier, TODAY).asked}
    assert asked["local_labour"] == "Cần bản mới"


def test_a_newer_paper_takes_the_place_of_the_old_one(earlier: Dossier, officer: User) -> None:
    old = paper_of(earlier, officer, slot="environment")
    dossier = upgrade(earlier.product, officer)
    newer = paper_of(earlier, officer, slot="environment", original_name="moi.pdf")
    old.replaced_by = newer
    old.save()

    carry_over(dossier, by=officer, today=TODAY)

    current = dossier.documents.current().get(slot="environment")
    assert current.producer_document == newer
    assert dossier.documents.get(producer_document=old).replaced_by == current


def test_a_paper_that_was_taken_out_is_brought_in_by_hand(earlier: Dossier, officer: User) -> None:
    paper = paper_of(earlier, officer, slot="environment")
    dossier = upgrade(earlier.product, officer)
    remove_document(dossier.documents.get(slot="environment"), by=officer)

    assert carry_over(dossier, by=officer, today=TODAY) == 0
    bring_paper_in(dossier, paper, by=officer)
    assert dossier.documents.current().filter(producer_document=paper).count() == 1


def test_a_paper_of_another_producer_is_refused(earlier: Dossier, officer: User) -> None:
    dossier = upgrade(earlier.product, officer)

    with pytest.raises(Refused, match="không phải của chủ thể"):
        bring_paper_in(dossier, PaperFactory(uploaded_by=officer), by=officer)


# Another regulation


def test_documents_move_with_the_regulation_and_back(earlier: Dossier, staff: User) -> None:
    Dossier.objects.filter(pk=earlier.pk).update(state=Dossier.State.DRAFT)
    earlier.refresh_from_db()

    change_regulation(earlier, criteria_set=sheet("qd26-2026"), reason="Nộp lại", by=staff)

    assert held(earlier) == {
        "registration_form.pdf": "registration_form",
        "business_plan.pdf": "business_plan",
        "business_registration.pdf": "business_registration",
        "production_conditions.pdf": "production_conditions",
        "food_safety_test_report.pdf": "food_safety_test_report",
        "product_standard.pdf": "quality_declaration",
        "quality_control_plan.pdf": "quality_management",
        "barcode_traceability_ip.pdf": "barcode_traceability_ip",
        "accounting.pdf": "accounting",
    }

    moved = earlier.documents.get(slot="barcode_traceability_ip")
    move_document(moved, "intellectual_property", by=staff)
    earlier.refresh_from_db()
    change_regulation(earlier, criteria_set=sheet("qd148-2023"), reason="Nhầm", by=staff)
    assert held(earlier)["barcode_traceability_ip.pdf"] == "barcode_traceability_ip"
    assert held(earlier)["product_standard.pdf"] == "quality_declaration"


def test_another_day_of_filing_moves_the_documents(officer: User) -> None:
    dossier = DossierFactory(
        product__criteria_set=sheet("qd26-2026"), created_by=officer, filed_on=date(2026, 6, 1)
    )
    DocumentFactory(dossier=dossier, slot="intellectual_property", original_name="nhan.pdf")

    values = {"criteria_set": sheet("qd148-2023"), "filed_on": date(2024, 5, 6)}
    save_dossier(dossier, values, version=1, by=officer)

    assert held(dossier) == {"nhan.pdf": "barcode_traceability_ip"}


def test_documents_of_the_earlier_dossier_stay_as_they_are(earlier: Dossier, officer: User) -> None:
    before = list(DossierDocument.objects.filter(dossier=earlier).values())

    upgrade(earlier.product, officer)

    assert list(DossierDocument.objects.filter(dossier=earlier).values()) == before


# The page


def test_page_shows_what_was_carried_what_not_and_why(
    earlier: Dossier, officer: User, client_of: Callable
) -> None:
    dossier = upgrade(earlier.product, officer)

    page = client_of(officer).get(f"/ho-so/{dossier.pk}/mang-sang/").content.decode()

    assert page.count("Đã mang sang") == 4
    for words in (
        "Quy định của hồ sơ mới không có mục tương ứng.",
        "Hết hạn ngày 01/03/2025, không còn hiệu lực vào ngày 24/11/2026.",
        "Quy định mới tách mục này: “Sở hữu trí tuệ” hoặc “Mã số mã vạch, tem truy xuất",
    ):
        assert words in page


def test_documents_are_brought_in_from_the_page(
    earlier: Dossier, officer: User, client_of: Callable
) -> None:
    dossier = upgrade(earlier.product, officer)
    client, page = client_of(officer), f"/ho-so/{dossier.pk}/mang-sang/"
    paper = paper_of(earlier, officer, slot="environment")
    label = earlier.documents.get(slot="barcode_traceability_ip")
    other = DocumentFactory(dossier=dossier, slot="business_plan", original_name="kh.pdf")

    chosen = {"document": label.pk, "slot": "barcode_traceability"}
    assert client.post(f"{page}tai-lieu/", chosen).url == page
    assert client.post(f"{page}giay-to/", {"paper": paper.pk}).url == page
    moved = client.post(f"/tai-lieu/{other.pk}/chuyen-muc/", {"slot": "awards"})

    assert moved.url == page
    new = {"barcode_traceability_ip.pdf", "giay-phep.pdf", "kh.pdf"}
    assert {name: slot for name, slot in held(dossier).items() if name in new} == {
        "barcode_traceability_ip.pdf": "barcode_traceability",
        "giay-phep.pdf": "environment",
        "kh.pdf": "awards",
    }
    assert client.post(f"{page}lai/").url == page


def test_submitted_dossier_takes_nothing_more(
    earlier: Dossier, officer: User, client_of: Callable
) -> None:
    dossier = upgrade(earlier.product, officer)
    Dossier.objects.filter(pk=dossier.pk).update(state=Dossier.State.SUBMITTED)

    assert client_of(officer).post(f"/ho-so/{dossier.pk}/mang-sang/lai/").status_code == 409
