"""Two records of the same producer made one, so that it can be undone."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from products.models.producer import Producer


class ProducerMerge(models.Model):
    """One merge. `moved` says what `products.actions.merging` needs to take it back: the rows that
    changed their owner, the fields that changed with their values before and after, the accounts
    that were added.
    """

    kept = models.ForeignKey(Producer, on_delete=models.PROTECT, related_name="merges")
    merged = models.ForeignKey(Producer, on_delete=models.PROTECT, related_name="merges_away")
    reason = models.TextField("lý do", max_length=2000)
    moved = models.JSONField(encoder=DjangoJSONEncoder)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "lần gộp chủ thể"
        verbose_name_plural = "lần gộp chủ thể"
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["merged"],
                condition=Q(undone_at=None),
                name="producer_merged_away_once",
                violation_error_message="Chủ thể này đã được gộp.",
            ),
            models.CheckConstraint(
                name="producer_not_merged_into_itself",
                condition=~Q(kept=models.F("merged")),
                violation_error_message="Không gộp một chủ thể vào chính nó.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged} → {self.kept}"
