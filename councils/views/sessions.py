"""Pages of sessions while they are prepared."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from councils import actions
from councils.forms import AgendaForm, AttendanceForm, SessionForm
from councils.invitations import invite, invited
from councils.listings import SESSIONS
from councils.models import AgendaItem, ConflictDeclaration, Session
from ocop_portal.fragments import wants_fragment
from ocop_portal.list_views import list_page
from ocop_portal.permissions import requires
from products.models import Dossier


@require_safe
@requires("councils.see_sessions")
def session_list(request: HttpRequest) -> HttpResponse:
    """The sessions of one's councils, the latest first."""
    return list_page(request, SESSIONS, "councils/session_list.html")


@require_http_methods(["GET", "HEAD", "POST"])
@requires("councils.keep_sessions")
def session_create(request: HttpRequest) -> HttpResponse:
    """Plan a sitting of a council that one is the secretary of."""
    initial = {"council": request.GET.get("council")}
    form = SessionForm(request.POST or None, initial=initial, user=request.user)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        session = actions.create_session(values.pop("council"), by=request.user, **values)
        messages.success(request, "Đã lập phiên họp. Hãy chọn hồ sơ đưa vào chương trình.")
        return redirect(session)
    return render(request, "councils/session_form.html", {"form": form})


@require_safe
@requires("councils.see_sessions")
def session_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A session: preparing it, or what evaluation shows of it once it is open."""
    session = _session(request, pk)
    if session.state != Session.State.PLANNED:
        return redirect("evaluation:session_board", pk=session.pk)
    keeps = request.user.has_perm("councils.keep_sessions", session)
    waiting = session.council.waiting_dossiers() if keeps else Dossier.objects.none()
    agenda = session.agenda.select_related(
        "dossier__product__producer", "dossier__product__district", "dossier__criteria_set"
    ).defer("dossier__criteria_set__data")
    context = {
        "session": session,
        "agenda": agenda,
        "gone": {item.pk for item in session.agenda.gone_on()} if agenda else set(),
        "waiting": waiting.select_related("product__producer", "product__district", "criteria_set")
        .defer("criteria_set__data")
        .order_by("received_on", "pk"),
        "attendance": session.attendance.select_related("member__user", "member__agency"),
        "keeps": keeps,
        "recusals": ConflictDeclaration.objects.worth_knowing(session) if keeps else [],
        "declares": request.user.has_perm("councils.declare_conflicts", session),
        "invited": invited(session) if keeps else None,
    }
    return render(request, "councils/session_detail.html", context)


@require_POST
@requires("councils.keep_sessions")
def session_invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the members of the day, time and place."""
    told = invite(_session(request, pk), by=request.user)
    if told:
        messages.success(request, f"Đã gửi giấy mời đến {told} người.")
    else:
        messages.info(request, "Mọi thành viên đã nhận giấy mời này từ trước.")
    return redirect("councils:session_detail", pk=pk)


@require_POST
@requires("councils.keep_sessions")
def agenda_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Put ticked dossiers on the agenda. Of those that do not wait for the council it is only
    said that there are some, never which (abuse cases A1, A2).
    """
    session = _session(request, pk)
    form = AgendaForm(request.POST, session=session)
    chosen = list(form.cleaned_data["dossier"]) if form.is_valid() else []
    added = actions.add_to_agenda(session, chosen, by=request.user)
    asked = set(request.POST.getlist("dossier"))
    if added:
        messages.success(request, f"Đã đưa {added} hồ sơ vào chương trình.")
    if added < len(asked):
        messages.warning(
            request, "Có hồ sơ không còn chờ hội đồng này nên không được đưa vào chương trình."
        )
    if not asked:
        messages.error(request, "Chưa chọn hồ sơ nào.")
    return redirect(session)


@require_POST
@requires("councils.keep_sessions")
def agenda_remove(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Session.objects.visible_to(request.user).values("pk")
    item = get_object_or_404(
        AgendaItem.objects.select_related("session"), pk=pk, session__in=visible
    )
    actions.remove_from_agenda(item, by=request.user)
    messages.success(request, "Đã bỏ hồ sơ khỏi chương trình.")
    return redirect(item.session)


@require_POST
@requires("councils.keep_sessions")
def attendance_save(request: HttpRequest, pk: int) -> HttpResponse:
    session = _session(request, pk)
    form = AttendanceForm(request.POST, session=session)
    members = form.cleaned_data["member"] if form.is_valid() else []
    actions.record_attendance(session, members, by=request.user)
    if wants_fragment(request):
        context = {"saved_at": timezone.localtime(), "present_count": len(members)}
        return render(request, "councils/session_detail.html#attended", context)
    messages.success(request, "Đã ghi điểm danh.")
    return redirect(session)


def _session(request: HttpRequest, pk: int) -> Session:
    rows = Session.objects.visible_to(request.user).select_related("council__unit")
    return get_object_or_404(rows, pk=pk)
