"""What the search box finds of evaluation: certificates, decisions."""

from evaluation.models import Certificate, Decision
from ocop_portal.searching import Hit, Kind, Search, first_with
from products.finding import by_product_or_number


def find_certificates(search: Search, limit: int) -> list[Hit]:
    """By number, or by product."""
    visible = Certificate.objects.visible_to(search.user)
    rows = visible.filter(by_product_or_number(search, "product", "number"))
    return [
        Hit(
            row.number,
            row.get_absolute_url(),
            f"{row.product_name}, {row.stars} sao",
            row.status.label,
        )
        for row in rows.order_by("-valid_from", "-pk")[:limit]
    ]


def find_decisions(search: Search, limit: int) -> list[Hit]:
    """By number, or by who signed."""
    rows = Decision.objects.visible_to(search.user).order_by("-signed_on", "-pk")
    return [
        Hit(str(row), row.get_absolute_url(), f"ký ngày {row.signed_on:%d/%m/%Y}")
        for row in first_with(rows, search.text, limit, _words_of)
    ]


def _words_of(decision: Decision) -> str:
    return f"{decision.number} {decision.signatory_name} {decision.signed_on.year}"


KINDS = (
    Kind(
        "Giấy chứng nhận",
        "certificate",
        "evaluation.see_certificates",
        30,
        find_certificates,
        "evaluation:certificate_list",
    ),
    Kind(
        "Quyết định",
        "decision",
        "evaluation.see_decisions",
        31,
        find_decisions,
        "evaluation:decision_list",
    ),
)
