"""What is known of a product beside its name and place: photos, proofs of quality, property,
packages, figures of its years.
"""

from datetime import date
from typing import Any

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from ocop_portal.models import StoredFile
from products import barcodes
from products.models.product import Product


class ProductCode(models.Model):
    """A further code of a product, given under a regulation that writes them in another shape."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField("mã sản phẩm", max_length=40)

    class Meta:
        verbose_name = "mã sản phẩm theo quy định khác"
        verbose_name_plural = "mã sản phẩm theo quy định khác"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                name="further_product_code_once",
                violation_error_message="Mã sản phẩm này đã được dùng.",
            )
        ]

    def __str__(self) -> str:
        return self.code


class ProductPhotoQuerySet(models.QuerySet["ProductPhoto"]):
    def current(self) -> "ProductPhotoQuerySet":
        """The photos that were not removed, the main one first."""
        return self.filter(removed_at=None).order_by("position", "pk")

    def for_everybody(self) -> "ProductPhotoQuerySet":
        """Those that may be in the public catalogue, the main one first."""
        return self.current().filter(is_public=True)


@pghistory.track(
    pghistory.UpdateEvent("before", row=pghistory.Old),
    model_name="ProductPhotoEvent",
    fields=["caption", "alt", "position", "is_public", "removed_at", "removed_by"],
)
class ProductPhoto(models.Model):
    """A photo of a product, redrawn without the camera's notes; the first one is the main one.

    `is_public` says that its owner agrees to the public catalogue.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="photos")
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    small = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    original_name = models.CharField("tên tệp", max_length=200)
    width = models.PositiveSmallIntegerField("chiều rộng")
    height = models.PositiveSmallIntegerField("chiều cao")
    small_width = models.PositiveSmallIntegerField("chiều rộng bản nhỏ")
    small_height = models.PositiveSmallIntegerField("chiều cao bản nhỏ")
    position = models.PositiveSmallIntegerField("thứ tự", validators=[MinValueValidator(1)])
    caption = models.CharField("chú thích", max_length=200, blank=True)
    alt = models.CharField("mô tả ảnh", max_length=200, blank=True)
    is_public = models.BooleanField("Dùng trong danh mục công khai", default=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField("ngày gỡ", null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="người gỡ",
    )

    objects = ProductPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = "ảnh sản phẩm"
        verbose_name_plural = "ảnh sản phẩm"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "stored"],
                condition=Q(removed_at=None),
                name="product_photo_once",
                violation_error_message="Ảnh này đã có ở sản phẩm.",
            )
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def alt_text(self) -> str:
        """What the photo shows, for those who do not see it."""
        return self.alt or self.caption or f"Ảnh sản phẩm {self.product.name}"


class DatedQuerySet(models.QuerySet[Any]):
    def in_force_on(self, day: date) -> Any:
        """Those that hold on `day`, both ends included; an open end is no limit."""
        begun = Q(valid_from=None) | Q(valid_from__lte=day)
        return self.filter(begun, Q(valid_until=None) | Q(valid_until__gte=day))


@pghistory.track(
    pghistory.UpdateEvent("before", row=pghistory.Old),
    pghistory.DeleteEvent(),
    model_name="ProductStandardEvent",
)
class ProductStandard(models.Model):
    """A standard that the product meets, or a certificate of its quality, with its term."""

    class Kind(models.TextChoices):
        TCVN = "tcvn", "TCVN (tiêu chuẩn quốc gia)"
        QCVN = "qcvn", "QCVN (quy chuẩn kỹ thuật quốc gia)"
        TCCS = "tccs", "TCCS (tiêu chuẩn cơ sở)"
        VIETGAP = "vietgap", "VietGAP"
        GLOBALGAP = "globalgap", "GlobalGAP"
        ORGANIC = "organic", "Hữu cơ"
        HACCP = "haccp", "HACCP"
        ISO_22000 = "iso22000", "ISO 22000"
        ISO_9001 = "iso9001", "ISO 9001"
        GMP = "gmp", "GMP (thực hành sản xuất tốt)"
        FOOD_SAFETY = "food_safety", "Đủ điều kiện an toàn thực phẩm"
        HALAL = "halal", "Halal"
        OTHER = "other", "Tiêu chuẩn, chứng nhận khác"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="standards")
    kind = models.CharField("loại", max_length=12, choices=Kind)
    title = models.CharField("tên, ký hiệu", max_length=200, blank=True)
    number = models.CharField("số giấy", max_length=80, blank=True)
    issuer = models.CharField("nơi cấp, công bố", max_length=200, blank=True)
    valid_from = models.DateField("từ ngày", null=True, blank=True)
    valid_until = models.DateField("đến hết ngày", null=True, blank=True)
    stored = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    original_name = models.CharField("tệp", max_length=200, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "tiêu chuẩn, chứng nhận"
        verbose_name_plural = "tiêu chuẩn, chứng nhận"
        ordering = ["kind", "-valid_from", "pk"]
        constraints = [
            models.CheckConstraint(
                name="standard_ends_after_it_begins",
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_until__gte=F("valid_from")),
                violation_error_message="Ngày hết hạn không trước ngày bắt đầu.",
            ),
            models.CheckConstraint(
                name="other_standard_has_a_title",
                condition=~Q(kind="other") | ~Q(title=""),
                violation_error_message="Hãy ghi tên tiêu chuẩn, chứng nhận.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """How people name it: "TCVN 11041-2:2017", "VietGAP", "Hữu cơ – USDA Organic"."""
        kind = self.get_kind_display().partition(" (")[0]
        if self.kind == self.Kind.OTHER or self.title.lower().startswith(kind.lower()):
            return self.title
        return f"{kind} – {self.title}" if self.title else kind


@pghistory.track(
    pghistory.UpdateEvent("before", row=pghistory.Old),
    pghistory.DeleteEvent(),
    model_name="IntellectualPropertyEvent",
)
class IntellectualProperty(models.Model):
    """A mark or another right of intellectual property that the product carries."""

    class Kind(models.TextChoices):
        TRADEMARK = "trademark", "Nhãn hiệu"
        COLLECTIVE_MARK = "collective", "Nhãn hiệu tập thể"
        CERTIFICATION_MARK = "certification", "Nhãn hiệu chứng nhận"
        GEOGRAPHICAL = "geographical", "Chỉ dẫn địa lý"
        DESIGN = "design", "Kiểu dáng công nghiệp"

    class State(models.TextChoices):
        FILED = "filed", "Đã nộp đơn"
        ACCEPTED = "accepted", "Đơn được chấp nhận hợp lệ"
        GRANTED = "granted", "Đã cấp văn bằng"
        ENDED = "ended", "Hết hiệu lực hoặc bị từ chối"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="properties")
    kind = models.CharField("loại", max_length=14, choices=Kind)
    title = models.CharField("tên, dấu hiệu được bảo hộ", max_length=200)
    state = models.CharField("tình trạng", max_length=10, choices=State)
    number = models.CharField("số đơn hoặc số văn bằng", max_length=80, blank=True)
    dated_on = models.DateField("ngày nộp hoặc ngày cấp", null=True, blank=True)
    owner = models.CharField("chủ sở hữu, tổ chức quản lý", max_length=200, blank=True)

    class Meta:
        verbose_name = "sở hữu trí tuệ"
        verbose_name_plural = "sở hữu trí tuệ"
        ordering = ["kind", "pk"]
        constraints = [
            models.CheckConstraint(
                name="granted_property_has_a_number",
                condition=~Q(state="granted") | ~Q(number=""),
                violation_error_message="Hãy ghi số văn bằng đã cấp.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} “{self.title}”"


@pghistory.track(
    pghistory.UpdateEvent("before", row=pghistory.Old),
    pghistory.DeleteEvent(),
    model_name="ProductPackageEvent",
)
class ProductPackage(models.Model):
    """One way in which the product is packed and sold, with what its label states."""

    class Kind(models.TextChoices):
        BOX = "box", "Hộp"
        BAG = "bag", "Túi"
        SACK = "sack", "Bao"
        BOTTLE = "bottle", "Chai"
        JAR = "jar", "Lọ, hũ"
        CAN = "can", "Lon"
        PACKET = "packet", "Gói"
        CASE = "case", "Thùng"
        OTHER = "other", "Khác"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="packages")
    kind = models.CharField("loại bao bì", max_length=8, choices=Kind)
    material = models.CharField("chất liệu", max_length=100, blank=True)
    net_content = models.CharField("khối lượng, thể tích thực", max_length=60)
    barcode = models.CharField("mã vạch", max_length=14, blank=True)
    shelf_life = models.CharField("hạn sử dụng", max_length=100, blank=True)
    label_facts = models.TextField("nội dung ghi trên nhãn", blank=True, max_length=2000)

    class Meta:
        verbose_name = "quy cách bao bì"
        verbose_name_plural = "quy cách bao bì"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["barcode"],
                condition=~Q(barcode=""),
                name="barcode_once",
                violation_error_message="Mã vạch này đã ghi cho một quy cách khác.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.net_content}"

    @property
    def barcode_kind(self) -> str:
        return barcodes.kind(self.barcode)

    @property
    def barcode_note(self) -> str:
        return barcodes.note(self.barcode)


@pghistory.track(
    pghistory.UpdateEvent("before", row=pghistory.Old),
    pghistory.DeleteEvent(),
    model_name="ProductYearEvent",
)
class ProductYear(models.Model):
    """What was made and sold of a product in one year; money in whole đồng."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="years")
    year = models.PositiveSmallIntegerField(
        "năm", validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    unit = models.CharField("đơn vị tính", max_length=20, blank=True)
    capacity = models.DecimalField(
        "công suất, năng lực",
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    output = models.DecimalField(
        "sản lượng",
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    price_from = models.PositiveBigIntegerField("giá bán từ (đồng)", null=True, blank=True)
    price_to = models.PositiveBigIntegerField("giá bán đến (đồng)", null=True, blank=True)
    revenue = models.PositiveBigIntegerField("doanh thu (đồng)", null=True, blank=True)
    export_share = models.DecimalField(
        "tỷ trọng xuất khẩu (%)",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    markets = models.CharField("thị trường chính", max_length=200, blank=True)

    class Meta:
        verbose_name = "số liệu năm của sản phẩm"
        verbose_name_plural = "số liệu năm của sản phẩm"
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "year"],
                name="product_year_once",
                violation_error_message="Năm này đã có số liệu.",
            ),
            models.CheckConstraint(
                name="product_price_to_from_price_from",
                condition=Q(price_from=None) | Q(price_to=None) | Q(price_to__gte=F("price_from")),
                violation_error_message="Giá bán đến không thấp hơn giá bán từ.",
            ),
            models.CheckConstraint(
                name="product_amounts_have_a_unit",
                condition=Q(capacity=None, output=None) | ~Q(unit=""),
                violation_error_message="Hãy ghi đơn vị tính của công suất, sản lượng.",
            ),
            models.CheckConstraint(
                name="export_share_is_a_percentage",
                condition=Q(export_share=None) | Q(export_share__range=(0, 100)),
                violation_error_message="Tỷ trọng xuất khẩu từ 0 đến 100%.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}, {self.year}"
