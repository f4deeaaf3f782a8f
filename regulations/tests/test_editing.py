"""Documents as pages: every place of every shipped kind, and what is typed into it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.http import QueryDict

from regulations.editing import (
    Node,
    NoSuchPlaceError,
    Role,
    added,
    blank,
    in_schema_order,
    item_title,
    nearest_place,
    node_at,
    parse_path,
    place_of_sum,
    replaced,
)
from regulations.forms import NodeForm
from regulations.parsing import DATA_DIR
from regulations.schema import Kind, schema_of

CRITERION = "parts/0/sections/0/criteria/3"
DOCUMENTS = [
    *((Kind.REGULATION, path) for path in sorted(DATA_DIR.glob("*/regulation.json"))),
    *((Kind.GROUPS, path) for path in sorted(DATA_DIR.glob("*/product_groups.json"))),
    *(
        (Kind.SHEET, DATA_DIR / name)
        for name in (
            "qd1048-2019/sheets/dich-vu-du-lich-cong-dong-va-diem-du-lich.json",
            "qd148-2023/sheets/che-bien-tu-rau-cu-qua-hat.json",
            "qd26-2026/sheets/do-an-nhanh.json",
            "qd26-2026/sheets/ruou-trang.json",
        )
    ),
]


def read(path: Any) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def sheet() -> Any:
    return read(DATA_DIR / "qd26-2026" / "sheets" / "do-an-nhanh.json")


@pytest.fixture
def regulation_data() -> Any:
    return read(DATA_DIR / "qd26-2026" / "regulation.json")


def nodes(kind: Kind, data: Any, path: tuple[str | int, ...] = ()) -> Iterator[Node]:
    """Every page that a document has."""
    node = node_at(kind, data, path)
    yield node
    for one in [] if node.is_list else node.properties:
        is_part = one.role is Role.PART and one.value is not None
        if is_part or (one.role is Role.TABLE and one.on_own_page):
            yield from nodes(kind, data, (*path, one.name))
        elif one.role is Role.LIST:
            for index in range(len(one.value or [])):
                yield from nodes(kind, data, (*path, one.name, index))


def sent(form: NodeForm) -> QueryDict:
    """What a browser sends of a page on which nobody typed."""
    data = QueryDict(mutable=True)
    parts: list[Any] = [form.values]
    for rows in form.rows:
        parts += [rows.formset.management_form, *rows.formset.forms]
    for field in (field for part in parts for field in part):
        widget, value = field.field.widget, field.value()
        if isinstance(widget, forms.CheckboxInput):
            if value:
                data[field.html_name] = "on"
        elif isinstance(widget, forms.CheckboxSelectMultiple):
            data.setlist(field.html_name, [str(one) for one in value or []])
        else:
            data[field.html_name] = _text(widget, value)
    return data


def _text(widget: Any, value: Any) -> str:
    shown = widget.format_value(value)
    if isinstance(shown, list):
        shown = shown[0] if shown else ""
    text = "" if shown is None else str(shown)
    # A browser ends lines with CR LF, and has none in a box of one line.
    is_long = isinstance(widget, forms.Textarea)
    return text.replace("\n", "\r\n") if is_long else text.replace("\n", "")


@pytest.mark.parametrize(
    ("kind", "path"), DOCUMENTS, ids=[f"{path.parts[-3]}-{path.stem}" for _, path in DOCUMENTS]
)
def test_saving_what_nobody_changed_changes_nothing(kind: Kind, path: Any) -> None:
    data = read(path)
    different = []

    for node in nodes(kind, data):
        form = NodeForm(node, sent(NodeForm(node)))
        assert form.is_valid(), (node.path, form.error_list)
        if replaced(data, node.path, form.result()) != data:
            different.append(node.path)

    assert different == []


def typed(node: Node, **values: str | None) -> NodeForm:
    """The page with some inputs filled; None leaves a box out."""
    data = sent(NodeForm(node))
    for name, value in values.items():
        name = name.replace("__", "-")
        if value is None:
            data.pop(name, None)
        else:
            data[name] = value
    return NodeForm(node, data)


def result(form: NodeForm) -> Any:
    assert form.is_valid(), form.error_list
    return form.result()


def criterion(sheet: Any) -> Node:
    return node_at(Kind.SHEET, sheet, parse_path(CRITERION))


def test_value_is_written_with_its_type(sheet: Any) -> None:
    value = result(typed(criterion(sheet), max_points="5", check_item="on", min_for_star="4"))

    assert (value["max_points"], value["check_item"], value["min_for_star"]) == (5, True, 4)


def test_option_is_added_in_a_blank_row(sheet: Any) -> None:
    before = criterion(sheet).value["options"]

    value = result(
        typed(criterion(sheet), **{"rows-options-4-points": "4", "rows-options-4-label": "Mới"})
    )

    assert value["options"] == [*before, {"points": 4, "label": "Mới"}]


def test_option_is_taken_away(sheet: Any) -> None:
    before = criterion(sheet).value["options"]

    value = result(typed(criterion(sheet), **{"rows-options-1-DELETE": "on"}))

    assert value["options"] == [before[0], *before[2:]]


def test_options_change_their_order(sheet: Any) -> None:
    before = criterion(sheet).value["options"]

    value = result(typed(criterion(sheet), **{"rows-options-3-ORDER": "0"}))

    assert value["options"] == [before[3], *before[:3]]


def test_star_mark_is_taken_away_with_its_key(sheet: Any) -> None:
    value = result(typed(criterion(sheet), **{"rows-options-2-min_for_star": ""}))

    assert "min_for_star" not in value["options"][2]


def test_required_value_may_be_missing_in_a_draft(sheet: Any) -> None:
    value = result(typed(criterion(sheet), name="", max_points=""))

    assert not {"name", "max_points"} & value.keys()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("max_points", "ba", "Điểm tối đa: Nhập một số nguyên."),
        ("max_points", "101", "Điểm tối đa: Nhập một số từ 0 đến 100."),
        ("rows-options-0-points", "1,5", "Các lựa chọn, dòng 1, Điểm: "),
        ("rows-options-0-min_for_star", "9", "Các lựa chọn, dòng 1, Tối thiểu cho hạng: "),
    ],
)
def test_value_of_a_wrong_type_is_an_error_of_its_field(
    sheet: Any, name: str, value: str, message: str
) -> None:
    form = typed(criterion(sheet), **{name: value})

    assert not form.is_valid()
    (found,) = form.error_list
    assert found[0] == f"id_{name}"
    assert found[1].startswith(message)


def test_day_is_typed_as_officers_write_it(regulation_data: Any) -> None:
    node = node_at(Kind.REGULATION, regulation_data, ())

    value = result(typed(node, **{"rows-decisions-0-date": "01/02/2027"}))

    assert value["decisions"][0]["date"] == "2027-02-01"


def test_threshold_with_a_fraction_stays_exact(regulation_data: Any) -> None:
    node = node_at(Kind.REGULATION, regulation_data, ("star_bands",))

    value = result(typed(node, **{"rows--0-floor": "89,50", "rows--1-floor": "70.0"}))

    assert (value[0]["floor"], value[1]["floor"]) == ("89.5", 70)


def test_what_the_portal_sets_is_no_input(regulation_data: Any) -> None:
    form = NodeForm(node_at(Kind.REGULATION, regulation_data, ()))

    assert "code" not in form.values.fields
    assert [one.name for one in form.facts] == ["code", "effective_from"]


def test_optional_part_is_taken_away_as_null(regulation_data: Any) -> None:
    node = node_at(Kind.REGULATION, regulation_data, ())

    value = result(typed(node, **{"remove-renewal": "on"}))

    assert value["renewal"] is None


def test_item_is_added_blank(sheet: Any) -> None:
    section = node_at(Kind.SHEET, sheet, parse_path("parts/0/sections/0"))

    value, path = added(section, "criteria")

    assert value["criteria"][-1] == {"options": []}
    assert path == ("parts", 0, "sections", 0, "criteria", len(section.value["criteria"]))


def test_optional_part_is_added_blank(sheet: Any) -> None:
    value, path = added(criterion(sheet), "group")

    assert value["group"] == {}
    assert path[-1] == "group"


@pytest.mark.parametrize(
    "path",
    ["khong-co", "parts/9", "parts/x", "name", "parts", "parts/0/name", "parts/0/sections/0/0"],
)
def test_place_that_is_not_there_is_said_to_be_missing(sheet: Any, path: str) -> None:
    with pytest.raises(NoSuchPlaceError):
        node_at(Kind.SHEET, sheet, parse_path(path))


def test_document_is_not_changed_in_place(sheet: Any) -> None:
    before = json.dumps(sheet)

    replaced(sheet, parse_path(CRITERION), {"code": "x"})
    added(criterion(sheet), "group")

    assert json.dumps(sheet) == before


def test_items_have_names(sheet: Any) -> None:
    schema = schema_of(Kind.SHEET)["properties"]["parts"]["items"]

    assert item_title(schema, sheet["parts"][1], 1) == "Phần B. Khả năng tiếp thị (25 điểm)"
    assert item_title(schema, {}, 2) == "Phần thứ 3"


def test_problem_leads_to_the_page_of_its_value(sheet: Any) -> None:
    assert nearest_place(Kind.SHEET, sheet, f"{CRITERION}/options/1/points") == CRITERION
    assert nearest_place(Kind.SHEET, sheet, f"{CRITERION}/name") == CRITERION
    assert nearest_place(Kind.SHEET, sheet, "max_points") == ""


@pytest.mark.parametrize(
    ("code", "where", "path"),
    [
        ("part_sum_differs", "C", "parts/2"),
        ("section_sum_differs", "1", "parts/0/sections/0"),
        ("criterion_maximum_differs", "1.4", CRITERION),
        ("sheet_sum_differs", "", None),
    ],
)
def test_sum_leads_to_the_page_of_what_it_speaks_of(
    sheet: Any, code: str, where: str, path: str | None
) -> None:
    assert place_of_sum(sheet, code, where) == path


def test_document_is_sent_in_the_order_of_its_schema(sheet: Any) -> None:
    shuffled = dict(sorted(sheet.items(), reverse=True))

    ordered = in_schema_order(schema_of(Kind.SHEET), shuffled)

    assert ordered == sheet
    names = list(schema_of(Kind.SHEET)["properties"])
    assert sorted(ordered, key=names.index) == list(ordered)


def test_blank_row_holds_an_answer_where_a_box_is_one() -> None:
    schema = schema_of(Kind.REGULATION)["properties"]["documents"]["items"]

    assert blank(schema) == {"compulsory": False}
