"""Every value of a sheet's file arrives where it belongs, and what is absent has its default."""

from regulations.reading import Record
from regulations.sheets import (
    Criterion,
    CriterionCase,
    CriterionGroup,
    Minimum,
    Option,
    Part,
    Section,
    Sheet,
    parse_sheet,
)

FULL = {
    "regulation_code": "qd-thu",
    "sheet_code": "qd-thu-01",
    "sheet_number": 1,
    "name": "Tên phiếu",
    "sector": "Ngành",
    "group": "Nhóm",
    "subgroup": "Phân nhóm",
    "ministry": ["Bộ A", "Bộ B"],
    "max_points": 100,
    "issues": ["Lưu ý"],
    "completeness": "full",
    "no_sample_required": True,
    "parts": [
        {
            "code": "A",
            "name": "Tên phần",
            "max_points": 40,
            "sections": [
                {
                    "code": "1",
                    "name": "Tên mục",
                    "max_points": 7,
                    "note": "Ghi chú mục",
                    "criteria": [
                        {
                            "code": "1.1",
                            "name": "Tên tiêu chí",
                            "max_points": 3,
                            "group": {
                                "code": "G",
                                "name": "Ngoại hình",
                                "note": "Ghi chú nhóm",
                                "max_points": 5,
                            },
                            "cases": [{"case": 1, "label": "Hợp tác xã"}],
                            "options": [
                                {
                                    "points": 3,
                                    "label": "Mức cao",
                                    "case": 1,
                                    "min_for_star": 4,
                                    "note": "Ghi chú mức",
                                }
                            ],
                            "min_for_star": 3,
                            "check_item": True,
                            "note": "Ghi chú tiêu chí",
                            "requirement": "Yêu cầu",
                        }
                    ],
                }
            ],
        }
    ],
}
BARE = {
    "regulation_code": "qd-thu",
    "sheet_code": "qd-thu-02",
    "sheet_number": 2,
    "name": "Tên",
    "sector": "Ngành",
    "group": "Nhóm",
    "max_points": 100,
    "parts": [
        {
            "code": "B",
            "name": "Phần",
            "max_points": 25,
            "sections": [
                {
                    "code": "4",
                    "name": "Mục",
                    "max_points": 1,
                    "criteria": [
                        {
                            "code": "4.1",
                            "name": "Tiêu chí",
                            "max_points": 1,
                            "group": {"code": "G", "name": "Nhóm"},
                            "options": [{"points": 1, "label": "Mức"}],
                        }
                    ],
                }
            ],
        }
    ],
}


def test_full_sheet() -> None:
    option = Option(3, "Mức cao", case=1, min_for_star=4, note="Ghi chú mức")
    criterion = Criterion(
        code="1.1",
        name="Tên tiêu chí",
        max_points=3,
        options=(option,),
        cases=(CriterionCase(1, "Hợp tác xã"),),
        group=CriterionGroup("G", "Ngoại hình", "Ghi chú nhóm", 5),
        min_for_star=3,
        check_item=True,
        note="Ghi chú tiêu chí",
        requirement="Yêu cầu",
    )
    section = Section("1", "Tên mục", 7, (criterion,), "Ghi chú mục")

    assert parse_sheet(Record(FULL, "thử"), "ten-phieu") == Sheet(
        name="ten-phieu",
        regulation_code="qd-thu",
        code="qd-thu-01",
        number=1,
        title="Tên phiếu",
        sector="Ngành",
        group="Nhóm",
        subgroup="Phân nhóm",
        ministries=("Bộ A", "Bộ B"),
        max_points=100,
        parts=(Part("A", "Tên phần", 40, (section,)),),
        issues=("Lưu ý",),
        completeness="full",
        sample_required=False,
        problems=None,
    )


def test_bare_sheet() -> None:
    criterion = Criterion(
        code="4.1",
        name="Tiêu chí",
        max_points=1,
        options=(Option(1, "Mức", case=None, min_for_star=None, note=""),),
        cases=(),
        group=CriterionGroup("G", "Nhóm", "", None),
        min_for_star=None,
        check_item=False,
        note="",
        requirement="",
    )

    assert parse_sheet(Record(BARE, "thử"), "ten") == Sheet(
        name="ten",
        regulation_code="qd-thu",
        code="qd-thu-02",
        number=2,
        title="Tên",
        sector="Ngành",
        group="Nhóm",
        subgroup="",
        ministries=(),
        max_points=100,
        parts=(Part("B", "Phần", 25, (Section("4", "Mục", 1, (criterion,), ""),)),),
        issues=(),
        completeness="",
        sample_required=True,
        problems=None,
    )


def test_minimums_know_their_star() -> None:
    marked = Criterion("1", "Tên", 2, (Option(2, "Mức", min_for_star=3),))
    by_name = Criterion("2", "Sở hữu trí tuệ", 2, (Option(2, "Có"),), min_for_star=4)
    plain = Criterion("3", "Tên", 2, (Option(2, "Mức"),))

    assert marked.unmet_minimum(3, None) == Minimum(3, 2, 0, "Mức")
    assert by_name.unmet_minimum(4, None) == Minimum(4, 1, None, "Sở hữu trí tuệ")
    assert plain.unmet_minimum(3, None) is None
