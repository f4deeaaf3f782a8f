"""What the search box finds of councils: their sessions."""

from councils.models import Session
from ocop_portal.searching import Hit, Kind, Search, first_with


def find_sessions(search: Search, limit: int) -> list[Hit]:
    rows = (
        Session.objects.visible_to(search.user)
        .select_related("council")
        .order_by("-held_on", "-pk")
    )
    return [
        Hit(
            row.title,
            row.get_absolute_url(),
            f"{row.council}, {row.held_on:%d/%m/%Y}",
            row.get_state_display(),
        )
        for row in first_with(rows, search.text, limit, _words_of)
    ]


def _words_of(session: Session) -> str:
    day = f"{session.held_on:%d %m %Y}"
    return f"{session.title} {session.place} {session.council.name} {day}"


KINDS = (
    Kind(
        "Phiên họp", "session", "councils.see_sessions", 20, find_sessions, "councils:session_list"
    ),
)
