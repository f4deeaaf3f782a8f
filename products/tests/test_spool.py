"""Rows in a temporary file: the same rows, in order, as often as wanted, in little memory."""

import tracemalloc

import pytest

from products.spool import CHUNK, Spool


@pytest.mark.parametrize("count", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_rows_come_back_in_order_as_often_as_wanted(count: int) -> None:
    spool = Spool(range(count))

    assert list(spool) == list(spool) == list(range(count))
    assert len(spool) == count
    assert [len(chunk) for chunk in spool.chunks()] == [
        min(CHUNK, count - start) for start in range(0, count, CHUNK)
    ]
    assert spool == Spool(range(count))


def test_two_readers_do_not_disturb_each_other() -> None:
    spool = Spool(range(3 * CHUNK))

    assert list(zip(spool, spool, strict=True))[-1] == (3 * CHUNK - 1, 3 * CHUNK - 1)


def test_single_rows_and_heads() -> None:
    spool = Spool(range(2 * CHUNK))

    assert (spool[0], spool[CHUNK + 1], spool.head(3)) == (0, CHUNK + 1, [0, 1, 2])
    with pytest.raises(IndexError):
        spool[2 * CHUNK]


def test_mapped_rows_leave_the_first_as_they_are() -> None:
    spool = Spool(range(CHUNK + 1))
    doubled = spool.mapped(lambda row: row * 2)
    first = list(spool)
    del spool

    assert (first[-1], list(doubled)[-1]) == (CHUNK, 2 * CHUNK)


def test_memory_does_not_grow_with_the_rows() -> None:
    peaks = []
    for count in (2 * CHUNK, 20 * CHUNK):
        tracemalloc.start()
        spool = Spool((n, f"Sản phẩm {n}") for n in range(count))
        assert sum(1 for _ in spool) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < peaks[0] * 1.3
