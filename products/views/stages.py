"""How the page of a dossier tells its way: the stages it goes through, and the story so far."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import formats, timezone

from ocop_portal import workflow
from products.models import Dossier
from products.workflow import TRANSITIONS
from regulations.rules import Outcome, Tier

State = Dossier.State
BEFORE_TIERS = ("Soạn hồ sơ", "Nộp hồ sơ", "Tiếp nhận")
PREPARING, SUBMITTING, RECEIVING = range(3)
# What the current stage waits for, in two or three words.
WAITING = {
    State.DRAFT: "Đang soạn",
    State.SUPPLEMENT: "Cần bổ sung",
    State.SUBMITTED: "Chờ tiếp nhận",
    State.ACCEPTED: "Chờ họp",
    State.IN_EVALUATION: "Đang đánh giá",
    State.AWAITING_DECISION: "Chờ quyết định",
    State.NOT_RECOGNISED: "Không được công nhận",
    State.WITHDRAWN: "Đã rút",
}


@dataclass(frozen=True)
class Stage:
    """One stage as templates/_steps.html draws it: "done", "current", "failed" or still to come."""

    label: str
    state: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Event:
    """One line of the story: what was done, by whom, when and why."""

    label: str
    by: Any
    at: datetime
    note: str = ""


def stages(dossier: Dossier) -> list[Stage]:
    """From the first draft over the tiers to the decision, with the place where it stands."""
    tiers = _tiers(dossier)
    names = [f"Đánh giá {tier.name[:1].lower()}{tier.name[1:]}" for tier in tiers]
    labels = [*BEFORE_TIERS, *names, "Quyết định công nhận"]
    reached = _reached(dossier, tiers, len(labels))
    stopped = dossier.state in {State.NOT_RECOGNISED, State.WITHDRAWN}
    details = _details_of_done(dossier)
    found = []
    for place, label in enumerate(labels):
        if place < reached:
            found.append(Stage(label, "done", details.get(place, "")))
        elif place == reached:
            state = "failed" if stopped else "current"
            found.append(Stage(label, state, WAITING[State(dossier.state)]))
        else:
            found.append(Stage(label))
    return found


def story(dossier: Dossier) -> Iterator[Event]:
    """Every step so far, oldest first, beginning with the making of the dossier."""
    yield Event("Lập hồ sơ", dossier.created_by, dossier.created_at)
    for change in workflow.history(dossier):
        label = change.step or _step_label(change.source, change.target)
        yield Event(label, change.by, change.at, change.note)


def _tiers(dossier: Dossier) -> list[Tier]:
    """The tiers a dossier goes through: up to the first that recognises, or the one it is at."""
    tiers = dossier.regulation.rules.tiers
    recognising = (
        place
        for place, tier in enumerate(tiers)
        if any(row.outcome == Outcome.RECOGNISE for row in tier.outcomes)
    )
    last = max(next(recognising, len(tiers) - 1), _place(dossier, tiers))
    return list(tiers[: last + 1])


def _place(dossier: Dossier, tiers: Any) -> int:
    codes = [tier.code for tier in tiers]
    return codes.index(dossier.tier) if dossier.tier in codes else 0


def _reached(dossier: Dossier, tiers: list[Tier], count: int) -> int:
    at_tier = len(BEFORE_TIERS) + _place(dossier, tiers)
    if dossier.state == State.WITHDRAWN:
        handed_in = RECEIVING if dossier.submitted_at else PREPARING
        return at_tier if dossier.received_on else handed_in
    places = {
        State.DRAFT: PREPARING,
        State.SUPPLEMENT: PREPARING,
        State.SUBMITTED: RECEIVING,
        State.AWAITING_DECISION: count - 1,
        State.RECOGNISED: count,
    }
    return places.get(State(dossier.state), at_tier)


def _details_of_done(dossier: Dossier) -> dict[int, str]:
    details = {}
    if dossier.submitted_at:
        day = timezone.localtime(dossier.submitted_at).date()
        details[SUBMITTING] = formats.date_format(day)
    if dossier.received_on:
        details[RECEIVING] = formats.date_format(dossier.received_on)
    return details


def _step_label(source: str, target: str) -> str:
    fitting = (
        row.label
        for row in TRANSITIONS.values()
        if source in row.sources and target == row.leads_to(source)
    )
    return next(fitting, State(target).label)
