"""Who and where: administrative units of every edition, agencies, people and their roles."""

from datetime import date

import rules
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.roles import Role
from ocop_portal.text import search_key


class AdministrativeUnitQuerySet(models.QuerySet["AdministrativeUnit"]):
    def in_force_on(self, day: date) -> "AdministrativeUnitQuerySet":
        """Units that exist on `day`; districts end with 30/6/2025."""
        return self.filter(valid_from__lte=day).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day)
        )

    def under(self, unit: "AdministrativeUnit") -> "AdministrativeUnitQuerySet":
        """The unit itself and everything below it."""
        return self.filter(path__startswith=unit.path)

    def districts(self) -> "AdministrativeUnitQuerySet":
        return self.filter(level=AdministrativeUnit.Level.DISTRICT)


class AdministrativeUnit(models.Model):
    """A province, district or commune of one edition of the official list."""

    class Level(models.IntegerChoices):
        PROVINCE = 1, "Cấp tỉnh"
        DISTRICT = 2, "Cấp huyện"
        COMMUNE = 3, "Cấp xã"

    # The list of 2021 and the one from 1/7/2025 use the same codes for different units.
    edition = models.PositiveSmallIntegerField("danh mục năm")
    code = models.CharField("mã", max_length=5)
    level = models.PositiveSmallIntegerField("cấp", choices=Level)
    kind = models.CharField("loại", max_length=40)
    name = models.CharField("tên", max_length=100)
    full_name = models.CharField("tên đầy đủ", max_length=120)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    # edition/code of every unit from the province down, so that a territory is one prefix.
    path = models.CharField(max_length=40, db_index=True)
    is_rural = models.BooleanField("nông thôn", null=True)
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến ngày", null=True, blank=True)
    successors = models.ManyToManyField("self", symmetrical=False, related_name="predecessors")
    search_key = models.CharField(max_length=150, db_index=True)

    objects = AdministrativeUnitQuerySet.as_manager()

    class Meta:
        verbose_name = "đơn vị hành chính"
        verbose_name_plural = "đơn vị hành chính"
        ordering = ["edition", "code"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="unit_code_once_per_edition"),
            models.CheckConstraint(
                name="unit_ends_after_it_begins",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args, **kwargs) -> None:
        self.search_key = search_key(self.full_name)
        super().save(*args, **kwargs)

    def contains(self, other: "AdministrativeUnit") -> bool:
        """Whether `other` is this unit or lies in it."""
        return other.path.startswith(self.path)

    @property
    def district(self) -> "AdministrativeUnit":
        """The district a commune lies in; any other unit is its own answer."""
        if self.level == self.Level.COMMUNE and self.parent is not None:
            return self.parent
        return self


class Agency(models.Model):
    """A body that takes part in the programme: department, union, office, people's committee."""

    code = models.SlugField("mã", max_length=40, unique=True)
    name = models.CharField("tên", max_length=200)
    abbreviation = models.CharField("tên viết tắt", max_length=60, blank=True)
    kind = models.CharField("loại", max_length=80, blank=True)
    unit = models.ForeignKey(
        AdministrativeUnit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name="địa bàn",
        related_name="agencies",
    )

    class Meta:
        verbose_name = "cơ quan"
        verbose_name_plural = "cơ quan"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person with an account: one full name, as Vietnamese names are not split."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    full_name = models.CharField("họ và tên", max_length=150)
    roles = ArrayField(
        models.CharField(max_length=30, choices=Role),
        default=list,
        blank=True,
        verbose_name="vai trò",
    )
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name="cơ quan",
        related_name="staff",
    )
    unit = models.ForeignKey(
        AdministrativeUnit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name="địa bàn",
        related_name="staff",
    )
    job_title = models.CharField("chức vụ", max_length=150, blank=True)

    objects = UserManager()  # type: ignore[misc]
    REQUIRED_FIELDS = ["email", "full_name"]

    class Meta:
        verbose_name = "người dùng"
        verbose_name_plural = "người dùng"
        ordering = ["full_name", "username"]

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name

    def has_perm(self, perm: str, obj=None) -> bool:
        """Permissions of the programme are facts about people: no superuser passes them by."""
        if rules.perm_exists(perm):
            return self.is_active and rules.has_perm(perm, self, obj)
        return super().has_perm(perm, obj)

    def has_role(self, *roles: Role) -> bool:
        return bool(set(roles).intersection(self.roles))

    @property
    def role_labels(self) -> list[str]:
        """The person's roles in Vietnamese, in the order of the list of roles."""
        return [role.label for role in Role if role in self.roles]

    @property
    def territory(self) -> str:
        """The path prefix of the records this person's work covers; no unit, no records."""
        return self.unit.path if self.unit_id and self.unit else "-"
