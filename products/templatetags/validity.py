"""Lights of documents in templates: colour, sign and words together."""

from datetime import date
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ocop_portal.templatetags.portal import icon
from products.validity import Light, Term, light
from products.validity_page import slot_light

register = template.Library()


@register.simple_tag
def shown_light(one: Light) -> SafeString:
    """A light as a badge with its sign."""
    tone = f" ocop-badge-{one.tone}" if one.tone else ""
    return format_html(
        '<span class="ocop-badge ocop-light{}">{}{}</span>', tone, icon(one.icon), one.text
    )


@register.simple_tag
def document_light(ends_on: date | None, term: Term) -> SafeString | str:
    """How long a document holds; nothing where its end is not known."""
    return shown_light(light(ends_on, term)) if ends_on else ""


@register.simple_tag
def light_of_slot(row: Any, term: Term) -> Light | None:
    """The light of the slot's worst document."""
    return slot_light(row, term)
