"""Which regulation a dossier comes under: by the day it was received and the transitional rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from regulations.rules import DossierKind, Regulation, Transition
from regulations.sheets import Problem


class NoRegulationError(LookupError):
    """No regulation took dossiers on the day."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The regulation of a dossier, and why.

    Under an old regulation `complete_by` is the last day on which the evaluation may still be
    finished; None where there is no such limit.
    """

    regulation: Regulation
    reason: str
    source: str
    complete_by: date | None = None


def assign(
    received_on: date, kind: DossierKind, on: date, regulations: Iterable[Regulation]
) -> Assignment:
    """Return the regulation under which a dossier received on `received_on` is judged on `on`.

    A dossier follows the regulation that was taking dossiers when it was received. One that was
    still pending when a new regulation came into force goes on under the old one as long as the
    new one's transitional rule allows (26/2026/QĐ-TTg, Điều 12 khoản 2: 60 days for first
    evaluations and upgrades, 30 for re-evaluations), then comes under the new one. Raises
    NoRegulationError if none took dossiers on the day of receipt.
    """
    in_order = sorted(regulations, key=lambda regulation: regulation.effective_from)
    taking = [at for at, regulation in enumerate(in_order) if regulation.accepts_on(received_on)]
    if not taking:
        raise NoRegulationError(
            f"Không có quy định nào tiếp nhận hồ sơ vào ngày {received_on:%d/%m/%Y}."
        )
    own = taking[-1]
    assignment = Assignment(
        in_order[own],
        f"Hồ sơ tiếp nhận ngày {received_on:%d/%m/%Y}, khi {in_order[own].short_name} áp dụng.",
        in_order[own].effective_source,
    )
    for newer in in_order[own + 1 :]:
        if newer.transition is None or on < newer.effective_from:
            continue
        last_day = last_pending_day(newer, newer.transition, kind)
        if on <= last_day:
            return Assignment(
                assignment.regulation, assignment.reason, newer.transition.source, last_day
            )
        assignment = Assignment(
            newer,
            f"Hồ sơ tiếp nhận ngày {received_on:%d/%m/%Y} nhưng chưa đánh giá xong đến hết "
            f"{last_day:%d/%m/%Y} nên chuyển sang {newer.short_name}.",
            newer.transition.source,
        )
    return assignment


def last_pending_day(newer: Regulation, transition: Transition, kind: DossierKind) -> date:
    """Return the last day for a dossier of this kind under the regulation before `newer`."""
    return newer.effective_from + timedelta(days=transition.pending_days[kind])


def date_problems(regulations: Iterable[Regulation]) -> list[Problem]:
    """Return where the days on which regulations take dossiers cross, or end before they begin.

    Codes: dates_reversed, dates_overlap.
    """
    in_order = sorted(regulations, key=lambda regulation: regulation.effective_from)
    problems = [
        Problem(
            "dates_reversed",
            regulation.code,
            f"{regulation.code}: ngày cuối nhận hồ sơ trước ngày có hiệu lực "
            f"{regulation.effective_from:%d/%m/%Y}",
        )
        for regulation in in_order
        if regulation.accepts_until and regulation.accepts_until < regulation.effective_from
    ]
    problems += [
        Problem(
            "dates_overlap",
            later.code,
            f"{earlier.code} và {later.code}: cùng nhận hồ sơ từ ngày "
            f"{later.effective_from:%d/%m/%Y}",
        )
        for earlier, later in pairwise(in_order)
        if earlier.accepts_on(later.effective_from)
    ]
    return problems
