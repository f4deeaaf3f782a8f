"""Seating members: adding, ending, replacing. The forms name the council, never a foreign seat."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from councils import actions
from councils.forms import EndMembershipForm, MemberForm, PersonSearchForm, ReplacementForm
from councils.models import Council
from councils.views.councils import FORM_METHODS, council_for, explain
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused


@require_http_methods(FORM_METHODS)
@requires("councils.edit_councils")
def council_member_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Seat somebody: find the account by its name, then say in which position and from when."""
    council = council_for(request, pk)
    search, text = _search(request)
    initial = {"member_from": _begin(council), "position": "member"}
    form = MemberForm(request.POST or None, initial=initial, council=council, text=text)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            seat = actions.add_member(council, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            status = explain(form, refusal)
        else:
            messages.success(request, f"Đã ghi thành viên: {seat}.")
            return redirect(request.path if "again" in request.POST else council)
    context = {"council": council, "form": form, "search": search}
    return render(request, "councils/member_form.html", context, status=status)


@require_http_methods(FORM_METHODS)
@requires("councils.edit_councils")
def council_member_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a membership end with a day; it stays in the history of the council."""
    council = council_for(request, pk)
    initial = {"member": request.GET.get("thanh-vien"), "last_day": timezone.localdate()}
    form = EndMembershipForm(request.POST or None, initial=initial, council=council)
    status = 200
    if request.method == "POST" and form.is_valid():
        seat, last_day = form.cleaned_data["member"], form.cleaned_data["last_day"]
        try:
            actions.end_membership(seat, last_day=last_day, by=request.user)
        except Refused as refusal:
            status = explain(form, refusal)
        else:
            messages.success(request, f"{seat.user} tham gia đến hết {last_day:%d/%m/%Y}.")
            return redirect(council)
    context = {"council": council, "form": form}
    return render(request, "councils/member_end.html", context, status=status)


@require_http_methods(FORM_METHODS)
@requires("councils.edit_councils")
def council_member_replace(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a member's seat to another person in one step."""
    council = council_for(request, pk)
    leaving = request.GET.get("thanh-vien", "")
    search, text = _search(request)
    initial = {"member": leaving, "member_from": timezone.localdate()}
    form = ReplacementForm(request.POST or None, initial=initial, council=council, text=text)
    status = 200
    if request.method == "POST" and form.is_valid():
        values: dict[str, Any] = dict(form.cleaned_data)
        seat = values.pop("member")
        try:
            successor = actions.replace_member(seat, by=request.user, **values)
        except Refused as refusal:
            status = explain(form, refusal)
        else:
            messages.success(request, f"{successor} thay {seat.user}.")
            return redirect(council)
    context = {"council": council, "form": form, "search": search, "leaving": leaving}
    return render(request, "councils/member_replace.html", context, status=status)


def _search(request: HttpRequest) -> tuple[PersonSearchForm, str]:
    """The form that looks for a person (in the address), and the words that it gives."""
    form = PersonSearchForm(request.GET if "q" in request.GET else None)
    return form, form.cleaned_data["q"] if form.is_valid() else ""


def _begin(council: Council) -> date:
    """When a new member most likely begins: with the term, later members today."""
    return timezone.localdate() if council.sessions.exists() else council.term_from
