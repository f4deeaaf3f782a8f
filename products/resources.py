"""The import of products behind the interface of django-import-export.

Whoever calls a `Resource` (a script, a page of the package) gets the portal's own import with its
matching, checks and speed, and the package's `Result`.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from import_export.resources import Resource
from import_export.results import Result, RowResult
from tablib import Dataset

from products.actions.imports import run_import
from products.import_report import RowNote, RowOutcome
from products.sheet_xml import RawRow
from products.spool import Spool
from products.workbook import RawSheet, RawWorkbook

_TYPES = {
    "created": RowResult.IMPORT_TYPE_NEW,
    "updated": RowResult.IMPORT_TYPE_UPDATE,
    "skipped": RowResult.IMPORT_TYPE_SKIP,
    "outside": RowResult.IMPORT_TYPE_SKIP,
}


class ProductResource(Resource):
    """Products, producers and earlier results of a data set with officers' column titles."""

    def import_data(
        self,
        dataset: Dataset,
        dry_run: bool = False,
        raise_errors: bool = False,
        user: Any = None,
        **_options: Any,
    ) -> Result:
        """Try or save the rows: all of them or none. `user` limits them to the own territory.

        Raises WorkbookError for a data set without the needed columns and, with `raise_errors`,
        ValidationError for the first row that fails.
        """
        result = self.get_result_class()()
        result.diff_headers = list(dataset.headers or [])
        result.total_rows = len(dataset)

        def take(outcomes: Sequence[RowOutcome]) -> None:
            for outcome in outcomes:
                row = RowResult()
                row.import_type = _TYPES[outcome.outcome]
                row.object_repr = outcome.row.name
                result.append_row_result(row)
                result.increment_row_result_total(row)

        report = run_import(_book(dataset), by=user, dry_run=dry_run, sink=take)
        for note in report.problems:
            _add(result, dataset, note)
        if raise_errors and report.problems:
            raise ValidationError(report.problems[0].reason)
        return result


def _book(dataset: Dataset) -> RawWorkbook:
    rows = [dataset.headers or [], *(dataset[n] for n in range(len(dataset)))]
    raw = (
        RawRow(number, tuple(None if value == "" else value for value in row))
        for number, row in enumerate(rows, 1)
    )
    return RawWorkbook((RawSheet(dataset.title or "Bảng", Spool(raw)),))


def _add(result: Result, dataset: Dataset, note: RowNote) -> None:
    row = dict(zip(result.diff_headers, dataset[note.row - 2], strict=False))
    error = ValidationError(f"{note.column}: {note.reason}")
    result.append_invalid_row(note.row - 1, row, error)
    result.totals[RowResult.IMPORT_TYPE_INVALID] += 1
