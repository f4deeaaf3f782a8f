"""Forms of producers' accounts."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from ocop_portal.forms import Form, ModelForm
from products.models import ProducerInvitation


class InvitationForm(ModelForm):
    """Who is invited: the name for the account, and the address that the invitation goes to."""

    class Meta:
        model = ProducerInvitation
        fields = ["full_name", "email"]
        help_texts = {
            "full_name": "Người sẽ soạn hồ sơ thay mặt chủ thể.",
            "email": "Liên kết mở tài khoản được gửi đến địa chỉ này, dùng được 14 ngày.",
        }

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class OpenAccountForm(Form):
    """A name to sign in with, and a password."""

    username = forms.CharField(
        label="Tên đăng nhập",
        max_length=150,
        validators=get_user_model()._meta.get_field("username").validators,
        help_text="Chữ không dấu, số và các ký tự @ . + - _, không có dấu cách.",
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    password1 = forms.CharField(
        label="Mật khẩu",
        strip=False,
        help_text="Ít nhất 10 ký tự, không chỉ gồm số.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label="Nhập lại mật khẩu",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, invitation: ProducerInvitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        if get_user_model().objects.filter(username__iexact=name).exists():
            raise ValidationError("Tên đăng nhập này đã có người dùng, hãy chọn tên khác.")
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        new, again = cleaned.get("password1"), cleaned.get("password2")
        if new and again and new != again:
            self.add_error("password2", "Hai mật khẩu không giống nhau.")
        elif new:
            person = get_user_model()(
                username=cleaned.get("username", ""),
                email=self.invitation.email,
                full_name=self.invitation.full_name,
            )
            try:
                validate_password(new, person)
            except ValidationError as error:
                self.add_error("password1", error)
        return cleaned
