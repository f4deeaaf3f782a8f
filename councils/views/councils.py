"""Pages of councils: who sits in them, and setting them up."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from councils import actions
from councils.forms import CouncilForm
from councils.listings import COUNCILS
from councils.models import Council
from ocop_portal.forms import Form, ModelForm
from ocop_portal.list_views import list_page
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@requires("councils.see_councils")
def council_list(request: HttpRequest) -> HttpResponse:
    """One's councils."""
    return list_page(request, COUNCILS, "councils/council_list.html")


@require_safe
@requires("councils.see_councils")
def council_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One council with its members, those it had, and its sessions."""
    council = council_for(request, pk)
    members = council.members.select_related("user", "agency")
    now = Q(member_to__isnull=True) | Q(member_to__gte=timezone.localdate())
    context = {
        "council": council,
        "members": members.filter(now),
        "former": members.exclude(now).order_by("-member_to", "pk"),
        "sessions": council.sessions.all()[:20],
        "keeps": Council.objects.kept_by(request.user).filter(pk=council.pk).exists(),
        "edits": request.user.has_perm("councils.edit_councils", council),
    }
    return render(request, "councils/council_detail.html", context)


@require_http_methods(FORM_METHODS)
@requires("councils.edit_councils")
def council_create(request: HttpRequest) -> HttpResponse:
    """Enter a council after the decision that establishes it."""
    form = CouncilForm(request.POST or None, user=request.user)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            council = actions.create_council(by=request.user, **form.cleaned_data)
        except Refused as refusal:
            status = explain(form, refusal)
        else:
            messages.success(request, "Đã lập hội đồng. Hãy ghi các thành viên theo quyết định.")
            return redirect(council)
    return render(request, "councils/council_form.html", {"form": form}, status=status)


@require_http_methods(FORM_METHODS)
@requires("councils.edit_councils")
def council_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct the facts of a council."""
    council = council_for(request, pk)
    form = CouncilForm(request.POST or None, instance=council, user=request.user)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_council(council, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            status = explain(form, refusal)
        else:
            messages.success(request, "Đã lưu thông tin hội đồng.")
            return redirect(council)
    context = {"form": form, "council": council_for(request, pk)}
    return render(request, "councils/council_form.html", context, status=status)


def council_for(request: HttpRequest, pk: int) -> Council:
    """A council that the person may see, else 404."""
    rows = Council.objects.visible_to(request.user).select_related("unit")
    return get_object_or_404(rows, pk=pk)


def explain(form: Form | ModelForm, refusal: Refused) -> int:
    """Put the reasons at the top of the form, where what was typed stays; returns the status."""
    for problem in refusal.problems:
        form.add_error(None, problem.message)
    return refusal.status_code
