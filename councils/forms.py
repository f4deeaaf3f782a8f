"""Forms of sessions."""

from typing import Any

from django import forms

from councils.models import Council, Session
from ocop_portal.forms import ModelForm


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
