"""Pages of a producer's papers."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocop_portal.file_access import deliver
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products.actions.papers import add_paper, remove_paper
from products.models import Producer, ProducerDocument
from products.paper_forms import PaperForm


@require_http_methods(["GET", "HEAD", "POST"])
@requires("products.keep_papers")
def paper_add(request: HttpRequest, pk: int) -> HttpResponse:
    """A new paper of a producer, or a new version of one."""
    rows = Producer.objects.visible_to(request.user).select_related("unit", "current_unit")
    producer = get_object_or_404(rows, pk=pk)
    initial = {"slot": request.GET.get("muc"), "replaces": request.GET.get("thay")}
    form = PaperForm(
        request.POST or None, request.FILES or None, initial=initial, producer=producer
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            values = dict(form.cleaned_data)
            try:
                paper = add_paper(
                    producer, values.pop("slot"), values.pop("file"), by=request.user, **values
                )
            except Refused as refusal:
                form.add_error("file", str(refusal))
            else:
                messages.success(request, "Đã lưu giấy tờ.")
                return redirect(f"{producer.get_absolute_url()}#giay-to-{paper.slot}")
    context = {"form": form, "producer": producer}
    return render(request, "products/paper_form.html", context, status=status)


@require_POST
@requires("products.keep_papers")
def paper_remove(request: HttpRequest, pk: int) -> HttpResponse:
    paper = _paper(request, pk)
    remove_paper(paper, by=request.user)
    messages.success(request, "Đã gỡ giấy tờ. Bản đã tải lên vẫn được lưu.")
    return redirect(f"{paper.producer.get_absolute_url()}#giay-to-{paper.slot}")


@require_safe
@requires("products.see_producers")
def paper_download(request: HttpRequest, pk: int) -> FileResponse:
    """The file itself, always as a download."""
    paper = _paper(request, pk)
    return deliver(request, paper.stored, name=paper.original_name, subject=paper.producer)


def _paper(request: HttpRequest, pk: int) -> ProducerDocument:
    rows = ProducerDocument.objects.select_related(
        "stored", "producer__unit", "producer__current_unit"
    )
    visible = Producer.objects.visible_to(request.user).values("pk")
    return get_object_or_404(rows, pk=pk, producer__in=visible)
