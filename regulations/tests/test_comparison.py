"""What changed from regulation to regulation, checked by hand against the decisions."""

from dataclasses import replace

import pytest

from regulations.comparison import (
    Change,
    Pair,
    compare_regulations,
    compare_sheets,
    matched,
    sheet_pairs,
    words_of,
)
from regulations.facts import AREAS, Fact
from regulations.parsing import read_regulations
from regulations.rules import Regulation
from regulations.sheets import Sheet
from regulations.tests.sheet_builders import build_criterion, build_sheet

ALL = read_regulations()


def changes(before: str, after: str) -> dict[str, list[tuple[str, str | None, str | None]]]:
    """Area → what became of a fact, and its text on both sides."""
    return {
        area.title: [
            (change, pair.before and pair.before.text, pair.after and pair.after.text)
            for change, pair in area.changed
        ]
        for area in compare_regulations(ALL[before], ALL[after])
    }


def pairs_of(before: str, after: str) -> set[tuple[str | None, str | None]]:
    return {
        (pair.before and pair.before.name, pair.after and pair.after.name)
        for pair in sheet_pairs(ALL[before], ALL[after], ALL.values())
    }


# --- Regulations --------------------------------------------------------------------------------


def test_parts_of_148_weigh_differently_than_those_of_1048() -> None:
    found = changes("qd1048-2019", "qd148-2023")

    assert found["Các phần của phiếu chấm"] == [
        ("changed", "35 điểm", "40 điểm"),
        ("changed", "40 điểm", "35 điểm"),
    ]
    assert found["Hạng sao"] == []


def test_148_lets_the_district_recognise_three_stars() -> None:
    found = changes("qd1048-2019", "qd148-2023")["Các cấp đánh giá và kết quả"]

    assert ("gone", "Chuyển lên cấp trên", None) in found  # 1048: from 50 points
    assert ("new", None, "Chuyển lên cấp trên") in found  # 148: from 4 stars
    assert ("new", None, "Công nhận 3 sao") in found


def test_1489_has_no_district() -> None:
    gone = [
        pair.before.key
        for area in compare_regulations(ALL["qd148-2023"], ALL["qd1489-2025"])
        for change, pair in area.changed
        if change is Change.GONE and pair.before
    ]

    assert "district" in gone


def test_26_brings_terms_rounds_and_the_transition() -> None:
    found = changes("qd1489-2025", "qd26-2026")

    assert (
        "new",
        None,
        "15 ngày làm việc từ ngày Ủy ban nhân dân cấp xã tiếp nhận hồ sơ sản phẩm",
    ) in found["Thời hạn"]
    assert ("new", None, "trước ngày 30/6, nhận đề nghị trước ngày 30/4") in found["Thời hạn"]
    assert [after for _, _, after in found["Chuyển tiếp"]] == [
        "60 ngày theo quy định cũ",
        "60 ngày theo quy định cũ",
        "30 ngày theo quy định cũ",
    ]


@pytest.mark.parametrize("code", ALL)
def test_regulation_does_not_differ_from_itself(code: str) -> None:
    assert not any(changes(code, code).values())


@pytest.mark.parametrize("code", ALL)
def test_facts_of_a_regulation_have_keys_of_their_own(code: str) -> None:
    for read in AREAS.values():
        keys = [fact.key for fact in read(ALL[code])]
        assert len(set(keys)) == len(keys)


def test_other_spelling_of_the_same_words_is_no_change() -> None:
    regulation = ALL["qd26-2026"]
    areas = compare_regulations(regulation, regulation)
    pair = Pair(Fact("x", "Điểm", "Từ 90 điểm"), Fact("x", "điểm", "từ 90 điểm."))

    assert type(areas[0])("Thử", (pair,)).changed == []


# --- Pairs of sheets ----------------------------------------------------------------------------


def test_sheets_are_paired_by_the_classification() -> None:
    pairs = pairs_of("qd1048-2019", "qd148-2023")

    assert ("do-an-nhanh", "do-an-nhanh") in pairs
    assert ("gao-ngu-coc", "gao-ngu-coc-hat-so-che-khac") in pairs
    assert (None, "hoa") in pairs
    assert ("trang-thiet-bi-dung-cu-y-te", None) in pairs


def test_sheet_that_took_over_from_two_stands_in_two_pairs() -> None:
    earlier = {old for old, new in pairs_of("qd1048-2019", "qd148-2023") if new and "thit" in new}

    assert {"che-bien-tu-thit-trung-sua", "che-bien-tu-thuy-hai-san"} <= earlier


def test_sheets_are_followed_through_the_regulations_in_between() -> None:
    pairs = pairs_of("qd1048-2019", "qd26-2026")

    assert ("ca-phe-ca-cao", "ca-phe-cacao") in pairs
    assert ("thu-cong-my-nghe-trang-tri", "thu-cong-my-nghe") in pairs
    assert ("thu-cong-my-nghe-gia-dung", "thu-cong-my-nghe") in pairs


def test_newer_regulation_may_stand_on_the_left() -> None:
    there, back = pairs_of("qd1048-2019", "qd26-2026"), pairs_of("qd26-2026", "qd1048-2019")

    assert back == {(new, old) for old, new in there}


def test_every_sheet_stands_in_a_pair() -> None:
    pairs = pairs_of("qd1048-2019", "qd26-2026")

    assert {old for old, _ in pairs} - {None} == set(ALL["qd1048-2019"].sheets)
    assert {new for _, new in pairs} - {None} == set(ALL["qd26-2026"].sheets)


# --- Criteria -----------------------------------------------------------------------------------


def fast_food(code: str) -> Sheet:
    return ALL[code].sheets["do-an-nhanh"]


def test_fast_food_from_1048_to_148() -> None:
    found = compare_sheets(fast_food("qd1048-2019"), fast_food("qd148-2023"))

    assert [(part.code, part.before_points, part.after_points) for part in found.parts] == [
        ("A", 35, 40),
        ("B", 25, 25),
        ("C", 40, 35),
    ]
    gone = [
        row.before.name
        for part in found.parts
        for row in part.criteria
        if row.before and row.change is Change.GONE
    ]
    assert gone == ["Kết cấu/cách sắp đặt"]


def test_material_is_worth_less_in_26() -> None:
    found = compare_sheets(fast_food("qd1489-2025"), fast_food("qd26-2026"))
    material = found.parts[0].criteria[0]

    assert (material.before.code, material.after.code) == ("1.a", "1.1")  # type: ignore[union-attr]
    assert material.notes == ("Điểm tối đa 5 → 3",)
    assert [option.notes for option in material.options] == [
        ("Sửa lời",),
        ("Điểm 3 → 2",),
        ("Điểm 5 → 3",),
    ]


def test_same_sheet_under_another_regulation_has_nothing_changed() -> None:
    found = compare_sheets(fast_food("qd148-2023"), fast_food("qd1489-2025"))

    assert found.counts == {Change.SAME: 32}


@pytest.mark.parametrize("regulation", ALL.values(), ids=ALL)
def test_no_criterion_gets_lost(regulation: Regulation) -> None:
    newest = ALL["qd26-2026"]
    for pair in sheet_pairs(regulation, newest, ALL.values()):
        if pair.before and pair.after:
            parts = compare_sheets(pair.before, pair.after).parts
            rows = [row for part in parts for row in part.criteria]
            before = [row.before.code for row in rows if row.before]
            after = [row.after.code for row in rows if row.after]
            assert sorted(before) == sorted(pair.before.by_code)
            assert sorted(after) == sorted(pair.after.by_code)


def test_another_code_alone_is_no_change() -> None:
    old = build_criterion("3.a", [0, 2])
    sheets = [build_sheet({"A": [one]}) for one in (old, replace(old, code="3.9"))]

    assert compare_sheets(*sheets).counts == {Change.SAME: 1}


def test_letter_of_148_and_number_of_26_are_the_same_place() -> None:
    old, new = build_criterion("3.b", [0, 2]), build_criterion("3.2", [0, 3])
    found = compare_sheets(build_sheet({"A": [old]}), build_sheet({"A": [new]}))

    assert found.parts[0].criteria[0].notes == ("Điểm tối đa 2 → 3", "Đổi tên")


def test_marks_are_compared() -> None:
    old = build_criterion("1", [0, 1, 2], marks={1: 3, 2: 4})
    new = build_criterion("1", [0, 1, 2], marks={0: 3, 2: 5})
    found = compare_sheets(build_sheet({"A": [old]}), build_sheet({"A": [new]}))

    assert [option.notes for option in found.parts[0].criteria[0].options] == [
        ("Thêm mức tối thiểu cho 3 sao",),
        ("Bỏ mức tối thiểu cho 3 sao",),
        ("Mức tối thiểu: 4 sao → 5 sao",),
    ]


def test_things_are_matched_once_and_what_is_gone_keeps_its_place() -> None:
    found = matched(["a", "b", "c", "b"], ["x", "b", "c"], [lambda thing: thing])

    assert [(pair.before, pair.after) for pair in found] == [
        ("a", None),
        (None, "x"),
        ("b", "b"),
        ("c", "c"),
        ("b", None),
    ]


def test_texts_are_split_where_they_differ() -> None:
    words = words_of("trên 75% sản lượng nguyên liệu", "trên 50% sản lượng")

    assert [(word.text, word.differs) for word in words.before or []] == [
        ("trên", False),
        ("75%", True),
        ("sản lượng", False),
        ("nguyên liệu", True),
    ]
    assert [(word.text, word.differs) for word in words.after or []] == [
        ("trên", False),
        ("50%", True),
        ("sản lượng", False),
    ]
