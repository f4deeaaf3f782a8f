import pytest

from regulations.numbers import WrongTokenError, filled, parts_of
from regulations.rules import NumberField, NumberPattern
from regulations.tests.sheet_builders import carried, regulation_1048


def pattern(text: str, **digits: int | None) -> NumberPattern:
    fields = tuple(NumberField(token, token, length) for token, length in digits.items())
    return NumberPattern(text, fields, source="thử")


def test_number_is_written_after_the_pattern() -> None:
    number = pattern("STT/YYYY", STT=4, YYYY=4)

    assert filled(number, STT="0001", YYYY="2021") == "0001/2021"


def test_number_of_the_regulation_of_2019() -> None:
    rule = regulation_1048().certificate.number
    values = {field.token: "1" * (field.digits or 1) for field in rule.fields}

    expected = rule.pattern
    for token, value in values.items():
        expected = expected.replace(token, value)
    assert filled(rule, **values) == expected


def test_longer_token_is_read_before_the_one_that_it_begins_with() -> None:
    number = pattern("XX-XXX-X", X=1, XX=2, XXX=3)

    assert filled(number, X="a", XX="bb", XXX="ccc") == "bb-ccc-a"


def test_value_that_holds_a_token_is_not_filled_again() -> None:
    number = pattern("A/B", A=None, B=None)

    assert filled(number, A="B", B="A") == "B/A"


def test_token_with_special_characters_is_taken_as_it_is() -> None:
    number = pattern("(N)+/YY", **{"(N)+": None, "YY": 2})

    assert filled(number, **{"(N)+": "7", "YY": "21"}) == "7/21"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"YYYY": "2021"}, "STT/YYYY: STT = ''"),
        ({"STT": "", "YYYY": "2021"}, "STT/YYYY: STT = ''"),
        ({"STT": "001", "YYYY": "2021"}, "STT/YYYY: STT = '001'"),
        ({"STT": "00001", "YYYY": "2021"}, "STT/YYYY: STT = '00001'"),
    ],
)
def test_missing_or_misshapen_value_is_refused(values: dict[str, str], message: str) -> None:
    number = pattern("STT/YYYY", STT=4, YYYY=4)

    with pytest.raises(WrongTokenError) as refusal:
        filled(number, **values)

    assert str(refusal.value) == message


def test_value_of_free_length_may_be_long() -> None:
    assert filled(pattern("STT/QĐ-UBND", STT=None), STT="12345") == "12345/QĐ-UBND"


# Read back


@pytest.mark.parametrize(
    ("code", "regulation", "parts"),
    [
        (
            "01-282-10474-1-2021",
            "qd1048-2019",
            {"TT": "01", "HHH": "282", "XXXXX": "10474", "STT": "1", "YYYY": "2021"},
        ),
        (
            "01-282-10474-123-2024",
            "qd148-2023",
            {"TT": "01", "HHH": "282", "XXXXX": "10474", "STT": "123", "YYYY": "2024"},
        ),
        ("01-00070-12-2026", "qd26-2026", {"T": "01", "X": "00070", "STT": "12", "YY": "26"}),
    ],
)
def test_product_code_is_written_and_read_back(
    code: str, regulation: str, parts: dict[str, str]
) -> None:
    rule = carried()[regulation].product_code

    assert parts_of(rule, code) == parts
    assert filled(rule, **parts) == code


@pytest.mark.parametrize(
    "code",
    [
        "",
        "01-282-10474-1",
        "01-282-10474-1-21",
        "1-282-10474-1-2021",
        "01-282-10474--2021",
        "01-282-10474-a-2021",
        "01-282-10474-1-2021 ",
        " 01-282-10474-1-2021",
        "01-282-10474-1-2021-3",
        "01/282/10474/1/2021",
        "01-282-10474-١-2021",
    ],
)
def test_code_of_another_shape_is_not_read(code: str) -> None:
    assert parts_of(carried()["qd1048-2019"].product_code, code) is None


def test_codes_of_the_two_shapes_are_told_apart() -> None:
    old, new = carried()["qd1048-2019"].product_code, carried()["qd26-2026"].product_code

    assert parts_of(new, "01-282-10474-1-2021") is None
    assert parts_of(old, "01-00070-12-2026") is None
    assert parts_of(new, "01-00070-12-1926") is None


def test_number_with_letters_around_it_is_read_back() -> None:
    number = carried()["qd26-2026"].certificate.number

    assert parts_of(number, "0007/2026/GCN-OCOP-01") == {
        "STT": "0007",
        "YYYY": "2026",
        "DV": "01",
    }
    assert parts_of(number, "0007/2026/XXX-OCOP-01") is None
