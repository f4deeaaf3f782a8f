"""Files of a dossier that arrive in pieces, and the sorting of those that came without a slot."""

import re
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from ocop_portal import resumable, tus
from ocop_portal.models import Upload
from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from products.actions.uploads import (
    PURPOSE,
    begin_upload,
    finish_upload,
    open_uploads,
    sort_documents,
)
from products.completeness import UNSORTED, FilledSlot
from products.models import Dossier
from products.slot_guess import guess_slot


@require_http_methods(["POST", "OPTIONS"])
@requires("products.prepare_dossier")
@tus.speaks_tus
def upload_begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Announce a file (tus creation); the metadata are its name and the slot."""
    dossier = _dossier(request, pk)

    def begin(filename: str, length: int, values: dict[str, str]) -> Upload:
        slot = values.get("slot", "")
        return begin_upload(dossier, slot, filename=filename, length=length, by=request.user)

    return tus.create(request, begin)


@require_POST
@requires("products.prepare_dossier")
def upload_finish(request: HttpRequest, token: str) -> HttpResponse:
    """The file has arrived: judge it and put it into its slot. Answers a script, in JSON."""
    upload = _upload(request, token)
    _dossier(request, upload.details["dossier"])
    try:
        document = finish_upload(upload, by=request.user)
    except Refused as refusal:
        return tus.problems_as_json(refusal)
    return JsonResponse({"slot": document.slot, "name": document.original_name})


@require_POST
@requires("products.prepare_dossier")
def upload_discard(request: HttpRequest, token: str) -> HttpResponse:
    """Forget a file of which the rest will not come."""
    upload = _upload(request, token)
    resumable.abandon(upload)
    messages.success(request, f"Đã bỏ tệp tải dở “{upload}”.")
    return redirect(_uploads_url(upload.details["dossier"]))


@require_POST
@requires("products.prepare_dossier")
def dossier_sort(request: HttpRequest, pk: int) -> HttpResponse:
    """Put unsorted files into the slots that were chosen for them: fields named slot-<number>."""
    dossier = _dossier(request, pk)
    choices = {
        int(found[1]): str(slot)
        for name, slot in request.POST.items()
        if slot and (found := re.fullmatch(r"slot-(\d{1,18})", name))
    }
    went, refusals = sort_documents(dossier, choices, by=request.user)
    if went:
        messages.success(request, f"Đã xếp {went} tệp vào mục.")
    for refusal in refusals:
        messages.error(request, str(refusal))
    if not choices:
        messages.error(request, "Chưa chọn mục cho tệp nào.")
    return redirect(_uploads_url(pk))


def split_uploads(
    dossier: Dossier, rows: list[FilledSlot], *, by: Any | None
) -> tuple[list[FilledSlot], dict[str, Any]]:
    """The slots of a dossier's page, and the context of its part for many files: those that wait
    to be sorted with the slot that is proposed, and what is on the way from `by`, if that person
    may write.
    """
    slots = [row for row in rows if row.slot is not UNSORTED]
    sort_slots = [row.slot for row in slots if row.takes_files]
    names = {slot.code: slot.name for slot in [*sort_slots, UNSORTED]}
    uploads = open_uploads(dossier, by=by) if by else []
    for upload in uploads:
        upload.slot_name = names.get(upload.details["slot"], "")  # type: ignore[attr-defined]
    waiting = [document for row in rows if row.slot is UNSORTED for document in row.documents]
    return slots, {
        "unsorted": [(row, guess_slot(row.original_name, sort_slots)) for row in waiting],
        "unsorted_accept": FilledSlot(UNSORTED, ()).accept,
        "sort_slots": sort_slots,
        "open_uploads": uploads,
        "upload_days": settings.UPLOAD_DAYS,
    }


def _uploads_url(dossier_pk: int) -> str:
    return reverse("products:dossier_detail", args=[dossier_pk]) + "#tai-nhieu-tep"


def _dossier(request: HttpRequest, pk: int) -> Dossier:
    return get_object_or_404(Dossier.objects.visible_to(request.user), pk=pk)


def _upload(request: HttpRequest, token: str) -> Upload:
    return get_object_or_404(Upload, token=token, owner=request.user, purpose=PURPOSE)
