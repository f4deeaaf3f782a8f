"""What people are told: in the portal at once, by e-mail with the next digest."""

from typing import Any

from django.conf import settings
from django.db import models


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: Any) -> "NoticeQuerySet":
        """One's own."""
        return self.filter(recipient=user)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)


class Notice(models.Model):
    """One thing told to one person, once: `key` says what it is about."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField("loại", max_length=40)
    key = models.CharField(max_length=200)
    title = models.CharField("nội dung", max_length=300)
    detail = models.TextField("chi tiết", blank=True)
    url = models.CharField("trang", max_length=300, blank=True)
    created_at = models.DateTimeField("lúc", auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    emailed_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "thông báo"
        verbose_name_plural = "thông báo"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "kind", "key"], name="notice_once")
        ]
        indexes = [
            models.Index(
                name="notice_unread", fields=["recipient"], condition=models.Q(read_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.title


class NoticeOptOut(models.Model):
    """A person does not want notices of this kind by e-mail; they still stand in the portal."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_opt_outs"
    )
    kind = models.CharField("loại", max_length=40)

    class Meta:
        verbose_name = "loại thông báo không gửi thư"
        verbose_name_plural = "loại thông báo không gửi thư"
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="opt_out_once")]

    def __str__(self) -> str:
        return self.kind
