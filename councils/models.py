"""Councils, their members, and the sessions in which they judge dossiers."""

from datetime import date
from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import AdministrativeUnit, Agency
from accounts.roles import Role
from products.models import Dossier


class CouncilQuerySet(models.QuerySet["Council"]):
    def visible_to(self, user: Any) -> "CouncilQuerySet":
        """Councils one belongs to; the Department sees those of its territory and above."""
        visible = Q(pk__in=CouncilMember.objects.active().filter(user=user).values("council"))
        if user.has_role(Role.DEPARTMENT_STAFF, Role.DEPARTMENT_LEADER):
            visible |= Q(unit__isnull=True) | Q(unit__path__startswith=user.territory)
        return self.filter(visible)

    def kept_by(self, user: Any) -> "CouncilQuerySet":
        """Councils whose sessions a person prepares: as their secretary."""
        kept = CouncilMember.objects.active().filter(
            user=user, position=CouncilMember.Position.SECRETARY
        )
        return self.filter(pk__in=kept.values("council"))


@pghistory.track(model_name="CouncilEvent")
class Council(models.Model):
    """A council (hội đồng đánh giá, phân hạng) of one tier, set up by a decision for a term."""

    name = models.CharField("tên hội đồng", max_length=250)
    # A tier of the regulations: district, city, national.
    tier = models.CharField("cấp", max_length=20)
    # The national council has no unit of its own here.
    unit = models.ForeignKey(
        AdministrativeUnit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="councils",
        verbose_name="địa bàn",
    )
    decision_number = models.CharField("số quyết định thành lập", max_length=60)
    decision_date = models.DateField("ngày quyết định")
    term_from = models.DateField("nhiệm kỳ từ")
    term_to = models.DateField("đến", null=True, blank=True)

    objects = CouncilQuerySet.as_manager()

    class Meta:
        verbose_name = "hội đồng"
        verbose_name_plural = "hội đồng"
        ordering = ["tier", "name"]
        constraints = [
            models.CheckConstraint(
                name="council_term_ends_after_it_begins",
                condition=Q(term_to__isnull=True) | Q(term_to__gte=F("term_from")),
                violation_error_message="Nhiệm kỳ phải kết thúc sau ngày bắt đầu.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("councils:council_detail", args=[self.pk])

    @property
    def waits_here(self) -> Q:
        """The condition on dossiers that wait at this tier and in this territory."""
        waits = Q(state=Dossier.State.ACCEPTED, tier=self.tier)
        return waits & Q(product__unit__path__startswith=self.unit.path) if self.unit else waits

    def waiting_dossiers(self) -> "models.QuerySet[Dossier]":
        """Accepted dossiers of this tier and territory that are on no agenda yet."""
        planned = AgendaItem.objects.exclude(session__state=Session.State.CLOSED)
        return Dossier.objects.filter(self.waits_here).exclude(pk__in=planned.values("dossier"))


class CouncilMemberQuerySet(models.QuerySet["CouncilMember"]):
    def active(self, day: date | None = None) -> "CouncilMemberQuerySet":
        """Memberships that hold on `day` (today where none is given)."""
        day = day or timezone.localdate()
        return self.overlapping(day, day)

    def overlapping(self, first: date, last: date | None) -> "CouncilMemberQuerySet":
        """Memberships that hold on some day from `first` to `last` (None: without an end)."""
        rows = self.filter(Q(member_to__isnull=True) | Q(member_to__gte=first))
        return rows.filter(member_from__lte=last) if last else rows

    def voting(self) -> "CouncilMemberQuerySet":
        return self.filter(votes=True)


@pghistory.track(model_name="CouncilMemberEvent")
class CouncilMember(models.Model):
    """A person's seat in a council, from–to: a replacement keeps the history."""

    class Position(models.TextChoices):
        CHAIR = "chair", "Chủ tịch"
        VICE_CHAIR = "vice_chair", "Phó Chủ tịch"
        MEMBER = "member", "Ủy viên"
        SECRETARY = "secretary", "Thư ký"
        EXPERT = "expert", "Chuyên gia mời"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    position = models.CharField("chức danh", max_length=12, choices=Position)
    votes = models.BooleanField("chấm điểm", default=True)
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, verbose_name="cơ quan"
    )
    member_from = models.DateField("từ ngày")
    member_to = models.DateField("đến ngày", null=True, blank=True)

    objects = CouncilMemberQuerySet.as_manager()

    class Meta:
        verbose_name = "thành viên hội đồng"
        verbose_name_plural = "thành viên hội đồng"
        ordering = ["council", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["council", "user"],
                condition=Q(member_to__isnull=True),
                name="one_seat_per_person_and_council",
                violation_error_message="Người này đang là thành viên hội đồng.",
            ),
            models.CheckConstraint(
                name="seat_ends_after_it_begins",
                condition=Q(member_to__isnull=True) | Q(member_to__gte=F("member_from")),
                violation_error_message="Ngày thôi tham gia không được trước ngày bắt đầu.",
            ),
            models.CheckConstraint(
                name="invited_experts_do_not_vote",
                condition=~Q(position="expert", votes=True),
                violation_error_message="Chuyên gia mời không chấm điểm.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_position_display()})"


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: Any) -> "SessionQuerySet":
        """Sessions of one's councils; the Department sees those of its territory and above."""
        return self.filter(council__in=Council.objects.visible_to(user).values("pk"))

    def kept_by(self, user: Any) -> "SessionQuerySet":
        return self.filter(council__in=Council.objects.kept_by(user).values("pk"))


@pghistory.track(model_name="SessionEvent", fields=["state", "opened_at", "closed_at"])
class Session(models.Model):
    """One sitting of a council with its agenda."""

    class State(models.TextChoices):
        PLANNED = "planned", "Đang chuẩn bị"
        OPEN = "open", "Đang chấm điểm"
        CLOSED = "closed", "Đã kết thúc"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="sessions")
    title = models.CharField("tên phiên họp", max_length=200)
    round = models.PositiveSmallIntegerField("lần", default=1)
    held_on = models.DateField("ngày họp")
    place = models.CharField("địa điểm", max_length=200, blank=True)
    state = models.CharField("trạng thái", max_length=10, choices=State, default=State.PLANNED)
    opened_at = models.DateTimeField("mở lúc", null=True, blank=True)
    closed_at = models.DateTimeField("kết thúc lúc", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = "phiên họp"
        verbose_name_plural = "phiên họp"
        ordering = ["-held_on", "-pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("councils:session_detail", args=[self.pk])


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def gone_on(self) -> "AgendaItemQuerySet":
        """Items whose dossier no longer waits for the council: withdrawn, or decided elsewhere."""
        return self.exclude(
            dossier__state=Dossier.State.ACCEPTED, dossier__tier=F("session__council__tier")
        )


class AgendaItem(models.Model):
    """A dossier on the agenda of a session."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="agenda")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="agenda_items")
    position = models.PositiveSmallIntegerField("thứ tự")

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        verbose_name = "mục chương trình"
        verbose_name_plural = "chương trình phiên họp"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "dossier"], name="dossier_once_per_session"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.dossier}"


class Attendance(models.Model):
    """Whether a voting member takes part in the session."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="attendance")
    member = models.ForeignKey(CouncilMember, on_delete=models.PROTECT, related_name="attendance")
    present = models.BooleanField("có mặt", default=True)

    class Meta:
        verbose_name = "điểm danh"
        verbose_name_plural = "điểm danh"
        ordering = ["member"]
        constraints = [
            models.UniqueConstraint(fields=["session", "member"], name="attendance_once"),
        ]

    def __str__(self) -> str:
        return str(self.member)


class ConflictDeclarationQuerySet(models.QuerySet["ConflictDeclaration"]):
    def recusals(self) -> "ConflictDeclarationQuerySet":
        """Where the member neither sees nor scores the product."""
        return self.filter(conflicted=True)

    def worth_knowing(self, session: "Session") -> "ConflictDeclarationQuerySet":
        """Recusals, and declarations against what the portal had found, for the secretary."""
        rows = self.filter(Q(conflicted=True) | ~Q(found=""), item__session=session)
        return rows.select_related("member__user", "item__dossier__product")


@pghistory.track(model_name="ConflictDeclarationEvent")
class ConflictDeclaration(models.Model):
    """What a voting member says about the own interest in a product, before the sheet opens.

    With a conflict the member sees and scores nothing of it, and counts neither for the mean nor
    for the quorum of that product (abuse case S5).
    """

    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="declarations")
    member = models.ForeignKey(CouncilMember, on_delete=models.PROTECT, related_name="declarations")
    conflicted = models.BooleanField("có xung đột lợi ích")
    reason = models.TextField("lý do", blank=True, max_length=1000)
    # What the portal had found and shown when the member declared; empty where it saw nothing.
    found = models.TextField("cổng gợi ý", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField("khai lúc", auto_now=True)

    objects = ConflictDeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = "khai báo xung đột lợi ích"
        verbose_name_plural = "khai báo xung đột lợi ích"
        ordering = ["item__position", "member"]
        constraints = [
            models.UniqueConstraint(fields=["item", "member"], name="declared_once_per_product"),
            models.CheckConstraint(
                name="conflict_has_a_reason",
                condition=Q(conflicted=False, found="") | ~Q(reason=""),
                violation_error_message="Hãy ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        said = "có" if self.conflicted else "không"
        return f"{self.member}: {said} xung đột lợi ích ({self.item})"
