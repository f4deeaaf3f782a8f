from councils.views.conflicts import recusal_lift, session_conflicts
from councils.views.councils import (
    council_create,
    council_detail,
    council_edit,
    council_list,
)
from councils.views.members import (
    council_member_add,
    council_member_end,
    council_member_replace,
)
from councils.views.sessions import (
    agenda_add,
    agenda_remove,
    attendance_save,
    session_create,
    session_detail,
    session_invite,
    session_list,
)

__all__ = [
    "agenda_add",
    "agenda_remove",
    "attendance_save",
    "council_create",
    "council_detail",
    "council_edit",
    "council_list",
    "council_member_add",
    "council_member_end",
    "council_member_replace",
    "recusal_lift",
    "session_conflicts",
    "session_create",
    "session_detail",
    "session_invite",
    "session_list",
]
