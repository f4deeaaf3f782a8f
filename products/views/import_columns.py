"""What the columns of a workbook mean: the page that asks, for headers that nobody knows yet."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products.actions import imports as actions
from products.actions.import_mappings import mappings_of
from products.header_mapping import HeaderFound, find_header, sheets_to_map
from products.mapping_forms import ColumnsForm, HeaderForm
from products.models import ImportBatch
from products.workbook import RawSheet


@require_http_methods(["GET", "HEAD", "POST"])
@requires("products.import_products")
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Each column with samples and a guess; what is chosen is remembered for the office."""
    batch = get_object_or_404(ImportBatch.objects.visible_to(request.user), pk=pk)
    if batch.state not in {ImportBatch.State.MAPPING, ImportBatch.State.PREVIEW}:
        return redirect(batch)
    sheets = sheets_to_map(actions.book_of(batch))
    if not sheets:
        raise Refused.because("no_header", "Không trang tính nào có dòng tiêu đề cột.")
    header = _header(request, batch, sheets)
    form = ColumnsForm(request.POST or None, header=header)
    if request.method == "POST" and form.is_valid():
        batch = actions.choose_columns(batch, header, form.columns, by=request.user)
        messages.success(request, "Đã nhớ cách đọc các cột này cho đơn vị của bạn.")
        return redirect(batch)
    where = HeaderForm(
        sheets=[sheet.title for sheet in sheets],
        rows=list(header.choices),
        initial={"trang": header.sheet, "dong": header.row},
    )
    context = {"batch": batch, "header": header, "form": form, "where": where}
    status = 422 if request.method == "POST" else 200
    return render(request, "products/import_columns.html", context, status=status)


def _header(request: HttpRequest, batch: ImportBatch, sheets: list[RawSheet]) -> HeaderFound:
    """The header that the address names, or else the most likely one."""
    asked = request.POST or request.GET
    sheet = next((one for one in sheets if one.title == asked.get("trang")), sheets[0])
    row = asked.get("dong", "")
    is_number = row.isascii() and row.isdigit() and len(row) < 8
    return find_header(sheet, int(row) if is_number else None, mappings_of(batch.owner))
