"""Regulations and their score sheets as they were loaded: dated data, never edited in use.

The pure modules (`rules`, `sheets`, `rating`) give these rows their meaning.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse

from regulations import rules, sheets
from regulations.assignment import Assignment, assign
from regulations.parsing import parse_regulation
from regulations.reading import Record


class RegulationQuerySet(models.QuerySet["Regulation"]):
    def published(self) -> "RegulationQuerySet":
        """Regulations that dossiers may come under; drafts are not among them."""
        return self.filter(state=Regulation.State.PUBLISHED)

    def visible_to(self, user: Any) -> "RegulationQuerySet":
        """The law is open to everybody, its drafts only to those who write them."""
        return self.all() if user.has_perm("regulations.edit_regulations") else self.published()

    def in_force_on(self, day: date) -> "RegulationQuerySet":
        """Regulations in force on `day`, the newest first."""
        return self.published().filter(
            Q(effective_to__isnull=True) | Q(effective_to__gte=day), effective_from__lte=day
        )

    def accepting_on(self, day: date) -> "RegulationQuerySet":
        """The regulation under which dossiers received on `day` come; at most one."""
        return self.published().filter(
            Q(accepts_until__isnull=True) | Q(accepts_until__gte=day), effective_from__lte=day
        )

    def assignment(self, received_on: date, kind: str, on: date) -> "Assignment":
        """The regulation for a dossier of `kind` received on `received_on` and judged on `on`.

        Raises NoRegulationError; `assignment.assign` has the rule.
        """
        return assign(
            received_on, rules.DossierKind(kind), on, [row.rules for row in self.published()]
        )


@pghistory.track(
    model_name="RegulationEvent",
    fields=["state", "effective_from", "effective_to", "accepts_until", "data", "groups"],
)
class Regulation(models.Model):
    """A decision of the Prime Minister with everything that follows from it, as data.

    A draft may be edited; what was published is not, only its end is set when a newer one takes
    its place.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Bản soạn thảo"
        PUBLISHED = "published", "Đã đưa vào áp dụng"

    code = models.SlugField("mã", max_length=40, unique=True)
    title = models.CharField("tên", max_length=300)
    state = models.CharField("tình trạng", max_length=10, choices=State, default=State.PUBLISHED)
    based_on = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="drafts"
    )
    effective_from = models.DateField("có hiệu lực từ")
    effective_to = models.DateField("đến hết", null=True, blank=True)
    accepts_until = models.DateField("nhận hồ sơ đến hết", null=True, blank=True)
    data = models.JSONField(encoder=DjangoJSONEncoder)
    # Sector → group → subgroup with its sheet (product_groups.json).
    groups = models.JSONField(encoder=DjangoJSONEncoder)
    # Of everything that `rules` is made from, the sheets included.
    checksum = models.CharField(max_length=64)
    # Of the files that it was loaded from; empty for one that was drafted here.
    source_checksum = models.CharField(max_length=64, blank=True)

    objects = RegulationQuerySet.as_manager()

    class Meta:
        verbose_name = "quy định"
        verbose_name_plural = "quy định"
        ordering = ["-effective_from"]
        constraints = [
            models.CheckConstraint(
                name="regulation_ends_after_it_starts",
                condition=Q(accepts_until__isnull=True) | Q(accepts_until__gte=F("effective_from")),
                violation_error_message="Ngày cuối nhận hồ sơ phải từ ngày có hiệu lực trở đi.",
            ),
            ExclusionConstraint(
                name="one_regulation_takes_dossiers_on_a_day",
                expressions=[
                    (
                        Func(
                            F("effective_from"),
                            F("accepts_until"),
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                            function="DATERANGE",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    )
                ],
                condition=Q(state="published"),
                violation_error_message="Thời gian nhận hồ sơ trùng với một quy định khác.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("regulations:regulation_detail", args=[self.code])

    def parse(self) -> rules.Regulation:
        """Read what is stored; raises DataError where it does not have the shape."""
        return parse_regulation(
            Record(self.data, f"{self.code}/regulation.json"),
            Record(self.groups, f"{self.code}/product_groups.json"),
            [row.parse() for row in self.criteria_sets.all()],
        )

    @property
    def rules(self) -> rules.Regulation:
        """The regulation as a value, for the pure functions; parsed once per process.

        A draft changes with every save and is not kept.
        """
        if self.is_draft:
            return self.parse()
        if self.checksum not in _parsed:
            _parsed[self.checksum] = self.parse()
        parsed = _parsed[self.checksum]
        ends = {"effective_to": self.effective_to, "accepts_until": self.accepts_until}
        if all(getattr(parsed, name) == day for name, day in ends.items()):
            return parsed
        return replace(parsed, effective_to=self.effective_to, accepts_until=self.accepts_until)

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


# Regulations as values, by checksum: a changed row has another one.
_parsed: dict[str, rules.Regulation] = {}


class CriteriaSetQuerySet(models.QuerySet["CriteriaSet"]):
    def usable(self) -> "CriteriaSetQuerySet":
        """Sheets that add up: only these may be scored with."""
        return self.filter(problems=[])


@pghistory.track(model_name="CriteriaSetEvent", fields=["data", "draft", "problems"])
class CriteriaSet(models.Model):
    """The score sheet of one set of products (bộ sản phẩm) under one regulation."""

    regulation = models.ForeignKey(
        Regulation, on_delete=models.PROTECT, related_name="criteria_sets"
    )
    code = models.SlugField("mã", max_length=120)
    number = models.PositiveSmallIntegerField("số thứ tự")
    name = models.CharField("bộ sản phẩm", max_length=200)
    sector = models.CharField("ngành", max_length=200)
    group = models.CharField("nhóm", max_length=200)
    ministry = models.CharField("bộ quản lý", max_length=200, blank=True)
    data = models.JSONField(encoder=DjangoJSONEncoder)
    # A correction that is being worked on, for a sheet that cannot be used as it was published.
    draft = models.JSONField("bản hoàn thiện", encoder=DjangoJSONEncoder, null=True, blank=True)
    # What does not add up, as the sentences that people read; empty means usable.
    problems = models.JSONField("chỗ chưa khớp", default=list, blank=True)

    objects = CriteriaSetQuerySet.as_manager()

    class Meta:
        verbose_name = "bộ tiêu chí"
        verbose_name_plural = "bộ tiêu chí"
        ordering = ["regulation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["regulation", "code"], name="criteria_set_code_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("regulations:criteria_set_detail", args=[self.regulation.code, self.code])

    @property
    def is_usable(self) -> bool:
        return not self.problems

    @property
    def is_editable(self) -> bool:
        """A sheet of a draft, or one that nothing can have been judged by since it is unusable."""
        return self.regulation.is_draft or not self.is_usable

    @property
    def working_data(self) -> Any:
        """What the editor shows: the correction under way, else the sheet itself."""
        return self.draft if self.draft is not None else self.data

    @property
    def sheet(self) -> sheets.Sheet:
        """The sheet as a value, checked, for the pure functions."""
        return self.regulation.rules.sheets[self.code]

    def parse(self) -> sheets.Sheet:
        """Read the stored sheet; raises DataError where it does not have the shape of one."""
        return sheets.parse_sheet(Record(self.data, f"{self.code}.json"), self.code)
