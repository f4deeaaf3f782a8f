"""Barcodes: lengths, check digits by the published examples, prefixes."""

import pytest

from products import barcodes


@pytest.mark.parametrize(
    "code",
    [
        "8934563138165",  # EAN-13, prefix 893
        "4006381333931",
        "96385074",  # EAN-8
        "10614141000415",  # GTIN-14 of the GS1 General Specifications
        "18934563138162",
    ],
)
def test_sound_barcodes_pass_and_every_other_last_digit_is_found(code: str) -> None:
    assert barcodes.problem(code) == ""
    for digit in set("0123456789") - {code[-1]}:
        assert "số kiểm tra" in barcodes.problem(code[:-1] + digit)


@pytest.mark.parametrize(
    "code", ["", "893456313816", "89345631381650", "893456313816A", "123456789"]
)
def test_other_lengths_and_letters_are_no_barcode(code: str) -> None:
    assert barcodes.problem(code) != ""


def test_neighbours_that_changed_places_are_found() -> None:
    assert "số kiểm tra" in barcodes.problem("8934563318165")


def test_digits_are_taken_as_they_are_printed() -> None:
    assert barcodes.normalised(" 8 934563 138165 ") == "8934563138165"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("8934563138165", "GS1 Việt Nam cấp"),
        ("18934563138162", "GS1 Việt Nam cấp"),
        ("4006381333931", "Không phải đầu mã 893"),
        ("2012345678900", "nội bộ cửa hàng"),
    ],
)
def test_the_prefix_tells_who_issued_the_number(code: str, words: str) -> None:
    assert words in barcodes.note(code)


def test_kinds_are_named_by_length() -> None:
    assert [barcodes.kind("1" * n) for n in (8, 13, 14)] == ["EAN-8", "EAN-13", "GTIN-14"]
