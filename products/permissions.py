"""Who may do what with producers, products and dossiers: roles open pages, facts decide on rows."""

from typing import Any

import rules
from django.conf import settings

from accounts.permissions import (
    has_role,
    is_department,
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
def is_editable(user: Any, dossier: Any) -> bool:  # noqa: ARG001 - predicates take the person
    """A dossier changes only while its author has it (abuse case A3)."""
    return dossier is None or dossier.is_editable


@rules.predicate
def looks_after(user: Any, record: Any) -> bool:
    """A producer's account, for its own producer's records, where the installation has such
    accounts; asked without a record it says yes.
    """
    if not settings.PRODUCER_ACCOUNTS:
        return False
    if record is None:
        return True
    made = record.product if hasattr(record, "product") else record
    producer_pk = made.producer_id if hasattr(made, "producer_id") else made.pk
    return bool(user.producers.filter(pk=producer_pk).exists())


@rules.predicate
def is_with_producer(user: Any, dossier: Any) -> bool:  # noqa: ARG001 - predicates take the person
    """The producer's account holds the pen; asked without a dossier it says yes."""
    return dossier is None or dossier.with_producer


@rules.predicate
def is_with_office(user: Any, dossier: Any) -> bool:  # noqa: ARG001 - predicates take the person
    """The office holds the pen; asked without a dossier it says yes."""
    return dossier is None or not dossier.with_producer


@rules.predicate
def accounts_are_on(user: Any, record: Any) -> bool:  # noqa: ARG001 - predicates take both
    """The installation lets producers have accounts of their own."""
    return bool(settings.PRODUCER_ACCOUNTS)


@rules.predicate
def is_screened(user: Any, dossier: Any) -> bool:  # noqa: ARG001 - predicates take the person
    """The dossier's regulation has the commune report on it; asked without one it says yes."""
    return dossier is None or dossier.regulation.rules.screening is not None


# Everybody but the public and the producer works with lists of a territory.
works_with_records = has_role(*(set(Role) - {Role.SYSTEM_ADMINISTRATOR}))
is_author = is_officer | is_department_staff
receives_dossiers = is_secretary | is_department_staff

rules.add_perm("products.see_producers", works_with_records)
rules.add_perm("products.see_products", works_with_records)
rules.add_perm("products.see_dossiers", works_with_records)
rules.add_perm(
    "products.see_ladder",
    is_producer | is_author | receives_dossiers | has_role(Role.DEPARTMENT_LEADER),
)
rules.add_perm("products.edit_producer", is_author & in_own_territory)
rules.add_perm(
    "products.merge_producers", (is_district_officer | is_department_staff) & in_own_territory
)
rules.add_perm("products.edit_product", is_author & in_own_territory)
rules.add_perm("products.import_products", is_author)
writes_for_office = is_author & in_own_territory
writes_for_producer = is_producer & looks_after
rules.add_perm("products.keep_papers", writes_for_office | writes_for_producer)
rules.add_perm("products.prepare_dossier", writes_for_office | writes_for_producer)
rules.add_perm(
    "products.edit_dossier",
    ((writes_for_office & is_with_office) | (writes_for_producer & is_with_producer)) & is_editable,
)
rules.add_perm("products.submit_dossier", writes_for_office & is_with_office)
rules.add_perm("products.hand_over_dossier", writes_for_producer & is_with_producer)
rules.add_perm("products.give_back_dossier", writes_for_office & is_with_office & accounts_are_on)
rules.add_perm("products.take_back_dossier", writes_for_office & is_with_producer)
rules.add_perm("products.invite_producers", writes_for_office & accounts_are_on)
rules.add_perm("products.withdraw_dossier", is_author & in_own_territory)
rules.add_perm("products.change_regulation", is_department_staff & in_own_territory)
rules.add_perm("products.receive_dossiers", receives_dossiers & in_own_territory)
rules.add_perm("products.see_rechecks", is_department)
rules.add_perm("products.resolve_rechecks", is_department_staff & in_own_territory)
# Number, day and term of a document: whoever writes the dossier, and who receives and checks it.
rules.add_perm(
    "products.describe_documents",
    writes_for_office | writes_for_producer | (receives_dossiers & in_own_territory),
)
rules.add_perm("products.see_commune_report", works_with_records & is_screened)
rules.add_perm("products.write_commune_report", is_officer & in_own_territory)
