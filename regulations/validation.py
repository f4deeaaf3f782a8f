"""Everything that is wrong with the documents of a regulation: shape, meaning, sums.

One chain for the command, the editor and the step that puts a draft in force: JSON Schema, then
parsing, then what must add up. A document that fails one check is not asked the next.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regulations.checking import check_sheet
from regulations.parsing import parse_regulation
from regulations.reading import DataError, Record, read_record
from regulations.rules import Regulation
from regulations.schema import Kind, schema_problems
from regulations.sheets import Problem, Sheet, parse_sheet

# The names of the two documents that are no sheet; a sheet has its own.
REGULATION, GROUPS = "regulation", "groups"


@dataclass(frozen=True, slots=True)
class Documents:
    """The JSON documents that make up one regulation."""

    code: str
    regulation: dict[str, Any]
    groups: dict[str, Any]
    sheets: Mapping[str, dict[str, Any]]

    def data(self, name: str) -> Any:
        """Return a document by its name; raise KeyError if there is none."""
        own = {REGULATION: self.regulation, GROUPS: self.groups}
        return own[name] if name in own else self.sheets[name]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all documents, the two general ones first."""
        return REGULATION, GROUPS, *self.sheets

    def parse(self) -> Regulation:
        """Return the regulation as a value, its sheets checked; raise DataError."""
        return parse_regulation(
            Record(self.regulation, f"{self.code}/regulation.json"),
            Record(self.groups, f"{self.code}/product_groups.json"),
            [parse_sheet(Record(data, f"{name}.json"), name) for name, data in self.sheets.items()],
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a document, named by `document`.

    A sheet that does not add up may be put in force with its regulation, and is not usable until
    it is completed; everything else is `blocking`.
    """

    document: str
    problem: Problem
    blocking: bool = True


def read_documents(directory: Path) -> Documents:
    """Read the files of one regulation; raise DataError for one that is missing or is no JSON."""
    regulation = read_record(directory / "regulation.json").data
    home = directory.parent / str(regulation.get("sheets_of") or directory.name)
    return Documents(
        code=directory.name,
        regulation=regulation,
        groups=read_record(home / "product_groups.json").data,
        sheets={path.stem: read_record(path).data for path in (home / "sheets").glob("*.json")},
    )


def kind_of(name: str) -> Kind:
    """Return the kind of a document by its name."""
    return Kind(name) if name in (REGULATION, GROUPS) else Kind.SHEET


def findings(documents: Documents) -> list[Finding]:
    """Return everything that is wrong, document by document."""
    shapes = [
        Finding(name, problem)
        for name in documents.names
        for problem in schema_problems(kind_of(name), documents.data(name))
    ]
    wrong = {finding.document for finding in shapes}
    if {REGULATION, GROUPS} & wrong:
        return shapes
    sheets, unread = _sheets(documents, but=wrong)
    maximums = part_maximums(documents.regulation)
    sums = [Finding(name, problem, blocking=False) for name, problem in _sums(sheets, maximums)]
    meaning = [] if wrong or unread else list(_meaning(documents))
    return [*shapes, *unread, *meaning, *sums]


def _sheets(documents: Documents, but: set[str]) -> tuple[list[Sheet], list[Finding]]:
    """The sheets that can be read, and why the others cannot; those in `but` are left out."""
    sheets, unread = [], []
    for name in documents.sheets.keys() - but:
        try:
            sheets.append(parse_sheet(Record(documents.sheets[name], f"{name}.json"), name))
        except DataError as error:
            unread.append(Finding(name, data_problem(error)))
    return sorted(sheets, key=lambda sheet: sheet.number), unread


def _sums(sheets: Iterable[Sheet], maximums: Mapping[str, int]) -> Iterator[tuple[str, Problem]]:
    for sheet in sheets:
        for problem in check_sheet(sheet, maximums):
            yield sheet.name, problem


def _meaning(documents: Documents) -> Iterator[Finding]:
    """What only reading the whole shows, such as a sheet that the groups name and nobody has."""
    try:
        documents.parse()
    except DataError as error:
        yield Finding(REGULATION, data_problem(error))


def sheet_problems(name: str, data: Any, maximums: Mapping[str, int]) -> list[Problem]:
    """Return what is wrong with one sheet: its shape first, then what does not add up."""
    if shape := schema_problems(Kind.SHEET, data):
        return shape
    try:
        sheet = parse_sheet(Record(data, f"{name}.json"), name)
    except DataError as error:
        return [data_problem(error)]
    return check_sheet(sheet, maximums)


def part_maximums(regulation: Mapping[str, Any]) -> dict[str, int]:
    """Return the points of each part as a regulation's document says, as far as it does."""
    parts = regulation.get("parts")
    rows = [row for row in parts if isinstance(row, dict)] if isinstance(parts, list) else []
    return {
        str(row.get("code")): row["max_points"]
        for row in rows
        if type(row.get("max_points")) is int
    }


def data_problem(error: DataError) -> Problem:
    """Return the problem of a document that has its shape and still cannot be read."""
    return Problem("data_error", "", str(error))
