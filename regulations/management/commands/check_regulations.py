"""Check every score sheet that the portal carries and say exactly what does not add up."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regulations import parsing
from regulations.checking import part_points
from regulations.reading import DataError
from regulations.sheets import Sheet


class Command(BaseCommand):
    help = "Check all score sheets: options, sums of the parts, 100 points in total."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base", type=Path, default=parsing.DATA_DIR, help="folder of the data")
        parser.add_argument(
            "--strict",
            action="store_true",
            help="exit with status 1 if any sheet cannot be used for scoring",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            regulations = parsing.read_regulations(options["base"])
        except DataError as error:
            raise CommandError(str(error)) from error
        unusable = 0
        for regulation in regulations.values():
            self.stdout.write(f"{regulation.code}: {len(regulation.sheets)} phiếu")
            unusable += sum(not self._report(sheet) for sheet in regulation.sheets.values())
        self.stdout.write(f"{unusable} phiếu chưa dùng được.")
        if unusable and options["strict"]:
            raise CommandError("Có phiếu chưa cộng đủ điểm.")

    def _report(self, sheet: Sheet) -> bool:
        parts = " + ".join(f"{part.code} {part_points(part)}" for part in sheet.parts)
        total = sum(part_points(part) for part in sheet.parts)
        mark = "được" if sheet.usable else "CHƯA"
        self.stdout.write(f"  {sheet.number:>2}  {mark}  {parts} = {total}  {sheet.name}")
        for problem in sheet.problems or ():
            self.stdout.write(f"        {problem.message}")
        return sheet.usable
