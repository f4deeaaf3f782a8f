"""Producers (chủ thể): who makes a product and stands for its dossier."""

from typing import Any

import pghistory
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import AdministrativeUnit
from accounts.roles import TERRITORIAL, Role
from ocop_portal.models import StoredFile
from ocop_portal.searching import IndexedManager, prefix_query, search_vector
from ocop_portal.text import search_words
from products.spelling import SEARCHED_SHORT, producer_key
from products.visibility import further_conditions

# Where the paths of the units of 2025 begin.
TWO_TIERS = "2025/"


def in_territory(user: Any, unit: str, current_unit: str) -> Q:
    """Rows that lie in the person's territory: `unit` leads to the row's unit of 2021,
    `current_unit` to the one of 2025 (both end with "__"), asked for people of a unit of 2025.
    """
    if not user.has_role(*TERRITORIAL):
        return Q(pk__in=[])
    path = current_unit if user.territory.startswith(TWO_TIERS) else unit
    if user.unit is None or user.unit.level == AdministrativeUnit.Level.PROVINCE:
        return Q(**{f"{path}path__startswith": user.territory})
    return Q(**{f"{path}in": units_of(user)})


def units_of(user: Any) -> list[int]:
    """The units of a person's territory, asked once for a person: few enough to be named, so that
    the database joins nothing and combines their rows with those of a search in one step.
    """
    known: tuple[str, list[int]] | None = getattr(user, "_units_of_territory", None)
    if known is None or known[0] != user.territory:
        rows = AdministrativeUnit.objects.filter(path__startswith=user.territory)
        known = (user.territory, list(rows.values_list("pk", flat=True)))
        user._units_of_territory = known  # noqa: SLF001 - kept with the person for one request
    return known[1]


class ProducerQuerySet(models.QuerySet["Producer"]):
    def visible_to(self, user: Any) -> "ProducerQuerySet":
        """The producers of one's territory and of the dossiers that one's council has; a
        producer's account sees its own. What was merged into another one is not among them.
        """
        dossiers = apps.get_model("products", "Dossier").objects
        visible = in_territory(user, "unit__", "current_unit__")
        for reason in further_conditions(user):
            visible |= Q(pk__in=dossiers.filter(reason).values("product__producer"))
        if user.has_role(Role.PRODUCER):
            visible |= Q(pk__in=user.producers.values("pk"))
        return self.filter(visible, merged_into=None)

    def search(self, text: str) -> "ProducerQuerySet":
        """Every word begins one of name, tax code or unit, in any order, without marks.

        A text without words finds nothing.
        """
        query = prefix_query(text, SEARCHED_SHORT)
        return self.filter(search_vector=query) if query else self.none()


ProducerManager = IndexedManager.from_queryset(ProducerQuerySet)


@pghistory.track(
    pghistory.UpdateEvent("before", row=pghistory.Old),
    model_name="ProducerEvent",
    fields=[
        "name",
        "kind",
        "tax_code",
        "registration_number",
        "unit",
        "current_unit",
        "address",
        "representative",
        "phone",
        "email",
        "merged_into",
    ],
)
class Producer(models.Model):
    """An enterprise, cooperative, group, household or farm with its unit and contacts."""

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", "Doanh nghiệp"
        COOPERATIVE = "cooperative", "Hợp tác xã"
        COOPERATIVE_GROUP = "cooperative_group", "Tổ hợp tác"
        HOUSEHOLD = "household", "Hộ sản xuất, kinh doanh"
        FARM = "farm", "Trang trại"

    name = models.CharField("tên chủ thể", max_length=250)
    kind = models.CharField("loại hình", max_length=20, choices=Kind, blank=True)
    tax_code = models.CharField("mã số thuế", max_length=14, blank=True)
    unit = models.ForeignKey(
        AdministrativeUnit,
        on_delete=models.PROTECT,
        related_name="producers",
        verbose_name="địa bàn",
    )
    # The district of `unit`, kept beside it: lists filter and group by it.
    district = models.ForeignKey(
        AdministrativeUnit,
        on_delete=models.PROTECT,
        related_name="producers_of_district",
        verbose_name="quận, huyện, thị xã",
        editable=False,
    )
    # The unit of the list of 2025 that the place belongs to now; empty where the official mapping
    # does not say which.
    current_unit = models.ForeignKey(
        AdministrativeUnit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="producers_now",
        verbose_name="xã, phường hiện nay",
    )
    address = models.CharField("địa chỉ", max_length=250, blank=True)
    representative = models.CharField("người đại diện", max_length=150, blank=True)
    phone = models.CharField("điện thoại liên hệ", max_length=30, blank=True)
    email = models.EmailField("thư điện tử", blank=True)
    accounts = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="producers", blank=True, verbose_name="tài khoản"
    )
    registration_number = models.CharField("số đăng ký kinh doanh", max_length=40, blank=True)
    registered_on = models.DateField("ngày đăng ký", null=True, blank=True)
    registered_at = models.CharField("nơi đăng ký", max_length=150, blank=True)
    founded_year = models.PositiveSmallIntegerField(
        "năm thành lập",
        null=True,
        blank=True,
        validators=[MinValueValidator(1900), MaxValueValidator(2100)],
    )
    website = models.URLField("trang web", blank=True, max_length=200)
    representative_title = models.CharField("chức danh người đại diện", max_length=100, blank=True)
    # One key for all spellings of the same name (HTX = Hợp tác xã, Kị = Kỵ).
    name_key = models.CharField(max_length=250, editable=False)
    search_key = models.TextField(editable=False, db_collation="C")
    search_vector = search_vector("search_key")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # The record that stands for this one since both were found to be the same producer.
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="absorbed",
        verbose_name="gộp vào",
    )

    objects = ProducerManager()

    class Meta:
        verbose_name = "chủ thể"
        verbose_name_plural = "chủ thể"
        ordering = ["name", "pk"]
        indexes = [
            GinIndex(name="producer_words", fields=["search_vector"], fastupdate=False),
            models.Index(
                name="producer_in_order", fields=["search_key", "id"], condition=Q(merged_into=None)
            ),
            models.Index(
                name="producer_of_unit", fields=["unit", "id"], condition=Q(merged_into=None)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "name_key"],
                condition=Q(merged_into=None),
                name="producer_once_per_district",
                violation_error_message="Trên địa bàn này đã có chủ thể cùng tên.",
            ),
            models.UniqueConstraint(
                fields=["tax_code"],
                condition=~Q(tax_code="") & Q(merged_into=None),
                name="producer_tax_code_once",
                violation_error_message="Mã số thuế này đã thuộc về một chủ thể khác.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fill_keys()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("products:producer_detail", args=[self.pk])

    @property
    def kept(self) -> "Producer":
        """The record that stands for this one: itself, unless it was merged away."""
        return self.merged_into.kept if self.merged_into else self

    @property
    def place(self) -> str:
        """Where it is by the list of 2021, and what that is called now."""
        return place_in_words(self.unit, self.district, self.current_unit)

    def lies_in(self, territory: str) -> bool:
        """Whether the place, by the list of 2021 or that of 2025, lies under the path."""
        if self.unit.path.startswith(territory):
            return True
        return bool(self.current_unit and self.current_unit.path.startswith(territory))

    def fill_keys(self) -> None:
        """Derive what searches and constraints compare."""
        self.district = self.unit.district
        self.current_unit = unit_now(self.unit, self.current_unit)
        self.name_key = producer_key(self.name)
        now = self.current_unit.full_name if self.current_unit else ""
        self.search_key = search_words(
            self.name,
            self.name_key,
            self.tax_code,
            self.unit.full_name,
            self.district.full_name,
            now,
        )


def unit_now(
    unit: AdministrativeUnit, chosen: AdministrativeUnit | None
) -> AdministrativeUnit | None:
    """The unit of 2025 of a place: the only one its commune went into after the official mapping,
    else what a person chose, unless the mapping contradicts.
    """
    if unit.level != AdministrativeUnit.Level.COMMUNE:
        return chosen
    successors = list(unit.successors.all())
    if len(successors) == 1:
        return successors[0]
    return chosen if chosen in successors or not successors else None


def place_in_words(
    unit: AdministrativeUnit, district: AdministrativeUnit, now: AdministrativeUnit | None
) -> str:
    """ "Xã Đông Hội, Huyện Đông Anh (nay là Xã Đông Anh)": names at the time stay."""
    names = unit.full_name if unit == district else f"{unit.full_name}, {district.full_name}"
    return f"{names} (nay là {now.full_name})" if now else names


class ProducerYear(models.Model):
    """What a producer made of one year: revenue in whole đồng, people at work at its end."""

    producer = models.ForeignKey(Producer, on_delete=models.CASCADE, related_name="years")
    year = models.PositiveSmallIntegerField(
        "năm", validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    revenue = models.PositiveBigIntegerField("doanh thu (đồng)", null=True, blank=True)
    workers = models.PositiveIntegerField("số lao động", null=True, blank=True)
    local_workers = models.PositiveIntegerField(
        "trong đó lao động địa phương", null=True, blank=True
    )

    class Meta:
        verbose_name = "số liệu năm của chủ thể"
        verbose_name_plural = "số liệu năm của chủ thể"
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["producer", "year"],
                name="producer_year_once",
                violation_error_message="Năm này đã có số liệu.",
            ),
            models.CheckConstraint(
                name="local_workers_among_workers",
                condition=Q(local_workers=None)
                | Q(workers__isnull=False, local_workers__lte=models.F("workers")),
                violation_error_message="Lao động địa phương không nhiều hơn tổng số lao động.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.producer}, {self.year}"


class ChainMembership(models.Model):
    """A value chain that a producer takes part in, and with whom."""

    class Part(models.TextChoices):
        LEADER = "leader", "Chủ trì chuỗi"
        GROWER = "grower", "Sản xuất, cung cấp nguyên liệu"
        PROCESSOR = "processor", "Chế biến"
        SELLER = "seller", "Phân phối, tiêu thụ"

    producer = models.ForeignKey(Producer, on_delete=models.CASCADE, related_name="chains")
    name = models.CharField("tên chuỗi liên kết", max_length=200)
    part = models.CharField("vai trò", max_length=12, choices=Part)
    partner = models.CharField("bên liên kết", max_length=200, blank=True)
    begins_on = models.DateField("từ ngày", null=True, blank=True)
    ends_on = models.DateField("đến ngày", null=True, blank=True)

    class Meta:
        verbose_name = "chuỗi liên kết"
        verbose_name_plural = "chuỗi liên kết"
        ordering = ["-begins_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="chain_ends_after_it_begins",
                condition=Q(begins_on=None)
                | Q(ends_on=None)
                | Q(ends_on__gte=models.F("begins_on")),
                violation_error_message="Ngày kết thúc không trước ngày bắt đầu.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProducerDocumentQuerySet(models.QuerySet["ProducerDocument"]):
    def current(self) -> "ProducerDocumentQuerySet":
        """The papers that count now: neither removed nor replaced by a newer version."""
        return self.filter(removed_at=None, replaced_by=None)


class ProducerDocument(models.Model):
    """A paper of the producer itself (licence, certificate …): kept once with the day it ends, and
    put into every dossier whose regulation has its slot.
    """

    producer = models.ForeignKey(Producer, on_delete=models.CASCADE, related_name="documents")
    # The slot of the regulations that the paper fills: "business_registration" and the like.
    slot = models.CharField("mục", max_length=60)
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    original_name = models.CharField("tên tệp", max_length=200)
    number = models.CharField("số văn bản", max_length=80, blank=True)
    issuer = models.CharField("nơi cấp", max_length=200, blank=True)
    issued_on = models.DateField("ngày cấp", null=True, blank=True)
    valid_until = models.DateField("có hiệu lực đến", null=True, blank=True)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="earlier_versions"
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = ProducerDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "giấy tờ của chủ thể"
        verbose_name_plural = "giấy tờ của chủ thể"
        ordering = ["slot", "uploaded_at", "pk"]

    def __str__(self) -> str:
        return self.original_name
