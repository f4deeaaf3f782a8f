"""Periodic work of this app; safe to run twice (R8)."""

from celery import shared_task
from django.utils import timezone

from products import expiring


@shared_task
def tell_of_expiring_documents() -> int:
    """Tell of documents and papers that will end soon."""
    return expiring.tell_of_expiring(timezone.localdate())
