"""Invitations for producers to accounts of their own."""

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from products.models.producer import Producer


def new_token() -> str:
    """256 random bits, for the address in the e-mail; only its fingerprint is kept."""
    return secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class ProducerInvitationQuerySet(models.QuerySet["ProducerInvitation"]):
    def open(self) -> "ProducerInvitationQuerySet":
        """Neither used nor cancelled, and not too old."""
        return self.filter(accepted_at=None, cancelled_at=None, expires_at__gt=timezone.now())

    def with_token(self, token: str) -> "ProducerInvitationQuerySet":
        return self.filter(token_hash=fingerprint(token))


class ProducerInvitation(models.Model):
    """An officer invites somebody to look after a producer's dossiers on the portal."""

    producer = models.ForeignKey(Producer, on_delete=models.CASCADE, related_name="invitations")
    full_name = models.CharField("họ và tên", max_length=150)
    email = models.EmailField("thư điện tử")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField("dùng được đến")
    accepted_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = ProducerInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "lời mời dùng cổng"
        verbose_name_plural = "lời mời dùng cổng"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["producer", "email"],
                condition=Q(accepted_at=None, cancelled_at=None),
                name="one_open_invitation_per_address",
            )
        ]

    def __str__(self) -> str:
        return f"{self.full_name} ({self.email})"

    @property
    def is_open(self) -> bool:
        pending = self.accepted_at is None and self.cancelled_at is None
        return pending and self.expires_at > timezone.now()

    def accepts(self, user: Any) -> bool:
        """Whether a signed-in person is the one who was invited."""
        return bool(user.email) and user.email.lower() == self.email.lower()
