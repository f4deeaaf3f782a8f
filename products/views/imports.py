"""Import of workbooks: upload, preview, save."""

from django.contrib import messages
from django.db.models import Count
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocop_portal.fragments import wants_fragment
from ocop_portal.models import Job
from ocop_portal.paging import page_of
from ocop_portal.permissions import requires
from products.actions import import_undo as undoing
from products.actions import imports as actions
from products.forms import WorkbookForm
from products.import_undo import plan_undo
from products.marked_workbook import marked_workbook
from products.models import ImportBatch, ImportRow
from products.workbook import WorkbookError

Outcome = ImportRow.Outcome
ROWS_SHOWN = 50
NOTES_SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
@requires("products.import_products")
def import_list(request: HttpRequest) -> HttpResponse:
    """Upload a workbook; earlier uploads below."""
    form = WorkbookForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(actions.upload_workbook(form.cleaned_data["file"], by=request.user))
        except WorkbookError as error:
            form.add_error("file", error.message)
            status = 422
    elif request.method == "POST":
        status = 422
    rows = ImportBatch.objects.visible_to(request.user).with_figures()
    context = {"form": form, "page": page_of(request, rows)}
    return render(request, "products/import_list.html", context, status=status)


@require_safe
@requires("products.import_products")
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview before saving, the report after."""
    batch = get_object_or_404(ImportBatch.objects.visible_to(request.user), pk=pk)
    if batch.state == ImportBatch.State.MAPPING:
        return redirect("products:import_columns", batch.pk)
    job = actions.job_of(batch)
    at_work = job is not None and not job.is_finished
    if wants_fragment(request) and not at_work:
        # The work is done: htmx loads the page with the result.
        return HttpResponse(headers={"HX-Refresh": "true"})
    if at_work or batch.state == ImportBatch.State.CHECKING:
        return _at_work(request, batch, job)
    report = batch.report
    counts = dict(batch.rows.values_list("outcome").order_by("outcome").annotate(n=Count("pk")))
    outcome = request.GET.get("outcome", "")
    rows = batch.rows.filter(outcome=outcome) if outcome else batch.rows.all()
    page = page_of(request, rows.defer("changes"), size=ROWS_SHOWN)
    context = {
        "batch": batch,
        "report": report,
        "page": page,
        "outcome": outcome,
        "notes_shown": NOTES_SHOWN,
        "job": job if batch.state != ImportBatch.State.UNDONE else None,
        "outcomes": [(key, text, counts.get(key, 0)) for key, text in Outcome.choices],
        "all_rows": sum(counts.values()),
        "outside": counts.get("outside", 0),
        "to_save": report["created"] + report["updated"],
    }
    return render(request, "products/import_detail.html", context)


@require_POST
@requires("products.import_products")
def import_save(request: HttpRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(ImportBatch.objects.visible_to(request.user), pk=pk)
    batch = actions.save_import(
        batch, leave_out_failed="leave_out_failed" in request.POST, by=request.user
    )
    if batch.state != ImportBatch.State.SAVED:
        return redirect(batch)  # a large workbook, which is saved in the background
    report = batch.report
    messages.success(
        request,
        f"Đã lưu: thêm {report['created']}, cập nhật {report['updated']} sản phẩm.",
    )
    return redirect(batch)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("products.import_products")
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What taking the import back would do; the POST does it."""
    batch = get_object_or_404(ImportBatch.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        batch = undoing.undo_import(
            batch, leave_out_used="leave_out_used" in request.POST, by=request.user
        )
        if batch.state == ImportBatch.State.UNDONE:
            messages.success(request, f"Đã hoàn tác {batch.undo_report['rows']} dòng.")
        return redirect(batch)
    if batch.state != ImportBatch.State.SAVED:
        return redirect(batch)
    context = {"batch": batch, "undo": undoing.report_of(plan_undo(batch))}
    return render(request, "products/import_undo.html", context)


@require_safe
@requires("products.import_products")
def import_marked(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The person's own workbook with the cells marked that need an eye."""
    batch = get_object_or_404(ImportBatch.objects.visible_to(request.user), pk=pk)
    notes = [*batch.report.get("problems", []), *batch.report.get("warnings", [])]
    if not notes:
        raise Http404
    file = marked_workbook(actions.book_of(batch), notes)
    stem = batch.original_name.rpartition(".")[0] or batch.original_name
    return FileResponse(file, as_attachment=True, filename=f"{stem} - cần sửa.xlsx")


def _at_work(request: HttpRequest, batch: ImportBatch, job: Job | None) -> HttpResponse:
    """The bar while a large workbook is checked or saved, or why that stopped."""
    template = "products/import_progress.html"
    if wants_fragment(request):
        template += "#progress"
    context = {"batch": batch, "job": job, "progress": actions.progress_of(batch)}
    return render(request, template, context)
