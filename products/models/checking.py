"""Checking a dossier: what has to be supplemented, and what the commune reports of the product."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from ocop_portal.models import StoredFile
from products.models.dossier import Dossier, DossierDocument


class SupplementRequestQuerySet(models.QuerySet["SupplementRequest"]):
    def open(self) -> "SupplementRequestQuerySet":
        """Requests that nobody has answered by submitting the dossier again."""
        return self.filter(answered_at=None)


class SupplementRequest(models.Model):
    """One request for everything that a dossier lacks, answered by submitting it again."""

    dossier = models.ForeignKey(
        Dossier, on_delete=models.PROTECT, related_name="supplement_requests"
    )
    number = models.CharField("số văn bản", max_length=40, blank=True)
    issued_on = models.DateField("ngày văn bản")
    deadline = models.DateField("hạn bổ sung")
    text = models.TextField("nội dung chung", blank=True, max_length=4000)
    # What the dossier was when it was asked for more (products.snapshots): the difference view
    # compares with it.
    seen = models.JSONField(default=dict)
    # The printed request; empty until the worker has drawn it.
    document = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="văn bản"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField(auto_now_add=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    objects = SupplementRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "yêu cầu bổ sung"
        verbose_name_plural = "yêu cầu bổ sung"
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(answered_at=None),
                name="one_open_supplement_request",
                violation_error_message="Hồ sơ này đang có một yêu cầu bổ sung chưa trả lời.",
            ),
        ]

    def __str__(self) -> str:
        return f"Yêu cầu bổ sung {self.number}".strip()

    @property
    def is_open(self) -> bool:
        return self.answered_at is None


class SupplementItem(models.Model):
    """One thing to supplement: a document that is not good enough, or a slot that is empty."""

    request = models.ForeignKey(SupplementRequest, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    slot = models.CharField("mục", max_length=60)
    # The slot as the regulation called it on that day.
    name = models.CharField("tên mục", max_length=300)
    document = models.ForeignKey(
        DossierDocument, on_delete=models.PROTECT, null=True, related_name="asked_in"
    )
    comment = models.TextField("nội dung cần bổ sung", max_length=2000)

    class Meta:
        verbose_name = "nội dung cần bổ sung"
        verbose_name_plural = "nội dung cần bổ sung"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "position"], name="supplement_item_position_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track(
    pghistory.UpdateEvent("before", row=pghistory.Old),
    model_name="CommuneReportEvent",
    fields=[
        "number",
        "findings",
        "proposed",
        "conclusion",
        "signatory_title",
        "signatory_name",
        "signed_on",
    ],
)
class CommuneReport(models.Model):
    """What the commune says of the points that its regulation names (26/2026/QĐ-TTg, Điều 7
    khoản 2 điểm a and Mẫu số 03: material, labour, idea, identity).
    """

    class Proposal(models.TextChoices):
        PROPOSED = "proposed", "Đề nghị đánh giá, phân hạng"
        NOT_PROPOSED = "not_proposed", "Chưa đề nghị đánh giá, phân hạng"

    dossier = models.OneToOneField(Dossier, on_delete=models.PROTECT, related_name="commune_report")
    number = models.CharField("số văn bản", max_length=40, blank=True)
    # [[point, text], …], the points as the regulation called them on that day.
    findings = models.JSONField("nội dung đánh giá", default=list)
    proposed = models.CharField("kết luận", max_length=12, choices=Proposal)
    conclusion = models.TextField("nhận xét chung", blank=True, max_length=4000)
    signatory_title = models.CharField("chức vụ người ký", max_length=100)
    signatory_name = models.CharField("người ký", max_length=150)
    signed_on = models.DateField("ngày ký")
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # Counted up with every save: two officers never overwrite each other unseen.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "báo cáo của xã"
        verbose_name_plural = "báo cáo của xã"

    def __str__(self) -> str:
        return f"Báo cáo của xã về {self.dossier.product}"

    def get_absolute_url(self) -> str:
        return reverse("products:commune_report", args=[self.dossier_id])
