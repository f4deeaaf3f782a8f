"""How results are written: `{% load evaluation %}`."""

from collections.abc import Mapping
from typing import Any

from django import template

from evaluation.actions.results import outcome_label
from evaluation.catalogue import address_of, photo_address, small_photo_address
from evaluation.models import Certificate, Result

register = template.Library()

# The tone of the badge that says what a certificate is worth.
TONES: Mapping[str, str] = {
    Certificate.Status.UPCOMING: "info",
    Certificate.Status.VALID: "success",
    Certificate.Status.EXPIRED: "warning",
    Certificate.Status.REVOKED: "danger",
    Certificate.Status.REPLACED: "",
}

register.filter("outcome_label", outcome_label)
register.filter("public_address", address_of)
register.filter("photo_address", photo_address)
register.filter("small_photo_address", small_photo_address)


@register.filter
def tier_name(result: Result) -> str:
    """The tier that found the result, as its regulation calls it."""
    tier = result.dossier.regulation.rules.tier(result.tier)
    return tier.name if tier else result.tier


@register.filter
def lookup(mapping: Mapping[Any, Any], key: Any) -> Any:
    """`mapping[key]`, or nothing."""
    return mapping.get(key, "")


@register.filter
def status_tone(status: str) -> str:
    return TONES.get(status, "")


@register.filter
def lines_joined(text: str) -> str:
    """Lines that are kept with a stroke between them, as running text: "TM. ỦY BAN, CHỦ TỊCH"."""
    return ", ".join(part.strip() for part in text.split(" / "))
