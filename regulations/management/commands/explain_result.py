"""Compute and explain one result from a file, with the code that the portal itself uses."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regulations.cases import CaseError, explain_case, read_case
from regulations.reading import DataError


class Command(BaseCommand):
    help = "Print the result of a case as JSON (docs/explain-result.md); touches no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--input",
            required=True,
            help="a case (.json), cases one a line (.jsonl), or - for standard input",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for case in _cases(options["input"]):
                self.stdout.write(json.dumps(explain_case(case), ensure_ascii=False, default=str))
        except (CaseError, DataError) as error:
            raise CommandError(str(error)) from error


def _cases(name: str) -> Iterator[Any]:
    text = _text(name)
    if Path(name).suffix == ".jsonl":
        return _lines(text)
    try:
        return iter([read_case(text)])
    except CaseError:
        # Several objects, one a line, also through a pipe; else the complaint is about the whole.
        lines = [line for line in text.splitlines() if line.strip()]
        if name == "-" and len(lines) > 1 and all(line.startswith("{") for line in lines):
            return _lines(text)
        raise


def _lines(text: str) -> Iterator[Any]:
    return (read_case(line) for line in text.splitlines() if line.strip())


def _text(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise CaseError(f"Không đọc được tệp {name}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CaseError(f"Tệp {name} không phải là văn bản UTF-8.") from error
