"""The filter of what ends soon: what stands in the address is the whole state of the list."""

from datetime import date, timedelta
from typing import Any

from django import forms

from accounts.models import AdministrativeUnit
from ocop_portal.forms import Form
from products.expiring import DOCUMENT, PAPER, expiring_rows
from products.filters import districts_visible_to

WITHIN = {"30": "30 ngày tới", "60": "60 ngày tới", "90": "90 ngày tới", "het": "Đã hết hạn"}


class ExpiringFilter(Form):
    """Within which days, of which kind, where and of whom."""

    trong = forms.ChoiceField(label="Hết hạn trong", choices=list(WITHIN.items()), required=False)
    loai = forms.ChoiceField(
        label="Loại",
        choices=[("", "Tất cả"), (DOCUMENT, "Tài liệu hồ sơ"), (PAPER, "Giấy tờ chủ thể")],
        required=False,
    )
    district = forms.ModelChoiceField(
        label="Quận, huyện, thị xã",
        queryset=AdministrativeUnit.objects.none(),
        required=False,
        empty_label="Tất cả địa bàn",
    )
    q = forms.CharField(label="Tìm", required=False, max_length=100, widget=forms.SearchInput)

    def __init__(self, data: Any, *, user: Any) -> None:
        super().__init__({"trong": "90", **data.dict()})
        self.user = user
        districts = districts_visible_to(user)
        if districts.count() > 1:
            self.fields["district"].queryset = districts
        else:
            del self.fields["district"]

    def rows(self, today: date) -> Any:
        """The rows that fit, what ends first before the rest; a wrong filter is left out."""
        self.is_valid()
        chosen = self.cleaned_data
        within = chosen.get("trong") or "90"
        yesterday = today - timedelta(days=1)
        ended = within == "het"
        return expiring_rows(
            self.user,
            first=None if ended else today,
            last=yesterday if ended else today + timedelta(days=int(within)),
            what=chosen.get("loai", ""),
            district=chosen.get("district"),
            words=chosen.get("q", ""),
        )
