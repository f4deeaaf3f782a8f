"""The entry form of a printed form, built from its questions."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from ocop_portal.forms import Form
from ocop_portal.text import clean_line
from products.printed_forms.structure import Question, QuestionKind

LINE_LENGTH, TEXT_LENGTH, CELL_LENGTH = 250, 4000, 120
SPARE_ROWS, MOST_ROWS = 3, 30


class TableWidget(forms.Widget):
    """Rows of text boxes, some spare ones at the end; empty rows are left out."""

    template_name = "products/_table_widget.html"
    use_fieldset = True

    def __init__(self, question: Question) -> None:
        self.question = question
        super().__init__()

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        rows = [list(row) for row in value or []]
        width = len(self.question.columns)
        rows += [[""] * width] * (min(len(rows) + SPARE_ROWS, MOST_ROWS) - len(rows))
        attributes = attrs or {}
        context = {
            "name": name,
            "id": attributes.get("id", ""),
            "label": self.question.label,
            "columns": self.question.columns,
            "rows": rows,
            "longest": CELL_LENGTH,
        }
        return {"widget": context}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[list[str]]:
        """One list of values for each column, under the column's number."""
        width = len(self.question.columns)
        get = data.getlist if isinstance(data, QueryDict) else lambda key: data.get(key, [])
        columns = [list(get(f"{name}.{n}"))[:MOST_ROWS] for n in range(width)]
        longest = max(map(len, columns), default=0)
        padded = [column + [""] * (longest - len(column)) for column in columns]
        return [list(row) for row in zip(*padded, strict=True)]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}.0" not in data


class TableField(forms.Field):
    """A list of rows, each a list with one text for every column."""

    def __init__(self, question: Question, **kwargs: Any) -> None:
        super().__init__(widget=TableWidget(question), **kwargs)

    def clean(self, value: Any) -> list[list[str]]:
        rows = [[clean_line(cell) for cell in row] for row in value or []]
        kept = [row for row in rows if any(row)]
        if any(len(cell) > CELL_LENGTH for row in kept for cell in row):
            raise forms.ValidationError(f"Mỗi ô không quá {CELL_LENGTH} ký tự.")
        return kept


class AnswersForm(Form):
    """The questions of one printed form. `shown` says what the page showed (see the action)."""

    shown = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        questions: list[Question],
        answers: Mapping[str, Any],
        shown: str,
    ) -> None:
        initial = {name_of(one.code): answers.get(one.code) for one in questions}
        super().__init__(data, initial={**initial, "shown": shown})
        self.questions = questions
        for question in questions:
            self.fields[name_of(question.code)] = _FIELDS[question.kind](question)

    @property
    def answers(self) -> dict[str, Any]:
        """What was entered, by the code of the question."""
        return {one.code: self.cleaned_data[name_of(one.code)] for one in self.questions}

    @property
    def parts(self) -> list[tuple[str, list[Any]]]:
        """The fields, with the proofs of the criteria under a heading of their own."""
        own = [self[name_of(one.code)] for one in self.questions if "." not in one.code]
        proofs = [self[name_of(one.code)] for one in self.questions if "." in one.code]
        parts = [("Nội dung của biểu", own), ("Mô tả, minh chứng theo từng tiêu chí", proofs)]
        return [(heading, fields) for heading, fields in parts if fields]


def name_of(code: str) -> str:
    """The name of a question's field; a dot would do no harm, but ids with dots are a trap."""
    return code.replace(".", "_")


def in_words(question: Question, value: Any) -> str:
    """An answer as people read it: the labels of what was ticked, the rows of a table."""
    labels = {option.code: option.label for option in question.options}
    if isinstance(value, str):
        return labels.get(value, value)
    entries = [" | ".join(one) if isinstance(one, list) else labels.get(one, one) for one in value]
    return "; ".join(entries)


def _line(question: Question) -> forms.Field:
    return forms.CharField(
        label=question.label,
        help_text=question.hint,
        max_length=LINE_LENGTH,
        required=False,
    )


def _text(question: Question) -> forms.Field:
    return forms.CharField(
        label=question.label,
        help_text=question.hint,
        max_length=TEXT_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2 if "." in question.code else 3}),
    )


def _one(question: Question) -> forms.Field:
    options = [(option.code, option.label) for option in question.options]
    return forms.ChoiceField(
        label=question.label,
        help_text=question.hint,
        choices=[("", "Chưa chọn"), *options],
        required=False,
    )


def _many(question: Question) -> forms.Field:
    return forms.MultipleChoiceField(
        label=question.label,
        help_text=question.hint,
        choices=[(option.code, option.label) for option in question.options],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def _table(question: Question) -> forms.Field:
    return TableField(question, label=question.label, help_text=question.hint, required=False)


_FIELDS = {
    QuestionKind.LINE: _line,
    QuestionKind.TEXT: _text,
    QuestionKind.ONE: _one,
    QuestionKind.MANY: _many,
    QuestionKind.TABLE: _table,
}
