"""Where a result is derived: `{% load results %}` for pages of products and dossiers."""

from typing import Any

from django import template

from evaluation.models import Result
from products.models import Product

register = template.Library()


@register.inclusion_tag("evaluation/_explanation_links.html", takes_context=True)
def result_links(context: template.Context, product: Product) -> dict[str, Any]:
    """The results of a product that the reader may see now, the latest first; one query."""
    user = context["request"].user
    if not user.has_perm("evaluation.see_results"):
        return {"results": []}
    rows = Result.objects.visible_to(user).filter(dossier__product=product)
    rows = rows.select_related("dossier__regulation")
    rows = rows.defer("derivation", "dossier__regulation__data", "dossier__regulation__groups")
    return {"results": rows}
