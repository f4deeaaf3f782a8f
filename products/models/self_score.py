"""The producer's own score (tự chấm) on the real sheet, with the evidence of each criterion."""

from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q

from products.models.dossier import Dossier, DossierDocument
from regulations.answers import NOT_ANSWERED, value_of
from regulations.models import CriteriaSet


class SelfScoreQuerySet(models.QuerySet["SelfScore"]):
    def with_answers(self) -> "SelfScoreQuerySet":
        """Those with a criterion that was scored, not only remarked on."""
        answered = SelfChoice.objects.filter(self_score=models.OuterRef("pk"), is_answered=True)
        return self.filter(models.Exists(answered))

    def of_now(self, dossier: Dossier) -> "SelfScore | None":
        """The one on the sheet that the dossier has now; None where nothing was scored on it."""
        rows = self.filter(dossier=dossier, criteria_set=dossier.criteria_set_id)
        score = rows.select_related("saved_by").first()
        if score:
            score.dossier, score.criteria_set = dossier, dossier.criteria_set
        return score

    def of_before(self, dossier: Dossier) -> "SelfScoreQuerySet":
        """Those on sheets that the dossier had under other regulations: kept, never mapped."""
        rows = self.filter(dossier=dossier).exclude(criteria_set=dossier.criteria_set_id)
        return rows.select_related("criteria_set__regulation").defer(
            "criteria_set__data",
            "criteria_set__regulation__data",
            "criteria_set__regulation__groups",
        )


@pghistory.track(model_name="SelfScoreEvent", fields=["total", "saved_by"])
class SelfScore(models.Model):
    """What the producer gives the own product on one sheet; a dossier that moves to another
    regulation begins another one.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="self_scores")
    criteria_set = models.ForeignKey(CriteriaSet, on_delete=models.PROTECT, related_name="+")
    # The sum of the chosen options, written with each choice under the lock of the dossier.
    total = models.PositiveSmallIntegerField("tổng điểm", default=0)
    # Counted up with every change.
    version = models.PositiveIntegerField(default=0)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SelfScoreQuerySet.as_manager()

    class Meta:
        verbose_name = "bản tự chấm"
        verbose_name_plural = "bản tự chấm"
        ordering = ["-updated_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "criteria_set"], name="one_self_score_per_sheet"
            ),
            models.CheckConstraint(name="self_score_total_0_to_100", condition=Q(total__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.dossier}: {self.total}"


@pghistory.track(
    model_name="SelfChoiceEvent",
    fields=["self_score", "criterion", "is_answered", "option", "points", "remark", "saved_by"],
)
class SelfChoice(models.Model):
    """One criterion: the option (None says "none reached"), a remark, the evidence.

    A criterion may have a remark or evidence before it is answered.
    """

    self_score = models.ForeignKey(SelfScore, on_delete=models.CASCADE, related_name="choices")
    criterion = models.CharField("tiêu chí", max_length=20)
    is_answered = models.BooleanField("đã chấm", default=False)
    option = models.PositiveSmallIntegerField("lựa chọn", null=True)
    points = models.PositiveSmallIntegerField("điểm", default=0)
    remark = models.TextField("thuyết minh", blank=True, max_length=2000)
    documents: Any = models.ManyToManyField(
        DossierDocument, through="products.SelfEvidence", related_name="+"
    )
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "tự chấm một tiêu chí"
        verbose_name_plural = "tự chấm từng tiêu chí"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["self_score", "criterion"], name="one_self_choice_per_criterion"
            ),
            models.CheckConstraint(
                name="open_self_choice_has_no_points",
                condition=Q(is_answered=True) | Q(option__isnull=True, points=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.points}"

    @property
    def value(self) -> str:
        """The choice as its form sends it."""
        return value_of(self.option) if self.is_answered else NOT_ANSWERED


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), model_name="SelfEvidenceEvent")
class SelfEvidence(models.Model):
    """A document of the dossier that the producer names as evidence for a criterion."""

    choice = models.ForeignKey(SelfChoice, on_delete=models.CASCADE, related_name="evidence")
    document = models.ForeignKey(DossierDocument, on_delete=models.CASCADE, related_name="proves")
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    named_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "minh chứng của tiêu chí"
        verbose_name_plural = "minh chứng của tiêu chí"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["choice", "document"], name="evidence_named_once"),
        ]

    def __str__(self) -> str:
        return f"{self.choice.criterion}: {self.document}"
