"""One request for everything that a dossier lacks, and its answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ocop_portal import jobs, workflow
from ocop_portal.models import Notice
from ocop_portal.notices import NoticeKind, notify
from ocop_portal.problems import Problem, refuse_if
from products.actions.filling import keep_in_slots
from products.actions.regulation import changes_by_law, transition_deadline
from products.actions.waiting import keep_deadline
from products.completeness import slots_of
from products.differences import COMMUNE_REPORT
from products.models import Dossier, DossierDocument, SupplementItem, SupplementRequest
from products.recipients import people_of
from products.snapshots import snapshot
from products.supplement_document import SUPPLEMENT_REQUEST
from products.waiting import SUPPLEMENT
from products.workflow import TRANSITIONS
from regulations.deadlines import due_date, is_working_day, working_days_later

# The office has to say what is missing, so nobody opts out.
ASKED = NoticeKind("supplement_asked", "Yêu cầu bổ sung hồ sơ", optional=False)
ANSWERED = NoticeKind("supplement_answered", "Hồ sơ đã được bổ sung")


@dataclass(frozen=True)
class Lack:
    """Something to ask for: a document with its comment, or (no document) an empty slot.

    `key` names it in forms. What is not `found` by the checks may be asked for all the same: a
    paper that the regulation leaves open.
    """

    slot: str
    name: str
    document: DossierDocument | None = None
    comment: str = ""
    found: bool = True

    @property
    def key(self) -> str:
        return f"document-{self.document.pk}" if self.document else f"slot-{self.slot}"


@dataclass(frozen=True)
class DeadlineRule:
    """What the day of an answer may be: proposed, and the first and last one that is allowed.

    `source` says where the last one comes from; it is empty, with no last day, where no rule
    limits it.
    """

    proposed: date
    first: date
    last: date | None
    source: str

    def problem(self, day: date) -> Problem | None:
        if day < self.first:
            return Problem("deadline_too_early", "Hạn bổ sung phải sau ngày hôm nay.")
        if not is_working_day(day):
            return Problem("deadline_day_off", "Hạn bổ sung phải là ngày làm việc.")
        if self.last and day > self.last:
            return Problem(
                "deadline_too_late",
                f"Hạn bổ sung không được sau ngày {self.last:%d/%m/%Y} ({self.source}).",
            )
        return None


def lacks_of(dossier: Dossier, documents: Sequence[DossierDocument]) -> list[Lack]:
    """What may be asked for, by the current `documents` and in the order of the regulation:
    documents to supplement, empty slots (found lacking where they are compulsory), the commune's
    report.
    """
    by_slot: dict[str, list[DossierDocument]] = {}
    for document in documents:
        by_slot.setdefault(document.slot, []).append(document)
    found = []
    for slot in slots_of(dossier):
        inside = by_slot.pop(slot.code, [])
        found += _to_supplement(slot.name, inside)
        if slot.is_file and not inside:
            comment = "Chưa có trong hồ sơ." if slot.compulsory else ""
            found.append(Lack(slot.code, slot.name, comment=comment, found=slot.compulsory))
    found += [lack for rows in by_slot.values() for lack in _to_supplement("Tài liệu khác", rows)]
    screening = dossier.regulation.rules.screening
    if screening and not getattr(dossier, "commune_report", None):
        comment = "Chưa có báo cáo của xã."
        found.append(Lack(COMMUNE_REPORT, screening.name, comment=comment))
    return found


def _to_supplement(name: str, documents: Sequence[DossierDocument]) -> list[Lack]:
    return [
        Lack(row.slot, name, row, row.verdict_comment)
        for row in documents
        if row.verdict == DossierDocument.Verdict.TO_SUPPLEMENT
    ]


def deadline_rule(dossier: Dossier, today: date) -> DeadlineRule:
    """The days that an answer may be due on: a working day after today, not after what the
    regulation allows (a day limit "supplement", or the end of its transitional time).

    1048, 148, 1489 and 26/2026 set no limit for the answer: the office names the day, and
    `SUPPLEMENT_WORKING_DAYS` is what the form proposes.
    """
    rules = dossier.regulation.rules
    ends = []
    if limit := rules.day_limit(SUPPLEMENT):
        ends.append((due_date(limit, today), limit.source))
    if complete_by := transition_deadline(dossier, today):
        ends.append((complete_by, "thời hạn chuyển tiếp sang quy định mới"))
    last, source = min(ends, default=(None, ""))
    first = working_days_later(today, 1)
    proposed = working_days_later(today, settings.SUPPLEMENT_WORKING_DAYS)
    if last:
        proposed = max(first, min(proposed, last))
    return DeadlineRule(proposed, first, last, source)


@transaction.atomic
def request_supplement(
    dossier: Dossier,
    *,
    reason: str = "",
    comments: Mapping[str, str] | None = None,
    deadline: date | None = None,
    number: str = "",
    issued_on: date | None = None,
    by: Any,
) -> Dossier:
    """Give the dossier back with one request for everything that it lacks; all in it stays.

    `comments` says by `Lack.key` what to ask for; without it all that the checks have found is
    asked. Raises `Refused` where there is nothing to ask, where an item has no words, and for a
    deadline that the rules do not allow.
    """
    locked = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    today = timezone.localdate()
    lacks = _asked_for(locked, comments)
    rule = deadline_rule(locked, today)
    deadline = deadline or rule.proposed
    refuse_if(_problems(lacks, reason, rule.problem(deadline)))
    before = locked.regulation
    moved = workflow.apply(
        TRANSITIONS["request_supplement"],
        locked,
        by=by,
        note=reason or _in_short(lacks),
        changes=changes_by_law(locked, locked.day_of_law(today)),
    )
    if moved.regulation_id != before.pk:
        keep_in_slots(moved, before)
    request = SupplementRequest.objects.create(
        dossier=moved,
        number=number,
        issued_on=issued_on or today,
        deadline=deadline,
        text=reason,
        seen=snapshot(moved),
        requested_by=by,
    )
    SupplementItem.objects.bulk_create(
        SupplementItem(
            request=request,
            position=position,
            slot=lack.slot,
            name=lack.name[:300],
            document=lack.document,
            comment=lack.comment,
        )
        for position, lack in enumerate(lacks)
    )
    keep_deadline(moved)
    _tell_authors(request, moved)
    jobs.start(
        SUPPLEMENT_REQUEST,
        title=f"Văn bản yêu cầu bổ sung hồ sơ {moved.product}",
        items=[jobs.Item(str(request.pk), str(moved.product))],
        key=f"supplement_request/{request.pk}",
        by=by,
    )
    return moved


def answer_request(dossier: Dossier, *, by: Any) -> None:
    """The dossier is submitted again: the open request is answered, its author is told."""
    request = dossier.supplement_requests.open().select_related("requested_by").first()
    if request is None:
        return
    request.answered_at, request.answered_by = timezone.now(), by
    request.save(update_fields=["answered_at", "answered_by"])
    notify(
        ANSWERED,
        [request.requested_by],
        key=str(request.pk),
        title=f"Hồ sơ {dossier.product} đã được bổ sung",
        detail="Hãy xem phần thay đổi rồi kiểm tra lại.",
        url=dossier.get_absolute_url(),
    )


def notices_of(request_pk: int) -> Any:
    """The notices that tell of a request: each is also the mark that its e-mail has left."""
    return Notice.objects.filter(kind=ASKED.code, key=str(request_pk))


def _asked_for(dossier: Dossier, comments: Mapping[str, str] | None) -> list[Lack]:
    found = lacks_of(dossier, list(dossier.documents.current()))
    if comments is None:
        return [lack for lack in found if lack.found]
    return [
        replace(lack, comment=comments[lack.key].strip()) for lack in found if lack.key in comments
    ]


def _problems(lacks: list[Lack], reason: str, deadline: Problem | None) -> list[Problem]:
    problems = [deadline] if deadline else []
    if not lacks and not reason.strip():
        problems.append(Problem("no_reason", "Hãy ghi rõ cần bổ sung những gì."))
    problems += [
        Problem(
            "no_comment",
            f"Hãy ghi cần bổ sung gì cho “{lack.document or lack.name}”.",
        )
        for lack in lacks
        if not lack.comment.strip()
    ]
    return problems


def _in_short(lacks: list[Lack]) -> str:
    return "\n".join(f"{lack.name}: {lack.comment}" for lack in lacks)


def _tell_authors(request: SupplementRequest, dossier: Dossier) -> None:
    people = people_of(dossier.product)
    if dossier.created_by and dossier.created_by not in people:
        people.append(dossier.created_by)
    notify(
        ASKED,
        people,
        key=str(request.pk),
        title=f"Cần bổ sung hồ sơ {dossier.product} chậm nhất ngày {request.deadline:%d/%m/%Y}",
        detail=request.text or f"{request.items.count()} nội dung cần bổ sung.",
        url=dossier.get_absolute_url(),
    )
