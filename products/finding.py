"""What the search box finds of producers, products and dossiers."""

import re
from typing import Any

from django.db.models import Q

from ocop_portal.searching import Hit, Kind, Search
from ocop_portal.text import search_key
from products.models import Dossier, Producer, Product

HAS_DIGIT = re.compile(r"\d")
# Of so many fitting products the box looks for dossiers and the like: it shows a few of them, the
# list shows all.
PRODUCTS_LOOKED_AT = 100


def best_first(rows: Any, text: str, limit: int) -> list[Any]:
    """Rows with a `search_key` that fit: first those that begin as typed, then any others."""
    begin = rows.filter(search_key__startswith=search_key(text)).order_by("search_key", "pk")
    found = list(begin[:limit])
    if len(found) < limit:
        others = rows.search(text).exclude(pk__in=[row.pk for row in found]).order_by()
        found += others[: limit - len(found)]
    return found


def found_products(search: Search) -> list[Product]:
    """The products that fit, best first: also what dossiers and certificates are found by."""
    return search.shared("products", _products)


def _products(search: Search) -> list[Product]:
    rows = Product.objects.visible_to(search.user).select_related("producer", "unit")
    rows = rows.only("name", "code", "producer__name", "unit__full_name")
    return best_first(rows, search.text, PRODUCTS_LOOKED_AT)


def by_product_or_number(search: Search, product: str, number: str) -> Q:
    """The condition on records of a product that was found, or with a number that begins so."""
    fitting = Q(**{f"{product}__in": [row.pk for row in found_products(search)]})
    if HAS_DIGIT.search(search.text):
        fitting |= Q(**{f"{number}__startswith": search.text.strip()})
    return fitting


def find_producers(search: Search, limit: int) -> list[Hit]:
    rows = Producer.objects.visible_to(search.user).select_related("unit")
    rows = rows.only("name", "tax_code", "unit__full_name")
    return [
        Hit(row.name, row.get_absolute_url(), row.unit.full_name, row.tax_code)
        for row in best_first(rows, search.text, limit)
    ]


def find_products(search: Search, limit: int) -> list[Hit]:
    return [
        Hit(row.name, row.get_absolute_url(), f"{made_by(row)}, {row.unit.full_name}", row.code)
        for row in found_products(search)[:limit]
    ]


def find_dossiers(search: Search, limit: int) -> list[Hit]:
    """By product, or by the number under which they were received."""
    visible = Dossier.objects.visible_to(search.user).select_related("product__producer")
    rows = visible.filter(by_product_or_number(search, "product", "received_number"))
    return [
        Hit(
            row.product.name,
            row.get_absolute_url(),
            ", ".join(filter(None, [made_by(row.product), f"năm {row.year}", row.received_number])),
            row.get_state_display(),
        )
        for row in rows.order_by("-updated_at", "-pk")[:limit]
    ]


def made_by(product: Product) -> str:
    return product.producer.name if product.producer else "chưa rõ chủ thể"


KINDS = (
    Kind(
        "Sản phẩm", "product", "products.see_products", 10, find_products, "products:product_list"
    ),
    Kind("Hồ sơ", "dossier", "products.see_dossiers", 11, find_dossiers, "products:dossier_list"),
    Kind(
        "Chủ thể",
        "producer",
        "products.see_producers",
        12,
        find_producers,
        "products:producer_list",
    ),
)
