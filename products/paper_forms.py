"""The form of a producer's paper."""

from datetime import date
from typing import Any

from django import forms

from ocop_portal.forms import Form
from products.forms import not_in_future
from products.models import Producer, ProducerDocument
from products.papers import SLOTS


class _PaperChoice(forms.ModelChoiceField):
    def label_from_instance(self, paper: ProducerDocument) -> str:
        number = f"{paper.number}: " if paper.number else ""
        return f"{SLOTS.get(paper.slot, paper.slot)} – {number}{paper.original_name}"


class PaperForm(Form):
    slot = forms.ChoiceField(label="Loại giấy tờ", choices=list(SLOTS.items()))
    file = forms.FileField(
        label="Tệp",
        error_messages={"empty": "Tệp không có nội dung.", "required": "Hãy chọn tệp."},
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        help_text="PDF, JPG hoặc PNG.",
    )
    replaces = _PaperChoice(
        label="Thay cho bản",
        queryset=ProducerDocument.objects.none(),
        required=False,
        empty_label="Không thay bản nào",
        help_text="Bản cũ vẫn được giữ lại để tra cứu.",
    )
    number = forms.CharField(label="Số văn bản", max_length=80, required=False)
    issuer = forms.CharField(label="Nơi cấp", max_length=200, required=False)
    issued_on = forms.DateField(label="Ngày cấp", required=False)
    valid_until = forms.DateField(
        label="Có hiệu lực đến", required=False, help_text="Để trống nếu giấy không ghi thời hạn."
    )

    def __init__(self, *args: Any, producer: Producer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["replaces"].queryset = producer.documents.current()

    def clean_issued_on(self) -> date | None:
        day = self.cleaned_data["issued_on"]
        return not_in_future(day) if day else None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        issued, ends = cleaned.get("issued_on"), cleaned.get("valid_until")
        if issued and ends and ends < issued:
            self.add_error("valid_until", "Ngày hết hiệu lực không trước ngày cấp.")
        replaced = cleaned.get("replaces")
        if replaced and cleaned.get("slot") and replaced.slot != cleaned["slot"]:
            self.add_error("replaces", "Bản được thay thuộc loại giấy tờ khác.")
        return cleaned
