"""What the pages of a dossier, and those of a product, share."""

from typing import Any

from django import template
from django.utils import timezone

from products import waiting
from products.models import CommuneReport
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


@register.simple_tag
def deadline(dossier: Any) -> dict[str, Any]:
    """The deadline of a dossier as lists show it: day, words, tone and what it is for."""
    return waiting.column(dossier, timezone.localdate())


@register.inclusion_tag("products/_commune_report.html")
def commune_report(dossier: Any) -> dict[str, Any]:
    """What the commune reports, for those who judge the dossier; one query."""
    rows = CommuneReport.objects.select_related("dossier")
    return {"report": rows.filter(dossier=dossier).first()}
