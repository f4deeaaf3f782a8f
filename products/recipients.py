"""Who is told about a product: the officers of its territory and its producer's own accounts."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model

from accounts.roles import Role
from products.models import Dossier, Producer, Product

OFFICERS = (Role.COMMUNE_OFFICER, Role.DISTRICT_OFFICER)


def officers_of(product: Product) -> list[Any]:
    """The active commune and district officers in whose territory the product is made, by the list
    of units of 2021 or by that of 2025.
    """
    return _in_charge_of(product, OFFICERS)


def receivers_of(product: Product) -> list[Any]:
    """Who receives and checks the product's dossier: the secretaries whose territory is the
    nearest around it, else the Department's staff.
    """
    found = _in_charge_of(product, [Role.COUNCIL_SECRETARY, Role.DEPARTMENT_STAFF])
    secretaries = [person for person in found if person.has_role(Role.COUNCIL_SECRETARY)]
    nearest = max((len(person.territory) for person in secretaries), default=0)
    return [row for row in secretaries if len(row.territory) == nearest] or found


def responsible_for(dossier: Dossier) -> list[Any]:
    """Who has to act now: the office or the producer that writes, else those who receive."""
    if not dossier.is_editable:
        return receivers_of(dossier.product)
    if dossier.with_producer:
        return accounts_of(dossier.product)
    return officers_of(dossier.product)


def _in_charge_of(product: Product, roles: Iterable[Role]) -> list[Any]:
    places = [product.unit.path]
    if product.producer and product.producer.current_unit:
        places.append(product.producer.current_unit.path)
    return _people_at(places, roles)


def _officers_at(places: Iterable[str]) -> list[Any]:
    """The active officers in whose territory one of the places (paths of units) lies."""
    return _people_at(places, OFFICERS)


def _people_at(places: Iterable[str], roles: Iterable[Role]) -> list[Any]:
    people = get_user_model().objects.filter(is_active=True, roles__overlap=list(roles))
    rows = people.select_related("unit").exclude(unit=None)
    # A territory is a prefix of the path of every place in it.
    prefixes = {place[:end] for place in places for end in _ends(place)}
    return list(rows.filter(unit__path__in=prefixes))


def _ends(path: str) -> list[int]:
    return [n + 1 for n, letter in enumerate(path) if letter == "/"]


def accounts_of(product: Product) -> list[Any]:
    """The active accounts of the product's producer."""
    return list(product.producer.accounts.filter(is_active=True)) if product.producer else []


def people_of(product: Product) -> list[Any]:
    """Officers and producer together, everybody once."""
    return list(
        {person.pk: person for person in officers_of(product) + accounts_of(product)}.values()
    )


def people_of_producer(producer: Producer) -> list[Any]:
    """The officers of the producer's place and its own accounts, everybody once."""
    places = [producer.unit.path]
    if producer.current_unit:
        places.append(producer.current_unit.path)
    own = list(producer.accounts.filter(is_active=True))
    return list({person.pk: person for person in _officers_at(places) + own}.values())
