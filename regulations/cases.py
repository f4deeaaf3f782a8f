"""One product at one tier as a JSON object, and its result as another (docs/explain-result.md)."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from regulations.parsing import DATA_DIR, load_regulation
from regulations.rating import Member, Quorum, Rating, RatingError, Scoring, rate_under, result_data
from regulations.rules import Regulation


class CaseError(ValueError):
    """The case does not have the shape of one; the message says where, in Vietnamese."""


class Repeated(tuple[Any, ...]):
    """The values of a key that stands more than once in an object: two options, for instance."""

    __slots__ = ()


def read_case(text: str) -> Any:
    """Read one JSON value without losing a key that is written twice; raises CaseError."""
    try:
        return json.loads(text, object_pairs_hook=_object, parse_float=Decimal)
    except ValueError as error:
        raise CaseError(f"Không đọc được JSON: {error}") from error


def explain_case(case: Any, base: Path = DATA_DIR) -> dict[str, object]:
    """Return the result of a case; what cannot be computed is `valid: false` with its errors."""
    try:
        regulation_code = _text(case, "regulation")
        sheet_name = _text(case, "sheet")
        scoring = _scoring(case)
    except CaseError as error:
        return result_data(Rating(errors=(RatingError("invalid_case", str(error)),)))
    return result_data(
        rate_under(_carried(base, regulation_code), regulation_code, sheet_name, scoring)
    )


def _carried(base: Path, code: str) -> Mapping[str, Regulation]:
    """The one regulation that the case names, if the portal carries it; all would take longer."""
    carried = {path.parent.name for path in base.glob("*/regulation.json")}
    return {code: _regulation(base / code)} if code in carried else {}


@cache
def _regulation(directory: Path) -> Regulation:
    return load_regulation(directory)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = Repeated((found[key], value)) if key in found else value
    return found


def _scoring(case: Any) -> Scoring:
    members = case.get("members")
    if not isinstance(members, list):
        raise CaseError("“members” phải là một danh sách.")
    knockouts = case.get("knockouts") or []
    if not isinstance(knockouts, list) or not all(isinstance(code, str) for code in knockouts):
        raise CaseError("“knockouts” phải là một danh sách mã.")
    stars = _number(case, "council_minimum_stars")
    if stars is not None and not 1 <= stars <= 5:
        raise CaseError("“council_minimum_stars” phải từ 1 đến 5.")
    return Scoring(
        tier=_text(case, "tier"),
        members=[_member(member, number) for number, member in enumerate(members, start=1)],
        agreed_levels=_choices(case, "agreed_levels", default={}),
        knockouts=knockouts,
        council_minimum_stars=stars,
        quorum=_quorum(case.get("quorum")),
        spread_limit=_spread_limit(case),
    )


def _member(member: Any, number: int) -> Member:
    if not isinstance(member, dict):
        raise CaseError(f"Thành viên thứ {number} phải là một đối tượng.")
    return Member(
        id=_text(member, "id"),
        choices=_choices(member, "choices"),
        present=_flag(member, "present", default=True),
        recused=_flag(member, "recused", default=False),
    )


def _choices(holder: dict[str, Any], key: str, default: Any = None) -> Mapping[str, Any]:
    """The choices by criterion; whether each names an option is for the rating to say."""
    choices = holder.get(key, default)
    if choices is None or not isinstance(choices, dict):
        raise CaseError(f"“{key}” phải là một đối tượng tiêu chí → lựa chọn.")
    return choices


def _quorum(value: Any) -> Quorum | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise CaseError("“quorum” phải có “of” và “need”.")
    of, need = _number(value, "of"), _number(value, "need")
    if of is None or need is None or not 0 <= need <= of:
        raise CaseError("“quorum” phải có “need” từ 0 đến “of”.")
    return Quorum(of, need)


def _spread_limit(case: dict[str, Any]) -> int | Decimal | None:
    limit = case.get("spread_limit")
    if limit is None:
        return None
    if isinstance(limit, bool) or not isinstance(limit, (int, Decimal)) or limit < 0:
        raise CaseError("“spread_limit” phải là số điểm từ 0 trở lên.")
    return limit


def _text(holder: Any, key: str) -> str:
    value = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(value, str) or not value:
        raise CaseError(f"Thiếu “{key}” (một chuỗi ký tự).")
    return value


def _number(holder: dict[str, Any], key: str) -> int | None:
    value = holder.get(key)
    if value is not None and type(value) is not int:
        raise CaseError(f"“{key}” phải là một số nguyên.")
    return value


def _flag(holder: dict[str, Any], key: str, *, default: bool) -> bool:
    value = holder.get(key, default)
    if not isinstance(value, bool):
        raise CaseError(f"“{key}” phải là true hoặc false.")
    return value
