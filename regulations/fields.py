"""Inputs made from a JSON Schema: one for each kind of value that a document has."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator

from ocop_portal.text import clean_line
from regulations.editing import Property
from regulations.schema import Schema


class NumberBox(forms.TextInput):
    """A short text box: a browser's own number box drops what it cannot read, unseen."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "ocop-input-short", "inputmode": "decimal", **(attrs or {})})


class MayBeMissing(forms.Field):
    """A field that is marked as required and may still be left empty: a draft grows step by step.

    What is missing is said by the schema's problems, not by the form.
    """

    def validate(self, value: Any) -> None:
        if value not in self.empty_values:
            super().validate(value)


class TextField(MayBeMissing, forms.CharField):
    """A text of one or several lines."""


class WholeNumberField(MayBeMissing, forms.IntegerField):
    """A whole number."""

    default_error_messages = {"invalid": "Nhập một số nguyên."}
    widget = NumberBox


class DayField(MayBeMissing, forms.DateField):
    """A day, dd/mm/yyyy on screen and YYYY-MM-DD in the document."""

    def prepare_value(self, value: Any) -> Any:
        return _day(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(_day(initial), data)


class NumberField(MayBeMissing, forms.DecimalField):
    """A number that may have a fraction, exact; written with a comma, read with a point too."""

    widget = NumberBox

    def prepare_value(self, value: Any) -> Any:
        return None if value is None else str(value).replace(".", ",")

    def to_python(self, value: Any) -> Any:
        return super().to_python(str(value or "").replace(",", "."))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(None if initial is None else Decimal(str(initial)), data)


class ChoiceField(MayBeMissing, forms.TypedChoiceField):
    """One of the schema's constants."""


class ChoicesField(MayBeMissing, forms.TypedMultipleChoiceField):
    """Several of the schema's constants."""


class LinesField(MayBeMissing, forms.CharField):
    """A list of texts, one on each line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = value if isinstance(value, list) else (value or "").splitlines()
        return [line for line in map(clean_line, lines) if line]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))


class FlagField(forms.BooleanField):
    """Yes or no; a box that is not ticked is an answer too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "required": False})


def _day(value: Any) -> Any:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return value


# --- From a schema to a field ---------------------------------------------------------------------


def field_for(one: Property) -> forms.Field:
    """Return the input for a property of role FIELD."""
    schema = one.schema
    common = {
        "label": one.title,
        "help_text": schema.get("description", ""),
        "required": one.required,
    }
    types = schema.get("type", ())
    if "oneOf" in schema:
        return ChoiceField(**common, **_choices(schema, blank_choice=True), empty_value=None)
    if "array" in types:
        return _list_field(schema, common)
    makers: dict[str, Callable[[Schema, dict[str, Any]], forms.Field]] = {
        "boolean": _flag_field,
        "integer": _whole_number_field,
        "number": _number_field,
    }
    maker = next((makers[name] for name in makers if name in types), _text_field)
    return maker(schema, common)


def _choices(schema: Schema, *, blank_choice: bool) -> dict[str, Any]:
    values = {str(choice["const"]): choice["const"] for choice in schema["oneOf"]}
    choices = [(str(choice["const"]), choice["title"]) for choice in schema["oneOf"]]
    empty = [("", "–")] if blank_choice else []

    def constant(text: Any) -> Any:
        try:
            return values[str(text)]
        except KeyError as error:
            raise ValueError(text) from error

    return {"choices": [*empty, *choices], "coerce": constant}


def _list_field(schema: Schema, common: dict[str, Any]) -> forms.Field:
    if "oneOf" in schema["items"]:
        options = _choices(schema["items"], blank_choice=False)
        return ChoicesField(
            **common, **options, empty_value=[], widget=forms.CheckboxSelectMultiple
        )
    return LinesField(**common, widget=forms.Textarea(attrs={"rows": 3}))


def _flag_field(schema: Schema, common: dict[str, Any]) -> forms.Field:
    return FlagField(**common, initial=schema.get("default"))


def _whole_number_field(schema: Schema, common: dict[str, Any]) -> forms.Field:
    return WholeNumberField(**common, validators=_limits(schema))


def _number_field(schema: Schema, common: dict[str, Any]) -> forms.Field:
    return NumberField(**common, validators=_limits(schema), decimal_places=4)


def _limits(schema: Schema) -> list[Any]:
    low, high = schema["minimum"], schema["maximum"]
    sentence = f"Nhập một số từ {low} đến {high}."
    return [MinValueValidator(low, sentence), MaxValueValidator(high, sentence)]


def _text_field(schema: Schema, common: dict[str, Any]) -> forms.Field:
    if schema.get("format") == "date":
        return DayField(**common)
    long_text = schema.get("x-input") == "textarea"
    validators = []
    if pattern := schema.get("pattern"):
        message = schema.get("description") or "Chỉ dùng chữ thường không dấu, số và gạch nối."
        validators.append(RegexValidator(pattern, message))
    return TextField(
        **common,
        max_length=schema.get("maxLength"),
        validators=validators,
        widget=forms.Textarea(attrs={"rows": 2}) if long_text else forms.TextInput,
    )


def json_value(value: Any) -> Any:
    """Return what a field holds as it stands in a document."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else f"{value.normalize():f}"
    return value
