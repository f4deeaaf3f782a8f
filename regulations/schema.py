"""Does a document have the shape of a regulation, of its product groups, of a score sheet?

The JSON Schemas in `schemas/` say so, and name every value in Vietnamese: forms, problems and the
comparison of the screens take their words from there. `parsing` and `checking` come after.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from regulations.sheets import Problem

SCHEMA_DIR = Path(__file__).parent / "schemas"
Schema = Mapping[str, Any]
Steps = Sequence[str | int]


class Kind(StrEnum):
    """The three documents that a regulation is made of; there is one sheet per product set."""

    REGULATION = "regulation"
    GROUPS = "groups"
    SHEET = "sheet"


# A draft may still have these: something was not typed yet, but nothing is wrong.
INCOMPLETE = frozenset({"value_missing", "value_empty"})

_CODES = {
    "required": "value_missing",
    "minLength": "value_empty",
    "minItems": "value_empty",
    "type": "wrong_type",
    "oneOf": "not_a_choice",
    "minimum": "out_of_range",
    "maximum": "out_of_range",
    "maxLength": "too_long",
    "maxItems": "too_long",
    "pattern": "wrong_format",
    "format": "wrong_format",
    "uniqueItems": "value_repeated",
    "additionalProperties": "unknown_property",
}
_TYPES = {
    "string": "chữ",
    "integer": "số nguyên",
    "number": "số",
    "boolean": "có hoặc không (true, false)",
    "array": "danh sách",
    "object": "đối tượng",
    "null": "để trống (null)",
}

formats = FormatChecker(formats=())


@formats.checks("date", raises=ValueError)
def _is_day(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@formats.checks("month-day", raises=ValueError)
def _is_day_of_every_year(value: object) -> bool:
    """MM-DD; 29 February is none, since most years lack it."""
    return not isinstance(value, str) or bool(date.fromisoformat(f"2001-{value}"))


@cache
def schema_of(kind: Kind) -> dict[str, Any]:
    """Return the JSON Schema of a kind of document."""
    text = (SCHEMA_DIR / f"{kind}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def _validator(kind: Kind) -> Draft202012Validator:
    return Draft202012Validator(schema_of(kind), format_checker=formats)


def schema_problems(kind: Kind, data: Any) -> list[Problem]:
    """Return where a document does not have its shape, sorted by place.

    `where` is the path of the value, such as parts/0/sections/2. Codes: value_missing,
    value_empty, wrong_type, not_a_choice, out_of_range, too_long, wrong_format, value_repeated,
    unknown_property.
    """
    found: dict[tuple[str, str], Problem] = {}
    for error in _validator(kind).iter_errors(data):
        for problem in _problems(kind, data, error):
            found.setdefault((problem.where, problem.code), problem)
    return sorted(found.values(), key=_place)


def _place(problem: Problem) -> list[tuple[int, str]]:
    steps = problem.where.split("/") if problem.where else []
    return [(int(step), "") if step.isdigit() else (0, step) for step in steps]


def _problems(kind: Kind, data: Any, error: ValidationError) -> Iterator[Problem]:
    path, names = list(error.absolute_path), error.validator_value
    value: Any = error.instance
    code = _CODES[str(error.validator)]
    if error.validator == "required":
        for name in cast("list[str]", names):
            if name not in value:
                yield _problem(kind, data, code, [*path, name], "chưa có")
    elif error.validator == "additionalProperties":
        for name in value.keys() - cast(Schema, error.schema)["properties"].keys():
            yield _problem(kind, data, code, [*path, name], "không có trong mẫu dữ liệu")
    else:
        yield _problem(kind, data, code, path, _reason(error))


def _problem(kind: Kind, data: Any, code: str, path: Steps, reason: str) -> Problem:
    where = "/".join(map(str, path))
    return Problem(code, where, f"{place_in_words(schema_of(kind), data, path)}: {reason}")


def _reason(error: ValidationError) -> str:
    """What is wrong with a value, as the end of a sentence."""
    limit: Any = error.validator_value
    value: Any = error.instance
    match error.validator:
        case "type":
            return f"cần {_types(limit)}, nhận được {shown(value)}"
        case "oneOf":
            choices = ", ".join(f"{one['const']} ({one['title']})" for one in limit)
            return f"cần một trong {choices}; nhận được {shown(value)}"
        case "minimum":
            return f"cần từ {limit} trở lên, nhận được {value}"
        case "maximum":
            return f"không quá {limit}, nhận được {value}"
        case "maxLength":
            return f"không quá {limit} ký tự, nhận được {len(value)}"
        case "maxItems":
            return f"không quá {limit} dòng, nhận được {len(value)}"
        case "minLength" | "minItems":
            return "đang để trống"
        case "uniqueItems":
            return "có giá trị lặp lại"
        case _:
            return f"{_wanted(error)}, nhận được {shown(value)}"


def _wanted(error: ValidationError) -> str:
    """What a text must look like: its format says it best, then its own description."""
    named = {"date": "cần một ngày có thật YYYY-MM-DD", "month-day": "cần một ngày trong năm MM-DD"}
    schema: Schema = error.schema if isinstance(error.schema, Mapping) else {}
    fallback = schema.get("description", "").rstrip(".") or f"cần theo mẫu {schema.get('pattern')}"
    return named.get(schema.get("format", ""), fallback[:1].lower() + fallback[1:])


def _types(names: str | Iterable[str]) -> str:
    listed = [names] if isinstance(names, str) else names
    return " hoặc ".join(_TYPES[name] for name in listed)


def shown(value: Any) -> str:
    """Return a value as a sentence quotes it, cut short."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return f"{text[:60]}…" if len(text) > 60 else text


def place_in_words(schema: Schema, data: Any, path: Steps) -> str:
    """Return a path in words: Phần A › Mục 3 › Tiêu chí 3.2 › Lựa chọn 1 › Điểm."""
    return " › ".join(word for _, word in named_steps(schema, data, path)) or "Toàn bộ"


def named_steps(schema: Schema, data: Any, path: Steps) -> Iterator[tuple[list[str | int], str]]:
    """Walk down a path with the name of each place; a list is named by its items alone."""
    for depth, step in enumerate(path):
        parent = schema
        schema, data = step_down(schema, step), _value(data, step)
        here = list(path[: depth + 1])
        if isinstance(step, int):
            yield here, named_item(schema, str(parent.get("title", "")), data, step)
        elif depth + 1 == len(path) or not isinstance(path[depth + 1], int):
            yield here, schema.get("title") or str(step)


def step_down(schema: Schema, step: str | int) -> Schema:
    """Return the schema below `schema`; empty where it says nothing of the kind."""
    if isinstance(step, int):
        items: Schema = schema.get("items", {})
        return items
    below: Schema = schema.get("properties", {}).get(step, {})
    return below


def _value(data: Any, step: str | int) -> Any:
    try:
        return data[step]
    except (LookupError, TypeError):
        return None


def named_item(schema: Schema, title: str, item: Any, index: int) -> str:
    """Name an item of a list by its own number or code, else by its place, counted from 1.

    A code that the schema has words for is named by these alone.
    """
    own = item if isinstance(item, Mapping) else {}
    code = own.get("code")
    choices = step_down(schema, "code").get("oneOf", ())
    words = {choice["const"]: str(choice["title"]) for choice in choices}
    if code in words and words[code] != code:
        return words[code]
    number = code or own.get("number") or f"thứ {index + 1}"
    return f"{schema.get('title') or title} {number}"
