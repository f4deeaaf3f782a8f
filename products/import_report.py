"""What an import says: the figures, what became of each row, and every cell that needs an eye."""

from dataclasses import asdict, dataclass, field
from typing import Any

from products.columns import TITLES, Field
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
    failed: int = 0
    saved: bool = False
    producers_created: int = 0
    problems: list[RowNote] = field(default_factory=list)
    warnings: list[RowNote] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    spellings: list[dict[str, Any]] = field(default_factory=list)
    sheets_left_out: list[dict[str, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class ReportWriter:
    """Writes the report of one reading; messages call columns as their sheet does."""

    def __init__(self, reading: WorkbookReading) -> None:
        self.report = _begin(reading)
        self._columns = {sheet.title: sheet.columns for sheet in reading.sheets_read}
        self._order = {sheet.title: n for n, sheet in enumerate(reading.sheets_read)}
        self._failed = {(note.sheet, note.row) for note in self.report.problems}

    def has_failed(self, row: ProductRow) -> bool:
        return (row.sheet, row.row) in self._failed

    def problem(self, row: ProductRow, column: Field, value: str, reason: str) -> None:
        """A row that cannot be saved."""
        self.report.problems.append(self._note(row, column, value, reason))
        self._failed.add((row.sheet, row.row))

    def warning(self, row: ProductRow, column: Field, value: str, reason: str) -> None:
        """A row that is saved, with something to look at."""
        self.report.warnings.append(self._note(row, column, value, reason))

    def outcome(self, row: ProductRow, outcome: str) -> None:
        """A row that is saved or left alone: "created", "updated", "skipped", "outside"."""
        name = "skipped" if outcome == "outside" else outcome
        setattr(self.report, name, getattr(self.report, name) + 1)
        self.report.rows.append(
            {
                "sheet": row.sheet,
                "row": row.row,
                "name": row.name,
                "producer": row.producer_name,
                "place": ", ".join(unit.name for unit in (row.commune, row.district) if unit),
                "stars": row.stars,
                "year": row.year,
                "outcome": outcome,
            }
        )

    def finish(self) -> ImportReport:
        """The report with everything in the order of the workbook."""
        report = self.report
        report.failed = len(self._failed)
        for notes in (report.problems, report.warnings):
            notes.sort(key=lambda note: (self._order.get(note.sheet, -1), note.row))
        report.rows.sort(key=lambda shown: (self._order[shown["sheet"]], shown["row"]))
        return report

    def _note(self, row: ProductRow, column: Field, value: str, reason: str) -> RowNote:
        title = self._columns[row.sheet].get(column, TITLES[column][0])
        return RowNote(row.sheet, row.row, title, value, reason)


def _begin(reading: WorkbookReading) -> ImportReport:
    places = {(row.sheet, row.row) for row in reading.rows}
    places |= {(problem.sheet, problem.row) for problem in reading.problems}
    return ImportReport(
        rows_read=len(places),
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
    )
