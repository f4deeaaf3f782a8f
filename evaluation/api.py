"""The catalogue as data: a read-only JSON interface with an OpenAPI description."""

from datetime import date
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Field, NinjaAPI, Path, Query, Schema
from ninja.errors import HttpError, ValidationError

from evaluation.catalogue import (
    address_of,
    photo_address,
    recognised_on,
    small_photo_address,
    with_record,
)
from evaluation.models import Certificate
from products.models import Product, ProductPhoto

api = NinjaAPI(
    title="Danh mục sản phẩm OCOP đã công nhận",
    description="Read-only data of the products whose OCOP certificate is in force today. "
    "Rows come in a fixed order; `next` leads to the rows after the last one shown.",
    version="1.0",
    docs_url=None,
    openapi_url="openapi.json",
    urls_namespace="api",
)
PAGE_SIZE = 50


class PhotoOut(Schema):
    """A photo whose owner agrees to its publication; the first one is the main one."""

    url: str
    width: int
    height: int
    small_url: str
    small_width: int
    small_height: int
    alt: str
    caption: str

    @classmethod
    def of(cls, photo: ProductPhoto) -> "PhotoOut":
        return cls(
            url=settings.PUBLIC_URL + photo_address(photo),
            width=photo.width,
            height=photo.height,
            small_url=settings.PUBLIC_URL + small_photo_address(photo),
            small_width=photo.small_width,
            small_height=photo.small_height,
            alt=photo.alt_text,
            caption=photo.caption,
        )


class StandardOut(Schema):
    """A standard or certificate of quality that holds today."""

    kind: str
    name: str
    number: str
    issuer: str
    valid_until: date | None


class PropertyOut(Schema):
    """A granted right of intellectual property."""

    kind: str
    name: str
    number: str


class PackageOut(Schema):
    """One way in which the product is sold."""

    kind: str
    net_content: str
    gtin: str | None = Field(description="EAN-8, EAN-13 or GTIN-14 of the package")


class ProductOut(Schema):
    """One recognised product."""

    id: int = Field(description="Number of the product in the portal")
    name: str
    producer: str
    district: str
    commune: str | None = Field(description="Commune or ward where it is known")
    group: str | None = Field(description="Product set of the regulation it is classified by")
    stars: int = Field(ge=3, le=5)
    certificate_number: str
    decision_number: str
    valid_from: date
    valid_until: date
    story: str
    photos: list[PhotoOut]
    standards: list[StandardOut]
    intellectual_property: list[PropertyOut]
    packages: list[PackageOut]
    trace_code: str
    trace_url: str = Field(description="Where the origin of the product can be traced")
    url: str = Field(description="Public page of the product")
    verify_url: str = Field(description="Public check of the certificate")

    @classmethod
    def of(cls, row: Certificate) -> "ProductOut":
        product: Any = row.product
        commune = product.unit.full_name if product.unit_id != product.district_id else None
        return cls(
            id=product.pk,
            name=row.product_name,
            producer=row.producer_name,
            district=product.district.full_name,
            commune=commune,
            group=product.criteria_set.name if product.criteria_set else None,
            stars=row.stars,
            certificate_number=row.number,
            decision_number=row.decision.number,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            story=product.story,
            photos=[PhotoOut.of(photo) for photo in product.shown_photos],
            standards=[
                StandardOut(
                    kind=row.kind,
                    name=row.label,
                    number=row.number,
                    issuer=row.issuer,
                    valid_until=row.valid_until,
                )
                for row in product.shown_standards
            ],
            intellectual_property=[
                PropertyOut(kind=row.kind, name=row.title, number=row.number)
                for row in product.shown_properties
            ],
            packages=[
                PackageOut(kind=row.kind, net_content=row.net_content, gtin=row.barcode or None)
                for row in product.packages.all()
            ],
            trace_code=product.trace_code,
            trace_url=product.trace_url,
            url=settings.PUBLIC_URL + address_of(row),
            verify_url=row.verify_url,
        )


class ProductPage(Schema):
    """Some of the products, and where the next ones are."""

    as_of: date
    items: list[ProductOut]
    next: str | None


class ProductQuery(Schema):
    """What to look for."""

    q: str = Field("", max_length=100, description="Words, with or without Vietnamese marks")
    district: str = Field("", max_length=5, description="Code of a district of the 2021 list")
    stars: int | None = Field(None, ge=3, le=5)
    limit: int = Field(PAGE_SIZE, ge=1, le=200)
    after: int = Field(0, ge=0, description="Only products with a higher number")


@api.get("/products", response=ProductPage, url_name="products", summary="List products")
def products(request: HttpRequest, query: Query[ProductQuery]) -> ProductPage:  # noqa: ARG001
    """The products in force today, by their number."""
    today = timezone.localdate()
    rows = with_record(recognised_on(today), today).filter(product__gt=query.after)
    rows = rows.order_by("product")
    if query.q:
        rows = rows.filter(product__in=Product.objects.search(query.q).values("pk"))
    if query.district:
        rows = rows.filter(product__district__code=query.district)
    if query.stars:
        rows = rows.filter(stars=query.stars)
    found = list(rows[: query.limit + 1])
    shown = found[: query.limit]
    following = None
    if len(found) > query.limit:
        asked = query.dict(exclude_defaults=True) | {"after": shown[-1].product_id}
        words = "&".join(f"{name}={_quoted(value)}" for name, value in asked.items())
        following = f"{settings.PUBLIC_URL}{reverse('api:products')}?{words}"
    return ProductPage(as_of=today, items=[ProductOut.of(row) for row in shown], next=following)


@api.get("/products/{number}", response=ProductOut, url_name="product", summary="One product")
def product(request: HttpRequest, number: Path[int]) -> ProductOut:  # noqa: ARG001
    """One product in force today; 404 for any other."""
    in_range = Q(product=number) if number < 2**63 else Q(pk__in=[])
    today = timezone.localdate()
    row = with_record(recognised_on(today), today).filter(in_range).first()
    if row is None:
        raise HttpError(404, "Không có sản phẩm đang được công nhận với số này.")
    return ProductOut.of(row)


@api.exception_handler(ValidationError)
def tell_what_is_wrong(request: HttpRequest, error: ValidationError) -> Any:
    """The fields that could not be read, without echoing what was sent."""
    fields = sorted({str(problem["loc"][-1]) for problem in error.errors})
    return api.create_response(
        request, {"detail": "Tham số không hợp lệ.", "fields": fields}, status=422
    )


def _quoted(value: object) -> str:
    return quote(str(value))
