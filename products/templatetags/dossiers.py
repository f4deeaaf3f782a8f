"""What the pages of a dossier share."""

from typing import Any

from django import template

from products.record_tabs import tabs_for

register = template.Library()


@register.inclusion_tag("products/_dossier_tabs.html", takes_context=True)
def dossier_tabs(context: Any, dossier: Any) -> dict[str, Any]:
    """The pages of a dossier that the person may open, the present one marked."""
    request = context["request"]
    return {"tabs": tabs_for(request.user, dossier), "request": request}
