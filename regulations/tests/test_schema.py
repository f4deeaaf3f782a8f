"""The JSON Schemas: what the portal carries fits them, and every kind of mistake is named."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from regulations.parsing import DATA_DIR
from regulations.schema import Kind, schema_of, schema_problems

NEWEST = DATA_DIR / "qd26-2026"
FILES = {
    Kind.REGULATION: "regulation.json",
    Kind.GROUPS: "product_groups.json",
    Kind.SHEET: "sheets/do-an-nhanh.json",
}
SHIPPED = [
    *((Kind.REGULATION, path) for path in sorted(DATA_DIR.glob("*/regulation.json"))),
    *((Kind.GROUPS, path) for path in sorted(DATA_DIR.glob("*/product_groups.json"))),
    *((Kind.SHEET, path) for path in sorted(DATA_DIR.glob("*/sheets/*.json"))),
]


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def document(kind: Kind) -> Any:
    return read(NEWEST / FILES[kind])


@pytest.mark.parametrize("kind", Kind)
def test_schema_is_one(kind: Kind) -> None:
    Draft202012Validator.check_schema(schema_of(kind))

    assert schema_of(kind)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("kind", Kind)
def test_everything_has_a_vietnamese_name(kind: Kind) -> None:
    unnamed = []

    def walk(schema: dict[str, Any], path: str) -> None:
        for name, below in schema.get("properties", {}).items():
            if not below.get("title"):
                unnamed.append(f"{path}/{name}")
            walk(below, f"{path}/{name}")
        if "items" in schema:
            walk(schema["items"], f"{path}/*")

    walk(schema_of(kind), "")

    assert unnamed == []


@pytest.mark.parametrize(
    ("kind", "path"), SHIPPED, ids=[f"{path.parts[-3]}/{path.stem}" for _, path in SHIPPED]
)
def test_what_the_portal_carries_fits(kind: Kind, path: Path) -> None:
    assert schema_problems(kind, read(path)) == []


def first_criterion(sheet: Any) -> Any:
    return sheet["parts"][0]["sections"][0]["criteria"][0]


MISTAKES: list[tuple[Kind, Callable[[Any], Any], str, str, str]] = [
    (
        Kind.SHEET,
        lambda sheet: first_criterion(sheet)["options"][0].pop("label"),
        "value_missing",
        "parts/0/sections/0/criteria/0/options/0/label",
        "Phần A › Mục 1 › Tiêu chí 1.1 › Lựa chọn thứ 1 › Nội dung: chưa có",
    ),
    (
        Kind.SHEET,
        lambda sheet: first_criterion(sheet).update(name=""),
        "value_empty",
        "parts/0/sections/0/criteria/0/name",
        "Phần A › Mục 1 › Tiêu chí 1.1 › Tên: đang để trống",
    ),
    (
        Kind.SHEET,
        lambda sheet: first_criterion(sheet).update(max_points="3"),
        "wrong_type",
        "parts/0/sections/0/criteria/0/max_points",
        'Phần A › Mục 1 › Tiêu chí 1.1 › Điểm tối đa: cần số nguyên, nhận được "3"',
    ),
    (
        Kind.SHEET,
        lambda sheet: first_criterion(sheet)["options"][0].update(points=-1),
        "out_of_range",
        "parts/0/sections/0/criteria/0/options/0/points",
        "Phần A › Mục 1 › Tiêu chí 1.1 › Lựa chọn thứ 1 › Điểm: cần từ 0 trở lên, nhận được -1",
    ),
    (
        Kind.SHEET,
        lambda sheet: first_criterion(sheet)["options"][0].update(points=101),
        "out_of_range",
        "parts/0/sections/0/criteria/0/options/0/points",
        "Phần A › Mục 1 › Tiêu chí 1.1 › Lựa chọn thứ 1 › Điểm: không quá 100, nhận được 101",
    ),
    (
        Kind.SHEET,
        lambda sheet: first_criterion(sheet)["options"][0].update(min_for_star=1),
        "not_a_choice",
        "parts/0/sections/0/criteria/0/options/0/min_for_star",
        "Phần A › Mục 1 › Tiêu chí 1.1 › Lựa chọn thứ 1 › Tối thiểu cho hạng: cần một trong "
        "2 (2 sao), 3 (3 sao), 4 (4 sao), 5 (5 sao); nhận được 1",
    ),
    (
        Kind.SHEET,
        lambda sheet: sheet.update(colour="đỏ"),
        "unknown_property",
        "colour",
        "colour: không có trong mẫu dữ liệu",
    ),
    (
        Kind.REGULATION,
        lambda regulation: regulation.update(effective_from="2026-02-30"),
        "wrong_format",
        "effective_from",
        'Có hiệu lực từ: cần một ngày có thật YYYY-MM-DD, nhận được "2026-02-30"',
    ),
    (
        Kind.REGULATION,
        lambda regulation: regulation["rounds"][0].update(held_before="02-29"),
        "wrong_format",
        "rounds/0/held_before",
        'Đợt thứ 1 › Tổ chức trước ngày: cần một ngày trong năm MM-DD, nhận được "02-29"',
    ),
    (
        Kind.REGULATION,
        lambda regulation: regulation["knockouts"][0].update(code="Giả mạo"),
        "wrong_format",
        "knockouts/0/code",
        "Trường hợp Giả mạo › Mã: chữ thường không dấu, số và gạch dưới; không đổi khi đã dùng, "
        'nhận được "Giả mạo"',
    ),
    (
        Kind.REGULATION,
        lambda regulation: regulation["certificate"].update(stars=[3, 3]),
        "value_repeated",
        "certificate/stars",
        "Giấy chứng nhận › Cấp cho hạng: có giá trị lặp lại",
    ),
    (
        Kind.REGULATION,
        lambda regulation: regulation["tiers"][0].update(outcomes=[]),
        "value_empty",
        "tiers/0/outcomes",
        "Cấp thành phố, cấp tỉnh › Kết quả dẫn đến: đang để trống",
    ),
    (
        Kind.REGULATION,
        lambda regulation: regulation["decisions"][0].update(number="1" * 41),
        "too_long",
        "decisions/0/number",
        "Quyết định 1111111111111111111111111111111111111111"
        "1 › Số, ký hiệu: không quá 40 ký tự, nhận được 41",
    ),
    (
        Kind.GROUPS,
        lambda groups: groups["sectors"][0]["groups"][0]["subgroups"][0].update(number=0),
        "out_of_range",
        "sectors/0/groups/0/subgroups/0/number",
        "Ngành I › Nhóm 1 › Phân nhóm thứ 1 › Số thứ tự: cần từ 1 trở lên, nhận được 0",
    ),
]


@pytest.mark.parametrize(
    ("kind", "spoil", "code", "where", "message"),
    MISTAKES,
    ids=[f"{code}-{where}" for _, _, code, where, _ in MISTAKES],
)
def test_mistake_is_named_with_its_place(
    kind: Kind, spoil: Callable[[Any], Any], code: str, where: str, message: str
) -> None:
    data = deepcopy(document(kind))
    spoil(data)

    problems = schema_problems(kind, data)

    assert [(one.code, one.where, one.message) for one in problems] == [(code, where, message)]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("data", [None, [], "x", 3])
def test_document_that_is_no_object_is_said_to_be_none(kind: Kind, data: Any) -> None:
    assert [(one.code, one.where) for one in schema_problems(kind, data)] == [("wrong_type", "")]


def test_every_missing_value_is_named() -> None:
    problems = schema_problems(Kind.GROUPS, {})

    assert [(one.code, one.where) for one in problems] == [
        ("value_missing", "regulation_code"),
        ("value_missing", "sectors"),
        ("value_missing", "source"),
    ]


def test_long_value_is_quoted_short() -> None:
    problems = schema_problems(Kind.SHEET, {**document(Kind.SHEET), "max_points": "x" * 500})

    assert len(problems[0].message) < 120
