import pytest

from regulations.succession import counterpart
from regulations.tests.sheet_builders import carried


@pytest.mark.parametrize(
    ("sheet", "origin", "target", "expected"),
    [
        ("do-an-nhanh", "qd1048-2019", "qd1048-2019", "do-an-nhanh"),
        ("do-an-nhanh", "qd1048-2019", "qd26-2026", "do-an-nhanh"),
        ("thit-trung-sua-tuoi", "qd1048-2019", "qd148-2023", "thit-thuy-san-trung-sua-tuoi"),
        ("thit-trung-sua-tuoi", "qd1048-2019", "qd26-2026", "thit-thuy-san-trung-sua-tuoi"),
        ("hoa", "qd148-2023", "qd1489-2025", "hoa"),
        ("ca-phe-ca-cao", "qd1489-2025", "qd26-2026", "ca-phe-cacao"),
        ("ca-phe-cacao", "qd26-2026", "qd1048-2019", "ca-phe-ca-cao"),
        ("thu-cong-my-nghe-trang-tri", "qd1048-2019", "qd26-2026", "thu-cong-my-nghe"),
        ("ca-phe-ca-cao", "qd1489-2025", "qd1048-2019", "ca-phe-ca-cao"),
        ("khong-co", "qd148-2023", "qd1489-2025", None),
        # Two sheets of 1048 became one: back again a person has to choose.
        ("thu-cong-my-nghe", "qd26-2026", "qd1048-2019", None),
        # New in 2023, and gone since 2023.
        ("hoa", "qd26-2026", "qd1048-2019", None),
        ("trang-thiet-bi-dung-cu-y-te", "qd1048-2019", "qd148-2023", None),
    ],
)
def test_counterpart_of_a_sheet(sheet: str, origin: str, target: str, expected: str | None) -> None:
    regulations = carried()

    found = counterpart(sheet, regulations[origin], regulations[target], list(regulations.values()))

    assert found == expected


def test_every_sheet_of_1489_has_one_of_26_2026() -> None:
    regulations = carried()
    followers = {
        counterpart(
            sheet, regulations["qd1489-2025"], regulations["qd26-2026"], list(regulations.values())
        )
        for sheet in regulations["qd1489-2025"].sheets
    }

    assert followers == set(regulations["qd26-2026"].sheets)
