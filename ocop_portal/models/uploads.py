"""Files on their way: what has arrived of them so far, over lines that break."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q


def new_token() -> str:
    """An address that nobody guesses (abuse case A7)."""
    return secrets.token_urlsafe(24)


class UploadQuerySet(models.QuerySet["Upload"]):
    def open(self) -> "UploadQuerySet":
        """Neither taken nor refused yet: they hold room on the disk."""
        return self.filter(result=None, problem="")


class Upload(models.Model):
    """One file that arrives in pieces: its bytes lie in the folder of uploads under its token.

    The app that wants the file says in `purpose` and `details` what for, and writes into `result`
    the record that it became: asked a second time, the first answer is given again.
    """

    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads"
    )
    filename = models.CharField("tên tệp", max_length=200)
    length = models.PositiveBigIntegerField("dung lượng")
    offset = models.PositiveBigIntegerField("đã nhận", default=0)
    purpose = models.CharField(max_length=40)
    details = models.JSONField(default=dict)
    result = models.PositiveBigIntegerField(null=True)
    problem = models.TextField("lý do từ chối", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = "tệp đang tải lên"
        verbose_name_plural = "tệp đang tải lên"
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="upload_within_its_length",
                condition=Q(length__gt=0) & Q(offset__lte=F("length")),
            ),
            models.CheckConstraint(
                name="upload_taken_or_refused", condition=Q(result=None) | Q(problem="")
            ),
        ]
        indexes = [models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_complete(self) -> bool:
        return self.offset == self.length

    @property
    def percent(self) -> int:
        """How much has arrived, rounded down."""
        return self.offset * 100 // self.length
