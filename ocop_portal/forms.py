"""What all forms share: text is kept clean, dates are dd/mm/yyyy, one way to render a field."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting

from ocop_portal.text import clean_line, clean_text


class PortalBoundField(BoundField):
    """A field whose widget carries the classes of the style sheet, also in forms of packages."""

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        own_class = str(attrs.get("class") or widget.attrs.get("class") or "")
        classes = [own_class, _style_class(widget), "is-invalid" if self.errors else ""]
        if joined := " ".join(filter(None, classes)):
            attrs["class"] = joined
        return attrs


def _style_class(widget: forms.Widget) -> str:
    if widget.is_hidden:
        return ""
    # Radio buttons are selects to Django, so they come first.
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "form-check-input"
    if isinstance(widget, forms.Select):
        return "form-select"
    if isinstance(widget, forms.DateInput | forms.NumberInput):
        return "form-control ocop-input-short"
    return "form-control"


class PortalFormRenderer(TemplatesSetting):
    """Fields are drawn by templates/forms/field.html, with label, help and errors tied to them."""

    bound_field_class = PortalBoundField
    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


class DateInput(forms.DateInput):
    """A text box for dd/mm/yyyy: the same on every browser, typed as officers write dates."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        defaults = {"placeholder": "dd/mm/yyyy", "inputmode": "numeric", "autocomplete": "off"}
        super().__init__(attrs={**defaults, **(attrs or {})}, format="%d/%m/%Y")


class CleanTextMixin:
    """Normalise every text of the form: NFC, single spaces, no invisible characters."""

    # Fields are changed after they were made: choices, querysets, labels.
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.DateField) and not field.widget.is_hidden:
                field.widget = DateInput(attrs=field.widget.attrs)

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        cleaned: dict[str, Any] = self.cleaned_data  # type: ignore[attr-defined]
        for name, value in cleaned.items():
            if isinstance(value, str):
                long_text = isinstance(self.fields[name].widget, forms.Textarea)
                cleaned[name] = clean_text(value) if long_text else clean_line(value)


class Form(CleanTextMixin, forms.Form):
    """The base of all plain forms."""


class ModelForm(CleanTextMixin, forms.ModelForm):
    """The base of all forms of a record."""
