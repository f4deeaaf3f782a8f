"""What the public may see of recognised products: facts of certificates in force and no others.

Names of people, telephone numbers and e-mail addresses are not among them (abuse case P1).
"""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import AdministrativeUnit
from evaluation.models import Certificate
from ocop_portal.text import without_marks
from products.models import IntellectualProperty, Product, ProductPhoto, ProductStandard
from regulations.models import CriteriaSet

STARS = (5, 4, 3)
# The photos that everybody may see, the main one first, at `product.shown_photos`.
PHOTOS = Prefetch(
    "product__photos",
    ProductPhoto.objects.for_everybody().select_related("product"),
    "shown_photos",
)


def recognised_on(day: date) -> "QuerySet[Certificate]":
    """The certificates in force on `day`, one for each product, with what a page shows."""
    rows = Certificate.objects.valid_on(day).select_related(
        "decision", "product__criteria_set", "product__unit__parent", "product__district"
    )
    rows = rows.defer("product__criteria_set__data").prefetch_related(PHOTOS)
    return rows.order_by("-stars", "product_name", "pk")


def with_record(rows: "QuerySet[Certificate]", day: date) -> "QuerySet[Certificate]":
    """The certificates with what else is public of their products: standards that hold on `day`,
    granted property, packages; three queries, however many rows.
    """
    return rows.prefetch_related(
        Prefetch("product__standards", ProductStandard.objects.in_force_on(day), "shown_standards"),
        Prefetch(
            "product__properties",
            IntellectualProperty.objects.filter(state=IntellectualProperty.State.GRANTED),
            "shown_properties",
        ),
        "product__packages",
    )


def public_photo(pk: int, day: date) -> ProductPhoto | None:
    """A photo that everybody may see: its owner agrees, and its product is in the catalogue."""
    recognised = Certificate.objects.valid_on(day).values("product")
    rows = ProductPhoto.objects.for_everybody().select_related("stored", "small")
    return rows.filter(pk=pk, product__in=recognised).first()


def photo_address(photo: ProductPhoto) -> str:
    """The path of a public photo in full size."""
    return reverse("evaluation:catalogue_photo", args=[photo.pk])


def small_photo_address(photo: ProductPhoto) -> str:
    """The path of a public photo as cards show it."""
    return reverse("evaluation:catalogue_photo_small", args=[photo.pk])


def latest_of(product_pk: int, day: date) -> Certificate | None:
    """The certificate that stands for a product now, also where it has ended; None if none does."""
    rows = Certificate.objects.filter(product=product_pk).select_related(
        "decision", "product__criteria_set", "product__unit__parent", "product__district"
    )
    rows = rows.defer("product__criteria_set__data").prefetch_related(PHOTOS)
    return with_record(rows, day).order_by("-valid_from", "-pk").first()


def slug_of(certificate: Certificate) -> str:
    return slugify(without_marks(certificate.product_name))[:80] or "san-pham"


def address_of(certificate: Certificate) -> str:
    """The path of a product's public page."""
    return reverse(
        "evaluation:catalogue_detail",
        kwargs={"pk": certificate.product_id, "slug": slug_of(certificate)},
    )


class CatalogueFilter(django_filters.FilterSet):
    """What visitors look for: words, a district, a kind of product, stars."""

    q = django_filters.CharFilter(
        label="Tên sản phẩm, chủ thể, địa phương", method="search", widget=forms.SearchInput
    )
    district = django_filters.ModelChoiceFilter(
        field_name="product__district",
        label="Quận, huyện, thị xã",
        queryset=AdministrativeUnit.objects.none(),
        empty_label="Tất cả địa bàn",
    )
    group = django_filters.ModelChoiceFilter(
        field_name="product__criteria_set",
        label="Bộ sản phẩm",
        queryset=CriteriaSet.objects.none(),
        empty_label="Tất cả bộ sản phẩm",
    )
    stars = django_filters.ChoiceFilter(
        label="Hạng sao",
        choices=[(str(stars), f"{stars} sao") for stars in STARS],
        empty_label="Tất cả hạng",
    )

    class Meta:
        model = Certificate
        fields = ["q", "district", "group", "stars"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = Certificate.objects.valid_on(timezone.localdate())
        self.filters["district"].queryset = AdministrativeUnit.objects.filter(
            pk__in=shown.values("product__district")
        ).order_by("name")
        self.filters["group"].queryset = (
            CriteriaSet.objects.filter(pk__in=shown.values("product__criteria_set"))
            .defer("data")
            .order_by("name")
        )

    def search(self, rows: Any, _name: str, text: str) -> Any:
        return rows.filter(product__in=Product.objects.search(text[:100]).values("pk"))
