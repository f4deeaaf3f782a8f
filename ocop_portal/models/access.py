"""Who has taken which files: the log that a person whose data they hold may ask for."""

import pgtrigger
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models


class FileAccess(models.Model):
    """One download, with whom the file is about. Rows are only ever added (abuse case P2)."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("lúc", auto_now_add=True)
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT)
    object_id = models.BigIntegerField()
    subject = GenericForeignKey()
    # The subject's name of that day: a record that is renamed or merged is still found.
    subject_name = models.CharField("hồ sơ của", max_length=300)
    what = models.CharField("tệp", max_length=300)
    search_key = models.CharField(max_length=700)
    address = models.GenericIPAddressField("địa chỉ mạng", null=True)

    class Meta:
        verbose_name = "lượt tải tệp"
        verbose_name_plural = "nhật ký tải tệp"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["by", "at"]),
            models.Index(fields=["content_type", "object_id", "at"]),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.what} ({self.subject_name})"


class FileAccessReason(models.Model):
    """Why a person needed the files of more records in a day than the daily work takes."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("lúc", auto_now_add=True)
    reason = models.TextField("lý do", max_length=1000)
    subjects = models.PositiveIntegerField("số hồ sơ đã tải trong ngày")

    class Meta:
        verbose_name = "lý do tải nhiều tệp"
        verbose_name_plural = "lý do tải nhiều tệp"
        ordering = ["-at", "-pk"]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.reason
