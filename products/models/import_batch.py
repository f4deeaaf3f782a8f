"""An uploaded workbook between its preview and its saving."""

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F
from django.urls import reverse

FIGURES = ("created", "updated", "skipped", "failed")


def workbook_path(batch: "ImportBatch", filename: str) -> str:  # noqa: ARG001 - never trusted
    """Under a name of our own, never the one of the upload (abuse case F5)."""
    return f"imports/{secrets.token_hex(16)}.xlsx"


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: Any) -> "ImportBatchQuerySet":
        """One's own uploads."""
        return self.filter(owner=user)

    def with_figures(self) -> "ImportBatchQuerySet":
        """For lists: the figures of the report without its rows, which may be twenty thousand."""
        figures = {name: F(f"report__{name}") for name in FIGURES}
        return self.defer("report").annotate(**figures)


class ImportBatch(models.Model):
    """The workbook as it came, and the report of what it did."""

    class State(models.TextChoices):
        CHECKING = "checking", "Đang kiểm tra"
        PREVIEW = "preview", "Chờ xác nhận"
        SAVED = "saved", "Đã lưu"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="import_batches"
    )
    file = models.FileField(upload_to=workbook_path)
    original_name = models.CharField("tên tệp", max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.PREVIEW)
    report = models.JSONField(default=dict)
    created_at = models.DateTimeField("tải lên lúc", auto_now_add=True)
    saved_at = models.DateTimeField("lưu lúc", null=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "lần nhập từ Excel"
        verbose_name_plural = "các lần nhập từ Excel"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.original_name

    def get_absolute_url(self) -> str:
        return reverse("products:import_detail", args=[self.pk])
