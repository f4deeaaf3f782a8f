"""Who came late to a session under way, and who left it."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from councils.models import CouncilMember, Session


class AttendanceChange(models.Model):
    """One change of the attendance while the session was being scored; never changed itself.

    Whether a member is there now is what `councils.Attendance` says.
    """

    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="attendance_changes"
    )
    member = models.ForeignKey(
        CouncilMember, on_delete=models.PROTECT, related_name="attendance_changes"
    )
    present = models.BooleanField("có mặt")
    at = models.DateTimeField("lúc")
    reason = models.TextField("lý do", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("ghi lúc", auto_now_add=True)

    class Meta:
        verbose_name = "thay đổi điểm danh"
        verbose_name_plural = "thay đổi điểm danh"
        ordering = ["recorded_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="leaving_has_a_reason",
                condition=Q(present=True) | ~Q(reason=""),
                violation_error_message="Hãy ghi lý do rời phiên họp.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.member}: {'đến' if self.present else 'rời'} {self.at:%H:%M}"
