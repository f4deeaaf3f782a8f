"""The form that merges two producers."""

from collections.abc import Sequence
from typing import Any

from django import forms

from ocop_portal.forms import Form
from products.merging import Difference

KEPT, MERGED = "kept", "merged"


class MergeForm(Form):
    """For each field that both records state differently the value that stays, and the reason."""

    reason = forms.CharField(
        label="Lý do gộp",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Vì sao hai bản ghi là cùng một chủ thể.",
    )

    def __init__(self, *args: Any, differences: Sequence[Difference], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names = [row.name for row in differences]
        for row in differences:
            self.fields[f"field_{row.name}"] = forms.ChoiceField(
                label=row.label,
                choices=[(KEPT, row.kept), (MERGED, row.merged)],
                initial=KEPT,
                widget=forms.RadioSelect,
            )

    @property
    def choices(self) -> list[Any]:
        """The fields to choose from, as they are drawn."""
        return [self[f"field_{name}"] for name in self._names]

    @property
    def taken(self) -> list[str]:
        """The fields whose value of the merged record stays."""
        return [name for name in self._names if self.cleaned_data[f"field_{name}"] == MERGED]
