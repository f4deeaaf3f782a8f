"""What scoring, decisions and certificates add to a person's landing page."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import formats, timezone

from accounts.roles import Role
from councils.models import Session
from evaluation.models import Assessment, Certificate, Result, ScoreSheet
from evaluation.models.certificate import EXPIRING_DAYS
from ocop_portal.home import Contribution, Figure, Panel, Task
from products.models import Dossier

SHOWN = 5


def contribute(user: Any) -> Contribution:
    """Sheets to sign, products to conclude, decisions to enter, certificates that run out."""
    page = Contribution()
    if user.has_perm("evaluation.score_products"):
        page.panels.append(_scoring_panel(user))
    if user.has_perm("councils.keep_sessions"):
        page.panels.append(_conclusion_panel(user))
    if user.has_perm("evaluation.issue_decisions"):
        page.panels += [_decision_panel(user), _national_panel(user)]
    if user.has_perm("evaluation.see_certificates"):
        page.figures += _figures(user)
    if user.has_role(Role.PRODUCER, Role.DISTRICT_OFFICER, Role.DEPARTMENT_STAFF):
        page.panels.append(_expiring_panel(user))
    return page


def _scoring_panel(user: Any) -> Panel:
    sheets = (
        ScoreSheet.objects.visible_to(user)
        .filter(
            state=ScoreSheet.State.DRAFT,
            assessment__state=Assessment.State.OPEN,
            assessment__item__session__state=Session.State.OPEN,
        )
        .with_presence()
        .filter(is_present=True)
        .select_related("assessment__item__dossier__product__producer")
        .select_related("assessment__item__session")
        .order_by("assessment__item__session", "assessment__item__position")
    )
    return Panel(
        title="Phiếu chưa ký",
        count=sheets.count(),
        tasks=[
            Task(
                str(sheet.assessment.item.dossier.product),
                sheet.get_absolute_url(),
                sheet.assessment.item.session.title,
                "warning",
            )
            for sheet in sheets[:SHOWN]
        ],
        all_url=reverse("evaluation:my_sheets"),
        empty_text="Bạn đã ký hết các phiếu được giao.",
        urgency="warning" if sheets else "",
    )


def _conclusion_panel(user: Any) -> Panel:
    """Products for which all members present have signed: the council can conclude."""
    sheets = ScoreSheet.objects.filter(assessment=OuterRef("pk")).with_presence()
    wanted = sheets.filter(is_present=True)
    ready = (
        Assessment.objects.filter(
            state=Assessment.State.OPEN,
            item__session__in=Session.objects.kept_by(user).values("pk"),
        )
        .filter(Exists(wanted), ~Exists(wanted.filter(state=ScoreSheet.State.DRAFT)))
        .select_related("item__dossier__product", "item__session")
    )
    return Panel(
        title="Đủ phiếu, chờ chốt kết quả",
        count=ready.count(),
        tasks=[
            Task(str(row.item.dossier.product), row.get_absolute_url(), row.item.session.title)
            for row in ready[:SHOWN]
        ],
        all_url=reverse("councils:session_list"),
        empty_text="Chưa có sản phẩm nào đủ phiếu.",
    )


def _decision_panel(user: Any) -> Panel:
    waiting = (
        Result.objects.visible_to(user)
        .awaiting_decision()
        .select_related("dossier__product__district")
    )
    return Panel(
        title="Chờ quyết định công nhận",
        count=waiting.count(),
        tasks=[
            Task(
                str(row.dossier.product),
                reverse("evaluation:decision_create") + f"?tier={row.tier}",
                f"{row.recognised_stars} sao · {row.dossier.product.district}",
            )
            for row in waiting[:SHOWN]
        ],
        all_url=reverse("evaluation:decision_list"),
        empty_text="Không có kết quả nào chờ quyết định.",
    )


def _national_panel(user: Any) -> Panel:
    running = Result.objects.provisional()
    waiting = (
        Dossier.objects.visible_to(user)
        .filter(state=Dossier.State.ACCEPTED, tier="national")
        .exclude(pk__in=running.values("dossier"))
    )
    return Panel(
        title="Tiềm năng 5 sao, chờ trung ương",
        count=waiting.count(),
        tasks=[
            Task(str(row.product), row.get_absolute_url(), str(row.product.producer or ""))
            for row in waiting.select_related("product__producer")[:SHOWN]
        ],
        all_url=reverse("products:dossier_list") + "?tier=national",
        empty_text="Không có hồ sơ nào chờ trung ương.",
    )


def _figures(user: Any) -> list[Figure]:
    today = timezone.localdate()
    mine = Certificate.objects.visible_to(user)
    listing = reverse("evaluation:certificate_list")
    return [
        Figure(
            "Giấy chứng nhận còn hiệu lực",
            mine.valid_on(today).count(),
            f"{listing}?status=valid",
        )
    ]


def _expiring_panel(user: Any) -> Panel:
    today = timezone.localdate()
    expiring = (
        Certificate.objects.visible_to(user)
        .expiring_between(today, today + timedelta(days=EXPIRING_DAYS))
        .order_by("valid_until")
    )
    return Panel(
        title=f"Hết hiệu lực trong {EXPIRING_DAYS} ngày tới",
        count=expiring.count(),
        tasks=[
            Task(
                row.product_name,
                row.get_absolute_url(),
                f"Đến hết {formats.date_format(row.valid_until)} · {row.stars} sao",
                "warning",
            )
            for row in expiring[:SHOWN]
        ],
        all_url=reverse("evaluation:certificate_list") + "?status=expiring",
        empty_text="Không có giấy chứng nhận nào sắp hết hiệu lực.",
    )
