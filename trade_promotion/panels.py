"""What trade promotion adds to a person's landing page."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import formats, timezone

from accounts.roles import Role
from ocop_portal.home import Contribution, Figure, Panel, Task
from trade_promotion.eligibility import eligible_certificates

RECENT_DAYS = 90
SHOWN = 5


def contribute(user: Any) -> Contribution:
    """For trade promotion officers: what can be invited, and what is new."""
    if not user.has_role(Role.TRADE_PROMOTION_OFFICER):
        return Contribution()
    today = timezone.localdate()
    eligible = eligible_certificates(user, today)
    listing = reverse("trade_promotion:eligible_products")
    recent = eligible.filter(valid_from__gte=today - timedelta(days=RECENT_DAYS))
    leaving = eligible.filter(valid_until__lte=today + timedelta(days=RECENT_DAYS))
    return Contribution(
        figures=[Figure("Sản phẩm đủ điều kiện xúc tiến", eligible.count(), listing)],
        panels=[
            _panel(
                f"Mới được công nhận trong {RECENT_DAYS} ngày",
                recent.order_by("-valid_from", "pk"),
                f"{listing}?since=recent",
                "Chưa có sản phẩm mới; xem toàn bộ danh sách để mời tham gia.",
            ),
            _panel(
                f"Hết hiệu lực trong {RECENT_DAYS} ngày, cân nhắc khi mời",
                leaving.order_by("valid_until", "pk"),
                listing,
                "Không có sản phẩm nào sắp hết hiệu lực.",
            ),
        ],
    )


def _panel(title: str, certificates: Any, url: str, empty: str) -> Panel:
    return Panel(
        title=title,
        count=certificates.count(),
        tasks=[
            Task(
                row.product_name,
                row.get_absolute_url(),
                f"{row.stars} sao · {row.producer_name} · "
                f"đến hết {formats.date_format(row.valid_until)}",
            )
            for row in certificates[:SHOWN]
        ],
        all_url=url,
        empty_text=empty,
        empty_url=reverse("trade_promotion:eligible_products"),
        empty_label="Xem danh sách",
    )
