"""What regulations add to a person's landing page: work for the system administrator."""

from typing import Any

from django.urls import reverse

from ocop_portal.home import Contribution, Panel, Task
from regulations.models import CriteriaSet, Regulation

SHOWN = 5


def contribute(user: Any) -> Contribution:
    """Sheets that have to be completed, and drafts in preparation."""
    if not user.has_perm("regulations.edit_regulations"):
        return Contribution()
    return Contribution(panels=[_unusable_sheets(), _drafts()])


def _unusable_sheets() -> Panel:
    sheets = (
        CriteriaSet.objects.filter(regulation__in=Regulation.objects.published())
        .exclude(problems=[])
        .select_related("regulation")
        .order_by("-regulation__effective_from", "number")
    )
    count = sheets.count()
    return Panel(
        title="Phiếu chấm chưa dùng được",
        count=count,
        tasks=[
            Task(row.name, row.get_absolute_url(), f"{row.regulation}: {row.problems[0]}")
            for row in sheets[:SHOWN]
        ],
        all_url=reverse("regulations:regulation_list"),
        empty_text="Mọi phiếu chấm đều cộng đủ điểm.",
        urgency="warning" if count else "",
    )


def _drafts() -> Panel:
    drafts = Regulation.objects.filter(state=Regulation.State.DRAFT).select_related("based_on")
    return Panel(
        title="Quy định đang soạn thảo",
        count=drafts.count(),
        tasks=[
            Task(row.code, reverse("regulations:draft_detail", args=[row.code]), row.title)
            for row in drafts[:SHOWN]
        ],
        all_url=reverse("regulations:regulation_list"),
        empty_text="Không có quy định nào đang soạn thảo.",
        empty_url=reverse("regulations:regulation_list"),
        empty_label="Mở danh sách quy định",
    )
