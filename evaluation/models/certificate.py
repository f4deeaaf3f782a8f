"""Certificates (giấy chứng nhận): a snapshot of what a decision recognised, for its term."""

import secrets
from datetime import date, timedelta
from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from evaluation.models.assessment import Result
from evaluation.models.decision import Decision
from products.models import Producer, Product
from products.models.producer import in_territory

# ASVS 11.5.1 asks for 128 bits from a CSPRNG; this is 192.
TOKEN_BYTES = 24
EXPIRING_DAYS = 180


def new_token() -> str:
    """What a QR code carries: never the number, which can be guessed (abuse case C4)."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def certificate_path(certificate: "Certificate", filename: str) -> str:  # noqa: ARG001
    """An unguessable name, the same for every rendering of the same certificate."""
    return f"certificates/{certificate.valid_from:%Y}/{certificate.file_token}.pdf"


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def visible_to(self, user: Any) -> "CertificateQuerySet":
        """The certificates of one's territory; a producer's account sees its own."""
        visible = in_territory(user, "product__unit__", "product__producer__current_unit__")
        if user.has_role(Role.PRODUCER):
            visible |= Q(producer__in=user.producers.values("pk"))
        return self.filter(visible)

    def valid_on(self, day: date) -> "CertificateQuerySet":
        """Certificates that hold on `day`, both ends included."""
        return self.filter(
            valid_from__lte=day,
            valid_until__gte=day,
            revoked_on__isnull=True,
            replaced_by__isnull=True,
        )

    def expiring_between(self, first: date, last: date) -> "CertificateQuerySet":
        return self.valid_on(first).filter(valid_until__lte=last)

    def expired_on(self, day: date) -> "CertificateQuerySet":
        return self.filter(valid_until__lt=day, revoked_on__isnull=True, replaced_by__isnull=True)


@pghistory.track(model_name="CertificateEvent")
class Certificate(models.Model):
    """One product's certificate. What it says was copied when it was issued and stays (C7)."""

    class Status(models.TextChoices):
        UPCOMING = "upcoming", "Chưa có hiệu lực"
        VALID = "valid", "Còn hiệu lực"
        EXPIRED = "expired", "Hết hiệu lực"
        REVOKED = "revoked", "Đã thu hồi"
        REPLACED = "replaced", "Đã được thay thế"

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="certificates")
    result = models.OneToOneField(Result, on_delete=models.PROTECT, related_name="certificate")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="certificates")
    producer = models.ForeignKey(Producer, on_delete=models.PROTECT, related_name="certificates")
    register_number = models.PositiveIntegerField("số vào sổ")
    number = models.CharField("số giấy chứng nhận", max_length=60, unique=True)
    stars = models.PositiveSmallIntegerField("hạng sao")
    product_name = models.CharField("tên sản phẩm", max_length=250)
    producer_name = models.CharField("tên chủ thể", max_length=250)
    producer_address = models.CharField("địa chỉ", max_length=300)
    valid_from = models.DateField("có hiệu lực từ")
    valid_until = models.DateField("đến hết ngày")
    token = models.CharField(max_length=64, unique=True, default=new_token)
    file_token = models.CharField(max_length=64, unique=True, default=new_token)
    pdf = models.FileField(upload_to=certificate_path, blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    revoked_on = models.DateField("ngày thu hồi", null=True, blank=True)
    revocation_reason = models.TextField("lý do thu hồi", blank=True)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaces"
    )
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField(auto_now_add=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = "giấy chứng nhận"
        verbose_name_plural = "giấy chứng nhận"
        ordering = ["-valid_from", "register_number"]
        constraints = [
            models.CheckConstraint(
                name="certificate_ends_after_it_starts",
                condition=Q(valid_until__gt=F("valid_from")),
                violation_error_message="Ngày hết hạn phải sau ngày cấp.",
            ),
            models.CheckConstraint(
                name="certificate_stars_3_to_5",
                condition=Q(stars__range=(3, 5)),
                violation_error_message="Chỉ cấp giấy chứng nhận cho hạng 3, 4 và 5 sao.",
            ),
            models.CheckConstraint(
                name="revoked_certificate_has_reason",
                condition=Q(revoked_on__isnull=True) | ~Q(revocation_reason=""),
                violation_error_message="Hãy ghi lý do thu hồi.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} – {self.product_name}"

    def get_absolute_url(self) -> str:
        return reverse("evaluation:certificate_detail", args=[self.pk])

    @property
    def verify_url(self) -> str:
        """The address in the QR code: from the settings, never from a request (C5)."""
        return settings.PUBLIC_URL + reverse("evaluation:verify", args=[self.token])

    def status_on(self, day: date) -> "Certificate.Status":
        """What the certificate is worth on `day` (a date in Vietnam)."""
        if self.revoked_on and self.revoked_on <= day:
            return self.Status.REVOKED
        if self.replaced_by_id:
            return self.Status.REPLACED
        if day < self.valid_from:
            return self.Status.UPCOMING
        return self.Status.VALID if day <= self.valid_until else self.Status.EXPIRED

    @property
    def status(self) -> "Certificate.Status":
        return self.status_on(timezone.localdate())

    @property
    def is_expiring(self) -> bool:
        """Valid, and within the last 180 days: time to prepare the re-evaluation."""
        soon = timezone.localdate() + timedelta(days=EXPIRING_DAYS)
        return self.status == self.Status.VALID and self.valid_until <= soon
