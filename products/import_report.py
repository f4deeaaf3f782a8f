"""What an import says: the figures, what became of each row, and every cell that needs an eye."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from products.columns import TITLES, Field
from products.import_records import Change
from products.reading import ProductRow, WorkbookReading


@dataclass(frozen=True)
class RowNote:
    """One cell that needs an officer's eye."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str


@dataclass
class ImportReport:
    """What a workbook amounts to. The figures of a trial are those of the saving; where a row
    failed nothing is saved, so nothing was created or updated.
    """

    rows_read: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    outside: int = 0
    failed: int = 0
    saved: bool = False
    producers_created: int = 0
    problems: list[RowNote] = field(default_factory=list)
    warnings: list[RowNote] = field(default_factory=list)
    spellings: list[dict[str, Any]] = field(default_factory=list)
    sheets_left_out: list[dict[str, str]] = field(default_factory=list)
    columns: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class RowOutcome(NamedTuple):
    """A row that is saved or left alone: "created", "updated", "skipped", "outside"; and what it
    does to the stored records.
    """

    row: ProductRow
    outcome: str
    changes: Sequence[Change]


# Takes the rows of a chunk when they have been written.
Sink = Callable[[Sequence[RowOutcome]], None]


class ReportWriter:
    """Writes the report of one reading; messages call columns as their sheet does."""

    def __init__(self, reading: WorkbookReading, sink: Sink | None = None) -> None:
        self.report = _begin(reading)
        self._columns = {sheet.title: sheet.columns for sheet in reading.sheets_read}
        self._order = {sheet.title: n for n, sheet in enumerate(reading.sheets_read)}
        self._failed = {(note.sheet, note.row) for note in self.report.problems}
        self._sink = sink
        self._outcomes: list[RowOutcome] = []

    @property
    def failed(self) -> int:
        return len(self._failed)

    def has_failed(self, row: ProductRow) -> bool:
        return bool(self._failed) and (row.sheet, row.row) in self._failed

    def problem(self, row: ProductRow, column: Field, value: str, reason: str) -> None:
        """A row that cannot be saved."""
        self.report.problems.append(self._note(row, column, value, reason))
        self._failed.add((row.sheet, row.row))

    def warning(self, row: ProductRow, column: Field, value: str, reason: str) -> None:
        """A row that is saved, with something to look at."""
        self.report.warnings.append(self._note(row, column, value, reason))

    def outcome(self, row: ProductRow, outcome: str, changes: Sequence[Change]) -> None:
        """A row that is saved or left alone."""
        setattr(self.report, outcome, getattr(self.report, outcome) + 1)
        if self._sink:
            self._outcomes.append(RowOutcome(row, outcome, changes))

    def flush(self) -> None:
        """The rows of the chunk are written: hand them on."""
        if self._sink and self._outcomes:
            self._sink(self._outcomes)
        self._outcomes = []

    def finish(self) -> ImportReport:
        """The report with everything in the order of the workbook."""
        report = self.report
        report.failed = self.failed
        report.skipped += report.outside
        for notes in (report.problems, report.warnings):
            notes.sort(key=lambda note: (self._order.get(note.sheet, -1), note.row))
        return report

    def _note(self, row: ProductRow, column: Field, value: str, reason: str) -> RowNote:
        title = self._columns[row.sheet].get(column, TITLES[column][0])
        return RowNote(row.sheet, row.row, title, value, reason)


def _begin(reading: WorkbookReading) -> ImportReport:
    return ImportReport(
        rows_read=reading.rows_read,
        problems=[
            RowNote(note.sheet, note.row, note.column, note.value, note.reason)
            for note in reading.problems
        ],
        spellings=[
            {"name": group.display, "spellings": [list(pair) for pair in group.spellings]}
            for group in reading.producers
            if len(group.spellings) > 1
        ],
        sheets_left_out=[
            {"title": sheet.title, "reason": sheet.reason} for sheet in reading.sheets_left_out
        ],
        columns=[
            {"title": sheet.title, "columns": {str(k): v for k, v in sheet.columns.items()}}
            for sheet in reading.sheets_read
        ],
    )
