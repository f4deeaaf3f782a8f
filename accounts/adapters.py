"""How sign-in behaves here: accounts are made by administrators, nobody signs up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


class AccountAdapter(DefaultAccountAdapter):
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
