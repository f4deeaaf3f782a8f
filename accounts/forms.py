"""Forms of sign-in, in the portal's own words."""

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms


def _relabel(form: forms.BaseForm, **labels: str) -> None:
    """Vietnamese labels; a box without the English that django-allauth writes in and below it."""
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)
        if name in {"password", "oldpassword"}:
            form.fields[name].help_text = ""


class LoginForm(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("remember", None)
        _relabel(self, login="Tên đăng nhập hoặc thư điện tử", password="Mật khẩu")  # noqa: S106


class NewPasswordMixin:
    """Two fields that must agree, with the message in Vietnamese."""

    # Both come from the form that this is mixed into.
    cleaned_data: dict[str, Any]
    errors: dict[str, Any]

    def clean(self) -> dict[str, Any]:
        # Asked before django-allauth takes the second one away with its message in English.
        new, again = self.cleaned_data.get("password1"), self.cleaned_data.get("password2")
        cleaned = super().clean()  # type: ignore[misc]
        if new and again and new != again:
            del self.errors["password2"]
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


class SetPasswordForm(NewPasswordMixin, allauth_forms.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, password1="Mật khẩu mới", password2="Nhập lại mật khẩu mới")


class ReauthenticateForm(allauth_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, password="Mật khẩu")  # noqa: S106
