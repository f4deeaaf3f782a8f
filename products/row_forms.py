"""Forms of several rows of one record: figures of its years, its value chains."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet, inlineformset_factory
from django.utils import timezone

from ocop_portal.forms import ModelForm
from products.models import ChainMembership, Producer, ProducerYear, Product


class RowsFormSet(BaseInlineFormSet):
    """The stored rows, each with a box that takes it away, and empty ones to fill."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "Xóa dòng này khi lưu"


class YearForm(ModelForm):
    """One row of figures: a year that has come, and at least one figure."""

    def clean_year(self) -> int:
        year: int = self.cleaned_data["year"]
        if year > timezone.localdate().year:
            raise ValidationError("Năm này chưa đến.")
        return year

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        beside = {"year", "unit", "id", "DELETE"}
        figures = [value for name, value in cleaned.items() if name not in beside]
        has_owner = [value for value in figures if not isinstance(value, Producer | Product)]
        if "year" in cleaned and not self.errors and all(one in {None, ""} for one in has_owner):
            raise ValidationError("Hãy ghi ít nhất một số liệu của năm này.")
        return cleaned


class ProducerYearForm(YearForm):
    class Meta:
        model = ProducerYear
        fields = ["year", "revenue", "workers", "local_workers"]
        localized_fields = ["revenue"]
        help_texts = {"revenue": "Bằng đồng, ví dụ 1.250.000.000."}


class ChainForm(ModelForm):
    class Meta:
        model = ChainMembership
        fields = ["name", "part", "partner", "begins_on", "ends_on"]
        help_texts = {"partner": "Doanh nghiệp, hợp tác xã hoặc nhóm hộ cùng tham gia."}


ProducerYears = inlineformset_factory(
    Producer,
    ProducerYear,
    form=ProducerYearForm,
    formset=RowsFormSet,
    extra=2,
    max_num=60,
    can_delete_extra=False,
)
ProducerChains = inlineformset_factory(
    Producer,
    ChainMembership,
    form=ChainForm,
    formset=RowsFormSet,
    extra=2,
    max_num=60,
    can_delete_extra=False,
)
