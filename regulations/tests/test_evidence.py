"""The documents behind the minimums of the stars, and the slots of one regulation in another."""

import pytest

from regulations.evidence import evidence_needs
from regulations.parsing import DATA_DIR, read_regulations
from regulations.succession import slot_counterparts

REGULATIONS = read_regulations(DATA_DIR)


def needs_of(code: str, sheet: str, stars: int) -> dict[str, tuple[str, ...]]:
    regulation = REGULATIONS[code]
    found = evidence_needs(regulation, regulation.sheets[sheet])
    return {need.criterion: need.slots for need in found if need.stars == stars}


def counterparts(slot: str, origin: str, target: str) -> tuple[str, ...]:
    known = list(REGULATIONS.values())
    return slot_counterparts(slot, REGULATIONS[origin], REGULATIONS[target], known)


def test_three_stars_of_2026_rest_on_seven_criteria_with_documents() -> None:
    needs = needs_of("qd26-2026", "do-an-nhanh", 3)

    assert needs == {
        "1.1": ("material_origin",),
        "2.2": (),
        "2.3": ("barcode_traceability",),
        "3.5": ("intellectual_property",),
        "4.1": ("market_and_promotion",),
        "5.3": ("product_story",),
        "8": ("quality_declaration", "food_safety_test_report"),
        "9": ("production_conditions", "quality_management"),
    }


def test_decision_781_names_its_minimums_in_words() -> None:
    needs = needs_of("qd1048-2019", "do-an-nhanh", 3)

    assert needs == {
        "8.1": ("quality_declaration", "product_standard"),
        "9": ("production_conditions", "quality_management", "quality_control_plan"),
    }


def test_sheets_without_minimums_need_nothing() -> None:
    sheet = "dich-vu-du-lich-cong-dong-va-diem-du-lich"

    assert needs_of("qd1048-2019", sheet, 3) == {}


@pytest.mark.parametrize("code", REGULATIONS)
def test_every_criterion_that_a_document_supports_is_in_a_sheet(code: str) -> None:
    regulation = REGULATIONS[code]
    known = {
        criterion.name.casefold()
        for sheet in regulation.sheets.values()
        for criterion in sheet.by_code.values()
    }

    named = {name.casefold() for slot in regulation.documents for name in slot.criteria}

    assert named - known == set()


@pytest.mark.parametrize(
    ("slot", "origin", "target", "found"),
    [
        ("product_standard", "qd1048-2019", "qd26-2026", ("quality_declaration",)),
        ("quality_control_plan", "qd1489-2025", "qd26-2026", ("quality_management",)),
        ("business_plan", "qd148-2023", "qd26-2026", ()),
        (
            "barcode_traceability_ip",
            "qd1048-2019",
            "qd26-2026",
            ("intellectual_property", "barcode_traceability"),
        ),
        ("environment", "qd1048-2019", "qd148-2023", ("environment",)),
        ("intellectual_property", "qd26-2026", "qd148-2023", ("barcode_traceability_ip",)),
        ("quality_declaration", "qd26-2026", "qd1489-2025", ("quality_declaration",)),
        ("awards", "qd26-2026", "qd26-2026", ("awards",)),
    ],
)
def test_slots_go_on_under_another_regulation(
    slot: str, origin: str, target: str, found: tuple[str, ...]
) -> None:
    assert counterparts(slot, origin, target) == found
