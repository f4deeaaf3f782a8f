"""Who is asking: the address that rate limits count by."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The visitor's address: what the last trusted proxy saw, else the connection's own.

    A header is believed only as far as there are proxies of ours (abuse case W9).
    """
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    trusted = settings.TRUSTED_PROXY_COUNT
    if trusted and len(forwarded) >= trusted:
        return forwarded[-trusted].strip()
    return request.META["REMOTE_ADDR"]
