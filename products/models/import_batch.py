"""An uploaded workbook between its preview and its saving."""

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F
from django.urls import reverse

from accounts.models import AdministrativeUnit, Agency

FIGURES = ("created", "updated", "skipped", "failed")


def workbook_path(batch: "ImportBatch", filename: str) -> str:  # noqa: ARG001 - never trusted
    """Under a name of our own, never the one of the upload (abuse case F5)."""
    return f"imports/{secrets.token_hex(16)}.{batch.extension}"


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
        MAPPING = "mapping", "Chờ chỉ cột"
        CHECKING = "checking", "Đang kiểm tra"
        PREVIEW = "preview", "Chờ xác nhận"
        SAVED = "saved", "Đã lưu"
        UNDONE = "undone", "Đã hoàn tác"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="import_batches"
    )
    file = models.FileField(upload_to=workbook_path)
    original_name = models.CharField("tên tệp", max_length=200)
    is_csv = models.BooleanField(default=False)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.PREVIEW)
    report = models.JSONField(default=dict)
    created_at = models.DateTimeField("tải lên lúc", auto_now_add=True)
    saved_at = models.DateTimeField("lưu lúc", null=True)
    undone_at = models.DateTimeField("hoàn tác lúc", null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # What an undo did, in figures: rows taken back, rows left, and why.
    undo_report = models.JSONField(default=dict)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "lần nhập từ Excel"
        verbose_name_plural = "các lần nhập từ Excel"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.original_name

    def get_absolute_url(self) -> str:
        return reverse("products:import_detail", args=[self.pk])

    @property
    def extension(self) -> str:
        """The kind of the file, by what was found in it."""
        return "csv" if self.is_csv else "xlsx"


class ImportRow(models.Model):
    """One product row of a workbook, and what became of it.

    `changes` is empty before saving. Afterwards it lists what the row did to the stored records,
    in order: [kind, number of the record, whether the row made it, {field: [before, after]}].
    """

    class Outcome(models.TextChoices):
        CREATED = "created", "Thêm mới"
        UPDATED = "updated", "Cập nhật"
        SKIPPED = "skipped", "Đã có, không đổi"
        OUTSIDE = "outside", "Ngoài địa bàn, bỏ qua"

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    sheet = models.CharField(max_length=200)
    row = models.PositiveIntegerField()
    name = models.CharField(max_length=250)
    producer = models.CharField(max_length=250, blank=True)
    place = models.CharField(max_length=300, blank=True)
    stars = models.PositiveSmallIntegerField(null=True)
    year = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome)
    changes = models.JSONField(default=list)

    class Meta:
        verbose_name = "dòng của lần nhập"
        verbose_name_plural = "các dòng của lần nhập"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="import_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet}, dòng {self.row}"

    @property
    def tone(self) -> str:
        """The badge of its outcome."""
        tones = {"created": "success", "updated": "info", "outside": "warning"}
        return tones.get(self.outcome, "")


class ImportMapping(models.Model):
    """What the columns of an office's own header mean, as one of its people has said.

    `signature` knows the header again (products.tabular.signature); `columns` is field → column,
    counted from 0.
    """

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, null=True, related_name="+")
    unit = models.ForeignKey(
        AdministrativeUnit, on_delete=models.CASCADE, null=True, related_name="+"
    )
    signature = models.CharField(max_length=64)
    titles = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "cách đọc cột đã nhớ"
        verbose_name_plural = "các cách đọc cột đã nhớ"
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "unit", "signature"],
                nulls_distinct=False,
                name="import_mapping_once",
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(self.titles)
