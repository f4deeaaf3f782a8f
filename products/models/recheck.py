"""Rechecks: minimums of recognised products whose evidence has lapsed."""

from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q

from ocop_portal.models import StoredFile
from products.models.dossier import Dossier, DossierDocument


class RecheckQuerySet(models.QuerySet["Recheck"]):
    def visible_to(self, user: Any) -> "RecheckQuerySet":
        """Those of the dossiers that one sees."""
        return self.filter(dossier__in=Dossier.objects.visible_to(user).values("pk"))

    def open(self) -> "RecheckQuerySet":
        """Neither answered by a new document nor settled with a reason."""
        return self.filter(resolved_at=None)


@pghistory.track(model_name="RecheckEvent", fields=["resolved_at", "resolved_by", "reason"])
class Recheck(models.Model):
    """A star's minimum whose evidence has ended while the recognition goes on: somebody has to see
    whether the product still meets it.
    """

    # The dossier that the product was recognised by.
    dossier = models.ForeignKey(
        Dossier, on_delete=models.PROTECT, related_name="rechecks", verbose_name="hồ sơ"
    )
    criterion = models.CharField("mã tiêu chí", max_length=20)
    criterion_name = models.CharField("tiêu chí", max_length=300)
    # The star that needs the criterion, and the one that the product holds.
    stars = models.PositiveSmallIntegerField("hạng cần tiêu chí này")
    held_stars = models.PositiveSmallIntegerField("hạng đang giữ")
    slot = models.CharField("mục", max_length=60)
    document = models.ForeignKey(
        DossierDocument,
        on_delete=models.PROTECT,
        related_name="rechecks",
        verbose_name="minh chứng đã hết hạn",
    )
    lapsed_on = models.DateField("hết hạn ngày")
    raised_at = models.DateTimeField("lập lúc", auto_now_add=True)
    resolved_at = models.DateTimeField("xong lúc", null=True, blank=True)
    # Empty where the portal itself found the new document.
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField("kết luận", blank=True, max_length=2000)
    # The new document, where one answered it.
    stored = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    original_name = models.CharField("tên tệp", max_length=200, blank=True)
    number = models.CharField("số văn bản", max_length=80, blank=True)
    issued_on = models.DateField("ngày cấp", null=True, blank=True)
    valid_until = models.DateField("có hiệu lực đến", null=True, blank=True)

    objects = RecheckQuerySet.as_manager()

    class Meta:
        verbose_name = "việc kiểm tra lại"
        verbose_name_plural = "việc kiểm tra lại"
        ordering = ["lapsed_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "criterion", "slot", "lapsed_on"], name="recheck_once_per_lapse"
            ),
            models.CheckConstraint(
                name="recheck_stars_1_to_5",
                condition=Q(stars__range=(1, 5), held_stars__range=(3, 5)),
            ),
            models.CheckConstraint(
                name="settled_recheck_says_why",
                condition=Q(resolved_at__isnull=True) | ~Q(reason=""),
                violation_error_message="Hãy ghi kết luận hoặc nộp tài liệu mới.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier}: {self.criterion_name}"

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None
