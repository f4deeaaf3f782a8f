"""What every list has beside its page: own columns, saved filters, export, work on many rows.

The list says which permission opens it; each view here asks for that.
"""

import hashlib
import secrets
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from ocop_portal import list_actions, list_exports
from ocop_portal.list_forms import SavedFilterForm, SaveFilterForm
from ocop_portal.listing import Listing, ListPage, chosen_columns, listing_named
from ocop_portal.models import SavedFilter
from ocop_portal.permissions import for_everyone_signed_in

# More rows than this no file holds; the most that a spreadsheet takes is a little more.
MOST_EXPORTED = 1_000_000


def list_page(
    request: HttpRequest, listing: Listing, template: str, **context: Any
) -> HttpResponse:
    """The page of a list; `context` is what its own template shows beside it."""
    page = ListPage(listing, request)
    context = {"page": page, "filter": page.filter, **context}
    return render(request, template, context)


@require_POST
@for_everyone_signed_in
def list_columns(request: HttpRequest, name: str) -> HttpResponse:
    """Remember which columns the person wants to see; without a choice, the usual ones."""
    listing = _listing(request, name)
    user: Any = request.user
    if "usual" in request.POST:
        SavedFilter.objects.filter(user=user, listing=name, name="").delete()
    else:
        possible = {column.name for column in listing.columns_for(user)}
        chosen = [name for name in request.POST.getlist("column") if name in possible]
        SavedFilter.objects.update_or_create(
            user=user, listing=name, name="", defaults={"columns": chosen}
        )
    messages.success(request, "Đã đổi các cột của danh sách.")
    return redirect(_back(request, listing))


@require_POST
@for_everyone_signed_in
def filter_save(request: HttpRequest, name: str) -> HttpResponse:
    """Keep the conditions of the list under a name; a name that is there gets these conditions."""
    listing = _listing(request, name)
    form = SaveFilterForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Hãy đặt tên cho bộ lọc (tối đa 60 ký tự).")
        return redirect(_back(request, listing))
    user: Any = request.user
    saved, created = SavedFilter.objects.update_or_create(
        user=user,
        listing=name,
        name=form.cleaned_data["name"],
        defaults={"query": _state(request, listing)},
    )
    said = "Đã lưu bộ lọc" if created else "Đã cập nhật bộ lọc"
    messages.success(request, f"{said} “{saved.name}”.")
    return redirect(_back(request, listing))


@require_http_methods(["GET", "HEAD", "POST"])
@for_everyone_signed_in
def filter_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name for a saved filter."""
    saved = _saved(request, pk)
    listing = listing_named(saved.listing)
    form = SavedFilterForm(request.POST or None, instance=saved)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"Đã đổi tên bộ lọc thành “{saved.name}”.")
        return redirect(f"{listing.url}?{saved.query}")
    context = {"form": form, "saved": SavedFilter.objects.get(pk=pk), "listing": listing}
    return render(request, "listing/filter_form.html", context, status=status)


@require_POST
@for_everyone_signed_in
def filter_delete(request: HttpRequest, pk: int) -> HttpResponse:
    saved = _saved(request, pk)
    saved.delete()
    messages.success(request, f"Đã xóa bộ lọc “{saved.name}”.")
    return redirect(listing_named(saved.listing).url)


@require_POST
@for_everyone_signed_in
def list_export(request: HttpRequest, name: str) -> HttpResponseBase:
    """The rows of the filter, or those that are ticked, as a file: at once or by a worker."""
    listing = _listing(request, name)
    kind = request.POST.get("format", "xlsx")
    if kind not in list_exports.FORMATS:
        raise Http404
    columns = listing.columns_for(request.user)
    if "every_column" not in request.POST:
        columns = chosen_columns(listing, request.user)
    keys = _keys(request, listing, all_by_default=True)
    about = _about(request, listing)
    if len(keys) > list_exports.AT_ONCE:
        wanted = repr((keys, kind, [column.name for column in columns])).encode()
        key = f"{request.POST.get('token', '')[:40]}/{hashlib.sha256(wanted).hexdigest()[:32]}"
        job = list_exports.start(listing, columns, keys, kind, about, by=request.user, key=key)
        return redirect(job)
    return FileResponse(
        list_exports.make(listing, columns, keys, kind, about),
        as_attachment=True,
        filename=list_exports.file_name(listing, kind),
        content_type=list_exports.CONTENT_TYPES[kind],
    )


@require_POST
@for_everyone_signed_in
def list_action(request: HttpRequest, name: str) -> HttpResponse:
    """Work on many rows: what would be done is shown first, then confirmed."""
    listing = _listing(request, name)
    action = list_actions.action_named(listing, request.POST.get("action", ""), request.user)
    keys = _keys(request, listing, most=list_actions.MOST + 1)
    preview = list_actions.preview(listing, action, keys, request.user)
    confirmed = "confirmed" in request.POST
    token = request.POST.get("token", "")[:40] if confirmed else secrets.token_urlsafe(12)
    form = action.form(request.POST if confirmed else None) if action.form else None
    if confirmed and (form is None or form.is_valid()):
        values = {field: request.POST.get(field, "") for field in (form.fields if form else ())}
        job = list_actions.start(listing, action, keys, values, by=request.user, key=token)
        return redirect(job)
    context = {
        "listing": listing,
        "action": action,
        "preview": preview,
        "form": form,
        "keys": keys,
        "state": _state(request, listing),
        "token": token,
    }
    return render(request, "listing/action.html", context, status=422 if confirmed else 200)


def _listing(request: HttpRequest, name: str) -> Listing:
    listing = listing_named(name)
    if not request.user.has_perm(listing.permission):
        raise PermissionDenied
    return listing


def _saved(request: HttpRequest, pk: int) -> SavedFilter:
    return get_object_or_404(SavedFilter.objects.visible_to(request.user), pk=pk)


def _query(request: HttpRequest) -> QueryDict:
    """The address of the list that the form was on."""
    return QueryDict(request.POST.get("query", "")[:2000])


def _state(request: HttpRequest, listing: Listing) -> str:
    return listing.state_of(_query(request))


def _back(request: HttpRequest, listing: Listing) -> str:
    return f"{listing.url}?{_state(request, listing)}"


def _keys(
    request: HttpRequest,
    listing: Listing,
    *,
    all_by_default: bool = False,
    most: int = MOST_EXPORTED,
) -> list[int]:
    """The rows that are meant, in the order of the list: the ticked ones, or all of the filter.

    Ticked rows that the person may not see are no rows.
    """
    ticked = [value for value in request.POST.getlist("row") if value.isascii() and value.isdigit()]
    wants_all = "all" in request.POST or (all_by_default and not ticked)
    rows = listing.sorted_rows(request.user, _query(request))
    if not wants_all:
        rows = rows.filter(pk__in=[value for value in ticked if len(value) < 19])
    return list(rows.values_list("pk", flat=True)[:most])


def _about(request: HttpRequest, listing: Listing) -> list_exports.About:
    user: Any = request.user
    form = listing.filtered(user, _query(request)).form
    return list_exports.About(
        title=listing.title,
        conditions=listing.conditions_in_words(form),
        made=f"{timezone.localtime():%H:%M %d/%m/%Y}",
        by=str(user),
    )
