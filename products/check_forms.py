"""Forms of checking: verdicts, supplement requests, the commune's report."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from ocop_portal.forms import Form
from products.actions.supplements import DeadlineRule, Lack
from products.forms import not_in_future
from products.models import CommuneReport, DossierDocument


def mark_of(verdict: str, comment: str) -> str:
    """A short mark of what a page showed, to tell what a person changed from what others did."""
    return hashlib.sha256(f"{verdict}\n{comment}".encode()).hexdigest()[:16]


class VerdictForm(Form):
    """One document's verdict; `version` and `mark` say what the page showed."""

    verdict = forms.ChoiceField(choices=DossierDocument.Verdict.choices, required=False)
    comment = forms.CharField(
        max_length=2000, required=False, widget=forms.Textarea, label="Nhận xét"
    )
    version = forms.IntegerField(min_value=0)
    mark = forms.CharField(max_length=16)

    def __init__(self, *args: Any, document: DossierDocument, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"tl-{document.pk}", **kwargs)

    @property
    def is_changed(self) -> bool:
        """Whether the person chose something else than the page showed."""
        values = self.cleaned_data
        return mark_of(values["verdict"], values["comment"]) != values["mark"]


class SupplementForm(Form):
    """A supplement request: what to ask for, each with its words, and by when."""

    deadline = forms.DateField(label="Hạn bổ sung")
    reason = forms.CharField(
        label="Nội dung chung",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In sau danh sách trên, không bắt buộc khi đã chọn mục cần bổ sung.",
    )
    number = forms.CharField(
        label="Số văn bản", required=False, max_length=40, help_text="Ví dụ 15/OCOP-VP."
    )
    issued_on = forms.DateField(label="Ngày văn bản")

    def __init__(
        self, *args: Any, lacks: Sequence[Lack], rule: DeadlineRule, **kwargs: Any
    ) -> None:
        initial = {"deadline": rule.proposed, "issued_on": timezone.localdate()}
        super().__init__(*args, initial=initial, **kwargs)
        self.lacks, self.rule = lacks, rule
        for lack in lacks:
            what = lack.document or lack.name
            self.fields[f"ask-{lack.key}"] = forms.BooleanField(
                label=f"Yêu cầu bổ sung: {what}", required=False, initial=lack.found
            )
            self.fields[f"comment-{lack.key}"] = forms.CharField(
                label=f"Cần bổ sung gì cho {what}",
                required=False,
                max_length=2000,
                initial=lack.comment,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        self.fields["deadline"].help_text = _about(rule)

    def rows(self) -> list[tuple[Lack, Any, Any]]:
        """Every lack with its box and its words, as the page draws them."""
        return [(lack, self[f"ask-{lack.key}"], self[f"comment-{lack.key}"]) for lack in self.lacks]

    def clean_issued_on(self) -> date:
        return not_in_future(self.cleaned_data["issued_on"])

    def clean_deadline(self) -> date:
        day: date = self.cleaned_data["deadline"]
        if problem := self.rule.problem(day):
            raise ValidationError(problem.message)
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        comments = {}
        for lack in self.lacks:
            words = cleaned.get(f"comment-{lack.key}", "")
            if not cleaned.get(f"ask-{lack.key}"):
                continue
            if not words:
                self.add_error(f"comment-{lack.key}", "Hãy ghi cần bổ sung gì.")
            comments[lack.key] = words
        if not comments and not cleaned.get("reason"):
            self.add_error("reason", "Hãy chọn mục cần bổ sung, hoặc ghi nội dung ở đây.")
        cleaned["comments"] = comments
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        names = ("deadline", "reason", "number", "issued_on", "comments")
        return {name: self.cleaned_data[name] for name in names}


def _about(rule: DeadlineRule) -> str:
    if rule.last:
        return f"Ngày làm việc, không sau {rule.last:%d/%m/%Y} ({rule.source})."
    return (
        "Ngày làm việc. Quy định áp dụng không ấn định số ngày bổ sung; cơ quan tiếp nhận ghi hạn."
    )


class CommuneReportForm(Form):
    """The commune's report: a text for each point of the regulation, and who signed."""

    proposed = forms.ChoiceField(
        label="Kết luận", choices=CommuneReport.Proposal, widget=forms.RadioSelect
    )
    conclusion = forms.CharField(
        label="Nhận xét chung",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    number = forms.CharField(label="Số văn bản", required=False, max_length=40)
    signed_on = forms.DateField(label="Ngày ký")
    signatory_title = forms.CharField(
        label="Chức vụ người ký", max_length=100, help_text="Ví dụ Phó Chủ tịch."
    )
    signatory_name = forms.CharField(label="Họ và tên người ký", max_length=150)
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, points: Sequence[str], report: CommuneReport | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, initial=_initial(report), **kwargs)
        self.points = points
        texts = dict(report.findings) if report else {}
        for place, point in enumerate(points):
            self.fields[f"point_{place}"] = forms.CharField(
                label=f"{place + 1}. {point}",
                max_length=4000,
                initial=texts.get(point, ""),
                widget=forms.Textarea(attrs={"rows": 4}),
            )

    def point_fields(self) -> list[Any]:
        """The fields of the points, in the order of the regulation."""
        return [self[f"point_{place}"] for place in range(len(self.points))]

    def clean_signed_on(self) -> date:
        return not_in_future(self.cleaned_data["signed_on"])

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        cleaned = self.cleaned_data
        names = ("proposed", "conclusion", "number", "signed_on", "signatory_title")
        findings = [[point, cleaned[f"point_{place}"]] for place, point in enumerate(self.points)]
        return {
            **{name: cleaned[name] for name in names},
            "signatory_name": cleaned["signatory_name"],
            "findings": findings,
        }


def _initial(report: CommuneReport | None) -> dict[str, Any]:
    if report is None:
        return {"version": 0, "signed_on": timezone.localdate()}
    names = (
        "proposed",
        "conclusion",
        "number",
        "signed_on",
        "signatory_title",
        "signatory_name",
        "version",
    )
    return {name: getattr(report, name) for name in names}
