"""Who may do what with producers, products and dossiers: roles open pages, facts decide on rows."""

from typing import Any

import rules

from accounts.permissions import (
    has_role,
    is_department_staff,
    is_district_officer,
    is_officer,
    is_producer,
    is_secretary,
)
from accounts.roles import Role


@rules.predicate
def in_own_territory(user: Any, record: Any) -> bool:
    """The record's unit lies in the person's territory; asked without a record it says yes, so
    that the same permission opens the page.
    """
    if record is None:
        return True
    placed = record.product if hasattr(record, "product") else record
    return bool(placed.lies_in(user.territory))


@rules.predicate
def is_own_producer(user: Any, record: Any) -> bool:
    """The producer that the account belongs to, or a record of it."""
    if record is None:
        return True
    producer = getattr(record, "producer", record)
    return bool(user.producers.filter(pk=producer.pk).exists())


@rules.predicate
def is_editable(user: Any, dossier: Any) -> bool:  # noqa: ARG001 - predicates take the person
    """A dossier changes only while its author has it (abuse case A3)."""
    return dossier is None or dossier.is_editable


# Everybody but the public and the producer works with lists of a territory.
works_with_records = has_role(*(set(Role) - {Role.SYSTEM_ADMINISTRATOR}))
is_author = is_officer | is_department_staff
receives_dossiers = is_secretary | is_department_staff

rules.add_perm("products.see_producers", works_with_records)
rules.add_perm("products.see_products", works_with_records)
rules.add_perm("products.see_dossiers", works_with_records)
rules.add_perm("products.edit_producer", is_author & in_own_territory)
rules.add_perm(
    "products.merge_producers", (is_district_officer | is_department_staff) & in_own_territory
)
rules.add_perm(
    "products.keep_papers", (is_author & in_own_territory) | (is_producer & is_own_producer)
)
rules.add_perm("products.edit_product", is_author & in_own_territory)
rules.add_perm("products.import_products", is_author)
rules.add_perm("products.prepare_dossier", is_author & in_own_territory)
rules.add_perm("products.edit_dossier", is_author & in_own_territory & is_editable)
rules.add_perm("products.submit_dossier", is_author & in_own_territory)
rules.add_perm("products.withdraw_dossier", is_author & in_own_territory)
rules.add_perm("products.change_regulation", is_department_staff & in_own_territory)
rules.add_perm("products.receive_dossiers", receives_dossiers & in_own_territory)
