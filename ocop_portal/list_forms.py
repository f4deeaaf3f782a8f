"""Names of saved filters."""

from typing import Any

from django import forms

from ocop_portal.forms import Form, ModelForm
from ocop_portal.models import SavedFilter


class SaveFilterForm(Form):
    name = forms.CharField(label="Tên bộ lọc", max_length=60)


class SavedFilterForm(ModelForm):
    class Meta:
        model = SavedFilter
        fields = ["name"]

    def clean(self) -> dict[str, Any]:
        """Two filters of one list have two names."""
        cleaned = super().clean() or self.cleaned_data
        same = SavedFilter.objects.filter(
            user=self.instance.user, listing=self.instance.listing, name=cleaned.get("name", "")
        )
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("name", "Bạn đã có bộ lọc cùng tên ở danh sách này.")
        return cleaned
