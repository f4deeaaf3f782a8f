"""What people are told about decisions and certificates."""

from datetime import date, timedelta

from evaluation.models import Certificate
from ocop_portal.notices import NoticeKind, notify
from products.recipients import people_of
from regulations.deadlines import renewal_window

RECOGNISED = NoticeKind("recognised", "Quyết định công nhận sản phẩm")
# The issuing office has to tell the producer (148/QĐ-TTg: 30 days before), so nobody opts out.
EXPIRING = NoticeKind("certificate_expiring", "Giấy chứng nhận sắp hết hạn", optional=False)

# From 2026 dossiers for renewal are taken from 180 to 120 days before the end (26/2026/QĐ-TTg,
# Điều 7 khoản 6 điểm a); 30 days is the notice that 148/QĐ-TTg asks for.
DAYS_BEFORE = (180, 120, 30)


def tell_of_recognition(certificate: Certificate) -> None:
    """Tell officers and producer of a certificate that has just been issued."""
    notify(
        RECOGNISED,
        people_of(certificate.product),
        key=f"certificate/{certificate.pk}",
        title=f"{certificate.product_name} được công nhận {certificate.stars} sao",
        detail=f"Quyết định {certificate.decision.number}; giấy chứng nhận {certificate.number}, "
        f"có hiệu lực đến hết ngày {certificate.valid_until:%d/%m/%Y}.",
        url=certificate.get_absolute_url(),
    )


def tell_of_expiring(today: date) -> int:
    """Tell of every certificate that has come within 180, 120 or 30 days of its end, once for
    each; a day on which nothing ran is made up for. Returns how many people were told.
    """
    told = 0
    first_day = DAYS_BEFORE[0]
    rows = Certificate.objects.expiring_between(today, today + timedelta(days=first_day))
    for certificate in rows.select_related(
        "product__unit", "product__producer", "result__dossier__regulation"
    ).iterator(chunk_size=500):
        left = (certificate.valid_until - today).days
        step = min(days for days in DAYS_BEFORE if left <= days)
        told += notify(
            EXPIRING,
            people_of(certificate.product),
            key=f"{certificate.pk}/{step}",
            title=f"Giấy chứng nhận của {certificate.product_name} còn {left} ngày",
            detail=_what_to_do(certificate),
            url=certificate.get_absolute_url(),
        )
    return told


def _what_to_do(certificate: Certificate) -> str:
    rule = certificate.result.dossier.regulation.rules.renewal
    end = f"Số {certificate.number}, hết hiệu lực sau ngày {certificate.valid_until:%d/%m/%Y}."
    if rule is None:
        return f"{end} Muốn giữ hạng sao phải nộp hồ sơ đánh giá lại trước ngày đó."
    window = renewal_window(rule, certificate.valid_until)
    return f"{end} Nộp hồ sơ đánh giá lại từ {window.first:%d/%m/%Y} đến {window.last:%d/%m/%Y}."
