"""Papers of a producer in templates."""

from datetime import date
from typing import Any

from django import template
from django.utils import timezone

from products.papers import validity

register = template.Library()


@register.inclusion_tag("products/_paper_validity.html")
def paper_validity(ends_on: date | None) -> dict[str, Any]:
    """The end of a paper in words and colour, as of today."""
    text, tone = validity(ends_on, timezone.localdate())
    return {"text": text, "tone": tone}
