"""Decisions of recognition (quyết định công nhận)."""

from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models.functions import ExtractYear
from django.urls import reverse

from accounts.models import AdministrativeUnit
from accounts.roles import Role


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, user: Any) -> "DecisionQuerySet":
        """The Department sees the decisions of its territory and above."""
        if not user.has_role(Role.DEPARTMENT_STAFF, Role.DEPARTMENT_LEADER):
            return self.none()
        return self.filter(unit__path__startswith=user.territory)


@pghistory.track(model_name="DecisionEvent")
class Decision(models.Model):
    """A signed decision with the list of products it recognises."""

    number = models.CharField("số quyết định", max_length=60)
    signed_on = models.DateField("ngày ký")
    # The tier whose results it follows: it decides who signs.
    tier = models.CharField("cấp", max_length=20)
    unit = models.ForeignKey(
        AdministrativeUnit, on_delete=models.PROTECT, verbose_name="địa bàn", related_name="+"
    )
    authority = models.CharField("cơ quan ban hành", max_length=200)
    signatory_title = models.CharField("chức vụ người ký", max_length=200)
    signatory_name = models.CharField("người ký", max_length=150)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField(auto_now_add=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = "quyết định"
        verbose_name_plural = "quyết định"
        ordering = ["-signed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "number",
                ExtractYear("signed_on"),
                name="decision_number_once_per_year",
                violation_error_message="Số quyết định này đã được ghi trong năm.",
            ),
        ]

    def __str__(self) -> str:
        return f"Quyết định số {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("evaluation:decision_detail", args=[self.pk])
