"""By when a dossier has to go on: the day limits of its regulation, by the state it is in.

A list shows it with `in_words` and `tone`, filters with `overdue` and `due_soon` and sorts by
`BY_DEADLINE`; `products.actions.waiting` keeps `due_on` and `due_code` of each dossier.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from products.models import Dossier
from regulations.deadlines import due_date, working_days_between, working_days_later
from regulations.rules import DayLimit

State = Dossier.State

# What is due within so many working days is "sắp đến hạn".
SOON = 3
BY_DEADLINE = (F("due_on").asc(nulls_last=True), "-updated_at", "-pk")

# The codes of the day limits that a regulation may set for a state. 1048/QĐ-TTg and 148/QĐ-TTg
# set none; 26/2026/QĐ-TTg gives the commune 15 working days (Điều 7 khoản 2) and a re-evaluation
# 45 days (Điều 7 khoản 6 điểm g).
SCREENING, RECEPTION = "screening", "reception"
EVALUATION, RENEWAL_EVALUATION = "evaluation", "renewal_evaluation"
SUPPLEMENT, TRANSITION = "supplement", "transition"
EVALUATED = frozenset({State.ACCEPTED, State.IN_EVALUATION, State.AWAITING_DECISION})

LABELS: Mapping[str, str] = {
    SUPPLEMENT: "Bổ sung hồ sơ",
    TRANSITION: "Đánh giá xong theo quy định chuyển tiếp",
}


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day, and the code of the limit that sets it."""

    day: date
    code: str


def limit_for(dossier: Dossier) -> DayLimit | None:
    """The day limit that the regulation sets for where the dossier is now."""
    rules = dossier.regulation.rules
    if dossier.state == State.DRAFT:
        # While the producer writes, no office has it.
        return None if dossier.with_producer else rules.day_limit(SCREENING)
    if dossier.state == State.SUBMITTED:
        return rules.day_limit(RECEPTION)
    if dossier.state in EVALUATED:
        renewal = dossier.kind == Dossier.Kind.RENEWAL
        return rules.day_limit(RENEWAL_EVALUATION if renewal else EVALUATION)
    return None


def deadline_of(
    dossier: Dossier,
    *,
    since: date,
    answer_by: date | None = None,
    complete_by: date | None = None,
) -> Deadline | None:
    """The first deadline of a dossier that is where it is `since` that day; None without any.

    `answer_by` is the day of an open supplement request, `complete_by` the end of the transitional
    time of its regulation (26/2026/QĐ-TTg, Điều 12 khoản 2).
    """
    if dossier.state in Dossier.FINAL:
        return None
    found = []
    if limit := limit_for(dossier):
        found.append(Deadline(due_date(limit, _start(dossier, since)), limit.code))
    if answer_by and dossier.state == State.SUPPLEMENT:
        found.append(Deadline(answer_by, SUPPLEMENT))
    if complete_by:
        found.append(Deadline(complete_by, TRANSITION))
    return min(found, key=lambda deadline: deadline.day, default=None)


def _start(dossier: Dossier, since: date) -> date:
    """From when the limit runs: the commune's from filing, that of the evaluation from receipt."""
    if dossier.state == State.DRAFT:
        return dossier.filed_on or since
    if dossier.state in EVALUATED:
        return dossier.received_on or since
    return since


# --- Lists ----------------------------------------------------------------------------------------


def overdue(today: date) -> Q:
    """Dossiers whose deadline is over on `today`."""
    return Q(due_on__lt=today)


def due_soon(today: date) -> Q:
    """Dossiers due today or within the next `SOON` working days."""
    return Q(due_on__gte=today, due_on__lte=working_days_later(today, SOON))


def in_words(due_on: date | None, today: date | None = None) -> str:
    """ "còn 3 ngày làm việc", "hết hạn hôm nay", "quá hạn 2 ngày làm việc"; "" without a deadline.

    A deadline that ended on the last days off is over by 0 working days: it says "quá hạn".
    """
    if due_on is None:
        return ""
    today = today or timezone.localdate()
    days = working_days_between(today, due_on)
    if due_on < today:
        return f"quá hạn {-days} ngày làm việc" if days else "quá hạn"
    if due_on == today:
        return "hết hạn hôm nay"
    return f"còn {days} ngày làm việc"


def tone(due_on: date | None, today: date | None = None) -> str:
    """The tone of a badge: danger when it is over, warning when it is near."""
    if due_on is None:
        return ""
    today = today or timezone.localdate()
    if due_on < today:
        return "danger"
    return "warning" if due_on <= working_days_later(today, SOON) else "info"


def reason_of(dossier: Dossier) -> str:
    """What the deadline is for, in the words of the regulation."""
    if dossier.due_code in LABELS:
        return LABELS[dossier.due_code]
    limit = dossier.regulation.rules.day_limit(dossier.due_code)
    return limit.text if limit else ""


def column(dossier: Dossier, today: date) -> dict[str, Any]:
    """What a list shows of the deadline of one dossier; no query."""
    return {
        "day": dossier.due_on,
        "words": in_words(dossier.due_on, today),
        "tone": tone(dossier.due_on, today),
        "reason": reason_of(dossier) if dossier.due_on else "",
    }
