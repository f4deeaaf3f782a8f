"""The public check of a certificate: by QR code or by number, without sign-in."""

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from evaluation.forms import NumberForm
from evaluation.models import Certificate
from ocop_portal.clients import client_address
from ocop_portal.permissions import public

RATE_WINDOW_SECONDS = 60


@require_safe
@public
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """What the QR code of a certificate leads to."""
    if _asks_too_often(request):
        return _too_many(request)
    # PostgreSQL cannot compare with the one character that no token has.
    return _answer(request, _certificates().filter(token=token.replace("\0", "?")).first())


@require_safe
@public
def verify_number(request: HttpRequest) -> HttpResponse:
    """A form to look a certificate up by its number."""
    form = NumberForm(request.GET or None)
    if not (form.is_bound and form.is_valid()):
        return render(request, "evaluation/verify_form.html", {"form": form})
    if _asks_too_often(request):
        return _too_many(request)
    number = form.cleaned_data["number"]
    return _answer(request, _certificates().filter(number__iexact=number).first())


def _certificates() -> "QuerySet[Certificate]":
    return Certificate.objects.select_related("decision", "replaced_by")


def _answer(request: HttpRequest, certificate: Certificate | None) -> HttpResponse:
    """Only what the certificate itself says; nothing about persons (abuse cases C4, P1)."""
    context = {
        "certificate": certificate,
        "status": certificate.status if certificate else None,
        "form": NumberForm(),
    }
    status = 200 if certificate else 404
    return render(request, "evaluation/verify.html", context, status=status)


def _too_many(request: HttpRequest) -> HttpResponse:
    response = render(request, "evaluation/verify_wait.html", status=429)
    response["Retry-After"] = str(RATE_WINDOW_SECONDS)
    return response


def _asks_too_often(request: HttpRequest) -> bool:
    """Count look-ups per address and minute; without a cache the page goes on answering."""
    key = f"verify/{client_address(request)}"
    cache.add(key, 0, timeout=RATE_WINDOW_SECONDS)
    try:
        return cache.incr(key) > settings.VERIFY_RATE_PER_MINUTE
    except (ValueError, TypeError):
        return False
