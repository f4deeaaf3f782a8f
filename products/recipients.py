"""Who is told about a product: the officers of its territory and its producer's own accounts."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F, Value

from accounts.roles import Role
from products.models import Product


def officers_of(product: Product) -> list[Any]:
    """The active commune and district officers in whose territory the product is made."""
    people = get_user_model().objects.filter(
        is_active=True, roles__overlap=[Role.COMMUNE_OFFICER, Role.DISTRICT_OFFICER]
    )
    in_territory = people.annotate(place=Value(product.unit.path)).filter(
        place__startswith=F("unit__path")
    )
    return list(in_territory)


def accounts_of(product: Product) -> list[Any]:
    """The active accounts of the product's producer."""
    return list(product.producer.accounts.filter(is_active=True)) if product.producer else []


def people_of(product: Product) -> list[Any]:
    """Officers and producer together, everybody once."""
    return list(
        {person.pk: person for person in officers_of(product) + accounts_of(product)}.values()
    )
