"""Import of workbooks: upload, preview, save."""

from collections import Counter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocop_portal.paging import page_of
from ocop_portal.permissions import requires
from products.actions import imports as actions
from products.forms import WorkbookForm
from products.models import ImportBatch
from products.workbook import WorkbookError

OUTCOME_TEXTS = {
    "created": ("Thêm mới", "success"),
    "updated": ("Cập nhật", "info"),
    "skipped": ("Đã có, không đổi", ""),
    "outside": ("Ngoài địa bàn, bỏ qua", "warning"),
}
ROWS_SHOWN = 50


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
    rows = ImportBatch.objects.visible_to(request.user)
    context = {"form": form, "page": page_of(request, rows)}
    return render(request, "products/import_list.html", context, status=status)


@require_safe
@requires("products.import_products")
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview before saving, the report after."""
    batch = get_object_or_404(ImportBatch.objects.visible_to(request.user), pk=pk)
    report = batch.report
    counts = Counter(row["outcome"] for row in report["rows"])
    outcome = request.GET.get("outcome", "")
    rows = [row for row in report["rows"] if not outcome or row["outcome"] == outcome]
    page = page_of(request, rows, size=ROWS_SHOWN)
    for row in page:
        row["text"], row["tone"] = OUTCOME_TEXTS[row["outcome"]]
    context = {
        "batch": batch,
        "report": report,
        "page": page,
        "outcome": outcome,
        "outcomes": [(key, text, counts[key]) for key, (text, _) in OUTCOME_TEXTS.items()],
        "outside": counts["outside"],
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
    report = batch.report
    messages.success(
        request,
        f"Đã lưu: thêm {report['created']}, cập nhật {report['updated']} sản phẩm.",
    )
    return redirect(batch)
