"""Dossiers and their documents: what a product is judged by."""

from datetime import date
from typing import Any

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from ocop_portal.models import StoredFile
from products.models.producer import in_territory
from products.models.product import Product
from products.visibility import further_conditions
from regulations.models import CriteriaSet, Regulation


def visible_dossiers(user: Any, path: str = "") -> Q:
    """The condition for rows whose dossier the person sees: of the own territory, those that other
    apps add, and a producer's own. `path` leads to the dossier and ends with "__".
    """
    unit, now = f"{path}product__unit__", f"{path}product__producer__current_unit__"
    visible = in_territory(user, unit, now)
    for reason in further_conditions(user):
        own = Q(**{f"{path}in": Dossier.objects.filter(reason).values("pk")}) if path else reason
        visible |= own
    if user.has_role(Role.PRODUCER):
        visible |= Q(**{f"{path}product__producer__in": user.producers.values("pk")})
    return visible


class DossierQuerySet(models.QuerySet["Dossier"]):
    def visible_to(self, user: Any) -> "DossierQuerySet":
        """The dossiers of one's territory, and those that other apps add to them; a producer's
        account sees its own.
        """
        return self.filter(visible_dossiers(user))

    def in_state(self, *states: str) -> "DossierQuerySet":
        return self.filter(state__in=states)

    def open(self) -> "DossierQuerySet":
        """Dossiers that are still on their way."""
        return self.exclude(state__in=Dossier.FINAL)


@pghistory.track(
    model_name="DossierEvent",
    fields=[
        "state",
        "tier",
        "kind",
        "regulation_reason",
        "criteria_set",
        "received_number",
        "received_on",
    ],
)
class Dossier(models.Model):
    """One product's way through one evaluation, under the regulation it was made for."""

    class State(models.TextChoices):
        DRAFT = "draft", "Đang soạn"
        SUBMITTED = "submitted", "Đã nộp, chờ tiếp nhận"
        SUPPLEMENT = "supplement_requested", "Cần bổ sung"
        ACCEPTED = "accepted", "Đã tiếp nhận, chờ họp"
        IN_EVALUATION = "in_evaluation", "Đang đánh giá"
        AWAITING_DECISION = "awaiting_decision", "Chờ quyết định"
        RECOGNISED = "recognised", "Đã công nhận"
        NOT_RECOGNISED = "not_recognised", "Không được công nhận"
        WITHDRAWN = "withdrawn", "Đã rút"

    class Kind(models.TextChoices):
        FIRST = "first", "Đánh giá lần đầu"
        UPGRADE = "upgrade", "Nâng hạng"
        RENEWAL = "renewal", "Đánh giá lại"

    FINAL = (State.RECOGNISED, State.NOT_RECOGNISED, State.WITHDRAWN)
    EDITABLE = (State.DRAFT, State.SUPPLEMENT)

    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="dossiers", verbose_name="sản phẩm"
    )
    regulation = models.ForeignKey(
        Regulation, on_delete=models.PROTECT, related_name="dossiers", verbose_name="quy định"
    )
    criteria_set = models.ForeignKey(
        CriteriaSet,
        on_delete=models.PROTECT,
        related_name="dossiers",
        verbose_name="bộ tiêu chí",
    )
    # Why another regulation than the one of the day of receipt counts; empty where that one does.
    regulation_reason = models.TextField("lý do áp dụng quy định khác", blank=True, max_length=2000)
    kind = models.CharField("loại hồ sơ", max_length=10, choices=Kind, default=Kind.FIRST)
    year = models.PositiveSmallIntegerField(
        "năm đánh giá", validators=[MinValueValidator(2018), MaxValueValidator(2100)]
    )
    # The product's last dossier: its documents go on where they are still valid.
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="next_dossiers"
    )
    # The producer's account writes it; the officer waits until it is handed over.
    with_producer = models.BooleanField("chủ thể đang soạn", default=False)
    # When the producer handed it in, where that was before it was entered here.
    filed_on = models.DateField("ngày chủ thể nộp hồ sơ", null=True, blank=True)
    note = models.TextField("ghi chú của người lập", blank=True, max_length=2000)
    self_score = models.PositiveSmallIntegerField(
        "điểm tự chấm của chủ thể", null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    state = models.CharField("trạng thái", max_length=24, choices=State, default=State.DRAFT)
    # A tier of the regulation: the one that has the dossier now.
    tier = models.CharField("cấp", max_length=20)
    received_number = models.CharField("số tiếp nhận", max_length=40, blank=True)
    received_on = models.DateField("ngày tiếp nhận", null=True, blank=True)
    submitted_at = models.DateTimeField("nộp lúc", null=True, blank=True)
    # Since when the dossier is where it is now, and by when it has to go on (products.waiting):
    # they follow from the state, the engine of the process keeps them.
    waits_since = models.DateField("chờ từ ngày", null=True, editable=False)
    due_on = models.DateField("hạn xử lý", null=True, editable=False)
    due_code = models.CharField("loại hạn", max_length=60, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    # Who saved the form last: two people at one dossier are told of each other.
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # Counted up with every save of the form: two people never overwrite each other unseen.
    version = models.PositiveIntegerField(default=1)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = "hồ sơ"
        verbose_name_plural = "hồ sơ"
        ordering = ["-updated_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product"],
                condition=~Q(state__in=["recognised", "not_recognised", "withdrawn"]),
                name="one_open_dossier_per_product",
                violation_error_message="Sản phẩm này đang có một hồ sơ chưa kết thúc.",
            ),
            models.CheckConstraint(
                name="received_dossier_has_number_and_date",
                condition=Q(received_on__isnull=True, received_number="")
                | (Q(received_on__isnull=False) & ~Q(received_number="")),
                violation_error_message="Số và ngày tiếp nhận đi cùng nhau.",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "tier"]),
            models.Index(name="dossier_due", fields=["due_on"], condition=Q(due_on__isnull=False)),
            models.Index(name="dossier_in_order", fields=["updated_at", "id"]),
            models.Index(
                name="dossier_by_number",
                fields=["received_number"],
                opclasses=["varchar_pattern_ops"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} ({self.year})"

    def get_absolute_url(self) -> str:
        return reverse("products:dossier_detail", args=[self.pk])

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE

    def fields_after_step(self, *, moved: bool) -> dict[str, Any]:
        """What follows from the state (`ocop_portal.workflow`): by when it has to go on."""
        from products.actions.waiting import due_fields  # acts on dossiers itself

        return due_fields(self, since=timezone.localdate() if moved else self.waits_since)

    def day_of_law(self, today: date) -> date:
        """The day by which the regulation is chosen: of receipt, else of filing, else `today`."""
        return self.received_on or self.filed_on or today

    @property
    def tier_name(self) -> str:
        """The tier in Vietnamese, as the regulation calls it."""
        tier = self.regulation.rules.tier(self.tier)
        return tier.name if tier else self.tier


class DossierDocumentQuerySet(models.QuerySet["DossierDocument"]):
    def current(self) -> "DossierDocumentQuerySet":
        """What the dossier consists of now: neither removed nor replaced by a newer version."""
        return self.filter(removed_at=None, replaced_by=None)


@pghistory.track(
    pghistory.UpdateEvent("before", row=pghistory.Old),
    model_name="DossierDocumentEvent",
    fields=["verdict", "verdict_comment", "checked_by", "checked_at"],
)
class DossierDocument(models.Model):
    """A file, or some of its pages, in a slot of the regulation's list.

    Nothing is lost: a newer version points back from `replaced_by`, what was taken out keeps its
    row. What a colleague checked is the content of `stored`, which never changes.
    """

    class Verdict(models.TextChoices):
        UNCHECKED = "", "Chưa kiểm tra"
        ACCEPTED = "accepted", "Đạt"
        TO_SUPPLEMENT = "to_supplement", "Cần bổ sung"

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="documents")
    slot = models.CharField("mục", max_length=60)
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    original_name = models.CharField("tên tệp", max_length=200)
    # Pages of the file, from 1 and both included; empty for the whole file.
    first_page = models.PositiveIntegerField("từ trang", null=True, blank=True)
    last_page = models.PositiveIntegerField("đến trang", null=True, blank=True)
    number = models.CharField("số văn bản", max_length=80, blank=True)
    issued_on = models.DateField("ngày cấp", null=True, blank=True)
    valid_until = models.DateField("có hiệu lực đến", null=True, blank=True)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="earlier_versions"
    )
    # Where it came from without a new upload: the earlier dossier, or the producer's own papers.
    carried_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="carried_to"
    )
    producer_document = models.ForeignKey(
        "products.ProducerDocument",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="in_dossiers",
    )
    verdict = models.CharField(
        "kết quả kiểm tra", max_length=14, choices=Verdict, default=Verdict.UNCHECKED, blank=True
    )
    verdict_comment = models.TextField("nhận xét", blank=True, max_length=2000)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    checked_at = models.DateTimeField(null=True)
    # Counted up with every verdict: two checkers never overwrite each other unseen.
    verdict_version = models.PositiveIntegerField(default=0)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True)

    objects = DossierDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "tài liệu"
        verbose_name_plural = "tài liệu"
        ordering = ["slot", "uploaded_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "slot", "stored", "first_page", "last_page"],
                condition=Q(removed_at=None, replaced_by=None),
                nulls_distinct=False,
                name="same_pages_once_per_slot",
                violation_error_message="Tệp này đã có trong mục.",
            ),
            models.CheckConstraint(
                name="page_range_has_both_ends",
                condition=Q(first_page=None, last_page=None)
                | Q(first_page__gte=1, last_page__gte=models.F("first_page")),
                violation_error_message="Khoảng trang cần có trang đầu và trang cuối.",
            ),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def file(self) -> models.fields.files.FieldFile:
        return self.stored.file

    @property
    def extension(self) -> str:
        return self.stored.extension

    @property
    def size(self) -> int:
        """Bytes of the whole file, also where only some of its pages count."""
        return self.stored.size

    @property
    def sha256(self) -> str:
        return self.stored.sha256

    @property
    def page_count(self) -> int | None:
        """How many pages it has; None where the file has none or was not read yet."""
        if self.first_page is not None and self.last_page is not None:
            return self.last_page - self.first_page + 1
        return self.stored.pages
