"""The public catalogue of recognised products: the same for everybody, so it may be cached."""

from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as sitemap_view
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from evaluation.catalogue import (
    CatalogueFilter,
    address_of,
    latest_of,
    public_photo,
    recognised_on,
    slug_of,
)
from evaluation.models import Certificate
from ocop_portal.models import StoredFile
from ocop_portal.paging import page_of
from ocop_portal.permissions import public
from products.models import ProductPhoto

PAGE_SIZE = 24
MINUTES = 5
# A photo whose owner takes back the consent is gone from caches within the hour.
PHOTO_MINUTES = 60


@require_safe
@public
@cache_control(public=True, max_age=MINUTES * 60)
def catalogue_list(request: HttpRequest) -> HttpResponse:
    """The products with a certificate in force today."""
    rows = recognised_on(timezone.localdate())
    listing = CatalogueFilter(request.GET, rows)
    context = {
        "filter": listing,
        "page": page_of(request, listing.qs, size=PAGE_SIZE),
        "address": settings.PUBLIC_URL + reverse("evaluation:catalogue_list"),
    }
    return render(request, "evaluation/catalogue_list.html", context)


@require_safe
@public
@cache_control(public=True, max_age=MINUTES * 60)
def catalogue_detail(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One recognised product; where its certificate has ended, the page says so."""
    today = timezone.localdate()
    certificate = latest_of(pk, today)
    if certificate is None:
        raise Http404
    if slug != slug_of(certificate):
        return redirect(address_of(certificate), permanent=True)
    context = {
        "certificate": certificate,
        "status": certificate.status_on(today),
        "public_url": settings.PUBLIC_URL,
        "address": settings.PUBLIC_URL + address_of(certificate),
    }
    return render(request, "evaluation/catalogue_detail.html", context)


@require_safe
@public
@cache_control(public=True, max_age=PHOTO_MINUTES * 60)
def catalogue_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A photo of a product in the catalogue, in full size."""
    return _picture(request, _public_photo(pk).stored)


@require_safe
@public
@cache_control(public=True, max_age=PHOTO_MINUTES * 60)
def catalogue_photo_small(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A photo of a product in the catalogue, as cards show it."""
    return _picture(request, _public_photo(pk).small)


def _public_photo(pk: int) -> ProductPhoto:
    """The photo; 404 once the consent or the product has gone from the catalogue."""
    photo = public_photo(pk, timezone.localdate())
    if photo is None:
        raise Http404
    return photo


def _picture(request: HttpRequest, stored: StoredFile) -> HttpResponseBase:
    known = get_conditional_response(request, etag=quote_etag(stored.sha256))
    if known is not None:
        return known
    picture = FileResponse(stored.file.open("rb"), content_type="image/jpeg")
    picture["ETag"] = quote_etag(stored.sha256)
    return picture


class CatalogueSitemap(Sitemap):
    """The products in force, for search engines; addresses from the settings, not the request."""

    changefreq = "weekly"

    def items(self) -> Any:
        return Certificate.objects.valid_on(timezone.localdate()).order_by("pk")

    def location(self, item: Certificate) -> str:
        return address_of(item)

    def lastmod(self, item: Certificate) -> Any:
        return item.issued_at

    def get_domain(self, site: Any = None) -> str:
        return settings.PUBLIC_URL.partition("://")[2]

    def get_protocol(self, protocol: str | None = None) -> str:
        return settings.PUBLIC_URL.partition("://")[0]


@require_safe
@public
@cache_control(public=True, max_age=3600)
def sitemap(request: HttpRequest) -> HttpResponse:
    """Where search engines find the catalogue."""
    return sitemap_view(request, {"products": CatalogueSitemap})


@require_safe
@public
@cache_control(public=True, max_age=3600)
def robots(_request: HttpRequest) -> HttpResponse:
    """Search engines read the catalogue and nothing else of the portal."""
    place = settings.PUBLIC_URL + reverse("evaluation:sitemap")
    catalogue = reverse("evaluation:catalogue_list")
    lines = ["User-agent: *", f"Allow: {catalogue}", "Disallow: /", f"Sitemap: {place}"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
