"""Check everything that the portal carries as law and say exactly what is wrong, and where."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regulations import parsing
from regulations.assignment import date_problems
from regulations.checking import part_points
from regulations.reading import DataError
from regulations.rules import Regulation
from regulations.sheets import Sheet
from regulations.validation import Finding, findings, read_documents

FILES = {"regulation": "regulation.json", "groups": "product_groups.json"}


class Command(BaseCommand):
    help = (
        "Check all regulations: readable JSON, JSON Schema, codes and references, dates; "
        "and all score sheets: options, sums of the parts, 100 points in total."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--base", type=Path, default=parsing.DATA_DIR, help="folder of the data"
        )
        parser.add_argument(
            "--strict",
            action="store_true",
            help="exit with status 1 if any sheet cannot be used for scoring",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        directories = sorted(path.parent for path in options["base"].glob("*/regulation.json"))
        regulations, errors = [], []
        for directory in directories:
            if wrong := _errors(directory):
                errors += wrong
            else:
                regulations.append(parsing.load_regulation(directory))
        errors += [problem.message for problem in date_problems(regulations)]
        unusable = self._report(regulations)
        if errors:
            raise CommandError("\n".join(errors))
        if unusable and options["strict"]:
            raise CommandError("Có phiếu chưa cộng đủ điểm.")

    def _report(self, regulations: Iterable[Regulation]) -> int:
        """Print every sheet with its sums; returns how many cannot be used."""
        unusable = 0
        for regulation in sorted(regulations, key=lambda one: one.effective_from):
            self.stdout.write(f"{regulation.code}: {len(regulation.sheets)} phiếu")
            unusable += sum(not self._report_sheet(sheet) for sheet in regulation.sheets.values())
        self.stdout.write(f"{unusable} phiếu chưa dùng được.")
        return unusable

    def _report_sheet(self, sheet: Sheet) -> bool:
        parts = " + ".join(f"{part.code} {part_points(part)}" for part in sheet.parts)
        total = sum(part_points(part) for part in sheet.parts)
        mark = "được" if sheet.usable else "CHƯA"
        self.stdout.write(f"  {sheet.number:>2}  {mark}  {parts} = {total}  {sheet.name}")
        for problem in sheet.problems or ():
            self.stdout.write(f"        {problem.message}")
        return sheet.usable


def _errors(directory: Path) -> list[str]:
    """What keeps a regulation from being read, each with its file; sums are reported apart."""
    try:
        found = [_sentence(directory, one) for one in findings(read_documents(directory))]
        if not any(found):
            parsing.load_regulation(directory)
    except DataError as error:
        return [str(error)]
    return [sentence for sentence in found if sentence]


def _sentence(directory: Path, finding: Finding) -> str:
    if not finding.blocking:
        return ""
    if finding.problem.code == "data_error":
        return finding.problem.message  # names its file already
    file = FILES.get(finding.document, f"sheets/{finding.document}.json")
    return f"{directory.name}/{file}: {finding.problem.message}"
