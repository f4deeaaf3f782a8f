"""The form in which a person says what the columns of a workbook mean."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ocop_portal.forms import Form
from products.columns import REQUIRED, Field
from products.header_mapping import HeaderFound, label

IGNORED = ""


def field_choices() -> list[tuple[str, str]]:
    """What a column may mean, the needed ones first."""
    others = [field for field in Field if field not in REQUIRED and field != Field.ORDINAL]
    named = [(field.value, label(field)) for field in (*REQUIRED, *others, Field.ORDINAL)]
    return [(IGNORED, "Không dùng cột này"), *named]


class HeaderForm(Form):
    """Which sheet holds the table, and in which row its titles are; sent by GET."""

    def __init__(
        self, *args: Any, sheets: list[str], rows: list[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if len(sheets) > 1:
            self.fields["trang"] = forms.ChoiceField(
                label="Trang tính", choices=[(name, name) for name in sheets]
            )
        self.fields["dong"] = forms.ChoiceField(
            label="Dòng tiêu đề", choices=[(number, f"{number}: {text}") for number, text in rows]
        )


class ColumnsForm(Form):
    """One choice for each column of a header, with its title and samples."""

    def __init__(self, *args: Any, header: HeaderFound, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._header = header
        for column in header.columns:
            samples = "; ".join(column.samples)
            self.fields[f"c{column.number}"] = forms.ChoiceField(
                label=f"Cột {column.letters}: {column.title or '(không có tiêu đề)'}"[:140],
                help_text=f"Ví dụ: {samples}" if samples else "Không có giá trị nào.",
                choices=field_choices(),
                initial=column.guess.value if column.guess else IGNORED,
                required=False,
            )

    @property
    def columns(self) -> dict[Field, int]:
        """What was chosen, once the form is valid."""
        chosen = {
            column.number: self.cleaned_data[f"c{column.number}"] for column in self._header.columns
        }
        return {Field(value): number for number, value in chosen.items() if value}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        seen: dict[str, str] = {}
        for column in self._header.columns:
            value = cleaned.get(f"c{column.number}")
            if not value:
                continue
            if value in seen:
                words = label(Field(value))
                self.add_error(
                    f"c{column.number}", f"“{words}” đã được chọn cho cột {seen[value]}."
                )
            seen.setdefault(value, column.letters)
        missing = [label(field) for field in REQUIRED if field.value not in seen]
        if missing:
            names = ", ".join(f"“{name}”" for name in missing)
            raise ValidationError(f"Hãy chọn cột cho {names}: thiếu thì không đọc được dòng nào.")
        return cleaned
