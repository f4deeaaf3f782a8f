"""The assessment of one dossier in one session, and the result of a tier."""

from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from councils.models import AgendaItem, Council, Session
from products.models import Dossier
from products.models.dossier import visible_dossiers
from regulations.models import CriteriaSet


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: Any) -> "AssessmentQuerySet":
        """Assessments in sessions that a person may see."""
        return self.filter(item__session__in=Session.objects.visible_to(user).values("pk"))

    def latest_attempts(self) -> "AssessmentQuerySet":
        """The last attempt (lần chấm) of each agenda item."""
        later = Assessment.objects.filter(
            item=models.OuterRef("item"), attempt__gt=models.OuterRef("attempt")
        )
        return self.filter(~models.Exists(later))


@pghistory.track(
    model_name="AssessmentEvent",
    fields=["state", "knockouts", "agreed_levels", "council_minimum_stars"],
)
class Assessment(models.Model):
    """One attempt (lần chấm) of a council at one dossier, with the sheet pinned to it."""

    class State(models.TextChoices):
        OPEN = "open", "Đang chấm"
        CLOSED = "closed", "Đã chốt"
        REPEATED = "repeated", "Chấm lại"

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="assessments")
    attempt = models.PositiveSmallIntegerField("lần chấm", default=1)
    criteria_set = models.ForeignKey(CriteriaSet, on_delete=models.PROTECT, related_name="+")
    state = models.CharField("trạng thái", max_length=10, choices=State, default=State.OPEN)
    # Codes of the regulation's knock-outs that the council found, with its reason.
    knockouts = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    knockout_reason = models.TextField("lý do loại", blank=True)
    # Why the council scored again: what this attempt came to.
    repeat_reason = models.TextField("lý do chấm lại", blank=True)
    # Criterion code → option that the council agreed on where members differed.
    agreed_levels = models.JSONField(default=dict, blank=True)
    # Decision 781: the highest star whose minimum criteria the council found met.
    council_minimum_stars = models.PositiveSmallIntegerField(
        "hạng cao nhất đáp ứng tiêu chí tối thiểu (QĐ 781)", null=True, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = "lượt đánh giá"
        verbose_name_plural = "lượt đánh giá"
        ordering = ["item__position", "attempt"]
        constraints = [
            models.UniqueConstraint(fields=["item", "attempt"], name="attempt_once"),
            models.UniqueConstraint(
                fields=["item"], condition=Q(state="open"), name="one_open_attempt_per_item"
            ),
            models.CheckConstraint(
                name="council_minimum_between_1_and_5",
                condition=Q(council_minimum_stars__isnull=True)
                | Q(council_minimum_stars__range=(1, 5)),
                violation_error_message="Hạng sao từ 1 đến 5.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.dossier} – lần chấm {self.attempt}"

    def get_absolute_url(self) -> str:
        return reverse("evaluation:assessment_detail", args=[self.pk])


FINAL = Q(assessment__isnull=True) | Q(assessment__item__session__state=Session.State.CLOSED)


class ResultQuerySet(models.QuerySet["Result"]):
    def visible_to(self, user: Any) -> "ResultQuerySet":
        """Results of dossiers in one's territory, or of one's councils; of a session that is not
        over only for its secretary, who concluded them (abuse case S1).
        """
        visible = visible_dossiers(user, "dossier__")
        # Asked first: without a council the database plans for the territory alone.
        if councils := list(Council.objects.visible_to(user).values_list("pk", flat=True)):
            visible |= Q(council__in=councils)
        rows = self.filter(visible)
        if user.has_perm("councils.keep_sessions"):
            own = Session.objects.kept_by(user)
            return rows.filter(FINAL | Q(assessment__item__session__in=own.values("pk")))
        return rows.final()

    def final(self) -> "ResultQuerySet":
        """Recorded from documents, or of sessions that are over: nothing about them is open."""
        return self.filter(FINAL)

    def provisional(self) -> "ResultQuerySet":
        """Of sessions that are not over."""
        return self.exclude(FINAL)

    def awaiting_decision(self) -> "ResultQuerySet":
        """Recognised by a council whose session is over, not yet in a decision."""
        return self.final().filter(recognised_stars__isnull=False, decision__isnull=True)


@pghistory.track(model_name="ResultEvent")
class Result(models.Model):
    """What one tier found: fixed when the session closes, never computed again.

    `mean` is the unrounded mean of the members' totals (0–100 points), kept to six decimals.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="results")
    tier = models.CharField("cấp", max_length=20)
    # Counts up where a higher tier returned the dossier and this one found again.
    round = models.PositiveSmallIntegerField("lần", default=1)
    # None where the result of another authority was recorded, not scored here.
    assessment = models.OneToOneField(
        Assessment, on_delete=models.PROTECT, null=True, related_name="result"
    )
    council = models.ForeignKey(
        Council, on_delete=models.PROTECT, null=True, related_name="results"
    )
    mean = models.DecimalField("điểm trung bình", max_digits=9, decimal_places=6)
    stars = models.PositiveSmallIntegerField("hạng sao")
    outcome = models.CharField("kết luận", max_length=20)
    next_tier = models.CharField("cấp tiếp theo", max_length=20, blank=True)
    recognised_stars = models.PositiveSmallIntegerField(
        "hạng sao được công nhận", null=True, blank=True
    )
    # The whole derivation as regulations.rating gives it: member totals, bands, reasons.
    derivation = models.JSONField(default=dict)
    source_document = models.CharField("văn bản", max_length=200, blank=True)
    decision = models.ForeignKey(
        "evaluation.Decision",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="results",
    )
    concluded_on = models.DateField("ngày kết luận")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ResultQuerySet.as_manager()

    class Meta:
        verbose_name = "kết quả đánh giá"
        verbose_name_plural = "kết quả đánh giá"
        ordering = ["-concluded_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "tier", "round"], name="one_result_per_tier"
            ),
            models.CheckConstraint(name="mean_0_to_100", condition=Q(mean__range=(0, 100))),
            models.CheckConstraint(name="result_stars_0_to_5", condition=Q(stars__range=(0, 5))),
            models.CheckConstraint(
                name="recognised_3_to_5",
                condition=Q(recognised_stars__isnull=True) | Q(recognised_stars__range=(3, 5)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier}: {self.stars} sao"
