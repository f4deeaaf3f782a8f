from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.checking import check_sheet, checked_sheet, part_points
from regulations.sheets import CriterionGroup, Part
from regulations.tests.sheet_builders import (
    PART_MAXIMUMS,
    build_criterion,
    build_section,
    build_sheet,
    points_sheet,
    regulation_1048,
)

WHOLE = {code: [build_criterion(code, [0, top])] for code, top in PART_MAXIMUMS.items()}
NOT_ADDING_UP = "thuc-pham-chuc-nang-thuoc-tu-duoc-lieu-thuoc-y-hoc-co-truyen"


def found(sheet):
    return [
        (problem.code, problem.where, problem.message)
        for problem in check_sheet(sheet, PART_MAXIMUMS)
    ]


def codes(sheet):
    return [problem.code for problem in check_sheet(sheet, PART_MAXIMUMS)]


def sheet_with(code, criteria):
    """The whole sheet with other criteria in one part."""
    return build_sheet(WHOLE | {code: criteria})


def test_whole_sheet_has_no_problem():
    assert found(build_sheet(WHOLE)) == []
    assert checked_sheet(build_sheet(WHOLE), PART_MAXIMUMS).usable is True


@pytest.mark.parametrize(("points", "total"), [(38, 98), (39, 99), (41, 101)])
def test_part_that_does_not_add_up(points, total):
    sheet = sheet_with("C", [build_criterion("6", [0, points])])

    assert found(sheet) == [
        (
            "part_sum_differs",
            "C",
            f"Phần C: các tiêu chí cộng lại được {points} điểm, quy định 40 điểm",
        ),
        (
            "sheet_sum_differs",
            "",
            f"Cả phiếu: các tiêu chí cộng lại được {total} điểm, quy định 100 điểm",
        ),
    ]
    assert checked_sheet(sheet, PART_MAXIMUMS).usable is False


def test_parts_that_make_up_for_each_other_are_still_wrong():
    sheet = build_sheet(
        WHOLE | {"A": [build_criterion("1", [34])], "B": [build_criterion("4", [26])]}
    )

    assert codes(sheet) == ["part_sum_differs", "part_sum_differs"]


def test_best_case_counts():
    cases = build_criterion("C", [30, 40, 0, 20], option_cases=[1, 1, 2, 2])

    assert found(sheet_with("C", [cases])) == []


def test_part_maximum_that_the_regulation_does_not_give():
    sheet = build_sheet(WHOLE)
    parts = (replace(sheet.parts[0], max_points=40), *sheet.parts[1:])

    assert found(replace(sheet, parts=parts)) == [
        ("part_maximum_differs", "A", "Phần A: phiếu ghi tối đa 40 điểm, quy định 35 điểm")
    ]


def test_missing_and_unknown_part():
    criteria = {"A": WHOLE["A"], "B": WHOLE["B"], "D": [build_criterion("D", [40])]}
    sheet = build_sheet(criteria)
    parts = (*sheet.parts[:2], replace(sheet.parts[2], max_points=40))

    assert found(replace(sheet, parts=parts)) == [
        ("part_missing", "C", "Phần C: phiếu không có phần này"),
        ("part_unknown", "D", "Phần D: quy định không có phần này"),
    ]


def test_part_that_appears_twice():
    sheet = build_sheet(WHOLE)
    twice = replace(sheet, parts=(*sheet.parts, sheet.parts[0]))

    assert codes(twice) == ["part_duplicate", "criterion_code_duplicate", "sheet_sum_differs"]
    assert found(twice)[0] == (
        "part_duplicate",
        "A",
        "Phần A: xuất hiện 2 lần trong phiếu",
    )


def test_criterion_code_that_appears_twice():
    sheet = sheet_with("A", [build_criterion("1.1", [30]), build_criterion("1.1", [5])])

    assert found(sheet) == [
        ("criterion_code_duplicate", "1.1", "Tiêu chí 1.1: mã xuất hiện 2 lần trong phiếu")
    ]


def test_section_that_does_not_add_up():
    section = build_section("1", [build_criterion("1.1", [35])], max_points=34)
    sheet = build_sheet(WHOLE)
    parts = (Part("A", "Phần A", 35, (section,)), *sheet.parts[1:])

    assert found(replace(sheet, parts=parts)) == [
        (
            "section_sum_differs",
            "1",
            "Mục 1: các tiêu chí cộng lại được 35 điểm, phiếu ghi tối đa 34 điểm",
        )
    ]


def test_criterion_whose_maximum_no_option_reaches():
    criterion = replace(build_criterion("6.d", [0, 40]), max_points=41)

    assert found(sheet_with("C", [criterion])) == [
        (
            "criterion_maximum_differs",
            "6.d",
            "Tiêu chí 6.d: lựa chọn cao nhất 40 điểm, phiếu ghi tối đa 41 điểm",
        )
    ]


def test_group_is_checked_also_behind_criteria_without_a_group():
    group = CriterionGroup("1.x", "Nhóm", max_points=6)
    criteria = [
        build_criterion("1.1", [30]),
        replace(build_criterion("1.2", [5]), group=group),
    ]

    assert [code for code, _where, _message in found(sheet_with("A", criteria))] == [
        "group_sum_differs"
    ]


@pytest.mark.parametrize(("maximum", "expected"), [(35, []), (None, []), (36, 36)])
def test_group_with_a_maximum_of_its_own(maximum, expected):
    group = CriterionGroup("1.x", "Nhóm", max_points=maximum)
    criteria = [
        replace(build_criterion("1.1", [30]), group=group),
        replace(build_criterion("1.2", [5]), group=group),
    ]

    message = "Nhóm 1.x: các tiêu chí cộng lại được 35 điểm, phiếu ghi tối đa 36 điểm"
    expected = [("group_sum_differs", "1.x", message)] if expected else []
    assert found(sheet_with("A", criteria)) == expected


@pytest.mark.parametrize("points", [-1, True, Decimal("1.5")])
def test_points_that_are_no_whole_number_from_0(points):
    criterion = build_criterion("1", [35, points])

    assert found(sheet_with("A", [criterion])) == [
        (
            "option_points_invalid",
            "1",
            f"Tiêu chí 1, lựa chọn thứ 2: điểm phải là số nguyên từ 0 trở lên, phiếu ghi {points}",
        )
    ]


def test_criterion_without_options():
    sheet = sheet_with("A", [build_criterion("1", [35]), build_criterion("2.4", [])])

    assert found(sheet) == [
        ("criterion_without_options", "2.4", "Tiêu chí 2.4: không có lựa chọn nào")
    ]


def test_check_item_with_two_options():
    sheet = sheet_with("A", [build_criterion("1", [0, 35], check_item=True)])

    assert found(sheet) == [
        ("check_item_options", "1", "Tiêu chí 1: ô đánh dấu phải có đúng 1 lựa chọn, có 2")
    ]


def test_option_of_a_case_that_the_criterion_does_not_have():
    criterion = build_criterion("1", [1, 35, 2], option_cases=[1, 1, 2])
    criterion = replace(criterion, cases=criterion.cases[:1])

    assert found(sheet_with("A", [criterion])) == [
        ("option_case_unknown", "1", "Tiêu chí 1, lựa chọn thứ 3: trường hợp 2 không có")
    ]


def test_case_without_options():
    criterion = build_criterion("1", [1, 35, 2], option_cases=[1, 1, 2])
    criterion = replace(criterion, options=criterion.options[:2])

    assert found(sheet_with("A", [criterion])) == [
        ("case_without_options", "1", "Tiêu chí 1: trường hợp 2 không có lựa chọn nào")
    ]


@pytest.mark.parametrize(("star", "expected"), [(1, True), (2, False), (5, False), (6, True)])
def test_mark_for_a_star_that_can_have_no_minimum(star, expected):
    sheet = sheet_with("A", [build_criterion("1", [0, 35], marks={1: star})])

    message = f"Tiêu chí 1: không có mức tối thiểu cho hạng {star} sao"
    assert found(sheet) == ([("star_mark_invalid", "1", message)] if expected else [])


def test_sheet_that_states_another_total():
    assert found(build_sheet(WHOLE, max_points=98)) == [
        (
            "sheet_maximum_differs",
            "",
            "Cả phiếu: phiếu ghi tối đa 98 điểm, quy định 100 điểm",
        )
    ]


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=5), min_size=1, max_size=8))
def test_part_adds_up_to_its_best_options(rows):
    criteria = [build_criterion(str(number), points) for number, points in enumerate(rows)]
    sheet = build_sheet({"A": criteria})
    total = sum(max(points) for points in rows)

    assert part_points(sheet.parts[0]) == total
    assert ("part_sum_differs" in codes(sheet)) is (total != 35)


# The sheets of 1048/QĐ-TTg


def test_exactly_one_sheet_of_1048_does_not_add_up():
    sheets = regulation_1048().sheets.values()

    unusable = {sheet.name: sheet.problems for sheet in sheets if not sheet.usable}

    assert list(unusable) == [NOT_ADDING_UP]
    assert [problem.message for problem in unusable[NOT_ADDING_UP]] == [
        "Phần C: các tiêu chí cộng lại được 38 điểm, quy định 40 điểm",
        "Cả phiếu: các tiêu chí cộng lại được 98 điểm, quy định 100 điểm",
    ]


def test_25_sheets_of_1048_can_be_scored_with():
    usable = [sheet for sheet in regulation_1048().sheets.values() if sheet.usable]

    assert len(usable) == 25
    for sheet in usable:
        assert [part_points(part) for part in sheet.parts] == [35, 25, 40]


def test_sheet_of_the_tests_is_usable():
    assert points_sheet().usable is True
