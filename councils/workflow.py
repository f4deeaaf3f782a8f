"""The process of a session, as a table."""

from collections.abc import Mapping

from councils.models import Session
from ocop_portal.workflow import Transition

State = Session.State

TRANSITIONS: Mapping[str, Transition] = {
    "open": Transition(
        label="Mở phiên chấm điểm",
        sources=frozenset({State.PLANNED}),
        target=State.OPEN,
        permission="councils.keep_sessions",
    ),
    "close": Transition(
        label="Kết thúc phiên họp",
        sources=frozenset({State.OPEN}),
        target=State.CLOSED,
        permission="councils.keep_sessions",
    ),
}
