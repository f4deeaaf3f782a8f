"""What people keep of their lists: the columns they look at, and filters by name."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def visible_to(self, user) -> "SavedFilterQuerySet":
        """One's own."""
        return self.filter(user=user).exclude(name="")


class SavedFilter(models.Model):
    """Conditions and order of a list under a name, as the address of the list writes them.

    The row without a name holds the columns that the person wants to see in the list: so one
    question to the database answers both.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters"
    )
    listing = models.CharField(max_length=40)
    name = models.CharField("tên bộ lọc", max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    columns = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        verbose_name = "bộ lọc đã lưu"
        verbose_name_plural = "bộ lọc đã lưu"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "listing", "name"],
                name="saved_filter_once",
                violation_error_message="Bạn đã có bộ lọc cùng tên ở danh sách này.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("filter_edit", args=[self.pk])
