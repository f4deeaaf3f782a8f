"""Which records the rows of a workbook mean.

Rows come in chunks, so that memory does not grow with them. Before anything is decided the whole
workbook is looked at once for what concerns several rows: which producers there are (a tax code in
a later row names the producer of an earlier one), products that come more than once, ratings that
contradict each other. Of each row that look keeps a few numbers.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from products import tax_codes
from products.columns import Field
from products.import_records import (
    Batch,
)
from products.import_report import ReportWriter
from products.matching_producers import ProducerMatcher, Survey
from products.matching_products import ProductMatcher
from products.matching_rows import Identity, PlaceFinder, PlannedRow, RowError, Territory, mark_of
from products.places import UnknownPlaceError
from products.reading import ProductRow, Progress
from products.spool import Spool

NO_PRODUCER = "Chưa ghi chủ thể: sản phẩm được lưu, cần bổ sung trước khi nộp hồ sơ."


class ImportPlan:
    """What an import would do, and where `is_saving` does."""

    def __init__(self, by: Any, rows: Spool[ProductRow], writer: ReportWriter) -> None:
        self._rows = rows
        self._writer = writer
        self._territory = Territory(by)
        self._places = PlaceFinder(self._territory)
        self._survey = Survey()
        self._producers = ProducerMatcher(self._territory)

    def prepare(self) -> None:
        """Everything that concerns several rows. Nothing is written."""
        for row in self._rows:
            self._look_at(row)
        self._producers.resolve(self._survey)
        self._survey.compare(self._producers)
        if self._survey.conflicts:
            self._note_conflicts()

    def run(self, progress: Progress, *, is_saving: bool) -> None:
        """Go through the rows, and write them chunk by chunk. Raises IntegrityError where
        somebody else saved one of the records meanwhile.
        """
        products = ProductMatcher(self._territory, self._survey)
        text = "Lưu" if is_saving else "Đối chiếu với dữ liệu đã có"
        done, total = 0, len(self._rows)
        for chunk in self._rows.chunks():
            batch = Batch()
            planned = [plan for row in chunk if (plan := self._plan(row))]
            products.load(planned)
            for plan in planned:
                self._do(plan, products, batch)
            if is_saving:
                batch.write()
            self._writer.flush()
            products.forget()
            done += len(chunk)
            progress(text, done, total)
        self._writer.report.producers_created = self._producers.used_new

    def _look_at(self, row: ProductRow) -> None:
        if self._writer.has_failed(row):
            return
        try:
            unit = self._places.find(row)
        except UnknownPlaceError as error:
            column = Field.COMMUNE if error.name and error.name is row.commune else Field.DISTRICT
            self._writer.problem(row, column, error.name.written if error.name else "", str(error))
            return
        if not self._territory.holds(unit):
            return
        if row.tax_code and (reason := tax_codes.problem(row.tax_code)):
            self._writer.warning(row, Field.TAX_CODE, row.tax_code, reason)
        self._survey.add(row, unit)

    def _plan(self, row: ProductRow) -> PlannedRow | None:
        """The row with its records; None where it is left alone."""
        if self._writer.has_failed(row):
            return None
        unit = self._places.find(row)
        if not self._territory.holds(unit):
            self._writer.outcome(row, "outside", ())
            return None
        try:
            producer = self._producers.of(row, unit)
        except RowError as error:
            self._writer.problem(row, error.column, error.value, error.reason)
            return None
        return PlannedRow(row, unit, producer)

    def _do(self, plan: PlannedRow, products: "ProductMatcher", batch: Batch) -> None:
        row, producer = plan.row, plan.producer
        try:
            outcome, changes = products.match(plan, batch)
        except RowError as error:
            self._writer.problem(row, error.column, error.value, error.reason)
            return
        if producer is None:
            self._writer.warning(row, Field.PRODUCER_NAME, "", NO_PRODUCER)
        else:
            before = self._producers.use(plan, batch)
            if before and outcome == "skipped" and not before[2]:
                outcome = "updated"
            changes = [before, *changes] if before else changes
            if reason := self._producers.other_name(row, producer):
                self._writer.warning(row, Field.PRODUCER_NAME, row.producer_written, reason)
        self._writer.outcome(row, outcome, changes)

    def _note_conflicts(self) -> None:
        """Two rows that give one product different stars for the same year name each other.

        On the same day (or both without one) they cannot both be right; on two days they may.
        """
        by_year: dict[tuple[Identity, int | None], list[PlannedRow]] = defaultdict(list)
        for row in self._rows:
            if not row.stars or self._writer.has_failed(row):
                continue
            unit = self._places.find(row)
            if not self._territory.holds(unit):
                continue
            try:
                plan = PlannedRow(row, unit, self._producers.of(row, unit))
            except RowError:
                continue
            identity = plan.identity
            if hash((mark_of(identity), row.year or 0)) in self._survey.conflicts:
                by_year[identity, row.year].append(plan)
        for group in by_year.values():
            _note_conflict(group, self._writer)


def _note_conflict(group: Sequence[PlannedRow], writer: ReportWriter) -> None:
    if len({plan.rating for plan in group}) == 1:
        return
    for plan in group:
        others = [other for other in group if other.rating != plan.rating]
        same_day = [other for other in others if other.row.assessed_on == plan.row.assessed_on]
        note = writer.problem if same_day else writer.warning
        year = f" năm {plan.row.year}" if plan.row.year else ""
        note(
            plan.row,
            Field.STARS,
            _stars_in_words(plan),
            f"Cùng sản phẩm,{year} nhưng khác hạng sao: {plan.place} ghi "
            f"{_stars_in_words(plan)}, "
            + ", ".join(
                f"{other.place} ghi {_stars_in_words(other)}" for other in (same_day or others)[:5]
            )
            + ".",
        )


def _stars_in_words(plan: PlannedRow) -> str:
    return f"{'tiềm năng ' if plan.row.is_potential else ''}{plan.row.stars} sao"
