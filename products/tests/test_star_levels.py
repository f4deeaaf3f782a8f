"""What a dossier lacks for three, four and five stars."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from accounts.models import User
from products.completeness import filled_slots, levels_of, submission_problems
from products.models import Dossier
from products.star_levels import Held, StarLevel, State, slot_state, star_levels
from products.tests.factories import DocumentFactory, DossierFactory
from regulations.models import CriteriaSet
from regulations.parsing import DATA_DIR, read_regulations

DAY = date(2026, 11, 24)
RULES = read_regulations(DATA_DIR)["qd26-2026"]
# What stands behind the three stars of fast food (26/2026/QĐ-TTg, Phụ lục II).
THREE = (
    "material_origin",
    "barcode_traceability",
    "intellectual_property",
    "market_and_promotion",
    "product_story",
    "quality_declaration",
    "production_conditions",
)
COMPULSORY = ("registration_form", "self_assessment")


def levels(held: Held, kind: str = "first") -> dict[int, StarLevel]:
    found = star_levels(RULES, RULES.sheets["do-an-nhanh"], kind, held, DAY)
    return {level.stars: level for level in found}


def holding(*slots: str) -> dict[str, list[date | None]]:
    return {slot: [None] for slot in slots}


def lacking(level: StarLevel) -> list[str]:
    return [item.name for item in level.lacking]


def test_an_empty_dossier_lacks_everything_that_documents_show() -> None:
    found = {stars: (level.held, level.with_documents) for stars, level in levels({}).items()}

    # Two compulsory documents; 7, 11 and 11 criteria with documents behind their minimums.
    assert found == {3: (0, 9), 4: (0, 13), 5: (0, 13)}


def test_three_stars_are_complete_with_the_documents_behind_their_minimums() -> None:
    found = levels(holding(*COMPULSORY, *THREE))

    assert lacking(found[3]) == []
    assert (
        lacking(found[4])
        == [
            "Liên kết chuỗi trong sản xuất",
            "Bảo vệ môi trường trong quá trình sản xuất",
            "Tăng trưởng sản xuất kinh doanh",
        ][1:]
    )


def test_what_the_council_judges_needs_no_document() -> None:
    names = [item.name for item in levels({})[4].for_council]

    assert names == [
        "Đóng gói, bao bì sản phẩm",
        "Nguồn gốc ý tưởng sản phẩm",
        "Tạp chất",
        "Mùi",
        "Vị",
        "Tính độc đáo",
    ]


def test_a_higher_star_shows_the_higher_level() -> None:
    three, four = (
        next(item for item in levels({})[stars].items if item.name == "Sở hữu trí tuệ")
        for stars in (3, 4)
    )

    assert (three.stars, four.stars) == (3, 4)
    assert three.level.startswith("Đơn đăng ký nhãn hiệu")
    assert four.level.startswith("Các nhãn hiệu sử dụng trên bao bì")


def test_an_upgrade_also_needs_its_changes() -> None:
    held = holding(*COMPULSORY, *THREE)

    assert lacking(levels(held, "upgrade")[3]) == [
        "Minh chứng về những thay đổi so với sản phẩm đã được công nhận"
    ]


def test_a_lapsed_report_is_lacking_beside_a_declaration_that_holds() -> None:
    held = {**holding(*COMPULSORY, *THREE), "food_safety_test_report": [DAY - timedelta(days=1)]}

    (item,) = levels(held)[3].lacking

    assert (item.name, item.state) == ("Công bố chất lượng sản phẩm", State.LAPSED)


@pytest.mark.parametrize(
    ("ends", "state"),
    [
        ([], State.MISSING),
        ([None], State.HELD),
        ([DAY], State.HELD),
        ([DAY - timedelta(days=1)], State.LAPSED),
        ([DAY - timedelta(days=1), DAY], State.HELD),
    ],
)
def test_a_slot_holds_with_one_document_that_does(ends: list[date | None], state: State) -> None:
    assert slot_state(ends, DAY) == state


def test_1048_judges_minimums_by_the_council_and_names_the_documents() -> None:
    rules = read_regulations(DATA_DIR)["qd1048-2019"]
    found = star_levels(rules, rules.sheets["do-an-nhanh"], "first", {}, DAY)

    assert [(level.stars, level.with_documents) for level in found] == [(3, 6), (4, 6), (5, 6)]


@pytest.fixture
def dossier(officer: User) -> Dossier:
    sheet = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
    return DossierFactory(product__criteria_set=sheet, created_by=officer, filed_on=None)


def test_page_action_and_meter_agree(dossier: Dossier, officer: User, client_of: Callable) -> None:
    DocumentFactory(dossier=dossier, slot="registration_form")

    page = client_of(officer).get(dossier.get_absolute_url())

    (three, *_) = levels_of(dossier, filled_slots(dossier), DAY)
    missing = [slot.code for item in three.lacking for slot in item.slots if slot.compulsory]
    assert missing == ["self_assessment"]
    assert [row.code for row in submission_problems(dossier)] == ["missing_self_assessment"]
    assert [level.held for level in page.context["levels"]] == [1, 1, 1]
    assert 'href="#muc-intellectual_property"' in page.content.decode()
