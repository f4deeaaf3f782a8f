"""Products, and what was decided about them before this portal kept the record."""

from typing import Any

import pghistory
from django.apps import apps
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import AdministrativeUnit
from accounts.roles import Role
from ocop_portal.searching import IndexedManager, prefix_query, search_vector
from ocop_portal.text import search_words
from products.models.producer import Producer, in_territory, place_in_words
from products.spelling import SEARCHED_SHORT, spelling_key
from products.visibility import further_conditions
from regulations.models import CriteriaSet


def product_key(name: str) -> str:
    """One key for spellings of the same product: letter case, Unicode form, spaces, i and y."""
    return spelling_key(name)


def products_of_further_dossiers(user: Any) -> Q:
    """The products whose dossiers `user` sees for the reasons of other apps."""
    dossiers = apps.get_model("products", "Dossier").objects
    condition = Q(pk__in=[])
    for reason in further_conditions(user):
        condition |= Q(pk__in=dossiers.filter(reason).values("product"))
    return condition


class ProductQuerySet(models.QuerySet["Product"]):
    def visible_to(self, user: Any) -> "ProductQuerySet":
        """The products of one's territory and of the dossiers that one's council has; a
        producer's account sees its own.
        """
        visible = in_territory(user, "unit__", "producer__current_unit__")
        visible |= products_of_further_dossiers(user)
        if user.has_role(Role.PRODUCER):
            visible |= Q(producer__in=user.producers.values("pk"))
        return self.filter(visible, merged_into=None)

    def search(self, text: str) -> "ProductQuerySet":
        """Every word begins one of product, producer or unit, in any order, without marks.

        A text without words finds nothing.
        """
        query = prefix_query(text, SEARCHED_SHORT)
        return self.filter(search_vector=query) if query else self.none()


ProductManager = IndexedManager.from_queryset(ProductQuerySet)


@pghistory.track(
    pghistory.UpdateEvent("before", row=pghistory.Old),
    model_name="ProductEvent",
    fields=[
        "name",
        "producer",
        "criteria_set",
        "code",
        "other_codes",
        "unit",
        "story",
        "trace_code",
        "trace_url",
        "merged_into",
    ],
)
class Product(models.Model):
    """A product of a producer. Officers' lists also hold products whose producer is not known
    yet: they are kept, and cannot be submitted before the producer is named.
    """

    producer = models.ForeignKey(
        Producer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name="chủ thể",
    )
    name = models.CharField("tên sản phẩm", max_length=250)
    criteria_set = models.ForeignKey(
        CriteriaSet,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name="bộ sản phẩm",
    )
    group_as_written = models.CharField("nhóm ghi trong sổ", max_length=150, blank=True)
    code = models.CharField("mã sản phẩm", max_length=40, blank=True)
    unit = models.ForeignKey(
        AdministrativeUnit,
        on_delete=models.PROTECT,
        related_name="products",
        verbose_name="nơi sản xuất",
    )
    district = models.ForeignKey(
        AdministrativeUnit,
        on_delete=models.PROTECT,
        related_name="products_of_district",
        verbose_name="quận, huyện, thị xã",
        editable=False,
    )
    story = models.TextField("câu chuyện sản phẩm", blank=True)
    trace_code = models.CharField("mã truy xuất nguồn gốc", max_length=80, blank=True)
    trace_url = models.URLField("trang truy xuất nguồn gốc", blank=True, max_length=300)
    # The codes in other shapes (`ProductCode`), kept beside the first one for searches and history.
    other_codes = models.CharField(
        "mã theo quy định khác", max_length=200, blank=True, editable=False
    )
    name_key = models.CharField(max_length=250, editable=False)
    search_key = models.TextField(editable=False, db_collation="C")
    search_vector = search_vector("search_key")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # The record that stands for this one since their producers were merged.
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="absorbed",
        verbose_name="gộp vào",
    )

    objects = ProductManager()

    class Meta:
        verbose_name = "sản phẩm"
        verbose_name_plural = "sản phẩm"
        ordering = ["name", "pk"]
        indexes = [
            GinIndex(name="product_words", fields=["search_vector"], fastupdate=False),
            models.Index(
                name="product_in_order", fields=["search_key", "id"], condition=Q(merged_into=None)
            ),
            # Counting what lies in a territory never looks at the rows themselves.
            models.Index(name="product_of_unit", fields=["unit", "merged_into", "id"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["producer", "name_key"],
                condition=Q(producer__isnull=False, merged_into=None),
                name="product_once_per_producer",
                violation_error_message="Chủ thể này đã có sản phẩm cùng tên.",
            ),
            models.UniqueConstraint(
                fields=["district", "name_key"],
                condition=Q(producer__isnull=True, merged_into=None),
                name="product_without_producer_once_per_district",
                violation_error_message="Trên địa bàn đã có sản phẩm cùng tên chưa rõ chủ thể.",
            ),
            models.UniqueConstraint(
                fields=["code"],
                condition=~Q(code="") & Q(merged_into=None),
                name="product_code_once",
                violation_error_message="Mã sản phẩm này đã được dùng.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fill_keys()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("products:product_detail", args=[self.pk])

    @property
    def kept(self) -> "Product":
        """The record that stands for this one: itself, unless it was merged away."""
        return self.merged_into.kept if self.merged_into else self

    @property
    def codes_of_all_shapes(self) -> list[str]:
        """Its codes, the one of the oldest shape first."""
        return [self.code, *self.other_codes.split()] if self.code else self.other_codes.split()

    @property
    def place(self) -> str:
        """Where it is made by the list of 2021, and what the producer's place is called now."""
        producer = self.producer
        now = producer.current_unit if producer and producer.unit_id == self.unit_id else None
        return place_in_words(self.unit, self.district, now)

    @property
    def owner_of_data(self) -> models.Model:
        """Whose data its files hold: the producer's, where the producer is known."""
        return self.producer or self

    def lies_in(self, territory: str) -> bool:
        """Whether the place of the product, or its producer's of today, lies under the path."""
        if self.unit.path.startswith(territory):
            return True
        now = self.producer.current_unit if self.producer else None
        return bool(now and now.path.startswith(territory))

    def fill_keys(self) -> None:
        """Derive what searches and constraints compare."""
        self.district = self.unit.district
        self.name_key = product_key(self.name)
        producer = f"{self.producer.name} {self.producer.name_key}" if self.producer else ""
        now = self.producer.current_unit if self.producer else None
        self.search_key = search_words(
            self.name,
            producer,
            self.code,
            self.other_codes,
            self.unit.full_name,
            self.district.full_name,
            now.full_name if now else "",
        )


class EarlierResult(models.Model):
    """A result that was given before the portal kept the record, as officers' lists state it."""

    class Status(models.TextChoices):
        RECOGNISED = "recognised", "Thành phố đã công nhận"
        RECOGNISED_NATIONAL = "recognised_national", "Trung ương đã công nhận"
        DISTRICT_ASSESSMENT = "district_assessment", "Hội đồng huyện đã chấm"
        NOT_STATED = "assessed_result_not_stated", "Đã đánh giá, chưa có kết quả"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="earlier_results")
    year = models.PositiveSmallIntegerField("năm", null=True, blank=True)
    stars = models.PositiveSmallIntegerField("hạng sao", null=True, blank=True)
    is_potential = models.BooleanField("tiềm năng", default=False)
    assessed_on = models.DateField("ngày đánh giá", null=True, blank=True)
    status = models.CharField("tình trạng", max_length=30, choices=Status, blank=True)
    note = models.CharField("ghi chú", max_length=300, blank=True)

    class Meta:
        verbose_name = "kết quả trước đây"
        verbose_name_plural = "kết quả trước đây"
        ordering = ["-year", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="earlier_stars_between_1_and_5",
                condition=Q(stars__isnull=True) | Q(stars__range=(1, 5)),
                violation_error_message="Hạng sao từ 1 đến 5.",
            ),
            models.UniqueConstraint(
                fields=["product", "year", "assessed_on"],
                nulls_distinct=False,
                name="earlier_result_once",
            ),
        ]

    def __str__(self) -> str:
        stars = f"{self.stars} sao" if self.stars else self.get_status_display()
        return f"{self.year or ''} {stars}".strip()
