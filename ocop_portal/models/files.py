"""Files that people hand in: each content once, whatever records refer to it."""

import secrets

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models


def stored_path(stored: "StoredFile", filename: str) -> str:  # noqa: ARG001 - never trusted
    """An unguessable name without a trace of the upload's own (abuse cases A7, F5)."""
    token = secrets.token_hex(16)
    return f"files/{token[:2]}/{token}.{stored.extension}"


def derived_path(stored: "StoredFile", filename: str) -> str:  # noqa: ARG001
    """A name for what the worker made of a file: `filename` is "thumbnail.png" or "pages.pdf"."""
    token = secrets.token_hex(16)
    return f"files/derived/{token[:2]}/{token}-{filename}"


class StoredFile(models.Model):
    """One content, known by its fingerprint; what it means is said by the records that refer to it.

    A second upload of the same content finds the first, so nobody stores 300 pages twice, and a
    checked file cannot be swapped (abuse case F7). The worker reads its pages after the upload.
    """

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        JPEG = "jpg", "JPG"
        PNG = "png", "PNG"
        DOCX = "docx", "DOCX"
        XLSX = "xlsx", "XLSX"
        MP4 = "mp4", "MP4"

    class State(models.TextChoices):
        PENDING = "pending", "Đang đọc tệp"
        READY = "ready", "Đã đọc"
        FAILED = "failed", "Không đọc được"

    class Scan(models.TextChoices):
        NONE = "", "Chưa quét mã độc"
        WAITING = "waiting", "Đang chờ quét mã độc"
        CLEAN = "clean", "Đã quét, không có mã độc"
        INFECTED = "infected", "Có mã độc"

    sha256 = models.CharField(
        max_length=64, unique=True, validators=[RegexValidator(r"\A[0-9a-f]{64}\Z")]
    )
    file = models.FileField("tệp", upload_to=stored_path)
    extension = models.CharField("loại tệp", max_length=4, choices=Kind)
    size = models.PositiveBigIntegerField("dung lượng")
    state = models.CharField("tình trạng", max_length=8, choices=State, default=State.PENDING)
    problem = models.CharField("lỗi", max_length=300, blank=True)
    scan = models.CharField(
        "quét mã độc", max_length=8, choices=Scan, default=Scan.NONE, blank=True
    )
    pages = models.PositiveIntegerField("số trang", null=True, blank=True)
    thumbnail = models.ImageField("ảnh thu nhỏ", upload_to=derived_path, blank=True)
    # The PDF that an image stands for in the bound dossier; empty for a PDF, which is its own.
    as_pdf = models.FileField("bản PDF", upload_to=derived_path, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    reading_attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "tệp"
        verbose_name_plural = "tệp"
        indexes = [
            models.Index(
                name="file_not_read_yet",
                fields=["created_at"],
                condition=models.Q(state="pending"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]}.{self.extension}"

    @property
    def is_unread_picture(self) -> bool:
        """Kept for showing only: no worker has looked at it."""
        return (
            self.state == self.State.READY
            and self.extension in {self.Kind.JPEG, self.Kind.PNG}
            and not self.as_pdf
        )
