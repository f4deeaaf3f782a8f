"""What the pages of a dossier, and those of a product, share."""

from typing import Any

from django import template

from products.record_tabs import tabs_for

register = template.Library()


@register.inclusion_tag("products/_dossier_tabs.html", takes_context=True)
def dossier_tabs(context: Any, dossier: Any) -> dict[str, Any]:
    """The pages of a dossier that the person may open, the present one marked."""
    return _tabs(context, dossier, "Các trang của hồ sơ")


@register.inclusion_tag("products/_dossier_tabs.html", takes_context=True)
def product_tabs(context: Any, product: Any) -> dict[str, Any]:
    """The pages of a product, the present one marked."""
    return _tabs(context, product, "Các trang của sản phẩm")


def _tabs(context: Any, record: Any, label: str) -> dict[str, Any]:
    request = context["request"]
    return {"tabs": tabs_for(request.user, record), "request": request, "label": label}
