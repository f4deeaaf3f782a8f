"""What inspections add to a person's landing page."""

from typing import Any

from django.urls import reverse
from django.utils import formats, timezone

from accounts.roles import Role
from inspections.watching import EXPIRED, EXPIRING, REASONS, REVOKED, watch_list
from ocop_portal.home import Contribution, Panel, Task

SHOWN = 5
TITLES = {
    REVOKED: "Đã thu hồi",
    EXPIRED: "Hết hiệu lực, chưa đánh giá lại",
    EXPIRING: "Sắp hết hiệu lực",
}
URGENCIES = {REVOKED: "danger", EXPIRED: "danger", EXPIRING: "warning"}


def contribute(user: Any) -> Contribution:
    """For inspectors: one panel for each reason to look."""
    if not user.has_role(Role.INSPECTOR):
        return Contribution()
    rows = watch_list(user, timezone.localdate())
    return Contribution(panels=[_panel(rows, reason) for reason in REASONS])


def _panel(rows: Any, reason: int) -> Panel:
    certificates = rows.filter(watch_reason=reason)
    count = certificates.count()
    return Panel(
        title=TITLES[reason],
        count=count,
        tasks=[
            Task(
                row.product_name,
                row.get_absolute_url(),
                f"{row.producer_name} · đến hết {formats.date_format(row.valid_until)}",
                URGENCIES[reason],
            )
            for row in certificates[:SHOWN]
        ],
        all_url=f"{reverse('inspections:watch_list')}?reason={reason}",
        empty_text="Không có sản phẩm nào.",
        urgency=URGENCIES[reason] if count else "",
    )
