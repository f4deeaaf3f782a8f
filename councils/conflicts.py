"""Conflicts of interest that the portal can see between a member and the products of an agenda."""

from collections.abc import Iterator
from typing import Any

from councils.models import AgendaItem, CouncilMember, Session
from ocop_portal.text import search_key


def found_in(session: Session, member: CouncilMember) -> dict[int, str]:
    """What may be a conflict, in a sentence for each agenda item that has one; two queries."""
    items = session.agenda.select_related(
        "dossier__product__producer", "dossier__created_by"
    ).prefetch_related("dossier__product__producer__accounts")
    reasons = {item.pk: " ".join(_reasons(item, member)) for item in items}
    return {pk: words for pk, words in reasons.items() if words}


def _reasons(item: AgendaItem, member: CouncilMember) -> Iterator[str]:
    user, dossier = member.user, item.dossier
    if dossier.created_by_id == user.pk:
        yield "Bạn là người lập hồ sơ này."
    producer = dossier.product.producer
    if producer is None:
        return
    if user in producer.accounts.all():
        yield "Bạn có tài khoản của chủ thể này."
    if _same(user.full_name, producer.representative):
        yield "Họ tên của bạn trùng với người đại diện của chủ thể."
    if _same(user.email, producer.email):
        yield "Thư điện tử của bạn trùng với của chủ thể."
    agencies = {agency.name for agency in (member.agency, user.agency) if agency}
    if any(_same(name, producer.name) for name in agencies):
        yield "Cơ quan của bạn trùng tên với chủ thể."


def _same(one: Any, other: Any) -> bool:
    """Equal but for marks, capitals and spaces; nothing equals nothing."""
    key = search_key(one or "")
    return bool(key) and key == search_key(other or "")
