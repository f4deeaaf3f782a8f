"""Forms of councils, their members and their sessions."""

import re
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import AdministrativeUnit, Agency, User
from councils.models import Council, CouncilMember, Session
from councils.people import SHOWN, candidates, described, matching
from councils.seating import UNIT_LEVELS, tier_names
from ocop_portal.forms import Form, ModelForm
from products.models import Dossier

# A number as the portal writes it into a form, and no longer than a key of the database.
ROW_NUMBER = re.compile(r"[0-9]{1,18}")

AGENCY_OF_ACCOUNT = "Cơ quan ghi trong tài khoản"


class SessionForm(ModelForm):
    council = forms.ModelChoiceField(label="Hội đồng", queryset=Council.objects.none())

    class Meta:
        model = Session
        fields = ["council", "title", "round", "held_on", "place"]

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = Council.objects.kept_by(user)
        self.fields["council"].queryset = kept
        if kept.count() == 1:
            self.fields["council"].initial = kept.get()
            self.fields["council"].empty_label = None


class TickedRowsField(forms.ModelMultipleChoiceField):
    """The ticked rows of a table. What is not among its rows (any more) is left out without a
    word: the answer does not tell whether it exists.
    """

    def clean(self, value: Any) -> "QuerySet[Any]":
        numbers = [number for number in value or [] if ROW_NUMBER.fullmatch(number)]
        assert self.queryset is not None
        return self.queryset.filter(pk__in=numbers)


class AgendaForm(Form):
    """The dossiers that were ticked among those waiting for a session's council."""

    dossier = TickedRowsField(queryset=Dossier.objects.none(), required=False)

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = session.council.waiting_dossiers().select_related("product")
        self.fields["dossier"].queryset = waiting.order_by("received_on", "pk")


class AttendanceForm(Form):
    """The members of a session's list that were ticked as present."""

    member = TickedRowsField(queryset=CouncilMember.objects.none(), required=False)

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = CouncilMember.objects.filter(attendance__session=session)
        self.fields["member"].queryset = listed


class CouncilForm(ModelForm):
    tier = forms.ChoiceField(label="Cấp")

    class Meta:
        model = Council
        fields = [
            "name",
            "tier",
            "unit",
            "decision_number",
            "decision_date",
            "term_from",
            "term_to",
        ]
        labels = {"term_from": "Nhiệm kỳ từ ngày", "term_to": "Nhiệm kỳ đến hết ngày"}
        help_texts = {
            "name": "Như trong quyết định thành lập.",
            "term_to": "Để trống nếu quyết định không ghi.",
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tiers = tier_names()
        own = self.instance.tier
        if own and own not in tiers:
            tiers[own] = own
        self.fields["tier"].choices = [("", "Chọn cấp"), *tiers.items()]
        unit = self.fields["unit"]
        levels = [level for tier, level in UNIT_LEVELS.items() if tier in tiers]
        unit.queryset = AdministrativeUnit.objects.filter(
            path__startswith=user.territory, level__in=levels
        ).order_by("level", "name")
        unit.empty_label = "Cả nước (hội đồng trung ương)"
        if self.instance.pk and self.instance.sessions.exists():
            for name in ("tier", "unit"):
                self.fields[name].disabled = True
                self.fields[name].help_text = "Hội đồng đã có phiên họp nên mục này không đổi được."


class PersonSearchForm(Form):
    q = forms.CharField(
        label="Tìm theo họ tên, tên đăng nhập hoặc cơ quan",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class PersonField(forms.ModelChoiceField):
    """An account, by the person's name and office: a few to choose from, found by their names."""

    widget = forms.RadioSelect

    def __init__(self) -> None:
        super().__init__(
            queryset=User.objects.none(),
            label="Chọn người",
            error_messages={
                "required": "Hãy chọn một người.",
                "invalid_choice": "Người này không chọn được, hoặc đang là thành viên hội đồng.",
            },
        )

    def offer(self, council: Council, text: str, chosen: str) -> int:
        """Show who matches `text`, and who was chosen before; returns how many more there are."""
        self.queryset = candidates(council)
        found = matching(self.queryset, text)
        shown = found[:SHOWN]
        if ROW_NUMBER.fullmatch(chosen) and int(chosen) not in {person.pk for person in shown}:
            shown = [*self.queryset.filter(pk=chosen), *shown]
        self.choices = [(person.pk, described(person)) for person in shown]
        return max(len(found) - SHOWN, 0)


class MemberForm(ModelForm):
    user = PersonField()

    class Meta:
        model = CouncilMember
        fields = ["user", "position", "votes", "agency", "member_from"]
        labels = {"member_from": "Tham gia từ ngày", "agency": "Cơ quan cử tham gia"}
        help_texts = {
            "votes": "Bỏ chọn nếu thư ký không chấm. Chuyên gia mời không bao giờ chấm điểm.",
        }

    def __init__(self, *args: Any, council: Council, text: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].empty_label = AGENCY_OF_ACCOUNT
        self.more = self.fields["user"].offer(council, text, self.data.get("user", ""))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("position") == CouncilMember.Position.EXPERT:
            cleaned["votes"] = False
        return cleaned


class SeatField(forms.ModelChoiceField):
    """One of the people who sit in the council now, or will."""

    def __init__(self, *, label: str) -> None:
        super().__init__(
            queryset=CouncilMember.objects.none(), label=label, empty_label="Chọn thành viên"
        )

    def offer(self, council: Council) -> None:
        self.queryset = council.members.filter(member_to__isnull=True).select_related("user")


class EndMembershipForm(Form):
    member = SeatField(label="Thành viên")
    last_day = forms.DateField(
        label="Tham gia đến hết ngày", help_text="Từ ngày hôm sau người này không vào được nữa."
    )

    def __init__(self, *args: Any, council: Council, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].offer(council)


class ReplacementForm(Form):
    member = SeatField(label="Thành viên")
    user = PersonField()
    agency = forms.ModelChoiceField(
        label="Cơ quan cử tham gia",
        queryset=Agency.objects.all(),
        required=False,
        empty_label=AGENCY_OF_ACCOUNT,
    )
    member_from = forms.DateField(
        label="Thay từ ngày", help_text="Người được thay tham gia đến hết ngày hôm trước."
    )

    def __init__(self, *args: Any, council: Council, text: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].offer(council)
        self.more = self.fields["user"].offer(council, text, self.data.get("user", ""))
