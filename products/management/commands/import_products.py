"""Import a workbook of products from the shell: the same run as the portal's page."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from ocop_portal.problems import Refused
from products.actions.imports import ImportReport, run_import
from products.workbook import WorkbookError

REPORTED = ["rows_read", "created", "updated", "skipped", "failed", "saved", "producers_created"]


class Command(BaseCommand):
    help = "Import products and producers from an .xlsx workbook; all rows or none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="the same figures, save nothing")
        parser.add_argument("--report", type=Path, help="write the report as JSON to this file")
        parser.add_argument("--by", help="user name of the officer whose territory limits the rows")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = run_import(
                options["file"], by=self._officer(options["by"]), dry_run=options["dry_run"]
            )
        except WorkbookError as error:
            raise CommandError(error.message) from error
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"Không đọc được tệp {options['file']}: {error.strerror}") from error
        if options["report"]:
            self._write(report, options["report"])
        self._print(report)
        if report.failed:
            raise CommandError(f"{report.failed} dòng lỗi, không lưu dòng nào.")

    def _officer(self, username: str | None) -> User | None:
        if username is None:
            return None
        try:
            return User.objects.select_related("unit").get(username=username)
        except User.DoesNotExist as error:
            raise CommandError(f"Không có tài khoản “{username}”.") from error

    def _write(self, report: ImportReport, path: Path) -> None:
        data = report.as_dict()
        try:
            path.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"Không ghi được {path}: {error.strerror}") from error

    def _print(self, report: ImportReport) -> None:
        for name in REPORTED:
            self.stdout.write(f"{name}: {getattr(report, name)}")
        for note in (*report.problems, *report.warnings):
            self.stdout.write(f"{note.sheet}, dòng {note.row}, {note.column}: {note.reason}")
