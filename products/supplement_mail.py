"""The e-mail of a supplement request, with the printed request; it leaves once for each person."""

import logging
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone

from ocop_portal.models import Notice
from products.actions.supplements import notices_of
from products.models import SupplementRequest

logger = logging.getLogger(__name__)


def send(request_pk: int) -> int:
    """E-mail everybody whom the portal has told of the request and nobody has e-mailed yet.

    Each notice is marked before its message leaves, so neither a second worker nor the digest
    sends them again; where the mail server refuses one it is unmarked and comes with the digest.
    Returns how many messages left.
    """
    rows = SupplementRequest.objects.select_related("dossier__product__producer", "document")
    request = rows.get(pk=request_pk)
    fresh = notices_of(request_pk).filter(emailed_at=None).exclude(recipient__email="")
    return sum(_send(request, notice) for notice in fresh.select_related("recipient"))


def _send(request: SupplementRequest, notice: Notice) -> bool:
    mine = Notice.objects.filter(pk=notice.pk, emailed_at=None)
    if not mine.update(emailed_at=timezone.now()):
        return False
    context: dict[str, Any] = {
        "person": notice.recipient,
        "asked": request,
        "notice": notice,
        "portal": settings.PUBLIC_URL,
    }
    message = EmailMessage(
        f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{notice.title}",
        render_to_string("products/email/supplement_request.txt", context),
        to=[notice.recipient.email],
    )
    if request.document:
        with request.document.file.open("rb") as content:
            message.attach("yeu-cau-bo-sung.pdf", content.read(), "application/pdf")
    try:
        message.send()
    except OSError as error:
        logger.warning("request %s not sent to %s: %s", request.pk, notice.recipient_id, error)
        Notice.objects.filter(pk=notice.pk).update(emailed_at=None)
        return False
    return True
