"""Background work of this app; safe to run twice (R8)."""

from celery import shared_task
from django.utils import timezone

from products import expiring, supplement_mail
from products.actions import waiting


@shared_task
def tell_of_expiring_documents() -> int:
    """Tell of documents and papers that will end soon."""
    return expiring.tell_of_expiring(timezone.localdate())


@shared_task
def mail_supplement_request(request_pk: int) -> int:
    """E-mail a supplement request to the authors of the dossier; returns how many messages left."""
    return supplement_mail.send(request_pk)


@shared_task
def remind_of_deadlines() -> int:
    """Compute the deadlines anew and tell of those that are near or over."""
    waiting.refresh_deadlines()
    return waiting.remind(timezone.localdate())
