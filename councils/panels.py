"""What councils add to a person's landing page."""

from typing import Any

from django.db.models import Count, Prefetch
from django.urls import reverse
from django.utils import formats, timezone

from councils.models import AgendaItem, Council, CouncilMember, Session
from councils.seating import lacking
from ocop_portal.home import Contribution, Panel, Task

SHOWN = 5


def contribute(user: Any) -> Contribution:
    """For a secretary: dossiers that wait for a session, sessions that are prepared or open. For
    the Department: councils that cannot meet yet.
    """
    page = Contribution()
    if user.has_perm("councils.declare_conflicts"):
        page.panels += _declaration_panel(user)
    if user.has_perm("councils.edit_councils"):
        page.panels.append(_incomplete_panel(user))
    if user.has_perm("councils.keep_sessions"):
        for council in Council.objects.kept_by(user).select_related("unit"):
            page.panels.append(_waiting_panel(council))
        page.panels.append(_session_panel(user))
    return page


def _declaration_panel(user: Any) -> list[Panel]:
    """Sessions in which one has not yet said of every product whether one has an interest in it."""
    seats = CouncilMember.objects.active().voting().filter(user=user)
    open_items = AgendaItem.objects.exclude(session__state=Session.State.CLOSED).filter(
        session__council__in=seats.values("council")
    )
    undeclared = open_items.exclude(declarations__member__in=seats.values("pk"))
    counts = undeclared.order_by("session__held_on").values_list(
        "session", "session__title", "session__held_on"
    )
    rows = list(counts.annotate(number=Count("pk")))
    if not rows:
        return []
    return [
        Panel(
            title="Chưa khai báo xung đột lợi ích",
            count=sum(number for *_, number in rows),
            tasks=[
                Task(
                    title,
                    reverse("councils:session_conflicts", args=[pk]),
                    f"{formats.date_format(held_on)} · {number} sản phẩm",
                    "warning",
                )
                for pk, title, held_on, number in rows[:SHOWN]
            ],
            all_url=reverse("councils:session_list"),
            empty_text="Bạn đã khai báo với mọi sản phẩm.",
            urgency="warning",
        )
    ]


def _incomplete_panel(user: Any) -> Panel:
    today = timezone.localdate()
    councils = Council.objects.visible_to(user).exclude(term_to__lt=today)
    members = CouncilMember.objects.active()
    rows = councils.prefetch_related(Prefetch("members", members, to_attr="seats"))
    incomplete = [(council, missing) for council in rows if (missing := lacking(council.seats))]
    return Panel(
        title="Hội đồng chưa đủ người",
        count=len(incomplete),
        tasks=[
            Task(str(council), council.get_absolute_url(), f"Chưa có {', '.join(missing)}")
            for council, missing in incomplete[:SHOWN]
        ],
        all_url=reverse("councils:council_list"),
        empty_text="Hội đồng nào cũng có chủ tịch, thư ký và thành viên chấm điểm.",
        empty_url=reverse("councils:council_create"),
        empty_label="Lập hội đồng",
        urgency="warning" if incomplete else "",
    )


def _waiting_panel(council: Council) -> Panel:
    waiting = council.waiting_dossiers()
    create = f"{reverse('councils:session_create')}?council={council.pk}"
    return Panel(
        title=f"Chờ họp: {council}",
        count=waiting.count(),
        tasks=[
            Task(str(row.product), row.get_absolute_url(), f"Tiếp nhận số {row.received_number}")
            for row in waiting.select_related("product")[:SHOWN]
        ],
        all_url=create,
        empty_text="Không có hồ sơ nào chờ họp.",
    )


def _session_panel(user: Any) -> Panel:
    sessions = Session.objects.kept_by(user).exclude(state=Session.State.CLOSED)
    return Panel(
        title="Phiên họp đang chuẩn bị hoặc đang chấm",
        count=sessions.count(),
        tasks=[
            Task(
                row.title,
                row.get_absolute_url(),
                f"{formats.date_format(row.held_on)} · {row.get_state_display()}",
                "warning" if row.state == Session.State.OPEN else "",
            )
            for row in sessions[:SHOWN]
        ],
        all_url=reverse("councils:session_list"),
        empty_text="Chưa có phiên họp nào đang mở.",
        empty_url=reverse("councils:session_create"),
        empty_label="Lập phiên họp",
    )
