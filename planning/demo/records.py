"""Real products and producers of Hanoi (planning/data), as the demonstration's records."""

import csv
from collections.abc import Iterator
from pathlib import Path

from accounts.models import AdministrativeUnit
from products.cells import ProducerKind
from products.models import EarlierResult, Producer, Product
from products.models.product import product_key
from products.spelling import producer_key
from regulations.models import CriteriaSet

DATA = Path(__file__).parent.parent / "data" / "hanoi_ocop_products.csv"
# The collector's suggestion of a group → the score sheet, unless a word of the name says better.
CLASSIFICATION = "qd26-2026"
SHEETS = {
    "Thực phẩm": "rau-cu-qua-hat-tuoi",
    "Lưu niệm - nội thất - trang trí": "thu-cong-my-nghe",
    "Vải và may mặc": "vai-may-mac",
    "Thảo dược": "tinh-dau-va-duoc-lieu-khac",
    "Đồ uống": "do-uong-khong-con-khac",
    "Dịch vụ du lịch nông thôn": "dich-vu-du-lich-cong-dong-du-lich-sinh-thai-va-diem-du-lich",
}
MEAT_AND_FISH = (
    "che-bien-tu-thit-thuy-san-trung-sua-cac-san-pham-tu-mat-ong-mat-khac-"
    "va-nong-san-thuc-pham-khac"
)
SHEETS_BY_WORD = {
    "gạo": "gao-ngu-coc-hat-so-che-khac",
    "bánh": "che-bien-tu-gao-ngu-coc",
    "miến": "che-bien-tu-gao-ngu-coc",
    "cốm": "che-bien-tu-gao-ngu-coc",
    "trà": "san-pham-tra-tu-thuc-vat-khac",
    "giò": MEAT_AND_FISH,
    "chả": MEAT_AND_FISH,
    "thịt": "thit-thuy-san-trung-sua-tuoi",
    "trứng": "thit-thuy-san-trung-sua-tuoi",
    "tương": "tuong-nuoc-mam-gia-vi-dang-long-khac",
    "mật ong": "mat-ong-mat-khac-va-nong-san-thuc-pham-khac",
    "rượu": "ruou-trang",
    "bún": "che-bien-tu-gao-ngu-coc",
    "ốc": MEAT_AND_FISH,
    "đậu phụ": "che-bien-tu-rau-cu-qua-hat",
}


def load_products() -> list[Product]:
    """Create producers and products; returns the products in the order of the file."""
    units = {unit.code: unit for unit in AdministrativeUnit.objects.filter(edition=2021)}
    sheets = {row.code: row for row in CriteriaSet.objects.filter(regulation__code=CLASSIFICATION)}
    products: dict[tuple[int, int, str], Product] = {}
    for row in _rows():
        district = units[row["district_code"]]
        unit = units.get(row["commune_code"]) or district
        producer = _producer(row, unit)
        key = (producer.pk, district.pk, product_key(row["product_name"]))
        if key not in products:
            products[key] = Product.objects.create(
                name=row["product_name"],
                producer=producer,
                unit=unit,
                group_as_written=row["product_group"],
                criteria_set=sheets[_sheet_for(row)],
            )
        _keep_result(products[key], row)
    return list(products.values())


def _rows() -> Iterator[dict[str, str]]:
    with DATA.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _producer(row: dict[str, str], unit: AdministrativeUnit) -> Producer:
    kinds = set(ProducerKind)
    producer, _created = Producer.objects.get_or_create(
        district=unit.district,
        name_key=producer_key(row["producer_name"]),
        defaults={
            "name": row["producer_name"],
            "kind": row["producer_type"] if row["producer_type"] in kinds else "",
            "unit": unit,
        },
    )
    return producer


def _sheet_for(row: dict[str, str]) -> str:
    name = row["product_name"].lower()
    for word, sheet in SHEETS_BY_WORD.items():
        if name.startswith(word):
            return sheet
    return SHEETS.get(row["product_group_suggested"], "rau-cu-qua-hat-tuoi")


def _keep_result(product: Product, row: dict[str, str]) -> None:
    EarlierResult.objects.update_or_create(
        product=product,
        year=int(row["year"]) if row["year"] else None,
        assessed_on=row["assessment_date"] or None,
        defaults={
            "stars": int(row["star_rating"]) if row["star_rating"] else None,
            "is_potential": row["star_is_potential"] == "yes",
            "status": row["status"],
        },
    )
