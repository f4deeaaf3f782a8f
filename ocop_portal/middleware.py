"""What every answer of the portal has in common."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_cache_control

from ocop_portal.file_access import ReasonNeeded
from ocop_portal.problems import Refused

GetResponse = Callable[[HttpRequest], HttpResponse]


class NoStoreMiddleware:
    """Pages of signed-in people are never kept by the browser (abuse case W11)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
            patch_cache_control(response, no_store=True, private=True)
        return response


class RefusalMiddleware:
    """Turn `Refused` into a page, or a fragment for htmx, with its status code: one place."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, ReasonNeeded):
            return redirect(f"{reverse('file_reason')}?{urlencode({'next': _way_back(request)})}")
        if not isinstance(exception, Refused):
            return None
        template = "_refused.html" if request.headers.get("HX-Request") else "refused.html"
        context = {"problems": exception.problems, "back_url": request.headers.get("Referer", "")}
        return render(request, template, context, status=exception.status_code)


def _way_back(request: HttpRequest) -> str:
    """The address to go on with: the download itself, or the page whose button was pressed."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    return urlsplit(request.headers.get("Referer", "")).path or reverse("home")
