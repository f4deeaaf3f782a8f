"""The tus protocol, version 1.0.0 (https://tus.io/protocols/resumable-upload): core, creation,
expiration and termination. Browsers speak it with tus-js-client.

No library: the one that is looked after, drf-tus, brings Django REST framework and a state machine,
and locks nothing while it writes.
"""

import base64
import binascii
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.http import require_http_methods

from ocop_portal import resumable
from ocop_portal.models import Upload
from ocop_portal.permissions import for_everyone_signed_in
from ocop_portal.problems import Problem, Refused

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
PIECE_TYPE = "application/offset+octet-stream"
MAX_METADATA = 4096
# What the reasons are called in HTTP; the others are conflicts with what is stored.
STATUS = {
    "too_large": 413,
    "too_long": 413,
    "too_many_uploads": 429,
    "no_room": 507,
    "bad_request": 400,
    "wrong_type": 415,
}
# tus lets clients behind old proxies say the method in a header of a POST.
METHODS = ["HEAD", "PATCH", "DELETE", "OPTIONS", "POST"]

View = Callable[..., HttpResponse]


def problems_as_json(refusal: Refused) -> JsonResponse:
    """A refusal for a script: the reasons, with the status that tells the client what to do."""
    problems = [{"code": problem.code, "message": problem.message} for problem in refusal.problems]
    status = STATUS.get(refusal.problems[0].code, refusal.status_code)
    return JsonResponse({"problems": problems}, status=status)


def speaks_tus(view: View) -> View:
    """Answer in the protocol's words: its version in both directions, refusals as JSON."""

    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        method = request.headers.get("X-HTTP-Method-Override", request.method)
        if method == "OPTIONS":
            response = _abilities()
        elif request.headers.get("Tus-Resumable") != VERSION:
            response = HttpResponse(status=412, headers={"Tus-Version": VERSION})
        else:
            try:
                response = view(request, *args, **kwargs)
            except Refused as refusal:
                response = problems_as_json(refusal)
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    return answering


def _abilities() -> HttpResponse:
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(max(settings.UPLOAD_MAX_BYTES, settings.UPLOAD_MAX_FILM_BYTES)),
    }
    return HttpResponse(status=204, headers=headers)


def create(
    request: HttpRequest, begin: Callable[[str, int, dict[str, str]], Upload]
) -> HttpResponse:
    """Answer a creation: `begin` gets the file's name, its length and the other metadata."""
    values = metadata(request.headers.get("Upload-Metadata", ""))
    upload = begin(values.pop("filename", ""), _number(request, "Upload-Length"), values)
    location = reverse("upload_part", args=[upload.token])
    return HttpResponse(status=201, headers={"Location": location, **_state(upload)})


@require_http_methods(METHODS)
@for_everyone_signed_in
@speaks_tus
def upload_part(request: HttpRequest, token: str) -> HttpResponse:
    """One's own upload: how far it is (HEAD), more of it (PATCH), or the end of it (DELETE)."""
    upload = get_object_or_404(Upload, token=token, owner=request.user)
    method = request.headers.get("X-HTTP-Method-Override", request.method)
    if method == "HEAD":
        return HttpResponse(headers={**_state(upload), "Upload-Length": str(upload.length)})
    if method == "DELETE":
        resumable.abandon(upload)
        return HttpResponse(status=204)
    if method == "PATCH":
        return _patch(request, upload)
    return HttpResponse(status=405)


def _patch(request: HttpRequest, upload: Upload) -> HttpResponse:
    if request.content_type != PIECE_TYPE:
        raise Refused.because("wrong_type", f"Content-Type phải là {PIECE_TYPE}.")
    size = int(request.headers.get("content-length") or 0)
    # The line broke: nobody reads the answer, and what came before is kept.
    with suppress(UnreadablePostError):
        resumable.receive(upload, _number(request, "Upload-Offset"), request, size)  # type: ignore[arg-type]
    upload.refresh_from_db()
    return HttpResponse(status=204, headers=_state(upload))


def _state(upload: Upload) -> dict[str, str]:
    return {
        "Upload-Offset": str(upload.offset),
        "Upload-Expires": http_date(upload.expires_at.timestamp()),
    }


def _number(request: HttpRequest, header: str) -> int:
    value = request.headers.get(header, "")
    if not (value.isascii() and value.isdigit() and len(value) <= 15):
        raise Refused(Problem("bad_request", f"Thiếu hoặc sai {header}."))
    return int(value)


def metadata(header: str) -> dict[str, str]:
    """The pairs of `Upload-Metadata`: a word and a text in base64, separated by commas."""
    if len(header) > MAX_METADATA:
        raise Refused.because("bad_request", "Upload-Metadata quá dài.")
    values = {}
    for pair in filter(None, header.split(",")):
        key, _space, value = pair.strip().partition(" ")
        try:
            values[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Refused.because("bad_request", "Upload-Metadata không đọc được.") from error
    return values
