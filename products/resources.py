"""The import of products with django-import-export: which row is new, changed or unchanged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tablib
from import_export import resources

from accounts.models import AdministrativeUnit
from products.models import EarlierResult, Producer, Product
from products.models.product import product_key
from products.reading import ProductRow


@dataclass(frozen=True)
class PlannedRow:
    """A row of the workbook with the records that its words mean."""

    row: ProductRow
    unit: AdministrativeUnit
    producer: Producer | None

    @property
    def values(self) -> dict[str, Any]:
        """What the row says about the product; empty cells say nothing."""
        values = {
            "name": self.row.name,
            "unit": self.unit,
            "producer": self.producer,
            "group_as_written": self.row.group,
            "code": self.row.product_code,
        }
        return {name: value for name, value in values.items() if value}

    @property
    def identity(self) -> tuple[int | None, int | None, str]:
        """What makes two rows the same product: the producer, else the district; the name."""
        if self.producer:
            return self.producer.pk, None, product_key(self.row.name)
        return None, self.unit.district.pk, product_key(self.row.name)

    @property
    def has_result(self) -> bool:
        return bool(self.row.year or self.row.stars or self.row.status)


class ProductResource(resources.ModelResource):
    """Upsert of products. Nothing that is stored is erased by an empty cell."""

    class Meta:
        model = Product
        fields = ("name",)
        import_id_fields = ("position",)
        use_transactions = True
        skip_unchanged = True
        report_skipped = True
        skip_diff = True

    def __init__(self, planned: Sequence[PlannedRow]) -> None:
        super().__init__()
        self.planned = planned
        # Whether the row in hand says anything new about its product.
        self.changed = False
        self.known = _known_products(planned)
        self.results = _known_results(self.known)

    def dataset(self) -> tablib.Dataset:
        """One line for each planned row, by its position."""
        rows = [(n, row.row.name) for n, row in enumerate(self.planned)]
        return tablib.Dataset(*rows, headers=["position", "name"])

    def get_import_id_fields(self) -> Sequence[str]:
        return []

    def get_instance(self, instance_loader: Any, row: Mapping[str, Any]) -> Product | None:
        return self.known.get(self._plan(row).identity)

    def import_instance(self, instance: Product, row: Mapping[str, Any], **kwargs: Any) -> None:
        plan = self._plan(row)
        self.changed = instance.pk is None
        for name, value in plan.values.items():
            if name == "name" and instance.pk:
                continue  # the same name in another spelling is no change
            if name == "unit" and instance.pk and _says_less(value, instance.unit):
                continue
            if getattr(instance, name, None) != value:
                setattr(instance, name, value)
                self.changed = True

    def skip_row(
        self,
        instance: Product,
        original: Product,
        row: Mapping[str, Any],
        import_validation_errors: Any = None,
    ) -> bool:
        return not self.changed and not self._result_changes(instance, self._plan(row))

    def after_save_instance(self, instance: Product, row: Mapping[str, Any], **kwargs: Any) -> None:
        plan = self._plan(row)
        self.known[plan.identity] = instance
        if plan.has_result:
            result, _created = EarlierResult.objects.update_or_create(
                product=instance,
                year=plan.row.year,
                assessed_on=plan.row.assessed_on,
                defaults=_result_values(plan.row),
            )
            self.results[_result_key(instance, plan.row)] = result

    def _plan(self, row: Mapping[str, Any]) -> PlannedRow:
        return self.planned[int(row["position"])]

    def _result_changes(self, product: Product, plan: PlannedRow) -> bool:
        if not plan.has_result:
            return False
        stored = self.results.get(_result_key(product, plan.row))
        wanted = _result_values(plan.row)
        return stored is None or any(
            getattr(stored, name) != value for name, value in wanted.items()
        )


def _says_less(new: AdministrativeUnit, stored: AdministrativeUnit) -> bool:
    """The district of a product whose commune is known already."""
    return stored.district == new


def _result_values(row: ProductRow) -> dict[str, Any]:
    return {
        "stars": row.stars,
        "is_potential": bool(row.is_potential),
        "status": row.status or "",
        "note": row.note[:300],
    }


def _result_key(product: Product, row: ProductRow) -> tuple[Any, ...]:
    return product.pk, row.year, row.assessed_on


def _known_products(planned: Sequence[PlannedRow]) -> dict[Any, Product]:
    keys = {row.identity[2] for row in planned}
    found = Product.objects.filter(name_key__in=keys).select_related("unit__parent", "producer")
    return {
        (
            product.producer_id,
            None if product.producer_id else product.district_id,
            product.name_key,
        ): product
        for product in found
    }


def _known_results(known: Mapping[Any, Product]) -> dict[Any, EarlierResult]:
    products = [product.pk for product in known.values()]
    rows = EarlierResult.objects.filter(product__in=products)
    return {(row.product_id, row.year, row.assessed_on): row for row in rows}
