"""Dossiers and their documents: what a product is judged by."""

import secrets
from datetime import date
from typing import Any

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.roles import Role
from products.models.producer import in_territory
from products.models.product import Product
from products.visibility import further_dossiers
from regulations.models import CriteriaSet, Regulation


def document_path(document: "DossierDocument", filename: str) -> str:  # noqa: ARG001
    """An unguessable name without a trace of the upload's own (abuse cases A7, F5)."""
    return f"dossiers/{document.dossier_id}/{secrets.token_hex(16)}.{document.extension}"


class DossierQuerySet(models.QuerySet["Dossier"]):
    def visible_to(self, user: Any) -> "DossierQuerySet":
        """The dossiers of one's territory, and those that other apps add to them; a producer's
        account sees its own.
        """
        visible = in_territory(user, "product__unit__") | further_dossiers(user)
        if user.has_role(Role.PRODUCER):
            visible |= Q(product__producer__in=user.producers.values("pk"))
        return self.filter(visible)

    def in_state(self, *states: str) -> "DossierQuerySet":
        return self.filter(state__in=states)

    def open(self) -> "DossierQuerySet":
        """Dossiers that are still on their way."""
        return self.exclude(state__in=Dossier.FINAL)


@pghistory.track(
    model_name="DossierEvent",
    fields=[
        "state",
        "tier",
        "kind",
        "regulation_reason",
        "criteria_set",
        "received_number",
        "received_on",
    ],
)
class Dossier(models.Model):
    """One product's way through one evaluation, under the regulation it was made for."""

    class State(models.TextChoices):
        DRAFT = "draft", "Đang soạn"
        SUBMITTED = "submitted", "Đã nộp, chờ tiếp nhận"
        SUPPLEMENT = "supplement_requested", "Cần bổ sung"
        ACCEPTED = "accepted", "Đã tiếp nhận, chờ họp"
        IN_EVALUATION = "in_evaluation", "Đang đánh giá"
        AWAITING_DECISION = "awaiting_decision", "Chờ quyết định"
        RECOGNISED = "recognised", "Đã công nhận"
        NOT_RECOGNISED = "not_recognised", "Không được công nhận"
        WITHDRAWN = "withdrawn", "Đã rút"

    class Kind(models.TextChoices):
        FIRST = "first", "Đánh giá lần đầu"
        UPGRADE = "upgrade", "Nâng hạng"
        RENEWAL = "renewal", "Đánh giá lại"

    FINAL = (State.RECOGNISED, State.NOT_RECOGNISED, State.WITHDRAWN)
    EDITABLE = (State.DRAFT, State.SUPPLEMENT)

    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="dossiers", verbose_name="sản phẩm"
    )
    regulation = models.ForeignKey(
        Regulation, on_delete=models.PROTECT, related_name="dossiers", verbose_name="quy định"
    )
    criteria_set = models.ForeignKey(
        CriteriaSet,
        on_delete=models.PROTECT,
        related_name="dossiers",
        verbose_name="bộ tiêu chí",
    )
    # Why another regulation than the one of the day of receipt counts; empty where that one does.
    regulation_reason = models.TextField("lý do áp dụng quy định khác", blank=True, max_length=2000)
    kind = models.CharField("loại hồ sơ", max_length=10, choices=Kind, default=Kind.FIRST)
    year = models.PositiveSmallIntegerField(
        "năm đánh giá", validators=[MinValueValidator(2018), MaxValueValidator(2100)]
    )
    # When the producer handed it in, where that was before it was entered here.
    filed_on = models.DateField("ngày chủ thể nộp hồ sơ", null=True, blank=True)
    note = models.TextField("ghi chú của người lập", blank=True, max_length=2000)
    self_score = models.PositiveSmallIntegerField(
        "điểm tự chấm của chủ thể", null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    state = models.CharField("trạng thái", max_length=24, choices=State, default=State.DRAFT)
    # A tier of the regulation: the one that has the dossier now.
    tier = models.CharField("cấp", max_length=20)
    received_number = models.CharField("số tiếp nhận", max_length=40, blank=True)
    received_on = models.DateField("ngày tiếp nhận", null=True, blank=True)
    submitted_at = models.DateTimeField("nộp lúc", null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    # Who saved the form last: two people at one dossier are told of each other.
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # Counted up with every save of the form: two people never overwrite each other unseen.
    version = models.PositiveIntegerField(default=1)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = "hồ sơ"
        verbose_name_plural = "hồ sơ"
        ordering = ["-updated_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product"],
                condition=~Q(state__in=["recognised", "not_recognised", "withdrawn"]),
                name="one_open_dossier_per_product",
                violation_error_message="Sản phẩm này đang có một hồ sơ chưa kết thúc.",
            ),
            models.CheckConstraint(
                name="received_dossier_has_number_and_date",
                condition=Q(received_on__isnull=True, received_number="")
                | (Q(received_on__isnull=False) & ~Q(received_number="")),
                violation_error_message="Số và ngày tiếp nhận đi cùng nhau.",
            ),
        ]
        indexes = [models.Index(fields=["state", "tier"])]

    def __str__(self) -> str:
        return f"{self.product} ({self.year})"

    def get_absolute_url(self) -> str:
        return reverse("products:dossier_detail", args=[self.pk])

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE

    def day_of_law(self, today: date) -> date:
        """The day by which the regulation is chosen: of receipt, else of filing, else `today`."""
        return self.received_on or self.filed_on or today

    @property
    def tier_name(self) -> str:
        """The tier in Vietnamese, as the regulation calls it."""
        tier = self.regulation.rules.tier(self.tier)
        return tier.name if tier else self.tier


class DossierDocument(models.Model):
    """A file in a slot of the regulation's list."""

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        JPEG = "jpg", "JPG"
        PNG = "png", "PNG"

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="documents")
    slot = models.CharField("mục", max_length=60)
    file = models.FileField(upload_to=document_path)
    original_name = models.CharField("tên tệp", max_length=200)
    extension = models.CharField("loại tệp", max_length=4, choices=Kind)
    size = models.PositiveIntegerField("dung lượng")
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "tài liệu"
        verbose_name_plural = "tài liệu"
        ordering = ["slot", "uploaded_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "slot", "sha256"],
                name="same_file_once_per_slot",
                violation_error_message="Tệp này đã có trong mục.",
            ),
        ]

    def __str__(self) -> str:
        return self.original_name
