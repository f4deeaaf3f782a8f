"""Score sheets (phiếu chấm): one member, one assessment, one option per criterion."""

from typing import Any

import pghistory
from django.db import models
from django.db.models import Q
from django.urls import reverse

from councils.models import Attendance, ConflictDeclaration, CouncilMember
from evaluation.models.assessment import Assessment
from regulations.answers import value_of


def recusals_of_sheet() -> "models.QuerySet[ConflictDeclaration]":
    """The recusal of the sheet's member from its product, as a subquery of sheets."""
    return ConflictDeclaration.objects.recusals().filter(
        item=models.OuterRef("assessment__item"), member=models.OuterRef("member")
    )


class ScoreSheetQuerySet(models.QuerySet["ScoreSheet"]):
    def visible_to(self, user: Any) -> "ScoreSheetQuerySet":
        """One's own sheets, as a member of the council now; never those of others (S1, S2), nor
        of a product from which one is recused (S5).
        """
        seats = CouncilMember.objects.active().filter(user=user)
        return self.filter(~models.Exists(recusals_of_sheet()), member__in=seats.values("pk"))

    def signed(self) -> "ScoreSheetQuerySet":
        return self.filter(state=ScoreSheet.State.SIGNED)

    def counted(self) -> "ScoreSheetQuerySet":
        """The sheets from which the result of a finished attempt was computed."""
        return self.signed().filter(is_counted=True)

    def with_presence(self) -> Any:  # mypy knows no fields beside those of the model
        """Each sheet with `is_present`: while the attempt is open, whether its member is there,
        still in office and not recused; from then on, what it was at the end.
        """
        here = Attendance.objects.filter(
            session=models.OuterRef("assessment__item__session"),
            member=models.OuterRef("member"),
            member__in=CouncilMember.objects.active().values("pk"),
            present=True,
        )
        scores = models.Exists(here) & ~models.Exists(recusals_of_sheet())
        still_open = models.When(assessment__state=Assessment.State.OPEN, then=scores)
        return self.annotate(
            is_present=models.Case(
                still_open, default=models.F("is_counted"), output_field=models.BooleanField()
            )
        )


@pghistory.track(
    model_name="ScoreSheetEvent", fields=["state", "signed_at", "total", "comment", "is_counted"]
)
class ScoreSheet(models.Model):
    """What one member gives one product in one attempt."""

    class State(models.TextChoices):
        DRAFT = "draft", "Đang chấm"
        SIGNED = "signed", "Đã ký"

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="sheets")
    member = models.ForeignKey(CouncilMember, on_delete=models.PROTECT, related_name="sheets")
    state = models.CharField("trạng thái", max_length=8, choices=State, default=State.DRAFT)
    # The sum of the chosen options, written with each choice under the lock of this row.
    total = models.PositiveSmallIntegerField("tổng điểm", default=0)
    comment = models.TextField("nhận xét", blank=True, max_length=3000)
    signed_at = models.DateTimeField("ký lúc", null=True, blank=True)
    # Fixed when the attempt ends: not for members who were away by then, nor unsigned (S15).
    is_counted = models.BooleanField("được tính", default=True)
    # Counted up with every choice.
    version = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScoreSheetQuerySet.as_manager()

    class Meta:
        verbose_name = "phiếu chấm"
        verbose_name_plural = "phiếu chấm"
        ordering = ["assessment", "member"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "member"], name="one_sheet_per_member"),
            models.CheckConstraint(name="sheet_total_0_to_100", condition=Q(total__lte=100)),
            models.CheckConstraint(
                name="signed_sheet_has_time",
                condition=Q(state="draft", signed_at__isnull=True)
                | Q(state="signed", signed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment} – {self.member}"

    def get_absolute_url(self) -> str:
        return reverse("evaluation:sheet_detail", args=[self.pk])

    @property
    def is_signed(self) -> bool:
        return self.state == self.State.SIGNED


@pghistory.track(model_name="ChoiceEvent")
class Choice(models.Model):
    """The option chosen in one criterion. `option` counts from 0; None says "none reached"."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.CASCADE, related_name="choices")
    criterion = models.CharField("tiêu chí", max_length=20)
    option = models.PositiveSmallIntegerField("lựa chọn", null=True)
    points = models.PositiveSmallIntegerField("điểm", default=0)
    chosen_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "lựa chọn"
        verbose_name_plural = "lựa chọn"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion"], name="one_choice_per_criterion"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.points}"

    @property
    def value(self) -> str:
        """The choice as its form sends it."""
        return value_of(self.option)
