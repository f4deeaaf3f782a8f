"""Taking a whole import back: what it made goes, what it changed gets its values of before."""

from collections.abc import Sequence
from typing import Any

import pghistory
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from ocop_portal.bulk import update_rows
from ocop_portal.problems import Refused
from products.actions import imports
from products.import_undo import MODELS, Touched, UndoPlan, plan_undo
from products.models import EarlierResult, ImportBatch, Producer, Product
from products.reading import Progress

CHUNK = 1_000
ROWS_TOLD = 200


def undo_import(batch: ImportBatch, *, leave_out_used: bool, by: Any) -> ImportBatch:
    """Take an import back, a large one in the background. Sent twice, the second time finds it
    done, or being done.

    Raises `Refused` where rows were changed or used since and the person did not agree to leave
    them.
    """
    if not by.has_perm("products.import_products"):
        raise PermissionDenied
    with transaction.atomic():
        locked = ImportBatch.objects.visible_to(by).select_for_update(of=("self",)).get(pk=batch.pk)
        if locked.state == ImportBatch.State.UNDONE:
            return locked
        if locked.state != ImportBatch.State.SAVED:
            raise Refused.because("not_saved", "Lần nhập này chưa lưu nên không có gì để hoàn tác.")
        if locked.report.get("rows_read", 0) <= imports.ROWS_AT_ONCE:
            return take_back(locked, leave_out_used=leave_out_used, by=by)
        step = "undo_rest" if leave_out_used else "undo"
        imports.begin(locked, step, f"Hoàn tác lần nhập {locked}", again=True)
        return locked


@transaction.atomic
def take_back(
    batch: ImportBatch,
    *,
    leave_out_used: bool,
    by: Any,
    progress: Progress = lambda *_: None,
) -> ImportBatch:
    with pghistory.context(user=by.pk, import_undone=batch.pk):
        _lock(batch)
        plan = plan_undo(batch)
        if plan.staying and not leave_out_used:
            raise Refused.because(
                "changed_since",
                f"{len(plan.staying)} dòng đã được sửa hoặc đã dùng sau khi nhập nên chưa hoàn tác "
                "dòng nào. Hãy xem lý do, rồi đánh dấu để giữ lại các dòng này.",
            )
        _take_back(plan, progress)
    batch.state = ImportBatch.State.UNDONE
    batch.undone_at, batch.undone_by = timezone.now(), by
    batch.undo_report = report_of(plan)
    batch.save()
    return batch


def report_of(plan: UndoPlan) -> dict[str, Any]:
    """The plan as it is kept with the import and shown on pages."""
    return {
        **plan.figures,
        "reasons": [
            {"sheet": row.sheet, "row": row.row, "name": row.name, "reasons": row.reasons}
            for row in plan.staying[:ROWS_TOLD]
        ],
        "kept_producers": [
            {"name": name, "reason": reason} for name, reason in plan.kept_producers[:ROWS_TOLD]
        ],
    }


def _lock(batch: ImportBatch) -> None:
    """Nobody changes or uses the records between the look and the taking back."""
    keys: dict[str, list[int]] = {kind: [] for kind in MODELS}
    for changes in batch.rows.exclude(changes=[]).values_list("changes", flat=True).iterator(CHUNK):
        for kind, pk, _is_new, _values in changes:
            keys[kind].append(pk)
    for kind in ("producer", "product", "result"):
        for part in _parts(sorted(set(keys[kind]))):
            rows = MODELS[kind]._default_manager.filter(pk__in=part).order_by("pk")
            list(rows.select_for_update(of=("self",)).values_list("pk"))


def _take_back(plan: UndoPlan, progress: Progress) -> None:
    steps = [
        (EarlierResult, plan.records["result"]),
        (Product, plan.records["product"]),
        (Producer, plan.records["producer"]),
    ]
    total, done = sum(len(records) for _model, records in steps), 0
    for model, records in steps:
        new = [record.pk for record in records if record.is_new]
        changed = [record for record in records if not record.is_new]
        if model is Product:  # codes that go back and forth are never held twice
            coded = [record.pk for record in changed if "code" in record.values]
            Product.objects.filter(pk__in=coded).update(code="")
        for part in _parts(new):
            model._default_manager.filter(pk__in=part).delete()
            done += len(part)
            progress("Hoàn tác", done, total)
        for restored in _parts(changed):
            _restore(model, restored)
            done += len(restored)
            progress("Hoàn tác", done, total)


def _restore(model: Any, records: Sequence[Touched]) -> None:
    stored = model._default_manager.in_bulk([record.pk for record in records])
    by_names: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for record in records:
        row = stored[record.pk]
        for name, (before, _after) in record.values.items():
            setattr(row, name, before)
        names = list(record.values)
        if model is not EarlierResult:
            row.fill_keys()
            row.updated_at = timezone.now()
            names += ["district_id", "search_key", "updated_at"]
        values = {"id": row.pk} | {name: getattr(row, name) for name in names}
        by_names.setdefault(tuple(dict.fromkeys(names)), []).append(values)
    for written, rows in by_names.items():
        update_rows(model, written, rows)


def _parts(rows: Sequence[Any]) -> list[Sequence[Any]]:
    return [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
