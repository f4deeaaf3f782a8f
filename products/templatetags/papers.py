"""Papers and figures in templates."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import number_format

from products.papers import validity

register = template.Library()


@register.inclusion_tag("products/_paper_validity.html")
def paper_validity(ends_on: date | None) -> dict[str, Any]:
    """The end of a paper in words and colour, as of today."""
    text, tone = validity(ends_on, timezone.localdate())
    return {"text": text, "tone": tone}


@register.filter
def amount(value: Decimal | None) -> str:
    """A quantity without zeros behind the comma: 12.50 becomes "12,5", 1200.00 "1.200"."""
    if value is None:
        return "–"
    places = max(0, -int(value.normalize().as_tuple().exponent))
    return number_format(value, decimal_pos=places, force_grouping=True)
