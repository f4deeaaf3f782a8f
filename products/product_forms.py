"""Forms of what is known of a product: photos, proofs of quality, property, packages, years."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet, inlineformset_factory

from ocop_portal.forms import Form, ModelForm
from products import barcodes
from products.models import (
    IntellectualProperty,
    Product,
    ProductPackage,
    ProductPhoto,
    ProductStandard,
    ProductYear,
)
from products.row_forms import RowsFormSet, YearForm


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files of one input; the value is a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        one = super().clean
        return [one(each, initial) for each in data] if data else [one(None, initial)]


class PhotosForm(Form):
    photos = ManyFilesField(
        label="Chọn ảnh",
        error_messages={"empty": "Ảnh không có nội dung.", "required": "Hãy chọn ít nhất một ảnh."},
        widget=ManyFilesInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text="JPG, PNG hoặc WebP, tối đa 25 MB một ảnh, chọn được nhiều ảnh một lúc. "
        "Thông tin máy ảnh và vị trí chụp được xóa khỏi ảnh.",
    )
    is_public = forms.BooleanField(
        label="Chủ thể đồng ý dùng các ảnh này trong danh mục công khai", required=False
    )


class PhotoForm(ModelForm):
    class Meta:
        model = ProductPhoto
        fields = ["caption", "alt", "position", "is_public"]
        help_texts = {
            "caption": "Hiện dưới ảnh, ví dụ: Thu hoạch sen ở đầm Trị.",
            "alt": "Nói cho người không nhìn thấy ảnh biết trong ảnh có gì.",
        }


class PhotosFormSet(BaseInlineFormSet):
    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        return rows.current().select_related("product")


class StandardForm(ModelForm):
    upload = forms.FileField(
        label="Tệp giấy chứng nhận",
        required=False,
        error_messages={"empty": "Tệp không có nội dung."},
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )

    class Meta:
        model = ProductStandard
        fields = ["kind", "title", "number", "issuer", "valid_from", "valid_until"]
        help_texts = {"title": "Ví dụ TCVN 5603:2023."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance.original_name
        self.fields["upload"].help_text = (
            f"Đang giữ “{stored}”; chọn tệp khác để thay." if stored else "PDF, JPG hoặc PNG."
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.instance.upload = cleaned.get("upload")
        return cleaned


class PropertyForm(ModelForm):
    class Meta:
        model = IntellectualProperty
        fields = ["kind", "title", "state", "number", "dated_on", "owner"]


class PackageForm(ModelForm):
    class Meta:
        model = ProductPackage
        fields = ["kind", "net_content", "material", "barcode", "shelf_life", "label_facts"]
        widgets = {"label_facts": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "net_content": "Như ghi trên nhãn, ví dụ 500 g, 330 ml.",
            "barcode": "8, 13 hoặc 14 chữ số in dưới vạch.",
            "label_facts": "Thành phần, hướng dẫn sử dụng, bảo quản, cảnh báo …",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # People type the digits in groups, as they are printed.
        self.fields["barcode"].max_length = None
        self.fields["barcode"].validators = []
        self.fields["barcode"].widget.attrs |= {"inputmode": "numeric", "maxlength": "20"}

    def clean_barcode(self) -> str:
        code = barcodes.normalised(self.cleaned_data["barcode"])
        if code and (problem := barcodes.problem(code)):
            raise ValidationError(problem)
        return code


class ProductYearForm(YearForm):
    class Meta:
        model = ProductYear
        fields = [
            "year",
            "unit",
            "capacity",
            "output",
            "price_from",
            "price_to",
            "revenue",
            "export_share",
            "markets",
        ]
        localized_fields = [
            "capacity",
            "output",
            "price_from",
            "price_to",
            "revenue",
            "export_share",
        ]
        help_texts = {
            "unit": "Của công suất và sản lượng: tấn, kg, chai, lượt khách …",
            "price_from": "Đồng cho một đơn vị bán lẻ.",
            "revenue": "Bằng đồng, ví dụ 1.250.000.000.",
            "markets": "Ví dụ Hà Nội, Nhật Bản.",
        }


ProductPhotos = inlineformset_factory(
    Product, ProductPhoto, form=PhotoForm, formset=PhotosFormSet, extra=0, can_delete=False
)


def _rows_of(model: Any, form: Any) -> Any:
    return inlineformset_factory(
        Product,
        model,
        form=form,
        formset=RowsFormSet,
        extra=1,
        max_num=60,
        can_delete_extra=False,
    )


ProductStandards = _rows_of(ProductStandard, StandardForm)
ProductProperties = _rows_of(IntellectualProperty, PropertyForm)
ProductPackages = _rows_of(ProductPackage, PackageForm)
ProductYears = _rows_of(ProductYear, ProductYearForm)
