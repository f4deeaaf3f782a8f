import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.parsing import DATA_DIR
from regulations.reading import DataError, Record, read_record
from regulations.sheets import (
    OptionOutOfRangeError,
    UnknownCriterionError,
    parse_sheet,
    read_sheet,
)
from regulations.tests.sheet_builders import build_criterion, build_sheet, points_sheet

SHEETS_1048 = sorted((DATA_DIR / "qd1048-2019" / "sheets").glob("*.json"))

SMALL = {
    "regulation_code": "qd1048-2019",
    "sheet_code": "qd1048-2019-99",
    "sheet_number": 99,
    "name": "Phiếu thử",
    "sector": "Thực phẩm",
    "group": "Thử",
    "subgroup": None,
    "ministry": ["Bộ Công Thương"],
    "max_points": 3,
    "parts": [
        {
            "code": "A",
            "name": "Phần A",
            "max_points": 3,
            "sections": [
                {
                    "code": "1",
                    "name": "Mục 1",
                    "max_points": 3,
                    "note": "Ghi chú mục",
                    "criteria": [
                        {
                            "code": "1.1",
                            "name": "Ngoại hình",
                            "max_points": 2,
                            "note": "Ghi chú",
                            "requirement": "Yêu cầu",
                            "group": {"code": "1.x", "name": "Nhóm", "max_points": 2},
                            "cases": [
                                {"case": 1, "label": "Hợp tác xã"},
                                {"case": 2, "label": "Hộ"},
                            ],
                            "options": [
                                {"points": 1, "label": "Ít", "case": 1},
                                {"points": 2, "label": "Nhiều", "case": 1, "min_for_star": 4},
                                {"points": 0, "label": "Không", "case": 2},
                                {"points": 1, "label": "Có", "case": 2, "note": "Ghi chú mức"},
                            ],
                        },
                        {
                            "code": "1.2",
                            "name": "Song ngữ",
                            "max_points": 1,
                            "check_item": True,
                            "min_for_star": 5,
                            "options": [{"points": 1, "label": "Nhãn song ngữ"}],
                        },
                    ],
                }
            ],
        }
    ],
}


def small(**changes):
    return Record(json.loads(json.dumps(SMALL)) | changes, "phieu-thu.json")


def criterion_data(record):
    return record.data["parts"][0]["sections"][0]["criteria"][0]


def test_parse_sheet_keeps_every_field():
    sheet = parse_sheet(small(issues=["Sửa 1 chỗ"], completeness="full"), "phieu-thu")

    part, first = sheet.criteria[0]
    second = sheet.criteria[1][1]
    assert (sheet.name, sheet.code, sheet.number) == ("phieu-thu", "qd1048-2019-99", 99)
    assert (sheet.title, sheet.sector, sheet.group) == ("Phiếu thử", "Thực phẩm", "Thử")
    assert sheet.subgroup == ""
    assert sheet.ministries == ("Bộ Công Thương",)
    assert (sheet.issues, sheet.completeness) == (("Sửa 1 chỗ",), "full")
    assert (part.code, part.max_points) == ("A", 3)
    assert part.sections[0].note == "Ghi chú mục"
    assert (first.note, first.requirement) == ("Ghi chú", "Yêu cầu")
    assert (first.group.code, first.group.max_points) == ("1.x", 2)
    assert [case.label for case in first.cases] == ["Hợp tác xã", "Hộ"]
    assert [option.points for option in first.options] == [1, 2, 0, 1]
    assert first.options[1].min_for_star == 4
    assert first.options[3].note == "Ghi chú mức"
    assert (second.check_item, second.min_for_star) == (True, 5)


def test_sheet_is_not_usable_before_it_is_checked():
    sheet = parse_sheet(small(), "phieu-thu")

    assert sheet.problems is None
    assert sheet.usable is False
    assert sheet.checked(()).usable is True


@pytest.mark.parametrize(("flag", "required"), [({}, True), ({"no_sample_required": True}, False)])
def test_sheet_says_whether_samples_are_required(flag, required):
    assert parse_sheet(small(**flag), "phieu-thu").sample_required is required


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("name", "", "phieu-thu.json.name: cần một chuỗi ký tự, nhận được ''"),
        ("name", 7, "phieu-thu.json.name: cần một chuỗi ký tự, nhận được 7"),
        ("max_points", "100", "phieu-thu.json.max_points: cần một số nguyên, nhận được '100'"),
        ("max_points", True, "phieu-thu.json.max_points: cần một số nguyên, nhận được True"),
        ("parts", {}, "phieu-thu.json.parts: cần một danh sách đối tượng, nhận được {}"),
        ("ministry", [1], "phieu-thu.json.ministry: cần một danh sách chuỗi ký tự, nhận được [1]"),
    ],
)
def test_parse_sheet_says_where_a_value_is_wrong(key, value, message):
    with pytest.raises(DataError) as error:
        parse_sheet(small(**{key: value}), "phieu-thu")

    assert str(error.value) == message


def test_parse_sheet_refuses_points_with_a_fraction():
    record = small()
    criterion_data(record)["options"][2]["points"] = 1.5

    with pytest.raises(DataError) as error:
        parse_sheet(record, "phieu-thu")

    place = "phieu-thu.json.parts[0].sections[0].criteria[0].options[2].points"
    assert str(error.value) == f"{place}: cần một số nguyên, nhận được 1.5"


def test_parse_sheet_says_what_is_missing():
    record = small()
    del criterion_data(record)["options"]

    with pytest.raises(DataError) as error:
        parse_sheet(record, "phieu-thu")

    place = "phieu-thu.json.parts[0].sections[0].criteria[0]"
    assert str(error.value) == f"{place}: thiếu “options” (một danh sách đối tượng)"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "không có tệp này"),
        ("{", "không đọc được JSON"),
        ("[]", "cần một đối tượng JSON"),
    ],
)
def test_read_sheet_refuses_a_file_that_is_no_sheet(tmp_path, content, message):
    path = tmp_path / "phieu.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")

    with pytest.raises(DataError, match=message):
        read_sheet(path)


def test_numbers_with_a_fraction_are_read_exactly(tmp_path):
    path = tmp_path / "phieu.json"
    path.write_text('{"floor": 89.1, "bad": "chín"}', encoding="utf-8")
    record = read_record(path)

    assert str(record.decimal("floor")) == "89.1"
    for key in ("bad", "absent"):
        with pytest.raises(DataError, match=key):
            record.decimal(key)


# Options and their indexes


def test_index_counts_through_the_options_of_all_cases():
    sheet = parse_sheet(small(), "phieu-thu")

    chosen = [sheet.option("1.1", index) for index in range(4)]

    assert [(option.case, option.points) for option in chosen] == [(1, 1), (1, 2), (2, 0), (2, 1)]


def test_check_item_is_ticked_or_not():
    criterion = parse_sheet(small(), "phieu-thu").criterion("1.2")

    assert criterion.points(0) == 1
    assert criterion.points(None) == 0
    with pytest.raises(OptionOutOfRangeError, match=r"1\.2: không có lựa chọn 1"):
        criterion.option(1)


@pytest.mark.parametrize("index", [-1, 4, True, "0", 1.0])
def test_option_out_of_range_is_refused(index):
    criterion = parse_sheet(small(), "phieu-thu").criterion("1.1")

    assert criterion.has_option(index) is False
    with pytest.raises(OptionOutOfRangeError):
        criterion.option(index)


def test_no_option_is_no_points():
    sheet = parse_sheet(small(), "phieu-thu")

    assert sheet.option("1.1", None) is None
    assert sheet.criterion("1.1").points(None) == 0


def test_unknown_criterion_is_refused():
    with pytest.raises(UnknownCriterionError, match="phieu-thu: không có tiêu chí 9"):
        parse_sheet(small(), "phieu-thu").option("9", 0)


def test_best_points_are_those_of_the_best_case():
    assert parse_sheet(small(), "phieu-thu").criterion("1.1").best_points == 2
    assert build_criterion("1", []).best_points == 0


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.data())
def test_points_of_an_index_are_those_of_the_file(points, data):
    index = data.draw(st.integers(0, len(points) - 1))

    assert build_criterion("1", points).points(index) == points[index]


# Minimums of a star


def test_minimum_of_a_star_is_the_highest_option_marked_up_to_it():
    criterion = build_criterion("1", [0, 1, 2, 3], marks={1: 3, 3: 5})

    assert criterion.marked_stars == (3, 5)
    assert criterion.unmet_minimum(3, 0).option == 1
    assert criterion.unmet_minimum(3, 1) is None
    assert criterion.unmet_minimum(5, 2).option == 3
    assert criterion.unmet_minimum(5, 3) is None
    assert criterion.unmet_minimum(3, None).label == "1 mức 1"


def test_minimum_of_a_higher_star_includes_the_lower_ones():
    criterion = build_criterion("1", [0, 1, 3, 2], marks={2: 3, 3: 4})

    assert criterion.unmet_minimum(4, 3).option == 2
    assert criterion.unmet_minimum(4, 2) is None


def test_minimum_of_a_marked_criterion_is_more_than_no_points():
    criterion = build_criterion("1", [0, 1], min_for_star=4)

    assert criterion.marked_stars == (4,)
    assert criterion.unmet_minimum(4, 1) is None
    for index in (0, None):
        assert criterion.unmet_minimum(4, index).option is None
        assert criterion.unmet_minimum(4, index).label == "Tiêu chí 1"


def test_minimum_is_that_of_the_chosen_case():
    criterion = build_criterion("1", [1, 3, 1, 2], option_cases=[1, 1, 2, 2], marks={1: 3, 2: 3})

    assert criterion.unmet_minimum(3, 0).option == 1
    assert criterion.unmet_minimum(3, 1) is None
    assert criterion.unmet_minimum(3, 2) is None
    assert criterion.unmet_minimum(3, None).option == 1


def test_case_without_a_mark_asks_for_nothing():
    criterion = build_criterion("1", [1, 3, 0], option_cases=[1, 1, 2], marks={1: 3})

    assert criterion.unmet_minimum(3, 2) is None


# The sheets of 1048/QĐ-TTg


def test_1048_has_26_sheets():
    assert len(SHEETS_1048) == 26


@pytest.mark.parametrize("path", SHEETS_1048, ids=lambda path: path.stem)
def test_sheet_of_1048_parses(path):
    sheet = read_sheet(path)

    assert sheet.name == path.stem
    assert sheet.regulation_code == "qd1048-2019"
    assert sheet.code == f"qd1048-2019-{sheet.number:02}"
    assert [part.code for part in sheet.parts] == ["A", "B", "C"]
    assert 28 <= len(sheet.criteria) <= 33
    assert sheet.ministries
    assert len(sheet.by_code) == len(sheet.criteria)
    # Decision 781 lists minimums in words, the sheets carry no marks.
    assert not any(criterion.marked_stars for _, criterion in sheet.criteria)


def test_criteria_of_1048_with_cases_are_filed_case_after_case():
    with_cases = [
        criterion
        for path in SHEETS_1048
        for _, criterion in read_sheet(path).criteria
        if criterion.cases
    ]

    assert len(with_cases) == 29
    for criterion in with_cases:
        order = [option.case for option in criterion.options]
        assert order == sorted(order)
        assert {*order} == {case.number for case in criterion.cases}


def test_criterion_3_2_of_1048_by_index():
    sheet = read_sheet(DATA_DIR / "qd1048-2019" / "sheets" / "rau-cu-qua-hat-tuoi.json")

    criterion = sheet.criterion("3.2")

    assert [criterion.points(index) for index in range(4)] == [1, 2, 0, 1]
    assert criterion.option(3).label == "Giám đốc/Chủ hộ là người trong tỉnh"


def test_criteria_come_in_the_order_of_the_sheet_with_their_part():
    sheet = build_sheet(
        {
            "A": [build_criterion("2", [1]), build_criterion("1", [1])],
            "B": [build_criterion("3", [1])],
        }
    )

    order = [(part.code, criterion.code) for part, criterion in sheet.criteria]

    assert order == [("A", "2"), ("A", "1"), ("B", "3")]
    assert list(points_sheet().by_code) == ["A", "B", "C"]
