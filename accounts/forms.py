"""Forms of sign-in, in the portal's own words."""

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms


def _relabel(form: forms.BaseForm, **labels: str) -> None:
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)


class LoginForm(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("remember", None)
        _relabel(self, login="Tên đăng nhập hoặc thư điện tử", password="Mật khẩu")  # noqa: S106
        self.fields["password"].help_text = ""


class NewPasswordMixin:
    """Two fields that must agree, with the message in Vietnamese."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()  # type: ignore[misc]
        new, again = cleaned.get("password1"), cleaned.get("password2")
        if new and again and new != again:
            del self.errors["password2"]  # type: ignore[attr-defined]
            self.add_error("password2", "Hai mật khẩu không giống nhau.")  # type: ignore[attr-defined]
        return cleaned


class ChangePasswordForm(NewPasswordMixin, allauth_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(
            self,
            oldpassword="Mật khẩu hiện tại",
            password1="Mật khẩu mới",
            password2="Nhập lại mật khẩu mới",
        )


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, email="Thư điện tử của tài khoản")


class ResetPasswordKeyForm(NewPasswordMixin, allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, password1="Mật khẩu mới", password2="Nhập lại mật khẩu mới")
