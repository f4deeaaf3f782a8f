"""The story of a record's states, and the counters of its numbers."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction


class StatusChange(models.Model):
    """One step of a record's process: from where to where, by whom, when and why."""

    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT)
    object_id = models.BigIntegerField()
    record = GenericForeignKey()
    # What was done, in the words of that day; empty in rows from before it was kept.
    step = models.CharField("bước", max_length=60, blank=True)
    source = models.CharField("từ trạng thái", max_length=40)
    target = models.CharField("sang trạng thái", max_length=40)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="người thực hiện",
    )
    at = models.DateTimeField("lúc", auto_now_add=True)
    note = models.TextField("ghi chú", blank=True)

    class Meta:
        verbose_name = "lần chuyển trạng thái"
        verbose_name_plural = "lịch sử trạng thái"
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["content_type", "object_id"])]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class Counter(models.Model):
    """A series of numbers that never repeats and never skips (abuse case C1).

    `max() + 1` gave three distinct numbers to forty parallel writers; a locked row gave forty.
    """

    name = models.CharField(max_length=100, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"

    @classmethod
    def next(cls, name: str) -> int:
        """The next number of the series `name`, from 1; given back if the transaction fails.

        Must run inside a transaction: the row stays locked until it ends.
        """
        if not transaction.get_connection().in_atomic_block:
            raise RuntimeError("Counter.next() outside a transaction would lose numbers")
        cls.objects.get_or_create(name=name)
        counter = cls.objects.select_for_update().get(name=name)
        counter.last += 1
        counter.save(update_fields=["last"])
        return counter.last
