"""Tax codes: shapes, and the digit that finds a mistyped one."""

import pytest

from products.tax_codes import check_digit, normalised, problem


@pytest.mark.parametrize(
    ("code", "is_right"),
    [
        ("0100109106", True),
        ("0100109107", False),
        ("0100000010", True),
        ("0100000001", False),
        ("0100109106-001", True),
        ("0100109106-000", False),
        ("0100109107-001", False),
        ("001085012345", True),  # a personal identification number: no check digit
        ("01001091", False),
        ("01001091060", False),
        ("MST0100109106", False),
        ("٠١٠٠١٠٩١٠٦", False),
    ],
)
def test_a_code_is_judged_by_its_shape_and_its_tenth_digit(code: str, is_right: bool) -> None:
    assert (problem(code) == "") is is_right


def test_no_code_begins_with_nine_digits_whose_check_digit_would_be_ten() -> None:
    nine = next(f"01000{n:04d}" for n in range(10_000) if check_digit(f"01000{n:04d}") == 10)

    assert all(problem(f"{nine}{digit}") for digit in range(10))


def test_every_single_mistyped_digit_is_found() -> None:
    right = "0100109106"

    for position in range(10):
        for digit in "0123456789":
            typed = f"{right[:position]}{digit}{right[position + 1 :]}"
            assert (problem(typed) == "") is (typed == right)


def test_spaces_dots_and_a_missing_dash_do_not_matter() -> None:
    assert normalised(" 0100 109 106 ") == "0100109106"
    assert normalised("0100109106001") == "0100109106-001"
    assert normalised("0100109106-001") == "0100109106-001"
