"""A document as something to edit: the place that a page shows, and the document after a change.

One mechanism for every kind of document: the JSON Schema says what a value is, `forms` makes
inputs of it. Nothing here changes a document in place; each function returns a new one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from regulations.schema import Kind, Schema, Steps, named_item, named_steps, schema_of, step_down


class NoSuchPlaceError(LookupError):
    """The document has nothing to edit at this path."""


class Role(StrEnum):
    """How a property is shown: as an input, as rows of a table, as a list of pages, as a page."""

    FIELD = "field"
    TABLE = "table"
    LIST = "list"
    PART = "part"


@dataclass(frozen=True, slots=True)
class Property:
    """A property of an object with its schema and its value, None where it has none."""

    name: str
    schema: Schema
    value: Any
    required: bool

    @property
    def title(self) -> str:
        return str(self.schema.get("title", self.name))

    @property
    def role(self) -> Role:
        return role_of(self.schema)

    @property
    def fixed(self) -> bool:
        """True for what the portal sets itself, such as the code."""
        return bool(self.schema.get("readOnly"))

    @property
    def shown(self) -> str:
        """The value as people read it: the words of a choice, a day as dd/mm/yyyy."""
        words = {one["const"]: one["title"] for one in self.schema.get("oneOf", ())}
        if self.value in words:
            return str(words[self.value])
        if self.schema.get("format") == "date" and self.value:
            return "/".join(reversed(self.value.split("-")))
        return "" if self.value is None else str(self.value)

    @property
    def on_own_page(self) -> bool:
        """True for a table that would make the page of its object too long."""
        return bool(self.schema.get("x-page"))


@dataclass(frozen=True, slots=True)
class Node:
    """A place of a document: the object, or the list of flat objects, that one page edits."""

    path: tuple[str | int, ...]
    schema: Schema
    value: Any

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, list)

    @property
    def properties(self) -> Iterator[Property]:
        """The properties of an object, those without a value too, in the order of the schema."""
        required = self.schema.get("required", ())
        for name, schema in self.schema.get("properties", {}).items():
            yield Property(name, schema, self.value.get(name), name in required)

    def of_role(self, *roles: Role) -> list[Property]:
        """The properties that are shown in one of these ways."""
        return [one for one in self.properties if one.role in roles]


def role_of(schema: Schema) -> Role:
    """Say how a property with this schema is shown."""
    types = schema.get("type", ())
    if "object" in types:
        return Role.PART
    if "array" in types and "properties" in schema["items"]:
        return Role.TABLE if is_flat(schema["items"]) else Role.LIST
    return Role.FIELD


def is_flat(schema: Schema) -> bool:
    """Tell whether an object has nothing but inputs, so that a row of a table can hold it."""
    return all(role_of(one) is Role.FIELD for one in schema["properties"].values())


def parse_path(text: str) -> tuple[str | int, ...]:
    """Read a path as it stands in an address: parts/0/sections/2."""
    return tuple(int(step) if step.isdecimal() else step for step in text.split("/") if step)


def node_at(kind: Kind, data: Any, path: Steps) -> Node:
    """Return the place that a path leads to; raise NoSuchPlaceError."""
    schema: Schema = schema_of(kind)
    value = data
    for step in path:
        schema = step_down(schema, step)
        try:
            value = value[step] if isinstance(step, str) or step < len(value) else None
        except (LookupError, TypeError):
            value = None
        if value is None and schema.get("x-page"):
            value = []
    editable = isinstance(value, dict) or (isinstance(value, list) and "x-page" in schema)
    if not schema or not editable:
        raise NoSuchPlaceError("/".join(map(str, path)))
    return Node(tuple(path), schema, value)


def replaced(data: Any, path: Steps, value: Any) -> Any:
    """Return the document with another value at `path`."""
    if not path:
        return value
    step, *rest = path
    if isinstance(step, int):
        return [
            replaced(one, rest, value) if index == step else one for index, one in enumerate(data)
        ]
    return {**data, step: replaced(data.get(step), rest, value)}


def added(node: Node, name: str) -> tuple[Any, tuple[str | int, ...]]:
    """Return the object with a blank item or part under `name`, and the path of that."""
    schema = step_down(node.schema, name)
    if role_of(schema) is Role.PART:
        return {**node.value, name: blank(schema)}, (*node.path, name)
    rows = list(node.value.get(name) or [])
    return {**node.value, name: [*rows, blank(schema["items"])]}, (*node.path, name, len(rows))


def blank(schema: Schema) -> dict[str, Any]:
    """Return a new object: only what needs no typing, so that the rest is seen to be missing."""
    filled = {name: _blank_value(schema["properties"][name]) for name in schema.get("required", ())}
    return {name: value for name, value in filled.items() if value is not None}


def _blank_value(schema: Schema) -> Any:
    types = schema.get("type", ())
    if "object" in types:
        return blank(schema)
    if "array" in types:
        return []
    return False if "boolean" in types else None


def put(holder: dict[str, Any], one: Property, value: Any) -> None:
    """Set or, where it is empty, take away a property of an object that is being built."""
    types = one.schema.get("type", ())
    if value not in (None, "", []):
        holder[one.name] = value
    elif "null" in types:
        holder[one.name] = None
    elif "array" in types and one.required:
        holder[one.name] = []
    else:
        holder.pop(one.name, None)


def crumbs(kind: Kind, data: Any, path: Steps) -> list[tuple[str, str]]:
    """Return the places above and at `path`: the path as it stands in an address, and the name."""
    return [
        ("/".join(map(str, steps)), name)
        for steps, name in named_steps(schema_of(kind), data, path)
    ]


def item_title(schema: Schema, item: Any, index: int) -> str:
    """Name an item of a list in full: Mục 3. Tổ chức sản xuất (12 điểm)."""
    own: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
    title = named_item(schema, "", own, index)
    if (name := own.get("name")) and name != title:
        title += f". {name}"
    if (points := own.get("max_points")) is not None:
        title += f" ({points} điểm)"
    return title


def nearest_place(kind: Kind, data: Any, where: str) -> str | None:
    """Return the path of the page on which the value at `where` is edited, else None."""
    path = parse_path(where)
    for depth in range(len(path) - 1, -1, -1):
        if depth and isinstance(path[depth - 1], int) and _is_row(kind, path[:depth]):
            continue
        try:
            node_at(kind, data, path[:depth])
        except NoSuchPlaceError:
            continue
        return "/".join(map(str, path[:depth]))
    return None


def _is_row(kind: Kind, path: Steps) -> bool:
    schema: Schema = schema_of(kind)
    for step in path:
        schema = step_down(schema, step)
    return "properties" in schema and is_flat(schema)


# Where a code of `checking` is found: at a part, a section, a criterion.
_LEVELS = ("part", "section")


def place_of_sum(data: Any, code: str, where: str) -> str | None:
    """Return the path of the part, section or criterion that a sum of a sheet speaks of."""
    level = next((level for level in _LEVELS if code.startswith(level)), "criterion")
    for part_at, part in enumerate(data["parts"]):
        if level == "part" and part["code"] == where:
            return f"parts/{part_at}"
        for section_at, section in enumerate(part["sections"]):
            path = f"parts/{part_at}/sections/{section_at}"
            if level == "section" and section["code"] == where:
                return path
            for at, criterion in enumerate(section["criteria"]):
                if level == "criterion" and criterion["code"] == where:
                    return f"{path}/criteria/{at}"
    return None


def in_schema_order(schema: Schema, value: Any) -> Any:
    """Return a document with its keys in the order in which the files have them.

    The database keeps no order of keys.
    """
    if isinstance(value, list):
        return [in_schema_order(schema.get("items", {}), one) for one in value]
    if not isinstance(value, dict):
        return value
    names = [*schema.get("properties", {}), *value]
    return {
        name: in_schema_order(step_down(schema, name), value[name])
        for name in dict.fromkeys(names)
        if name in value
    }
