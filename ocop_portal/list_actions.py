"""Doing the same with many rows: previewed, then done one by one by a worker, each refusal told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, QueryDict

from ocop_portal import jobs
from ocop_portal.listing import Action, Listing, listing_named
from ocop_portal.models import Job
from ocop_portal.problems import Refused

# At most so many rows at once.
MOST = 1_000
# So many of them the preview names.
NAMED = 20


@dataclass(frozen=True)
class Preview:
    """What would be done: how many rows, the first of them, and those that would be refused."""

    count: int
    named: Sequence[Any]
    refused: Sequence[tuple[Any, str]]
    refused_count: int

    @property
    def unnamed(self) -> int:
        return self.count - len(self.named)


def action_named(listing: Listing, name: str, user: Any) -> Action:
    """The action of a list that `user` may take; raises Http404 or PermissionDenied, and `Refused`
    where none was chosen.
    """
    if not name:
        raise Refused.because("no_action", "Chưa chọn việc cần làm.")
    for action in listing.actions:
        if action.name == name:
            if not user.has_perm(action.permission):
                raise PermissionDenied
            return action
    raise Http404


def preview(listing: Listing, action: Action, keys: Sequence[Any], user: Any) -> Preview:
    """Who would take part; refuses nothing chosen and more than `MOST` rows."""
    if not keys:
        raise Refused.because("nothing_chosen", "Chưa chọn dòng nào.")
    if len(keys) > MOST:
        raise Refused.because(
            "too_many",
            f"Mỗi lần làm được tối đa {MOST} dòng, bạn đang chọn nhiều hơn. "
            "Hãy lọc hẹp hơn rồi làm từng phần.",
        )
    fitting, refused = [], []
    for row in listing.records(keys):
        reason = action.refusal(row, user)
        if reason:
            refused.append((row, reason))
        else:
            fitting.append(row)
    return Preview(len(fitting), fitting[:NAMED], refused[:NAMED], len(refused))


def start(
    listing: Listing,
    action: Action,
    keys: Sequence[Any],
    values: Mapping[str, str],
    *,
    by: Any,
    key: str,
) -> Job:
    """Let a worker do it; confirmed twice with the same `key` it is done once."""
    rows = listing.records(keys)
    return jobs.start(
        ACTION,
        title=f"{action.label}: {len(rows)} {listing.noun}",
        items=[jobs.Item(str(row.pk), str(row)[:300]) for row in rows],
        key=f"list-action/{by.pk}/{key}",
        by=by,
        parameters={"listing": listing.name, "action": action.name, "values": dict(values)},
    )


def _do(job: Job, reference: str) -> None:
    """One row, by the person who confirmed, under the rules of now."""
    listing = listing_named(job.parameters["listing"])
    row = listing.rows(job.owner).filter(pk=reference).first()
    if row is None:
        raise Refused.because("gone", "Không còn trong danh sách của bạn.")
    try:
        action = action_named(listing, job.parameters["action"], job.owner)
        action.do(row, by=job.owner, **values_of(action, job.parameters["values"]))
    except PermissionDenied:
        raise Refused.because("not_allowed", "Bạn không có quyền làm việc này.") from None


def values_of(action: Action, data: Mapping[str, str]) -> dict[str, Any]:
    """What the action's form makes of what was typed; raises `Refused` where it is not right."""
    if action.form is None:
        return {}
    query = QueryDict(mutable=True)
    query.update(dict(data))
    form = action.form(query)
    if not form.is_valid():
        raise Refused.because("bad_values", "Thông tin kèm theo không đúng: hãy làm lại từ đầu.")
    return dict(form.cleaned_data)


ACTION = jobs.Kind(name="list_action", do_item=_do)
