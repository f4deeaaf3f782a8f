"""How sign-in behaves here: accounts are made by administrators, nobody signs up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


class AccountAdapter(DefaultAccountAdapter):
    # django-allauth has no Vietnamese; these are the messages that people can meet here.
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": "Tài khoản này đã ngừng hoạt động.",
        "email_password_mismatch": "Tên đăng nhập hoặc mật khẩu không đúng.",
        "username_password_mismatch": "Tên đăng nhập hoặc mật khẩu không đúng.",
        "invalid_login": "Tên đăng nhập hoặc mật khẩu không đúng.",
        "enter_current_password": "Hãy nhập mật khẩu hiện tại.",
        "incorrect_password": "Mật khẩu không đúng.",
        "invalid_password_reset": "Liên kết đặt lại mật khẩu không còn dùng được.",
        "too_many_login_attempts": "Đăng nhập sai quá nhiều lần. Hãy đợi ít phút rồi thử lại.",
        "same_as_current": "Mật khẩu mới phải khác mật khẩu hiện tại.",
        "rate_limited": "Bạn gửi quá nhiều yêu cầu. Hãy đợi ít phút rồi thử lại.",
    }

    def clean_password(self, password: str, user: Any = None) -> str:
        """Django's own Vietnamese has no sentence about passwords that are too short."""
        try:
            return super().clean_password(password, user)
        except ValidationError as error:
            for problem in error.error_list:
                if problem.code == "password_too_short":
                    problem.message = "Mật khẩu phải có ít nhất %(min_length)d ký tự."
            raise

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only addresses of this portal: no foreign host after sign-in (abuse case W3)."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Links point to the portal's own address, never to the Host header (abuse case W6)."""
        if "password_reset_url" in context:
            path = context["password_reset_url"].split("/", 3)[3]
            context["password_reset_url"] = f"{settings.PUBLIC_URL}/{path}"
        super().send_mail(template_prefix, email, context)
