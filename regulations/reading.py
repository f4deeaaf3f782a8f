"""Typed reading of the data files: every mistake names the file, the place and the value."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any


class DataError(ValueError):
    """A data file does not have the shape that the portal reads; the message says where."""


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON object together with the place it was read from."""

    data: dict[str, Any]
    where: str

    def fail(self, key: str, expected: str) -> DataError:
        """Return the error to raise: `key` of this record is not what was `expected`."""
        if key not in self.data:
            return DataError(f"{self.where}: thiếu “{key}” ({expected})")
        return DataError(f"{self.where}.{key}: cần {expected}, nhận được {self.data[key]!r}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; an absent or null value gives `default`, if there is one."""
        value = self.data.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.fail(key, "một chuỗi ký tự")
        return value

    def choice(self, key: str, choices: Iterable[str]) -> str:
        """Return a text that is one of `choices`."""
        value = self.text(key)
        if value not in (known := sorted(choices)):
            raise self.fail(key, f"một trong {', '.join(known)}")
        return value

    def number(self, key: str) -> int:
        """Return a whole number; true and false are not numbers."""
        value = self.data.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.fail(key, "một số nguyên")
        return value

    def number_or_none(self, key: str) -> int | None:
        """Return a whole number, or None where the file has null or nothing."""
        return None if self.data.get(key) is None else self.number(key)

    def decimal_or_none(self, key: str) -> Decimal | None:
        """Return an exact decimal, or None where the file has null or nothing."""
        value = self.data.get(key)
        if value is None:
            return None
        try:
            number = (
                Decimal(value) if isinstance(value, (str, Decimal)) else Decimal(self.number(key))
            )
        except InvalidOperation as error:
            raise self.fail(key, "một số") from error
        if not number.is_finite():
            raise self.fail(key, "một số")
        return number

    def decimal(self, key: str) -> Decimal:
        """Return an exact decimal."""
        value = self.decimal_or_none(key)
        if value is None:
            raise self.fail(key, "một số")
        return value

    def flag(self, key: str, default: bool | None = None) -> bool:
        """Return true or false; an absent value gives `default`, if there is one."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            raise self.fail(key, "true hoặc false")
        return value

    def day(self, key: str) -> date:
        """Return a day written as YYYY-MM-DD."""
        try:
            return date.fromisoformat(self.text(key))
        except ValueError as error:
            if isinstance(error, DataError):
                raise
            raise self.fail(key, "một ngày YYYY-MM-DD") from error

    def day_or_none(self, key: str) -> date | None:
        """Return a day, or None where the file has null or nothing."""
        return None if self.data.get(key) is None else self.day(key)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; an absent or null list is empty."""
        values = self.data.get(key)
        if values is None:
            return ()
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self.fail(key, "một danh sách chuỗi ký tự")
        return tuple(values)

    def numbers(self, key: str) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        values = self.data.get(key)
        if not isinstance(values, list) or not all(type(value) is int for value in values):
            raise self.fail(key, "một danh sách số nguyên")
        return tuple(values)

    def record(self, key: str) -> "Record":
        """Return the object under `key`."""
        value = self.data.get(key)
        if not isinstance(value, dict):
            raise self.fail(key, "một đối tượng")
        return Record(value, f"{self.where}.{key}")

    def records(self, key: str, *, required: bool = True) -> Iterable["Record"]:
        """Return the objects of the list under `key`; unless `required`, it may be absent."""
        values = self.data.get(key)
        if values is None and not required:
            return []
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.fail(key, "một danh sách đối tượng")
        return [Record(value, f"{self.where}.{key}[{at}]") for at, value in enumerate(values)]


def read_record(path: Path) -> Record:
    """Read a JSON file that holds one object.

    Numbers with a fraction become Decimal, so that no binary fraction enters the rules. Raises
    DataError if the file is missing, is not JSON or holds something else.
    """
    where = f"{path.parent.name}/{path.name}"
    try:
        data = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except FileNotFoundError as error:
        raise DataError(f"{where}: không có tệp này") from error
    except ValueError as error:
        raise DataError(f"{where}: không đọc được JSON ({error})") from error
    if not isinstance(data, dict):
        raise DataError(f"{where}: cần một đối tượng JSON")
    return Record(data, where)
