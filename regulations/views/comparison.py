"""Two regulations side by side: what changed, down to the options of a criterion."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from regulations.comparison import (
    Change,
    Pair,
    SheetChange,
    compare_regulations,
    compare_sheets,
    sheet_pairs,
)
from regulations.models import Regulation
from regulations.reading import DataError
from regulations.rules import Regulation as Rules
from regulations.sheets import Sheet

MOST_SHOWN = 2


@dataclass(frozen=True)
class SheetRow:
    """A pair of sheets in the overview, with how many criteria changed; None without a pair."""

    pair: Pair[Sheet]
    key: str
    counts: dict[str, int] | None


@require_safe
@requires("regulations.see_regulations")
def regulation_compare(request: HttpRequest) -> HttpResponse:
    """Compare two regulations, and one pair of their sheets criterion by criterion."""
    visible = list(
        Regulation.objects.visible_to(request.user)
        .prefetch_related("criteria_sets")
        .order_by("effective_from", "state", "code")
    )
    chosen = _chosen(request, visible)
    context: dict[str, Any] = {"regulations": visible}
    if chosen:
        before, after = (_rules(row) for row in chosen)
        known = [row.rules for row in visible if not row.is_draft]
        pairs = sheet_pairs(before, after, known)
        context |= {
            "before": chosen[0],
            "after": chosen[1],
            "areas": compare_regulations(before, after),
            "sheets": [_sheet_row(pair) for pair in pairs],
            "sheet": _one_pair(request.GET.get("bo", ""), pairs),
            "everything": "tatca" in request.GET,
        }
    return render(request, "regulations/regulation_compare.html", context)


def _chosen(request: HttpRequest, visible: list[Regulation]) -> list[Regulation] | None:
    """The two that were asked for; else the two newest that are published."""
    newest = [row for row in visible if not row.is_draft][-MOST_SHOWN:]
    if len(newest) < MOST_SHOWN:
        return None
    by_code = {row.code: row for row in visible}
    codes = [
        request.GET.get(side) or row.code
        for side, row in zip(("trai", "phai"), newest, strict=True)
    ]
    if not by_code.keys() >= set(codes):
        raise Http404
    return [by_code[code] for code in codes]


def _rules(row: Regulation) -> Rules:
    try:
        return row.rules
    except DataError as error:
        raise Refused.because(
            "draft_unfinished", f"Bản soạn thảo {row.code} chưa đọc được nên chưa so sánh được."
        ) from error


def _sheet_row(pair: Pair[Sheet]) -> SheetRow:
    if pair.before is None or pair.after is None:
        return SheetRow(pair, "", None)
    counts = compare_sheets(pair.before, pair.after).counts
    by_name = {change.value: counts.get(change, 0) for change in Change}
    return SheetRow(pair, _key(pair), by_name)


def _key(pair: Pair[Sheet]) -> str:
    """How an address names a pair; a sheet that was split stands in several."""
    return "~".join(side.name for side in (pair.before, pair.after) if side)


def _one_pair(key: str, pairs: list[Pair[Sheet]]) -> SheetChange | None:
    if not key:
        return None
    for pair in pairs:
        if pair.before and pair.after and key in {_key(pair), pair.after.name}:
            return compare_sheets(pair.before, pair.after)
    raise Http404
