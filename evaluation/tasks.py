"""Periodic work of this app; safe to run twice (R8)."""

from celery import shared_task
from django.utils import timezone

from evaluation import notices, rechecks


@shared_task
def tell_of_expiring_certificates() -> int:
    """Tell of certificates that run out."""
    return notices.tell_of_expiring(timezone.localdate())


@shared_task
def raise_rechecks() -> int:
    """Raise a recheck where evidence behind a star's minimum has lapsed."""
    return rechecks.look_at_recognised(timezone.localdate())
