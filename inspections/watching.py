"""Which certified products call for a look, and why.

An expired or revoked recognition ends the right to print the OCOP mark (regulation
1162/QĐ-VPĐP-OCOP of 2020): the packaging on sale is what an inspection looks at first.
"""

from datetime import date, timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When

from evaluation.models import Certificate
from evaluation.models.certificate import EXPIRING_DAYS, CertificateQuerySet

REVOKED, EXPIRED, EXPIRING = 1, 2, 3
REASONS = {
    REVOKED: "Đã bị thu hồi: còn dùng nhãn OCOP không?",
    EXPIRED: "Hết hiệu lực, chưa đánh giá lại: còn dùng nhãn OCOP không?",
    EXPIRING: "Sắp hết hiệu lực: tiêu chí còn được duy trì không?",
}


def watch_list(user: Any, day: date) -> CertificateQuerySet:
    """Certificates of the person's territory that call for a look, the gravest first.

    Each row carries `watch_reason`, a key of `REASONS`. Replaced certificates are history.
    """
    soon = day + timedelta(days=EXPIRING_DAYS)
    reason = Case(
        When(revoked_on__isnull=False, then=Value(REVOKED)),
        When(valid_until__lt=day, then=Value(EXPIRED)),
        default=Value(EXPIRING),
        output_field=IntegerField(),
    )
    return (
        Certificate.objects.visible_to(user)
        .filter(Q(revoked_on__isnull=False) | Q(valid_until__lte=soon), replaced_by__isnull=True)
        .annotate(watch_reason=reason)
        .select_related("product__district", "producer")
        .order_by("watch_reason", "valid_until", "pk")
    )
