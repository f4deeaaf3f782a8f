"""Regulations and their score sheets as they were loaded: dated data, never edited in use.

The pure modules (`rules`, `sheets`, `rating`) give these rows their meaning.
"""

from datetime import date

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse

from regulations import rules, sheets
from regulations.reading import Record


class RegulationQuerySet(models.QuerySet["Regulation"]):
    def in_force_on(self, day: date) -> "RegulationQuerySet":
        """Regulations in force on `day`, the newest first."""
        return self.filter(effective_from__lte=day).filter(
            Q(effective_to__isnull=True) | Q(effective_to__gte=day)
        )


class Regulation(models.Model):
    """A decision of the Prime Minister with everything that follows from it, as data."""

    code = models.SlugField("mã", max_length=40, unique=True)
    title = models.CharField("tên", max_length=300)
    effective_from = models.DateField("có hiệu lực từ")
    effective_to = models.DateField("đến hết", null=True, blank=True)
    data = models.JSONField(encoder=DjangoJSONEncoder)
    # Sector → group → subgroup with its sheet (product_groups.json).
    groups = models.JSONField(encoder=DjangoJSONEncoder)
    # Of everything that `rules` is made from, the sheets included.
    checksum = models.CharField(max_length=64)

    objects = RegulationQuerySet.as_manager()

    class Meta:
        verbose_name = "quy định"
        verbose_name_plural = "quy định"
        ordering = ["-effective_from"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("regulations:regulation_detail", args=[self.code])

    @property
    def rules(self) -> rules.Regulation:
        """The regulation as a value, for the pure functions; parsed once per process."""
        if self.checksum not in _parsed:
            _parsed[self.checksum] = rules.parse_regulation(
                Record(self.data, f"{self.code}/regulation.json"),
                Record(self.groups, f"{self.code}/product_groups.json"),
                [row.parse() for row in self.criteria_sets.all()],
            )
        return _parsed[self.checksum]


# Regulations as values, by checksum: a changed row has another one.
_parsed: dict[str, rules.Regulation] = {}


class CriteriaSetQuerySet(models.QuerySet["CriteriaSet"]):
    def usable(self) -> "CriteriaSetQuerySet":
        """Sheets that add up: only these may be scored with."""
        return self.filter(problems=[])


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
    def sheet(self) -> sheets.Sheet:
        """The sheet as a value, checked, for the pure functions."""
        return self.regulation.rules.sheets[self.code]

    def parse(self) -> sheets.Sheet:
        """Read the stored sheet; raises DataError where it does not have the shape of one."""
        return sheets.parse_sheet(Record(self.data, f"{self.code}.json"), self.code)
