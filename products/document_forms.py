"""The form of what is written on a document: its number, its day, its term."""

from datetime import date
from typing import Any

from django import forms

from ocop_portal.forms import ModelForm
from products.forms import not_in_future
from products.models import DossierDocument
from products.validity import usual_end
from regulations.rules import DocumentKind


class DocumentFactsForm(ModelForm):
    """Number, day of issue and last day of a document; `slot` tells the usual term."""

    usual = forms.BooleanField(
        label="Tính ngày hết hiệu lực theo thời hạn thường gặp", required=False
    )

    class Meta:
        model = DossierDocument
        fields = ["number", "issued_on", "valid_until"]

    def __init__(self, *args: Any, slot: DocumentKind | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slot = slot
        self.fields["valid_until"].help_text = "Để trống nếu giấy không ghi thời hạn."
        if slot and slot.term_months:
            months, source = slot.term_months, slot.term_source
            self.fields[
                "usual"
            ].help_text = f"{months} tháng kể từ ngày cấp ({source}). Giấy ghi khác thì theo giấy."
        else:
            del self.fields["usual"]

    def clean_issued_on(self) -> date | None:
        day = self.cleaned_data["issued_on"]
        return not_in_future(day) if day else None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        issued, ends = cleaned.get("issued_on"), cleaned.get("valid_until")
        if cleaned.pop("usual", False) and not ends and "valid_until" not in self.errors:
            cleaned["valid_until"] = ends = usual_end(self.slot, issued)
            if ends is None:
                self.add_error("issued_on", "Hãy ghi ngày cấp để tính ngày hết hiệu lực.")
        if issued and ends and ends < issued:
            self.add_error("valid_until", "Ngày hết hiệu lực không trước ngày cấp.")
        return cleaned
