"""Rows of a large workbook between two looks at them: in a temporary file, not in memory."""

import pickle
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from itertools import islice
from typing import IO, Any, Generic, TypeVar

T = TypeVar("T")
CHUNK = 1_000


class Spool(Generic[T]):
    """A sequence that is written once and may be read several times, in order.

    Up to `CHUNK` rows stay in memory; what comes before them is in a file that only this process
    reads and that the system deletes with it. Pickle is safe there: nobody else writes to it.
    """

    def __init__(self, rows: Iterable[T] = ()) -> None:
        self._tail: list[T] = []
        self._file: IO[bytes] | None = None
        self._stored = 0
        self._function: Callable[[T], T] | None = None
        self._whole: Spool[T] | None = None
        for row in rows:
            self.append(row)

    def append(self, row: T) -> None:
        self._tail.append(row)
        if len(self._tail) == CHUNK:
            self._store()

    def mapped(self, function: Callable[[T], T]) -> "Spool[T]":
        """The same rows, `function` applied to each when it is read."""
        seen = copy(self)
        # The file lives as long as one of the two.
        vars(seen).update(_function=function, _whole=self)
        return seen

    def chunks(self) -> Iterator[list[T]]:
        """The rows, up to `CHUNK` at a time."""
        place = 0
        for _ in range(self._stored // CHUNK):
            assert self._file is not None
            self._file.seek(place)
            rows = pickle.load(self._file)  # noqa: S301 - our own file, see the class
            place = self._file.tell()
            yield self._seen(rows)
        if self._tail:
            yield self._seen(self._tail)

    def _seen(self, rows: list[T]) -> list[T]:
        return [self._function(row) for row in rows] if self._function else rows

    def _store(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the spool
            weakref.finalize(self, self._file.close)
        self._file.seek(0, 2)
        # A pickler keeps every object it has written: each chunk gets its own.
        pickle.dump(self._tail, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._stored += len(self._tail)
        self._tail = []

    def __iter__(self) -> Iterator[T]:
        for rows in self.chunks():
            yield from rows

    def __len__(self) -> int:
        return self._stored + len(self._tail)

    def __getitem__(self, index: int) -> T:
        """One row; for looking at the first ones."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        return next(islice(self, index, None))

    def head(self, count: int) -> list[T]:
        return list(islice(self, count))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spool) and list(self) == list(other)

    __hash__: Any = None
