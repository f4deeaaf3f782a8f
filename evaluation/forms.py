"""Forms of conclusions, recorded results and decisions."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from councils.models import CouncilMember, Session
from evaluation.models import Decision
from ocop_portal.forms import Form, ModelForm
from products.forms import not_in_future
from regulations.answers import NONE_REACHED
from regulations.matrix import sentence
from regulations.rules import JudgedBy, Regulation
from regulations.sheets import Criterion

MINIMUM_CHOICES = [("", "Chưa xét, không giới hạn")] + [
    (n, f"Đến hạng {n} sao") for n in range(5, 0, -1)
]


class FindingsForm(Form):
    """What the council records beside the members' sheets."""

    knockouts = forms.MultipleChoiceField(
        label="Trường hợp bị loại",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Chỉ chọn khi hội đồng kết luận; sản phẩm sẽ không được công nhận.",
    )
    knockout_reason = forms.CharField(
        label="Căn cứ để loại",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    council_minimum_stars = forms.TypedChoiceField(
        label="Tiêu chí tối thiểu (QĐ 781) đáp ứng",
        required=False,
        coerce=int,
        empty_value=None,
        choices=MINIMUM_CHOICES,
        help_text="Hạng sao cao nhất mà sản phẩm đáp ứng đủ tiêu chí tối thiểu.",
    )

    def __init__(
        self,
        *args: Any,
        regulation: Regulation,
        to_agree: Iterable[Criterion] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["knockouts"].choices = [(row.code, row.text) for row in regulation.knockouts]
        if regulation.minimums.judged_by is not JudgedBy.COUNCIL:
            del self.fields["council_minimum_stars"]
        self._levels = {f"level-{criterion.code}": criterion for criterion in to_agree}
        for name, criterion in self._levels.items():
            self.fields[name] = forms.ChoiceField(
                label=f"{criterion.code}. {sentence(criterion.name)}",
                required=False,
                choices=_level_choices(criterion),
            )

    def level_fields(self) -> list[Any]:
        """The criteria where members differ at a minimum level, as bound fields for the page."""
        return [self[name] for name in self._levels]

    @property
    def agreed_levels(self) -> dict[str, int | None]:
        """The levels that the council settled on, by criterion; the others stay open."""
        chosen = {
            criterion.code: self.cleaned_data.get(name, "")
            for name, criterion in self._levels.items()
        }
        return {
            code: None if value == NONE_REACHED else int(value)
            for code, value in chosen.items()
            if value
        }


def _level_choices(criterion: Criterion) -> list[tuple[str, str]]:
    options = [
        (str(index), f"{option.points} điểm – {option.label}")
        for index, option in enumerate(criterion.options)
    ]
    return [("", "Chưa thống nhất"), (NONE_REACHED, "0 điểm – Không đạt mức nào"), *options]


class LeavingForm(Form):
    """Who leaves a session under way, when and why."""

    member = forms.ModelChoiceField(
        label="Thành viên rời họp",
        queryset=CouncilMember.objects.none(),
        empty_label="Chọn thành viên",
    )
    left_at = forms.TimeField(
        label="Rời lúc",
        widget=forms.TimeInput(
            format="%H:%M", attrs={"inputmode": "numeric", "autocomplete": "off"}
        ),
        help_text="Giờ và phút hôm nay, ví dụ 10:15.",
    )
    reason = forms.CharField(
        label="Lý do", max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        noted = session.attendance.filter(present=True)
        seats = CouncilMember.objects.filter(pk__in=noted.values("member"))
        self.fields["member"].queryset = seats.select_related("user")


class RecordedResultForm(Form):
    mean = forms.DecimalField(
        label="Điểm trung bình",
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=9,
        decimal_places=6,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text="Như văn bản ghi, ví dụ 92,35.",
    )
    stars = forms.TypedChoiceField(
        label="Hạng sao kết luận", coerce=int, choices=[(n, f"{n} sao") for n in range(5, 0, -1)]
    )
    source_document = forms.CharField(
        label="Văn bản", max_length=200, help_text="Số, ngày và cơ quan ban hành."
    )
    concluded_on = forms.DateField(label="Ngày kết luận")


class DecisionForm(ModelForm):
    class Meta:
        model = Decision
        fields = [
            "number",
            "signed_on",
            "authority",
            "signatory_title",
            "signatory_name",
        ]
        help_texts = {
            "number": "Ví dụ 7095/QĐ-UBND.",
            "authority": "Như in ở đầu giấy chứng nhận; hai dòng cách nhau bằng dấu /.",
            "signatory_title": "Như in trên giấy chứng nhận; mỗi dòng cách nhau bằng dấu /. "
            "Ví dụ: TM. ỦY BAN NHÂN DÂN / KT. CHỦ TỊCH / PHÓ CHỦ TỊCH.",
        }

    def clean_signed_on(self) -> date:
        return not_in_future(self.cleaned_data["signed_on"])


class CommentForm(Form):
    comment = forms.CharField(
        label="Nhận xét",
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class NumberForm(Form):
    number = forms.CharField(
        label="Số giấy chứng nhận",
        max_length=60,
        help_text="In sau chữ “Số” trên giấy, ví dụ 0001/2026/GCN-OCOP-01.",
    )
