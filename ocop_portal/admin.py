"""The admin site is for system administrators only; to everybody else it does not exist (A9)."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse


class SystemAdminSite(AdminSite):
    site_header = "Quản trị hệ thống OCOP"
    site_title = "Quản trị OCOP"
    index_title = "Dữ liệu hệ thống"

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and request.user.is_superuser

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who is signed in and still comes here may not know that there is anything."""
        raise Http404
