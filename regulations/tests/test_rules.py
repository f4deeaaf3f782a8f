import json
import shutil
from datetime import date
from decimal import Decimal

import pytest

from regulations.parsing import DATA_DIR, load_regulation, read_regulations
from regulations.reading import DataError
from regulations.rules import JudgedBy, KnockOutKind, Outcome
from regulations.tests.sheet_builders import PART_MAXIMUMS, carried, regulation_1048

SOURCE_1048 = DATA_DIR / "qd1048-2019"
TOURISM = "dich-vu-du-lich-cong-dong-va-diem-du-lich"


@pytest.fixture
def data_copy(tmp_path):
    """A copy of the regulation that a test may spoil."""
    directory = tmp_path / "qd1048-2019"
    shutil.copytree(SOURCE_1048, directory)
    return directory


def change(directory, **changes):
    path = directory / "regulation.json"
    data = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(data), encoding="utf-8")


def original():
    return json.loads((SOURCE_1048 / "regulation.json").read_text(encoding="utf-8"))


# What 1048/QĐ-TTg and 781/QĐ-TTg say


def test_1048_is_carried_by_the_portal():
    regulation = read_regulations()["qd1048-2019"]

    assert [decision.number for decision in regulation.decisions] == ["1048/QĐ-TTg", "781/QĐ-TTg"]
    assert [decision.day for decision in regulation.decisions] == [
        date(2019, 8, 21),
        date(2020, 6, 8),
    ]
    assert len(regulation.sheets) == 26


def test_1048_parts():
    assert regulation_1048().part_maximums == PART_MAXIMUMS
    assert sum(PART_MAXIMUMS.values()) == 100


@pytest.mark.parametrize(
    ("mean", "stars"),
    [
        ("0", 1), ("29.99", 1), ("30", 2), ("49.99", 2), ("50", 3), ("69.99", 3),
        ("70", 4), ("89.5", 4), ("89.99", 4), ("90", 5), ("100", 5),
    ],
)  # fmt: skip
def test_1048_star_bands(mean, stars):
    assert regulation_1048().band(Decimal(mean)).stars == stars


def test_1048_tiers_in_order():
    regulation = regulation_1048()

    assert [tier.code for tier in regulation.tiers] == ["district", "city", "national"]
    assert [tier.name for tier in regulation.tiers] == [
        "Cấp huyện",
        "Cấp thành phố, cấp tỉnh",
        "Cấp trung ương",
    ]
    assert regulation.tier("city").signed_by == "Ủy ban nhân dân cấp tỉnh"
    assert regulation.tier("province") is None


@pytest.mark.parametrize(
    ("tier", "mean", "stars", "outcome", "recognised", "next_tier"),
    [
        ("district", "49.99", 2, Outcome.NOT_RECOGNISED, None, None),
        ("district", "50", 3, Outcome.FORWARD, None, "city"),
        ("district", "100", 5, Outcome.FORWARD, None, "city"),
        ("district", "60", 1, Outcome.FORWARD, None, "city"),
        ("city", "60", 1, Outcome.NOT_RECOGNISED, None, None),
        ("city", "60", 2, Outcome.NOT_RECOGNISED, None, None),
        ("city", "60", 3, Outcome.RECOGNISE, 3, None),
        ("city", "80", 4, Outcome.RECOGNISE, 4, None),
        ("city", "95", 5, Outcome.POTENTIAL_5, 4, "national"),
        ("national", "89.99", 4, Outcome.NOT_RECOGNISED, None, None),
        ("national", "95", 5, Outcome.RECOGNISE, 5, None),
    ],
)
def test_1048_outcome_rows(tier, mean, stars, outcome, recognised, next_tier):
    row = regulation_1048().tier(tier).outcome(Decimal(mean), stars)

    assert (row.outcome, row.recognised_stars, row.next_tier) == (outcome, recognised, next_tier)


def test_1048_aggregation():
    aggregation = regulation_1048().aggregation

    assert (aggregation.method, aggregation.spread_limit) == ("mean", 10)
    assert (aggregation.display_decimals, aggregation.display_rounding) == (2, "half_up")
    # The spread is a rule of provinces, not of the Prime Minister.
    assert "Quy chế hoạt động của hội đồng cấp tỉnh" in aggregation.spread_source


def test_1048_minimums_are_judged_by_the_council():
    minimums = regulation_1048().minimums

    assert minimums.judged_by is JudgedBy.COUNCIL
    assert minimums.exempt_sheets == (TOURISM,)
    assert [(each.stars, len(each.requirements), each.complete) for each in minimums.by_star] == [
        (2, 1, True),
        (3, 3, True),
        (4, 2, False),
        (5, 0, False),
    ]
    assert "781/QĐ-TTg" in minimums.source


def test_1048_knockouts():
    regulation = regulation_1048()

    kinds = {knockout.code: knockout.kind for knockout in regulation.knockouts}

    assert kinds == {
        "material_imported_or_unknown": KnockOutKind.DISQUALIFIED,
        "intellectual_property_breach": KnockOutKind.DISQUALIFIED,
        "harmful_foreign_matter": KnockOutKind.STOP,
        "zero_points_at_stop_criterion": KnockOutKind.STOP,
        "food_safety_certificate_invalid": KnockOutKind.STOP,
        "production_certificate_missing_or_invalid": KnockOutKind.STOP,
        "quality_declaration_missing": KnockOutKind.STOP,
    }
    assert regulation.knockout("nothing") is None


def test_1048_documents():
    documents = regulation_1048().documents

    compulsory = [document.code for document in documents if document.compulsory]

    assert compulsory == [
        "registration_form",
        "business_plan",
        "organisation_profile",
        "business_registration",
        "product_samples",
    ]
    assert len(documents) - len(compulsory) == 13


def test_1048_certificate_and_numbers():
    regulation = regulation_1048()

    assert regulation.certificate.validity_months == 36
    assert regulation.certificate.stars == (3, 4, 5)
    assert regulation.product_code.pattern == "TT-HHH-XXXXX-STT-YYYY"
    assert [field.digits for field in regulation.product_code.fields] == [2, 3, 5, None, 4]
    for number in (regulation.product_code, regulation.certificate.number):
        assert all(field.token in number.pattern for field in number.fields)


def test_1048_copies_go_out_two_working_days_before():
    assert regulation_1048().copies.working_days_before_session == 2


def test_1048_classification_names_every_sheet_once():
    regulation = regulation_1048()
    classification = regulation.classification

    assert [sector.code for sector in classification.sectors] == ["I", "II", "III", "IV", "V", "VI"]
    assert [subgroup.number for subgroup in classification.subgroups] == list(range(1, 27))
    assert [subgroup.sheet for subgroup in classification.subgroups] == list(regulation.sheets)
    for subgroup in classification.subgroups:
        sheet = regulation.sheets[subgroup.sheet]
        assert (sheet.number, sheet.ministries) == (subgroup.number, subgroup.ministries)


def test_every_rule_of_1048_has_its_source():
    ruled = {"parts", "star_bands", "tiers", "knockouts", "documents", "outcomes"}
    sourced = {"aggregation", "minimums", "copies", "certificate", "product_code", "number"}

    def check(data):
        for key, value in data.items():
            items = value if key in ruled else [value] if key in sourced else []
            for item in items:
                assert item["source"].strip(), key
                check(item)

    check(original())


# The day


@pytest.mark.parametrize(
    ("day", "in_force"),
    [
        (date(2019, 8, 20), False),
        (date(2019, 8, 21), True),
        (date(2021, 6, 14), True),
        (date(2023, 2, 23), True),
        (date(2023, 2, 24), False),
    ],
)
def test_1048_in_force(day, in_force):
    assert regulation_1048().in_force_on(day) is in_force


# The next decision is a folder of data


def test_regulation_may_use_the_sheets_of_another(data_copy):
    amending = data_copy.parent / "qd-sua-doi"
    amending.mkdir()
    tiers = [tier for tier in original()["tiers"] if tier["code"] != "district"]
    data = original() | {"code": "qd-sua-doi", "sheets_of": "qd1048-2019", "tiers": tiers}
    (amending / "regulation.json").write_text(json.dumps(data), encoding="utf-8")

    regulation = load_regulation(amending)

    assert [tier.code for tier in regulation.tiers] == ["city", "national"]
    assert len(regulation.sheets) == 26
    assert len(regulation.classification.subgroups) == 26


def test_regulation_may_have_other_parts_bands_and_returns(data_copy):
    data = original()
    data["parts"][0]["max_points"], data["parts"][2]["max_points"] = 40, 35
    data["star_bands"][0]["floor"] = "89.5"
    data["minimums"]["judged_by"] = "marks"
    data["tiers"][2]["outcomes"][1] |= {"outcome": "return", "next_tier": "city"}
    change(data_copy, **data | {"copies": None})

    regulation = load_regulation(data_copy)

    assert regulation.part_maximums == {"A": 40, "B": 25, "C": 35}
    assert regulation.band(Decimal("89.5")).stars == 5
    assert regulation.minimums.judged_by is JudgedBy.MARKS
    assert regulation.copies is None
    row = regulation.tier("national").outcome(Decimal(80), 4)
    assert (row.outcome, row.next_tier) == (Outcome.RETURN, "city")
    assert not any(sheet.usable for sheet in regulation.sheets.values())


def without_last_outcome(data):
    del data["tiers"][0]["outcomes"][-1]


def unknown_next_tier(data):
    data["tiers"][0]["outcomes"][0]["next_tier"] = "commune"


def unknown_outcome(data):
    data["tiers"][0]["outcomes"][0]["outcome"] = "rescore"


def bands_out_of_order(data):
    data["star_bands"].reverse()


def bands_without_zero(data):
    data["star_bands"].pop()


def parts_of_99(data):
    data["parts"][0]["max_points"] = 34


def median(data):
    data["aggregation"]["method"] = "median"


def rule_without_source(data):
    del data["knockouts"][0]["source"]


def tier_twice(data):
    data["tiers"].append(data["tiers"][0])


def unknown_kind(data):
    data["knockouts"][0]["kind"] = "other"


def unknown_judge(data):
    data["minimums"]["judged_by"] = "nobody"


def exempt_sheet_that_is_not_there(data):
    data["minimums"]["exempt_sheets"] = ["phieu-khac"]


def wrong_day(data):
    data["effective_from"] = "21/8/2019"


def other_code(data):
    data["code"] = "qd148-2023"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without_last_outcome, r"tiers\[0\]\.outcomes: dòng cuối phải không có điều kiện"),
        (unknown_next_tier, "không có cấp commune"),
        (unknown_outcome, r"outcomes\[0\]\.outcome: cần một trong"),
        (bands_out_of_order, "ngưỡng phải giảm dần và kết thúc ở 0"),
        (bands_without_zero, "ngưỡng phải giảm dần và kết thúc ở 0"),
        (parts_of_99, "các phần phải cộng lại được 100 điểm"),
        (median, "aggregation.method: cần “mean”"),
        (rule_without_source, r"knockouts\[0\]: thiếu “source”"),
        (tier_twice, "tiers: có mã lặp lại"),
        (unknown_kind, r"knockouts\[0\]\.kind: cần một trong"),
        (unknown_judge, "minimums.judged_by: cần một trong"),
        (exempt_sheet_that_is_not_there, "không có phiếu phieu-khac"),
        (wrong_day, "effective_from: cần một ngày YYYY-MM-DD"),
        (other_code, "code: cần “qd1048-2019”, tên thư mục"),
    ],
)
def test_wrong_data_is_refused_with_the_place(data_copy, spoil, message):
    data = original()
    spoil(data)
    change(data_copy, **data)

    with pytest.raises(DataError, match=message):
        load_regulation(data_copy)


def test_sheet_of_a_subgroup_must_exist(data_copy):
    (data_copy / "sheets" / "ruou-trang.json").unlink()

    with pytest.raises(DataError, match="không có phiếu ruou-trang"):
        load_regulation(data_copy)


def test_documents_depend_on_the_kind_of_dossier():
    """26/2026/QĐ-TTg, Điều 6 khoản 1: an upgrade shows what changed, a re-evaluation updates."""
    rules = carried()["qd26-2026"]

    def compulsory(kind):
        return [slot.code for slot in rules.documents_for(kind) if slot.compulsory]

    common = ["registration_form", "self_assessment", "product_samples"]
    assert compulsory("first") == common
    assert compulsory("upgrade") == [*common, "changes"]
    assert compulsory("renewal") == [*common, "update_since_recognition"]
    # Three compulsory ones, the commune's report (Điều 6 khoản 2 điểm b), fifteen kinds of proof.
    assert len(rules.documents_for("first")) == 19


def test_rounds_of_the_year():
    """26/2026/QĐ-TTg, Điều 5."""
    rounds = carried()["qd26-2026"].rounds

    assert [
        (row.tier, row.held_before.in_year(2026), row.proposed_before.in_year(2026))
        for row in rounds
    ] == [
        ("city", date(2026, 6, 30), date(2026, 4, 30)),
        ("city", date(2026, 12, 30), date(2026, 10, 30)),
        ("national", date(2026, 9, 30), date(2026, 7, 30)),
        ("national", date(2026, 3, 30), date(2026, 1, 30)),
    ]


def test_revocation_has_six_grounds():
    """26/2026/QĐ-TTg, Điều 8 khoản 1."""
    grounds = carried()["qd26-2026"].revocation

    assert len(grounds) == 6
    assert grounds[0].source == "Quyết định 26/2026/QĐ-TTg, Điều 8 khoản 1 điểm a"
    assert grounds[-1].source == "Quyết định 26/2026/QĐ-TTg, Điều 8 khoản 1 điểm e"


def test_commune_screens_four_points_in_15_working_days():
    """26/2026/QĐ-TTg, Điều 7 khoản 2."""
    rules = carried()["qd26-2026"]

    assert rules.screening is not None
    assert rules.screening.done_by == "Ủy ban nhân dân cấp xã"
    assert len(rules.screening.points) == 4
    assert rules.day_limit("screening").days == 15


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("qd1048-2019", {"A": 35, "B": 25, "C": 40}),
        ("qd148-2023", {"A": 40, "B": 25, "C": 35}),
        ("qd1489-2025", {"A": 40, "B": 25, "C": 35}),
        ("qd26-2026", {"A": 40, "B": 25, "C": 35}),
    ],
)
def test_parts_of_each_regulation(code, parts):
    assert carried()[code].part_maximums == parts


@pytest.mark.parametrize(
    ("code", "unusable"),
    [
        ("qd1048-2019", ["thuc-pham-chuc-nang-thuoc-tu-duoc-lieu-thuoc-y-hoc-co-truyen"]),
        (
            "qd148-2023",
            [
                "che-bien-tu-rau-cu-qua-hat",
                "che-tuoi-che-che-bien",
                "san-pham-tra-tu-thuc-vat-khac",
                "ca-phe-ca-cao",
            ],
        ),
        (
            "qd1489-2025",
            [
                "che-bien-tu-rau-cu-qua-hat",
                "che-tuoi-che-che-bien",
                "san-pham-tra-tu-thuc-vat-khac",
                "ca-phe-ca-cao",
            ],
        ),
        ("qd26-2026", []),
    ],
)
def test_every_regulation_has_26_sheets_and_names_those_that_do_not_add_up(code, unusable):
    sheets = carried()[code].sheets

    assert len(sheets) == 26
    assert [name for name, sheet in sheets.items() if not sheet.usable] == unusable
