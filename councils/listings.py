"""The lists of councils and of their sessions."""

from django.db.models import Count, QuerySet

from councils.filters import TIERS, CouncilFilter, SessionFilter
from councils.models import Council, Session
from ocop_portal.keyset import Order
from ocop_portal.listing import Column, Listing

COUNCIL_CELLS = "councils/_council_cells.html"
SESSION_CELLS = "councils/_session_cells.html"


def complete_sessions(rows: "QuerySet[Session]") -> "QuerySet[Session]":
    return rows.select_related("council").annotate(agenda_count=Count("agenda"))


SESSIONS = Listing(
    name="sessions",
    title="Phiên họp",
    noun="phiên họp",
    url_name="councils:session_list",
    permission="councils.see_sessions",
    rows=lambda user: Session.objects.visible_to(user),
    complete=complete_sessions,
    filterset=SessionFilter,
    order=Order("held_on", "held_on", descending=True),
    tone=lambda session: "is-soon" if session.state == Session.State.OPEN else "",
    columns=(
        Column("title", "Phiên họp", lambda row: row.title, f"{SESSION_CELLS}#title"),
        Column("council", "Hội đồng", lambda row: row.council.name, at_first=False),
        Column("held_on", "Ngày họp", lambda row: row.held_on, order="held_on"),
        Column("place", "Địa điểm", lambda row: row.place),
        Column("products", "Sản phẩm", lambda row: row.agenda_count, is_number=True),
        Column(
            "state", "Trạng thái", lambda row: row.get_state_display(), f"{SESSION_CELLS}#state"
        ),
    ),
)

COUNCILS = Listing(
    name="councils",
    title="Hội đồng",
    noun="hội đồng",
    url_name="councils:council_list",
    permission="councils.see_councils",
    rows=lambda user: Council.objects.visible_to(user),
    complete=lambda rows: rows.select_related("unit"),
    filterset=CouncilFilter,
    order=Order("name", "name"),
    columns=(
        Column("name", "Hội đồng", lambda row: row.name, f"{COUNCIL_CELLS}#name", "name"),
        Column("tier", "Cấp", lambda row: dict(TIERS).get(row.tier, row.tier)),
        Column("unit", "Địa bàn", lambda row: row.unit.full_name if row.unit else "Cả nước"),
        Column(
            "decision",
            "Quyết định thành lập",
            lambda row: row.decision_number,
            f"{COUNCIL_CELLS}#decision",
        ),
        Column(
            "decided_on",
            "Ngày quyết định",
            lambda row: row.decision_date,
            order="decision_date",
            at_first=False,
        ),
        Column("term_from", "Nhiệm kỳ", lambda row: row.term_from, f"{COUNCIL_CELLS}#term"),
        Column("term_to", "Nhiệm kỳ đến", lambda row: row.term_to, at_first=False),
    ),
)
