"""The form that settles a recheck."""

from datetime import date
from typing import Any

from django import forms

from ocop_portal.forms import Form
from products.forms import not_in_future


class RecheckForm(Form):
    """A new document, or a written reason."""

    file = forms.FileField(
        label="Tài liệu mới",
        required=False,
        error_messages={"empty": "Tệp không có nội dung."},
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.docx,.xlsx"}),
        help_text="PDF, JPG, PNG, DOCX hoặc XLSX. Dùng cho mọi tiêu chí của mục này.",
    )
    number = forms.CharField(label="Số văn bản", max_length=80, required=False)
    issued_on = forms.DateField(label="Ngày cấp", required=False)
    valid_until = forms.DateField(
        label="Có hiệu lực đến", required=False, help_text="Để trống nếu giấy không ghi thời hạn."
    )
    reason = forms.CharField(
        label="Kết luận",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Bắt buộc nếu không có tài liệu mới: vì sao sản phẩm vẫn đạt, hoặc đã xử lý thế "
        "nào.",
    )

    def clean_issued_on(self) -> date | None:
        day = self.cleaned_data["issued_on"]
        return not_in_future(day) if day else None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        issued, ends = cleaned.get("issued_on"), cleaned.get("valid_until")
        if issued and ends and ends < issued:
            self.add_error("valid_until", "Ngày hết hiệu lực không trước ngày cấp.")
        if not self.errors and not cleaned.get("file") and not cleaned.get("reason"):
            self.add_error("reason", "Hãy nộp tài liệu mới hoặc ghi kết luận.")
        return cleaned
