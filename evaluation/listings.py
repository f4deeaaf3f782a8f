"""The lists of results, decisions and certificates."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Value
from django.db.models.functions import Coalesce

from evaluation.actions.results import outcome_label
from evaluation.filters import CertificateFilter, DecisionFilter, ResultFilter
from evaluation.models import Certificate, Decision, Result
from evaluation.templatetags.evaluation import lines_joined, tier_name
from ocop_portal.keyset import Order
from ocop_portal.listing import Column, Listing

CERTIFICATE_CELLS = "evaluation/_certificate_cells.html"
RESULT_CELLS = "evaluation/_result_cells.html"
DECISION_CELLS = "evaluation/_decision_cells.html"
# A bare column with few values makes the database believe that no row comes after one of them.
STARS = Coalesce("stars", Value(0))


# --- Results ------------------------------------------------------------------------------------


def results_of(user: Any) -> "QuerySet[Result]":
    """Results of sessions that are over, and recorded ones."""
    return Result.objects.visible_to(user).final()


def complete_results(rows: "QuerySet[Result]") -> "QuerySet[Result]":
    rows = rows.select_related(
        "dossier__product__producer",
        "dossier__product__district",
        "dossier__product__unit",
        "dossier__regulation",
        "decision",
    )
    return rows.defer(
        "derivation",
        "dossier__regulation__data",
        "dossier__regulation__groups",
        "dossier__product__search_vector",
        "dossier__product__producer__search_vector",
    )


def producer_of(result: Result) -> str:
    producer = result.dossier.product.producer
    return producer.name if producer else ""


RESULTS = Listing(
    name="results",
    title="Kết quả",
    noun="kết quả",
    url_name="evaluation:result_list",
    permission="evaluation.see_results",
    rows=results_of,
    complete=complete_results,
    filterset=ResultFilter,
    order=Order("concluded_on", "concluded_on", descending=True),
    columns=(
        Column(
            "product", "Sản phẩm", lambda row: row.dossier.product.name, f"{RESULT_CELLS}#product"
        ),
        Column("producer", "Chủ thể", producer_of, at_first=False),
        Column("district", "Địa bàn", lambda row: row.dossier.product.district.full_name),
        Column(
            "unit", "Xã, phường", lambda row: row.dossier.product.unit.full_name, at_first=False
        ),
        Column("tier", "Cấp", tier_name),
        Column(
            "mean",
            "Điểm",
            lambda row: row.mean,
            f"{RESULT_CELLS}#mean",
            order=Coalesce("mean", Value(Decimal(0))),
            is_number=True,
        ),
        Column("stars", "Hạng sao", lambda row: row.stars, f"{RESULT_CELLS}#stars", order=STARS),
        Column(
            "outcome",
            "Kết luận",
            lambda row: outcome_label(row.outcome),
            f"{RESULT_CELLS}#outcome",
        ),
        Column("source", "Văn bản", lambda row: row.source_document, at_first=False),
        Column("concluded_on", "Ngày", lambda row: row.concluded_on, order="concluded_on"),
        Column(
            "decision",
            "Quyết định",
            lambda row: row.decision.number if row.decision else "",
            f"{RESULT_CELLS}#decision",
        ),
    ),
)


# --- Decisions ----------------------------------------------------------------------------------


def complete_decisions(rows: "QuerySet[Decision]") -> "QuerySet[Decision]":
    return rows.annotate(certificate_count=Count("certificates"))


DECISIONS = Listing(
    name="decisions",
    title="Quyết định công nhận",
    noun="quyết định",
    url_name="evaluation:decision_list",
    permission="evaluation.see_decisions",
    rows=lambda user: Decision.objects.visible_to(user),
    complete=complete_decisions,
    filterset=DecisionFilter,
    order=Order("signed_on", "signed_on", descending=True),
    columns=(
        Column("number", "Số quyết định", lambda row: row.number, f"{DECISION_CELLS}#number"),
        Column("signed_on", "Ngày ký", lambda row: row.signed_on, order="signed_on"),
        Column("authority", "Cơ quan ban hành", lambda row: lines_joined(row.authority)),
        Column(
            "signatory",
            "Người ký",
            lambda row: row.signatory_name,
            f"{DECISION_CELLS}#signatory",
        ),
        Column("title", "Chức vụ", lambda row: lines_joined(row.signatory_title), at_first=False),
        Column(
            "certificates", "Giấy chứng nhận", lambda row: row.certificate_count, is_number=True
        ),
    ),
)


# --- Certificates -------------------------------------------------------------------------------


def complete_certificates(rows: "QuerySet[Certificate]") -> "QuerySet[Certificate]":
    rows = rows.select_related("product__district", "decision")
    return rows.defer("product__search_vector", "product__story")


def edge_of(certificate: Certificate) -> str:
    return "is-soon" if certificate.is_expiring else ""


def status_of(certificate: Certificate) -> str:
    return "Sắp hết hiệu lực" if certificate.is_expiring else certificate.status.label


def revoked_on(certificate: Certificate) -> date | None:
    return certificate.revoked_on


CERTIFICATES = Listing(
    name="certificates",
    title="Giấy chứng nhận",
    noun="giấy chứng nhận",
    url_name="evaluation:certificate_list",
    permission="evaluation.see_certificates",
    rows=lambda user: Certificate.objects.visible_to(user),
    complete=complete_certificates,
    filterset=CertificateFilter,
    order=Order("valid_from", "valid_from", descending=True),
    tone=edge_of,
    columns=(
        Column(
            "number", "Số giấy", lambda row: row.number, f"{CERTIFICATE_CELLS}#number", "number"
        ),
        Column("product", "Sản phẩm", lambda row: row.product_name, f"{CERTIFICATE_CELLS}#product"),
        Column("producer", "Chủ thể", lambda row: row.producer_name, at_first=False),
        Column("address", "Địa chỉ", lambda row: row.producer_address, at_first=False),
        Column("district", "Địa bàn", lambda row: row.product.district.full_name),
        Column("stars", "Hạng", lambda row: row.stars, f"{CERTIFICATE_CELLS}#stars", STARS),
        Column("decision", "Quyết định", lambda row: row.decision.number, at_first=False),
        Column(
            "valid_from",
            "Hiệu lực từ",
            lambda row: row.valid_from,
            order="valid_from",
            at_first=False,
        ),
        Column("valid_until", "Hiệu lực đến hết", lambda row: row.valid_until, order="valid_until"),
        Column("status", "Trạng thái", status_of, f"{CERTIFICATE_CELLS}#status"),
        Column("revoked_on", "Ngày thu hồi", revoked_on, at_first=False),
    ),
)
