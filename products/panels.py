"""What producers, products and dossiers add to a person's landing page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import formats, timezone

from accounts.roles import Role
from ocop_portal.home import Contribution, Figure, Panel, Task
from products import waiting
from products.expiring import expiring_rows, row_url
from products.models import Dossier, Product, Recheck

State = Dossier.State
SHOWN = 5
EXPIRING_WITHIN = 60


def contribute(user: Any) -> Contribution:
    """Work with dossiers, for those who write, receive or follow them."""
    page = Contribution()
    if user.has_perm("products.prepare_dossier") or user.has_perm("products.receive_dossiers"):
        page.panels += _due_panels(user)
    if user.has_perm("products.prepare_dossier"):
        page.panels += _author_panels(user)
        page.panels.append(_expiring_panel(user))
    if user.has_perm("products.see_rechecks"):
        page.panels.append(_recheck_panel(user))
    if user.has_perm("products.receive_dossiers"):
        page.panels.append(_reception_panel(user))
    if user.has_role(Role.PRODUCER):
        page.panels.append(_own_panel(user))
    if user.has_perm("products.see_dossiers"):
        page.figures += _figures(user)
    return page


def _figures(user: Any) -> list[Figure]:
    dossiers = Dossier.objects.visible_to(user)
    listing = reverse("products:dossier_list")
    return [
        Figure(
            "Sản phẩm",
            Product.objects.visible_to(user).count(),
            reverse("products:product_list"),
        ),
        Figure("Hồ sơ đang xử lý", dossiers.open().count(), listing),
        Figure(
            "Đã công nhận",
            dossiers.in_state(State.RECOGNISED).count(),
            f"{listing}?state={State.RECOGNISED}",
        ),
    ]


def _due_panels(user: Any) -> list[Panel]:
    """What is late or nearly so: shown only where there is some."""
    today = timezone.localdate()
    dossiers = Dossier.objects.visible_to(user).open().order_by(*waiting.BY_DEADLINE)
    late = ("Hồ sơ quá hạn", waiting.overdue(today), "overdue", "danger")
    soon = ("Hồ sơ sắp đến hạn", waiting.due_soon(today), "soon", "warning")
    panels = [
        _panel(
            title,
            dossiers.filter(condition),
            f"due={value}&sort=due",
            empty="",
            urgency=urgency,
            about=_due,
        )
        for title, condition, value, urgency in (late, soon)
    ]
    return [panel for panel in panels if panel.count]


def _due(dossier: Dossier) -> str:
    return f"{_about(dossier)} · {waiting.in_words(dossier.due_on)}"


def _author_panels(user: Any) -> list[Panel]:
    dossiers = Dossier.objects.visible_to(user)
    return [
        _panel(
            "Hồ sơ bị yêu cầu bổ sung",
            dossiers.in_state(State.SUPPLEMENT),
            f"state={State.SUPPLEMENT}",
            empty="Không có hồ sơ nào phải bổ sung.",
            urgency="danger",
        ),
        _panel(
            "Hồ sơ đang soạn",
            dossiers.in_state(State.DRAFT).filter(with_producer=user.has_role(Role.PRODUCER)),
            f"state={State.DRAFT}",
            empty="Chưa có hồ sơ đang soạn. Chọn một sản phẩm để lập hồ sơ.",
            empty_url=reverse("products:product_list"),
            empty_label="Mở danh sách sản phẩm",
        ),
    ]


def _reception_panel(user: Any) -> Panel:
    return _panel(
        "Hồ sơ mới nộp, chờ tiếp nhận",
        Dossier.objects.visible_to(user).in_state(State.SUBMITTED),
        f"state={State.SUBMITTED}",
        empty="Không có hồ sơ chờ tiếp nhận.",
        urgency="warning",
        url_name="products:dossier_check",
    )


def _expiring_panel(user: Any) -> Panel:
    today = timezone.localdate()
    rows = expiring_rows(user, first=today, last=today + timedelta(days=EXPIRING_WITHIN))
    count = rows.count()
    return Panel(
        title=f"Giấy tờ sắp hết hạn ({EXPIRING_WITHIN} ngày tới)",
        count=count,
        tasks=[
            Task(row["name"], row_url(row), _about_row(row), "warning")
            for row in (rows[:SHOWN] if count else [])
        ],
        all_url=reverse("products:expiring_list"),
        empty_text="Không có giấy tờ nào sắp hết hạn.",
        empty_url=reverse("products:expiring_list"),
        empty_label="Xem giấy tờ có thời hạn",
        urgency="warning" if count else "",
    )


def _about_row(row: dict[str, Any]) -> str:
    owner = row["product_name"] or row["producer_name"]
    return f"{owner} · đến {formats.date_format(row['valid_until'])}"


def _recheck_panel(user: Any) -> Panel:
    listing = reverse("products:recheck_list")
    resolves = user.has_perm("products.resolve_rechecks")
    rechecks = Recheck.objects.visible_to(user).open()
    count = rechecks.count()
    rows = rechecks.select_related("dossier__product")[:SHOWN] if count else []
    return Panel(
        title="Minh chứng hết hạn, cần kiểm tra lại",
        count=count,
        tasks=[
            Task(
                str(row.dossier.product),
                reverse("products:recheck_resolve", args=[row.pk]) if resolves else listing,
                f"{row.criterion_name} · hết hạn {formats.date_format(row.lapsed_on)}",
                "danger",
            )
            for row in rows
        ],
        all_url=listing,
        empty_text="Không có minh chứng nào phải kiểm tra lại.",
        urgency="danger" if count else "",
    )


def _own_panel(user: Any) -> Panel:
    dossiers = Dossier.objects.visible_to(user)
    return _panel("Hồ sơ của tôi", dossiers, "", empty="Chưa có hồ sơ nào.")


def _panel(
    title: str,
    dossiers: Any,
    query: str,
    *,
    empty: str,
    empty_url: str = "",
    empty_label: str = "",
    urgency: str = "",
    url_name: str = "products:dossier_detail",
    about: Callable[[Dossier], str] | None = None,
) -> Panel:
    about = about or _about
    count = dossiers.count()
    rows = dossiers.select_related("product__producer", "product__unit")[:SHOWN] if count else []
    listing = reverse("products:dossier_list")
    return Panel(
        title=title,
        count=count,
        tasks=[
            Task(str(row.product), reverse(url_name, args=[row.pk]), about(row), urgency)
            for row in rows
        ],
        all_url=f"{listing}?{query}" if query else listing,
        empty_text=empty,
        empty_url=empty_url,
        empty_label=empty_label,
        urgency=urgency if count else "",
    )


def _about(dossier: Dossier) -> str:
    producer = dossier.product.producer
    return " · ".join(
        [producer.name if producer else dossier.product.unit.full_name, dossier.get_state_display()]
    )
