"""The second fence: which permission opens a page. Every view of the portal declares one."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]


def requires(permission: str) -> Callable[[View], View]:
    """Open the view only to people with `permission`; others get 403.

    Facts about the single record (own district, own council) are the third fence: querysets
    scoped by `visible_to(user)` and the permission checks inside actions.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def public(view: View) -> View:
    """A page for everybody, without sign-in."""
    opened = login_not_required(view)
    opened.required_permission = None  # type: ignore[attr-defined]
    return opened


def for_everyone_signed_in(view: View) -> View:
    """A page that every account has: the landing page, one's own account."""
    view.required_permission = ""  # type: ignore[attr-defined]
    return view
