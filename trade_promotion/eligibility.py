"""Which products may be promoted as OCOP products: those whose certificate holds on the day.

The mark "Sản phẩm OCOP Việt Nam" may be used while the recognition is valid (regulation
1162/QĐ-VPĐP-OCOP of 2020), so an expired certificate ends the invitation.
"""

from datetime import date
from typing import Any

from evaluation.models import Certificate
from evaluation.models.certificate import CertificateQuerySet


def eligible_certificates(user: Any, day: date) -> CertificateQuerySet:
    """Valid certificates of the person's territory, the highest stars first."""
    return (
        Certificate.objects.visible_to(user)
        .valid_on(day)
        .select_related("product__district", "producer")
        .order_by("-stars", "product_name", "pk")
    )
