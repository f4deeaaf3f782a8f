"""Pages that belong to no app: the landing page, background jobs, notices, files, health."""

from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocop_portal import file_access, jobs, notices
from ocop_portal.file_forms import FileLogFilter, FileReasonForm
from ocop_portal.fragments import wants_fragment
from ocop_portal.home import landing_page
from ocop_portal.models import FileAccess, FileAccessReason, Job, Notice
from ocop_portal.paging import page_of
from ocop_portal.permissions import for_everyone_signed_in, public, requires


@require_safe
@for_everyone_signed_in
def home(request: HttpRequest) -> HttpResponse:
    """What there is to do now, for the person who asks."""
    return render(request, "home.html", {"page": landing_page(request.user)})


@require_safe
@for_everyone_signed_in
def job_list(request: HttpRequest) -> HttpResponse:
    """The background work of the person who asks, newest first."""
    rows = Job.objects.visible_to(request.user).select_related("owner").defer("parameters")
    return render(request, "jobs/job_list.html", {"page": page_of(request, rows)})


@require_safe
@for_everyone_signed_in
def job_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One job with its bar; htmx fetches the bar again until the job ends."""
    template = "jobs/job_detail.html"
    if wants_fragment(request):
        template += "#progress"
    job = _job(request, pk)
    context = {"job": job, "may_fetch": jobs.may_fetch(job, request.user)}
    return render(request, template, context)


@require_POST
@for_everyone_signed_in
def job_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop after the item in hand."""
    return redirect(jobs.cancel(_job(request, pk), by=request.user))


@require_POST
@for_everyone_signed_in
def job_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on, and try again what failed."""
    return redirect(jobs.resume(_job(request, pk), by=request.user))


@require_safe
@for_everyone_signed_in
def job_result(request: HttpRequest, pk: int) -> FileResponse:
    """The file that the job made."""
    job = _job(request, pk)
    if not job.result or not jobs.may_fetch(job, request.user):
        raise Http404
    return FileResponse(job.result.open("rb"), as_attachment=True, filename=job.result_name)


def _job(request: HttpRequest, pk: int) -> Job:
    rows = Job.objects.visible_to(request.user).select_related("owner").defer("parameters")
    return get_object_or_404(rows, pk=pk)


@require_safe
@for_everyone_signed_in
def notice_list(request: HttpRequest) -> HttpResponse:
    """What the person was told, newest first."""
    rows = Notice.objects.visible_to(request.user)
    context = {"page": page_of(request, rows), "unread": rows.unread().count()}
    return render(request, "notices/notice_list.html", context)


@require_POST
@for_everyone_signed_in
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Go where a notice points to; it has been read then."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    Notice.objects.filter(pk=pk, read_at=None).update(read_at=timezone.now())
    return redirect(notice.url or "notice_list")


@require_POST
@for_everyone_signed_in
def notices_read(request: HttpRequest) -> HttpResponse:
    """All of them have been read."""
    rows = Notice.objects.visible_to(request.user).unread()
    messages.success(request, f"Đã đánh dấu {rows.update(read_at=timezone.now())} thông báo.")
    return redirect("notice_list")


@require_http_methods(["GET", "HEAD", "POST"])
@for_everyone_signed_in
def notice_choices(request: HttpRequest) -> HttpResponse:
    """Which kinds of notices also come by e-mail."""
    if request.method == "POST":
        notices.choose_emails(request.POST.getlist("kind"), by=request.user)
        messages.success(request, "Đã lưu lựa chọn nhận thư.")
        return redirect("notice_list")
    rows = notices.choices_of(request.user)
    return render(request, "notices/notice_choices.html", {"rows": rows})


@require_safe
@requires("ocop_portal.see_file_log")
def file_log(request: HttpRequest) -> HttpResponse:
    """Who has taken whose files, newest first; and the reasons of those who took very many."""
    rows = FileAccess.objects.select_related("by")
    listing = FileLogFilter(request.GET, rows)
    context = {
        "filter": listing,
        "page": page_of(request, listing.qs),
        "reasons": FileAccessReason.objects.select_related("by")[:5],
    }
    return render(request, "files/file_log.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_everyone_signed_in
def file_reason(request: HttpRequest) -> HttpResponse:
    """Say why the files of so many records are needed, then go on with the download."""
    form = FileReasonForm(request.POST or None, initial={"next": request.GET.get("next", "")})
    if request.method == "POST" and form.is_valid():
        file_access.give_reason(form.cleaned_data["reason"], by=request.user)
        onward = form.cleaned_data["next"]
        if not url_has_allowed_host_and_scheme(onward, allowed_hosts=None):
            onward = "home"
        messages.success(request, "Đã ghi lý do. Trong 24 giờ tới bạn tải tiếp được.")
        return redirect(onward)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "limit": settings.FILE_SUBJECTS_PER_DAY}
    return render(request, "files/file_reason.html", context, status=status)


@require_safe
@public
def health(_request: HttpRequest) -> JsonResponse:
    """For monitoring: 200 while the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        return JsonResponse({"database": "down"}, status=503)
    return JsonResponse({"database": "ok"})


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from a page that was open too long, or from elsewhere."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
