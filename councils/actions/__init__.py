from councils.actions.conflicts import Declared, declare_conflicts, lift_recusal, seat_in
from councils.actions.councils import (
    add_member,
    create_council,
    edit_council,
    end_membership,
    replace_member,
)
from councils.actions.sessions import (
    add_to_agenda,
    create_session,
    lock_planned,
    lock_session,
    record_attendance,
    refuse_gone_dossiers,
    remove_from_agenda,
)

__all__ = [
    "Declared",
    "add_member",
    "add_to_agenda",
    "create_council",
    "create_session",
    "declare_conflicts",
    "edit_council",
    "end_membership",
    "lift_recusal",
    "lock_planned",
    "lock_session",
    "record_attendance",
    "refuse_gone_dossiers",
    "remove_from_agenda",
    "replace_member",
    "seat_in",
]
