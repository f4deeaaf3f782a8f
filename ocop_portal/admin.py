"""The admin site is for system administrators only; to everybody else it does not exist (A9)."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator


class SystemAdminSite(AdminSite):
    site_header = "Quản trị hệ thống OCOP"
    site_title = "Quản trị OCOP"
    index_title = "Dữ liệu hệ thống"

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and request.user.is_superuser

    def admin_view(self, view: Callable[..., HttpResponseBase], cacheable: bool = False) -> Any:
        """Ask strangers to sign in where everybody does; give others no hint of an admin site."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise Http404
            return inner(request, *args, **kwargs)

        return guarded

    @method_decorator(login_not_required)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The admin site has no sign-in of its own."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next", "/"))
        raise Http404
