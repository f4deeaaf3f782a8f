"""Forms made from a JSON Schema: one for a place of a document, with tables for its lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from ocop_portal.forms import Form
from regulations.editing import Node, Property, Role, blank, item_title, put
from regulations.fields import field_for, json_value
from regulations.schema import Schema

BLANK_ROWS = 3
MOST_ROWS = 100
EMPTY: tuple[Any, ...] = (None, "", False, [])


class ValuesForm(Form):
    """The inputs of one object; it knows which values were typed and leaves the others alone."""

    use_required_attribute = False
    properties: Mapping[str, Property] = {}

    def written_into(self, original: Mapping[str, Any]) -> dict[str, Any]:
        """Return the object with everything that was changed on the page."""
        values = dict(original)
        for name in self.changed_data:
            if one := self.properties.get(name):
                put(values, one, json_value(self.cleaned_data[name]))
        return values


def form_class(properties: Iterable[Property]) -> type[ValuesForm]:
    """Return a form with an input for each property."""
    inputs = {one.name: one for one in properties if one.role is Role.FIELD and not one.fixed}
    fields = {name: field_for(one) for name, one in inputs.items()}
    return type("NodeValues", (ValuesForm,), {**fields, "properties": inputs})


class RowsFormSet(BaseFormSet):
    """The rows of a list: they may be put into another order and taken away."""

    deletion_widget = forms.CheckboxInput
    titles: list[str] = []

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        row = f"dòng {1 + (index or 0)}"
        form.fields["ORDER"].label = "Thứ tự"
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "Xóa"
        for field in form.fields.values():
            # The head of the column is far from the input on a phone and for a screen reader.
            field.widget.attrs["aria-label"] = f"{field.label}, {row}"

    def written(self, originals: list[Any], schema: Schema) -> list[Any]:
        """Return the rows in their new order, without those that were taken away."""
        rows = []
        for form in self.ordered_forms:
            index = self.forms.index(form)
            original = originals[index] if index < len(originals) else blank(schema)
            rows.append(form.written_into(original))
        return rows


@dataclass(frozen=True)
class Rows:
    """A list of the page: a table to type into, or links to the pages of its items."""

    one: Property
    formset: Any
    role: Role

    @property
    def schema(self) -> Schema:
        schema: Schema = self.one.schema["items"]
        return schema

    @property
    def columns(self) -> list[forms.Field]:
        """The inputs of a row without order and deletion, for the head of the table."""
        return [
            field
            for name, field in self.formset.empty_form.fields.items()
            if name not in {"ORDER", "DELETE"}
        ]

    @property
    def is_wide(self) -> bool:
        """True where the columns do not fit side by side on any screen."""
        return len(self.columns) > 5

    @property
    def items(self) -> list[tuple[Any, str, int]]:
        """Each item of a list of pages: its form, its name, its index."""
        values = self.one.value or []
        return [
            (form, item_title(self.schema, value, index), index)
            for index, (form, value) in enumerate(zip(self.formset.forms, values, strict=False))
        ]


class NodeForm:
    """Everything that the page of one place of a document lets people type."""

    def __init__(self, node: Node, data: Mapping[str, Any] | None = None) -> None:
        self.node = node
        self.data = data
        properties = [] if node.is_list else list(node.properties)
        self.values = form_class(properties)(data, initial=node.value if properties else None)
        self.removable = [
            one
            for one in properties
            if one.role is Role.PART and isinstance(one.value, dict) and not one.required
        ]
        for one in self.removable:
            self.values.fields[self.removal(one)] = forms.BooleanField(
                label=f"Bỏ “{one.title}”", required=False
            )

    @staticmethod
    def removal(one: Property) -> str:
        """The name of the box that takes an optional part away."""
        return f"remove-{one.name}"

    @cached_property
    def rows(self) -> list[Rows]:
        """The lists of the page."""
        if self.node.is_list:
            return [self._rows(Property("", self.node.schema, self.node.value, required=True))]
        return [
            self._rows(one)
            for one in self.node.of_role(Role.TABLE, Role.LIST)
            if not one.on_own_page
        ]

    def _rows(self, one: Property) -> Rows:
        originals = one.value or []
        if one.role is Role.TABLE:
            items = Node((), one.schema["items"], {})
            form, extra = form_class(items.properties), BLANK_ROWS
        else:
            form, extra = form_class(()), 0
        factory = formset_factory(
            form,
            formset=RowsFormSet,
            extra=extra,
            can_order=True,
            can_delete=True,
            can_delete_extra=False,
            max_num=MOST_ROWS,
            absolute_max=MOST_ROWS,
        )
        formset = factory(self.data, initial=originals, prefix=f"rows-{one.name}")
        return Rows(one, formset, one.role)

    @property
    def parts(self) -> list[tuple[Property, Any]]:
        """What has a page of its own, parts and longer lists; with the box to take it away."""
        boxes = {one.name: self.values[self.removal(one)] for one in self.removable}
        return [
            (one, boxes.get(one.name))
            for one in ([] if self.node.is_list else self.node.properties)
            if one.role is Role.PART or (one.role is Role.TABLE and one.on_own_page)
        ]

    @property
    def main_fields(self) -> list[Any]:
        """The inputs that are in use, and those that should be."""
        return [field for field in self._inputs if self._matters(field)]

    @property
    def more_fields(self) -> list[Any]:
        """The inputs of what is optional and empty; they stand behind the others."""
        return [field for field in self._inputs if not self._matters(field)]

    @property
    def _inputs(self) -> list[Any]:
        return [field for field in self.values if field.name in self.values.properties]

    @staticmethod
    def _matters(field: Any) -> bool:
        return bool(field.field.required or field.errors or field.value() not in EMPTY)

    @property
    def facts(self) -> list[Property]:
        """What the portal sets itself."""
        properties = [] if self.node.is_list else self.node.properties
        return [one for one in properties if one.fixed and one.value is not None]

    def is_valid(self) -> bool:
        """Tell whether every value has its type; each part of the page is asked."""
        return all([self.values.is_valid(), *(rows.formset.is_valid() for rows in self.rows)])

    @property
    def error_list(self) -> list[tuple[str, str]]:
        """Every error of the page: the id of its input, and the sentence with its place."""
        found = [
            (field.id_for_label, f"{field.label}: {error}")
            for field in self.values
            for error in field.errors
        ]
        for rows in self.rows:
            found += [
                (field.id_for_label, f"{rows.one.title}, dòng {row}, {field.label}: {error}")
                for row, form in enumerate(rows.formset.forms, start=1)
                for field in form
                for error in field.errors
            ]
        return found

    def result(self) -> Any:
        """Return the object, or the list, as it was typed."""
        if self.node.is_list:
            return self._written(self.rows[0])
        value = self.values.written_into(self.node.value)
        for one in self.removable:
            if self.values.cleaned_data[self.removal(one)]:
                put(value, one, None)
        for rows in self.rows:
            written = self._written(rows)
            if written != (rows.one.value or []):
                put(value, rows.one, written)
        return value

    @staticmethod
    def _written(rows: Rows) -> list[Any]:
        written: list[Any] = rows.formset.written(rows.one.value or [], rows.schema)
        return written


class DraftForm(Form):
    """The code of a new draft."""

    code = forms.SlugField(
        label="Mã của bản mới",
        max_length=40,
        help_text="Chữ thường không dấu, số và gạch nối, ví dụ qd30-2027; không đổi được về sau.",
    )


class PublishForm(Form):
    """From which day a draft is in force."""

    effective_from = forms.DateField(label="Áp dụng từ ngày")


class UploadForm(Form):
    """A document as a JSON file."""

    file = forms.FileField(label="Tệp JSON", help_text="Không quá 1 MB, mã UTF-8.")
