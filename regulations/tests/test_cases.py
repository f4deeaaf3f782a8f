"""The command explain_result and the shape of its input (docs/explain-result.md)."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from regulations.cases import CaseError, explain_case, read_case
from regulations.tests.sheet_builders import carried

REGULATION, SHEET = "qd26-2026", "do-an-nhanh"


def best_choices(regulation: str = REGULATION, sheet: str = SHEET) -> dict[str, int]:
    criteria = carried()[regulation].sheets[sheet].by_code
    return {
        code: max(range(len(criterion.options)), key=criterion.points)
        for code, criterion in criteria.items()
    }


def a_case(**changes: Any) -> dict[str, Any]:
    members = [{"id": name, "choices": best_choices()} for name in ("chair", "member")]
    case = {"regulation": REGULATION, "sheet": SHEET, "tier": "city", "members": members}
    return {**case, **changes}


def codes(result: dict[str, Any]) -> list[str]:
    return [error["code"] for error in result["errors"]]


def run(*arguments: str) -> list[dict[str, Any]]:
    out = io.StringIO()
    call_command("explain_result", *arguments, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_best_case_is_a_potential_five_star_product() -> None:
    result = explain_case(a_case())

    assert result["valid"] is True
    assert result["member_totals"] == {"chair": 100, "member": 100}
    assert (result["mean"], result["part_means"]) == (
        "100.00",
        {"A": "40.00", "B": "25.00", "C": "35.00"},
    )
    assert result["spread"] == {"limit": 10, "pairs": []}
    assert (result["band_stars"], result["minimum_stars"], result["stars"]) == (5, 5, 5)
    assert (result["outcome"], result["next_tier"], result["recognised_stars"]) == (
        "potential_5",
        "national",
        4,
    )
    assert (result["missing_minimums"], result["to_agree"]) == ([], [])


def test_the_2025_regulation_uses_the_sheets_of_2023() -> None:
    member = {"id": "m", "choices": best_choices("qd148-2023", "hoa")}

    result = explain_case(a_case(regulation="qd1489-2025", sheet="hoa", members=[member]))

    assert (result["valid"], result["mean"]) == (True, "100.00")


MEMBER = {"id": "m", "choices": best_choices()}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"regulation": "qd9-2099"}, "unknown_regulation"),
        ({"regulation": "../qd26-2026"}, "unknown_regulation"),
        ({"sheet": "khong-co"}, "unknown_sheet"),
        ({"tier": "district"}, "tier_not_in_regulation"),
        ({"members": []}, "no_scoring_member"),
        ({"members": [{**MEMBER, "present": False}]}, "no_scoring_member"),
        ({"members": [{**MEMBER, "recused": True}]}, "no_scoring_member"),
        ({"members": [MEMBER, MEMBER]}, "duplicate_member"),
        ({"members": [MEMBER], "quorum": {"of": 11, "need": 8}}, "below_quorum"),
        ({"members": [{"id": "m", "choices": {}}]}, "missing_criterion"),
        ({"members": [{**MEMBER, "choices": {**best_choices(), "99": 0}}]}, "unknown_criterion"),
        ({"members": [{**MEMBER, "choices": {**best_choices(), "1.1": 7}}]}, "option_out_of_range"),
        (
            {"members": [{**MEMBER, "choices": {**best_choices(), "1.1": -1}}]},
            "option_out_of_range",
        ),
        (
            {"members": [{**MEMBER, "choices": {**best_choices(), "1.1": "2"}}]},
            "option_out_of_range",
        ),
        (
            {"members": [{**MEMBER, "choices": {**best_choices(), "1.1": True}}]},
            "option_out_of_range",
        ),
        (
            {"members": [{**MEMBER, "choices": {**best_choices(), "1.1": [1, 2]}}]},
            "option_out_of_range",
        ),
        ({"agreed_levels": {"99": 1}}, "unknown_criterion"),
    ],
)
def test_what_cannot_be_computed_is_named(changes: dict[str, Any], code: str) -> None:
    result = explain_case(a_case(**changes))

    assert (result["valid"], codes(result)) == (False, [code])
    assert (result["mean"], result["stars"], result["outcome"]) == (None, None, None)
    assert all(error["message"] for error in result["errors"])


def test_sheet_that_does_not_add_up_is_named() -> None:
    sheet = "thuc-pham-chuc-nang-thuoc-tu-duoc-lieu-thuoc-y-hoc-co-truyen"
    member = {"id": "m", "choices": best_choices("qd1048-2019", sheet)}

    result = explain_case(a_case(regulation="qd1048-2019", sheet=sheet, members=[member]))

    assert codes(result) == ["sheet_incomplete"]
    assert "38 điểm" in result["errors"][0]["message"]


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ([], "regulation"),
        (None, "regulation"),
        (a_case(tier=None), "tier"),
        (a_case(members={}), "members"),
        (a_case(members=["m"]), "thứ 1"),
        (a_case(members=[{"choices": {}}]), "id"),
        (a_case(members=[{"id": "m"}]), "choices"),
        (a_case(members=[{**MEMBER, "present": 1}]), "present"),
        (a_case(knockouts="x"), "knockouts"),
        (a_case(knockouts=[1]), "knockouts"),
        (a_case(council_minimum_stars=0), "council_minimum_stars"),
        (a_case(council_minimum_stars=6), "council_minimum_stars"),
        (a_case(council_minimum_stars="4"), "council_minimum_stars"),
        (a_case(quorum=5), "quorum"),
        (a_case(quorum={"of": 5, "need": 6}), "quorum"),
        (a_case(quorum={"of": 5}), "quorum"),
        (a_case(quorum={"of": 5, "need": -1}), "quorum"),
        (a_case(spread_limit=-1), "spread_limit"),
        (a_case(spread_limit="10"), "spread_limit"),
        (a_case(spread_limit=True), "spread_limit"),
    ],
)
def test_wrong_shape_is_named_and_gives_no_number(case: Any, words: str) -> None:
    result = explain_case(case)

    assert codes(result) == ["invalid_case"]
    assert words in result["errors"][0]["message"]
    assert result["mean"] is None


def test_quorum_and_spread_limit_of_the_case_count() -> None:
    choices = best_choices()
    lower = {**choices, "1.1": None}
    members = [{"id": "a", "choices": choices}, {"id": "b", "choices": lower}]

    result = explain_case(a_case(members=members, quorum={"of": 2, "need": 2}, spread_limit=2))

    assert (result["outcome"], result["spread"]) == (
        "rescore",
        {"limit": 2, "pairs": [["a", "b", 3]]},
    )


def test_option_given_twice_in_the_file_is_not_lost() -> None:
    text = json.dumps(a_case(members=[MEMBER])).replace('"1.1": 2', '"1.1": 1, "1.1": 2')

    result = explain_case(read_case(text))

    assert codes(result) == ["option_out_of_range"]
    assert "2 lựa chọn, chỉ được chọn một" in result["errors"][0]["message"]


def test_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(CaseError, match="Không đọc được JSON"):
        read_case("{")


def test_command_answers_a_file(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(a_case(), indent=1), encoding="utf-8-sig")

    assert run("--input", str(path)) == [explain_case(a_case())]


def test_command_answers_a_line_for_each_case(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join([json.dumps(a_case()), "", json.dumps(a_case(sheet="x"))]))

    first, second = run("--input", str(path))

    assert first["valid"] is True
    assert codes(second) == ["unknown_sheet"]


@pytest.mark.parametrize("lines", [1, 2])
def test_command_reads_standard_input(monkeypatch: pytest.MonkeyPatch, lines: int) -> None:
    text = "\n".join([json.dumps(a_case())] * lines)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    assert run("--input", "-") == [explain_case(a_case())] * lines


def test_command_names_a_file_that_it_cannot_read(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Không đọc được tệp"):
        run("--input", str(tmp_path / "khong-co.json"))
    latin = tmp_path / "latin.json"
    latin.write_bytes("{'tên': 'Đồ'}".encode("utf-16"))
    with pytest.raises(CommandError, match="UTF-8"):
        run("--input", str(latin))
    broken = tmp_path / "broken.json"
    broken.write_text("{\n{")
    with pytest.raises(CommandError, match="JSON"):
        run("--input", str(broken))
