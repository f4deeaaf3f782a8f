"""Making two records of one producer one, and taking that back."""

from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone

from ocop_portal.problems import Refused
from products.actions.records import refresh_products, refusing
from products.merging import FIELDS, collides, plan_merge, pointing_at, references
from products.models import Producer, ProducerMerge, Product

# What a product takes over from the one of the same name where it says nothing itself.
PRODUCT_FIELDS = (
    "criteria_set",
    "group_as_written",
    "code",
    "other_codes",
    "story",
    "trace_code",
    "trace_url",
)


@transaction.atomic
def merge_producers(
    kept: Producer, merged: Producer, *, take: Collection[str] = (), reason: str, by: Any
) -> ProducerMerge:
    """Let `kept` stand for both from now on; of the fields in `take` the value of `merged` stays.

    Products, papers, figures, chains, accounts and everything else that refers to `merged` move;
    products of the same name become one too. Raises `Refused` where one of them was merged
    meanwhile, or where two products of the same name both have an open dossier.
    """
    kept, merged = _lock(kept, merged, by=by)
    if kept.pk == merged.pk or kept.merged_into_id or merged.merged_into_id:
        raise Refused.because("merged", "Một trong hai chủ thể vừa được gộp, hãy tải lại trang.")
    plan = plan_merge(kept, merged)
    if plan.problems:
        raise Refused(*plan.problems)
    rows: list[dict[str, Any]] = []
    products = [_join(ours, theirs, rows) for ours, theirs in plan.joined]
    if plan.moved:
        _move(_field(Product, "producer"), [row.pk for row in plan.moved], merged, kept, rows)
    _move_all(merged, kept, rows)
    accounts = list(merged.accounts.exclude(pk__in=kept.accounts.values("pk")))
    kept.accounts.add(*accounts)
    _stand_for(merged, kept)
    taken = {*plan.filled, *(name for name in take if name in FIELDS)}
    fields = _take_over(kept, merged, taken, FIELDS)
    refresh_products(kept)
    return ProducerMerge.objects.create(
        kept=kept,
        merged=merged,
        reason=reason,
        by=by,
        moved={
            "rows": rows,
            "fields": fields,
            "products": products,
            "accounts": [account.pk for account in accounts],
        },
    )


@transaction.atomic
def undo_merge(merge: ProducerMerge, *, by: Any) -> ProducerMerge:
    """Restore both records as they were; what was changed since the merge stays with the kept one.

    Raises `Refused` where it was undone already, or where a later merge builds on it.
    """
    kept, merged = _lock(merge.kept, merge.merged, by=by)
    merge = ProducerMerge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    if merge.undone_at:
        raise Refused.because("undone", "Lần gộp này đã được hoàn tác.")
    later = kept.merges.filter(undone_at=None, pk__gt=merge.pk)
    if kept.merged_into_id or later.exists():
        raise Refused.because("later_merge", "Hãy hoàn tác lần gộp sau trước.")
    moved = merge.moved
    _restore(kept, moved["fields"])
    _stand_for(merged, None)
    for entry in moved["products"]:
        _restore(Product.objects.get(pk=entry["kept"]), entry["fields"])
        _stand_for(Product.objects.get(pk=entry["merged"]), None)
    for entry in moved["rows"]:
        model: Any = apps.get_model(entry["model"])
        name = entry["field"]
        back = model.objects.filter(pk__in=entry["pks"], **{name: entry["to"]})
        with refusing(model()):
            back.update(**{name: entry["from"]})
    kept.accounts.remove(*moved["accounts"])
    for producer in (kept, merged):
        refresh_products(producer)
    merge.undone_by, merge.undone_at = by, timezone.now()
    merge.save(update_fields=["undone_by", "undone_at"])
    return merge


def _lock(kept: Producer, merged: Producer, *, by: Any) -> tuple[Producer, Producer]:
    rows = Producer.objects.select_for_update(of=("self",)).order_by("pk")
    rows = rows.select_related("unit__parent", "current_unit")
    locked = {row.pk: row for row in rows.filter(pk__in=[kept.pk, merged.pk])}
    for row in locked.values():
        if not by.has_perm("products.merge_producers", row):
            raise PermissionDenied
    return locked[kept.pk], locked[merged.pk]


def _join(kept: Product, merged: Product, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One product of two: what refers to `merged` moves, what `kept` leaves open is filled."""
    _move_all(merged, kept, rows)
    _stand_for(merged, kept)
    empty = [
        name
        for name in PRODUCT_FIELDS
        if getattr(kept, name) in {None, ""} and getattr(merged, name) not in {None, ""}
    ]
    fields = _take_over(kept, merged, empty, PRODUCT_FIELDS)
    return {"kept": kept.pk, "merged": merged.pk, "fields": fields}


def _move_all(source: models.Model, target: models.Model, rows: list[dict[str, Any]]) -> None:
    for field in references(type(source)):
        found = [row.pk for row in pointing_at(field, source) if not collides(field, row, target)]
        if found:
            _move(field, found, source, target, rows)


def _move(
    field: Any,
    pks: list[int],
    source: models.Model,
    target: models.Model,
    rows: list[dict[str, Any]],
) -> None:
    field.model.objects.filter(pk__in=pks).update(**{field.name: target})
    rows.append(
        {
            "model": field.model._meta.label_lower,
            "field": field.name,
            "from": source.pk,
            "to": target.pk,
            "pks": pks,
        }
    )


def _stand_for(record: Producer | Product, kept: Any) -> None:
    record.merged_into = kept
    with refusing(record):
        record.save(update_fields=["merged_into", "updated_at"])


def _take_over(kept: Any, merged: Any, taken: Collection[str], names: Collection[str]) -> dict:
    """Set the fields; answers with what changed: name → [before, after]."""
    before = {name: _raw(kept, name) for name in names}
    for name in taken:
        setattr(kept, name, getattr(merged, name))
    with refusing(kept):
        kept.save()
    after = {name: _raw(kept, name) for name in names}
    return {name: [before[name], after[name]] for name in names if before[name] != after[name]}


def _restore(record: Any, fields: dict[str, Any]) -> None:
    """Give back the values of before, unless somebody has changed them since."""
    for name, (before, after) in fields.items():
        field = _field(type(record), name)
        if _raw(record, name) == field.to_python(after):
            setattr(record, field.attname, field.to_python(before))
    with refusing(record):
        record.save()


def _raw(record: models.Model, name: str) -> Any:
    return getattr(record, _field(type(record), name).attname)


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)
