"""What a dossier says at one moment, kept with a supplement request to compare with later."""

from typing import Any

from products.merging import FIELDS as PRODUCER_FIELDS
from products.merging import label_of, shown
from products.models import Dossier

DOSSIER_FIELDS = ("criteria_set", "regulation", "kind", "year", "filed_on", "self_score", "note")
PRODUCT_FIELDS = ("name", "code", "criteria_set", "unit", "story")
PARTS = {"dossier": "Hồ sơ", "product": "Sản phẩm", "producer": "Chủ thể"}


def snapshot(dossier: Dossier) -> dict[str, Any]:
    """The documents and fields as they are now, in words, ready to be kept as JSON."""
    return {
        "documents": sorted(dossier.documents.current().values_list("pk", flat=True)),
        "fields": fields_of(dossier),
    }


def fields_of(dossier: Dossier) -> dict[str, str]:
    """Every field of dossier, product and producer by "part.name", its value as people read it."""
    product = dossier.product
    records = [(product, "product", PRODUCT_FIELDS), (dossier, "dossier", DOSSIER_FIELDS)]
    if product.producer:
        records.append((product.producer, "producer", PRODUCER_FIELDS))
    return {
        f"{part}.{name}": value_in_words(record, name)
        for record, part, names in records
        for name in names
    }


def label_for(dossier: Dossier, key: str) -> tuple[str, str]:
    """The part of the record and the field, as people call them."""
    part, _, name = key.partition(".")
    record: Any = {
        "dossier": dossier,
        "product": dossier.product,
        "producer": dossier.product.producer,
    }[part]
    return PARTS[part], label_of(record, name) if record else name


def value_in_words(record: Any, name: str) -> str:
    value = getattr(record, name)
    if value is None:
        return ""
    return f"{value:%d/%m/%Y}" if hasattr(value, "strftime") else shown(record, name)
