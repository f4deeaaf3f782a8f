"""The lists of producers, products and dossiers."""

from datetime import date, datetime
from typing import Any

from django.db.models import Count, DateField, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from ocop_portal.keyset import Order
from ocop_portal.listing import Action, Column, Listing
from products import waiting
from products.actions.dossiers import accept_dossier, submit_dossier
from products.filters import DossierFilter, ProducerFilter, ProductFilter
from products.forms import ReceptionForm
from products.models import Dossier, Producer, Product
from products.workflow import TRANSITIONS

PRODUCER_CELLS = "products/_producer_cells.html"
PRODUCT_CELLS = "products/_product_cells.html"
DOSSIER_CELLS = "products/_dossier_cells.html"
# The law as data: 80 kB a row, of which a parsed copy is at hand in the process.
REGULATION_DATA = ("regulation__data", "regulation__groups")


def day_of(moment: datetime) -> date:
    """The day in Vietnam."""
    return timezone.localtime(moment).date()


# --- Producers ----------------------------------------------------------------------------------


def complete_producers(rows: "QuerySet[Producer]") -> "QuerySet[Producer]":
    products = Count("products", filter=Q(products__merged_into=None))
    rows = rows.select_related("unit", "district", "current_unit")
    return rows.annotate(product_count=products)


PRODUCERS = Listing(
    name="producers",
    title="Chủ thể",
    noun="chủ thể",
    url_name="products:producer_list",
    permission="products.see_producers",
    rows=lambda user: Producer.objects.visible_to(user),
    complete=complete_producers,
    filterset=ProducerFilter,
    order=Order("name", "search_key"),
    columns=(
        Column("name", "Chủ thể", lambda row: row.name, f"{PRODUCER_CELLS}#name", "search_key"),
        Column("kind", "Loại hình", lambda row: row.get_kind_display()),
        Column("unit", "Địa bàn", lambda row: row.unit.full_name, f"{PRODUCER_CELLS}#place"),
        Column("district", "Huyện", lambda row: row.district.full_name, at_first=False),
        Column(
            "current_unit",
            "Xã, phường hiện nay",
            lambda row: row.current_unit.full_name if row.current_unit else "",
            at_first=False,
        ),
        Column("address", "Địa chỉ", lambda row: row.address, at_first=False),
        Column("tax_code", "Mã số thuế", lambda row: row.tax_code, is_short=True),
        Column(
            "registration_number", "Số đăng ký", lambda row: row.registration_number, at_first=False
        ),
        Column("representative", "Người đại diện", lambda row: row.representative),
        Column("phone", "Điện thoại", lambda row: row.phone, is_short=True),
        Column("email", "Thư điện tử", lambda row: row.email, at_first=False),
        Column("products", "Số sản phẩm", lambda row: row.product_count, is_number=True),
        Column(
            "created_at",
            "Ngày ghi",
            lambda row: day_of(row.created_at),
            order="id",
            at_first=False,
        ),
    ),
)


# --- Products -----------------------------------------------------------------------------------


def complete_products(rows: "QuerySet[Product]") -> "QuerySet[Product]":
    rows = rows.select_related("producer__current_unit", "unit", "district", "criteria_set")
    return rows.defer("criteria_set__data", "search_vector", "producer__search_vector", "story")


def latest_result(product: Product) -> str:
    results = list(product.earlier_results.all())
    return str(results[0]) if results else ""


def latest_dossier(product: Product) -> str:
    dossiers = list(product.dossiers.all())
    return dossiers[0].get_state_display() if dossiers else ""


PRODUCTS = Listing(
    name="products",
    title="Sản phẩm",
    noun="sản phẩm",
    url_name="products:product_list",
    permission="products.see_products",
    rows=lambda user: Product.objects.visible_to(user),
    complete=complete_products,
    filterset=ProductFilter,
    order=Order("name", "search_key"),
    columns=(
        Column("name", "Sản phẩm", lambda row: row.name, f"{PRODUCT_CELLS}#name", "search_key"),
        Column("code", "Mã sản phẩm", lambda row: row.code, at_first=False),
        Column(
            "producer",
            "Chủ thể",
            lambda row: row.producer.name if row.producer else "",
            f"{PRODUCT_CELLS}#producer",
        ),
        Column(
            "criteria_set",
            "Bộ sản phẩm",
            lambda row: row.criteria_set.name if row.criteria_set else "",
            f"{PRODUCT_CELLS}#set",
        ),
        Column("unit", "Nơi sản xuất", lambda row: row.unit.full_name, f"{PRODUCT_CELLS}#place"),
        Column("district", "Huyện", lambda row: row.district.full_name, at_first=False),
        Column("group", "Nhóm ghi trong sổ", lambda row: row.group_as_written, at_first=False),
        Column(
            "result",
            "Kết quả trước đây",
            latest_result,
            f"{PRODUCT_CELLS}#result",
            needs="earlier_results",
        ),
        Column(
            "dossier",
            "Hồ sơ gần nhất",
            latest_dossier,
            f"{PRODUCT_CELLS}#dossier",
            needs="dossiers",
        ),
        Column(
            "created_at",
            "Ngày ghi",
            lambda row: day_of(row.created_at),
            order="id",
            at_first=False,
        ),
    ),
)


# --- Dossiers -----------------------------------------------------------------------------------


def complete_dossiers(rows: "QuerySet[Dossier]") -> "QuerySet[Dossier]":
    rows = rows.select_related(
        "product__producer__current_unit", "product__unit", "product__district", "regulation"
    )
    return rows.defer(
        *REGULATION_DATA, "product__search_vector", "product__producer__search_vector"
    )


def refusal_of(step: str) -> Any:
    """Why a dossier will not take a step of the process, as far as its row tells."""
    transition = TRANSITIONS[step]

    def refusal(dossier: Dossier, user: Any) -> str:
        if dossier.state not in transition.sources:
            return f"đang ở trạng thái “{dossier.get_state_display()}”"
        if not user.has_perm(transition.permission, dossier):
            return "chủ thể đang soạn" if dossier.with_producer else "ngoài quyền của bạn"
        return ""

    return refusal


TONES = {"danger": "is-late", "warning": "is-soon"}

DOSSIERS = Listing(
    name="dossiers",
    title="Hồ sơ",
    noun="hồ sơ",
    url_name="products:dossier_list",
    permission="products.see_dossiers",
    rows=lambda user: Dossier.objects.visible_to(user),
    complete=complete_dossiers,
    filterset=DossierFilter,
    order=Order("updated_at", "updated_at", descending=True),
    tone=lambda row: TONES.get(waiting.tone(row.due_on), ""),
    columns=(
        Column("product", "Sản phẩm", lambda row: row.product.name, f"{DOSSIER_CELLS}#product"),
        Column(
            "producer",
            "Chủ thể",
            lambda row: row.product.producer.name if row.product.producer else "",
            at_first=False,
        ),
        Column(
            "state",
            "Trạng thái, cấp",
            lambda row: f"{row.get_state_display()} ({row.tier_name})",
            f"{DOSSIER_CELLS}#state",
        ),
        Column("district", "Địa bàn", lambda row: row.product.district.full_name),
        Column("unit", "Xã, phường", lambda row: row.product.unit.full_name, at_first=False),
        Column(
            "kind",
            "Loại hồ sơ",
            lambda row: row.get_kind_display(),
            f"{DOSSIER_CELLS}#kind",
            is_short=True,
            at_first=False,
        ),
        Column("year", "Năm", lambda row: row.year, f"{DOSSIER_CELLS}#year", at_first=False),
        Column(
            "regulation", "Quy định", lambda row: row.regulation.rules.short_name, at_first=False
        ),
        Column(
            "due",
            "Hạn",
            lambda row: row.due_on,
            f"{DOSSIER_CELLS}#due",
            Coalesce("due_on", Value(date.max, output_field=DateField())),
        ),
        Column("received_number", "Số tiếp nhận", lambda row: row.received_number, is_short=True),
        Column(
            "received_on",
            "Ngày tiếp nhận",
            lambda row: row.received_on,
            order=Coalesce("received_on", Value(date.min, output_field=DateField())),
            at_first=False,
        ),
        Column(
            "self_score", "Điểm tự chấm", lambda row: row.self_score, is_number=True, at_first=False
        ),
        Column("updated_at", "Thay đổi", lambda row: day_of(row.updated_at), order="updated_at"),
    ),
    actions=(
        Action(
            "submit",
            "Nộp hồ sơ",
            "products.submit_dossier",
            submit_dossier,
            refusal=refusal_of("submit"),
            icon="arrow",
        ),
        Action(
            "accept",
            "Tiếp nhận",
            "products.receive_dossiers",
            accept_dossier,
            form=ReceptionForm,
            refusal=refusal_of("accept"),
            icon="stamp",
        ),
    ),
)
