"""What the leader's landing page shows of the programme."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from ocop_portal.home import Contribution, Panel, Task
from planning.figures import by_district, by_state

SHOWN = 5
TIER_NAMES = {"district": "cấp huyện", "city": "cấp thành phố", "national": "trung ương"}


def contribute(user: Any) -> Contribution:
    """For leaders: where dossiers stand, and which districts are ahead."""
    if not user.has_role(Role.DEPARTMENT_LEADER):
        return Contribution()
    return Contribution(panels=[_dossier_panel(user), _district_panel(user)])


def _dossier_panel(user: Any) -> Panel:
    rows = by_state(user)
    listing = reverse("products:dossier_list")
    return Panel(
        title="Hồ sơ đang xử lý",
        count=sum(row.count for row in rows),
        tasks=[
            Task(
                f"{row.label}, {TIER_NAMES[row.tier]}",
                f"{listing}?state={row.state}&tier={row.tier}",
                f"{row.count} hồ sơ",
            )
            for row in rows
        ],
        all_url=listing,
        empty_text="Không có hồ sơ nào đang xử lý.",
    )


def _district_panel(user: Any) -> Panel:
    rows = sorted(by_district(user, timezone.localdate()), key=lambda row: -row.valid)
    return Panel(
        title="Địa bàn có sản phẩm còn hiệu lực",
        count=sum(1 for row in rows if row.valid),
        tasks=[
            Task(
                row.district,
                f"{reverse('evaluation:certificate_list')}?district={row.district_id}&status=valid",
                f"{row.valid} còn hiệu lực trên {row.issued} đã cấp",
            )
            for row in rows[:SHOWN]
        ],
        all_url=reverse("planning:dashboard"),
        empty_text="Chưa có giấy chứng nhận nào.",
    )
