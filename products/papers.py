"""The papers that belong to a producer rather than to one product: which slots of the regulations
they fill, and how their end is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from products.models import Producer, ProducerDocument

# Codes of the document lists of the regulations (regulations/data/*/regulation.json), under names
# that fit every one of them.
SLOTS = {
    "business_registration": "Giấy chứng nhận đăng ký kinh doanh, thành lập",
    "production_conditions": "Giấy chứng nhận cơ sở đủ điều kiện sản xuất",
    "organisation_profile": "Giới thiệu bộ máy tổ chức",
    "quality_management": "Hệ thống quản lý chất lượng tiên tiến",
    "environment": "Bảo vệ môi trường",
    "accounting": "Kế toán",
    "material_origin": "Nguồn gốc nguyên liệu, liên kết chuỗi",
    "local_labour": "Sử dụng lao động địa phương",
    "business_growth": "Tăng trưởng sản xuất kinh doanh",
}
SOON = timedelta(days=60)


@dataclass(frozen=True)
class PaperSlot:
    """One kind of paper with those that the producer has of it now."""

    code: str
    name: str
    papers: tuple[ProducerDocument, ...]


def papers_of(producer: Producer) -> list[PaperSlot]:
    """Every slot with its current papers, in the order of `SLOTS`; one query."""
    rows = list(producer.documents.current().select_related("stored", "uploaded_by"))
    return [PaperSlot(code, name, _in_slot(rows, code)) for code, name in SLOTS.items()]


def validity(ends_on: date | None, today: date) -> tuple[str, str]:
    """What to say about the end of a paper, and the tone of the badge that says it."""
    if ends_on is None:
        return "Không ghi thời hạn", ""
    if ends_on < today:
        return f"Hết hạn từ {ends_on:%d/%m/%Y}", "danger"
    if ends_on <= today + SOON:
        days = (ends_on - today).days
        return f"Sắp hết hạn: còn {days} ngày, đến {ends_on:%d/%m/%Y}", "warning"
    return f"Còn hạn đến {ends_on:%d/%m/%Y}", "success"


def _in_slot(rows: Iterable[ProducerDocument], code: str) -> tuple[ProducerDocument, ...]:
    return tuple(row for row in rows if row.slot == code)
