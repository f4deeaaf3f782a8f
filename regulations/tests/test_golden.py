"""Results worked out by hand for every regulation and each boundary.

Sources of the figures: 1048/QĐ-TTg Điều 1 khoản 2 and Phụ lục II mục 1; 148/QĐ-TTg Điều 1 khoản 2
and Phụ lục II khoản 1; 1489/QĐ-TTg; 26/2026/QĐ-TTg Điều 3, 4 and 7.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from regulations.checking import checked_sheet
from regulations.rating import Member, Rating, Scoring, rate
from regulations.sheets import Problem
from regulations.tests.sheet_builders import (
    build_criterion,
    build_sheet,
    carried,
    choices_for,
    points_sheet,
)

ALL = ["qd1048-2019", "qd148-2023", "qd1489-2025", "qd26-2026"]
MARKED = ALL[1:]


def rated(code: str, tier: str, totals: Sequence[int], **case: object) -> Rating:
    members = [
        Member(f"m{number}", choices_for(total, code)) for number, total in enumerate(totals, 1)
    ]
    return rate(carried()[code], points_sheet(code), Scoring(tier, members, **case))


# The mean of 100 members gives hundredths: 99 × 30 + 29 = 2999, so 29.99.
HUNDREDTH_BELOW = {floor: [floor] * 99 + [floor - 1] for floor in (30, 50, 70, 90)}


@pytest.mark.parametrize("code", ALL)
@pytest.mark.parametrize(
    ("floor", "below", "stars"),
    [(30, "29.99", 1), (50, "49.99", 2), (70, "69.99", 3), (90, "89.99", 4)],
)
def test_band_begins_exactly_at_its_floor(code: str, floor: int, below: str, stars: int) -> None:
    under = rated(code, "city", HUNDREDTH_BELOW[floor])
    at = rated(code, "city", [floor] * 100)

    assert (under.mean_text, under.band_stars) == (below, stars)
    assert (at.mean_text, at.band_stars) == (f"{floor}.00", stars + 1)


@pytest.mark.parametrize("code", ALL)
def test_89_and_a_half_is_four_stars(code: str) -> None:
    """1048 prints 70–89 and 90–100 and leaves 89.5 open; only the floor decides, as in the later
    decisions ("dưới 90").
    """
    rating = rated(code, "city", [89, 90])

    assert (rating.mean, rating.mean_text, rating.band_stars) == (Decimal("89.5"), "89.50", 4)


@pytest.mark.parametrize("code", ALL)
def test_rounding_up_to_90_does_not_make_five_stars(code: str) -> None:
    rating = rated(code, "city", [90] * 199 + [89])  # 89.995, shown as 90.00

    assert (rating.mean_text, rating.band_stars) == ("90.00", 4)


def test_mean_of_93_is_the_sum_of_its_parts() -> None:
    """31 + 24 + 38 = 93.00, the figures of a real result under 1048/781."""
    member = Member("m1", {"A": 31, "B": 24, "C": 38})

    rating = rate(carried()["qd1048-2019"], points_sheet(), Scoring("national", [member]))

    assert rating.mean_text == "93.00"
    assert rating.part_mean_texts == {"A": "31.00", "B": "24.00", "C": "38.00"}
    assert (rating.outcome, rating.recognised_stars) == ("recognise", 5)


@pytest.mark.parametrize("code", ALL)
def test_ten_points_apart_is_allowed_and_more_is_not(code: str) -> None:
    assert rated(code, "city", [80, 70]).spread_pairs == ()
    assert rated(code, "city", [80, 69]).outcome == "rescore"
    # 10 points against a limit of 9.99: what 10.01 is against the limit of 10.
    assert rated(code, "city", [80, 70], spread_limit=Decimal("9.99")).outcome == "rescore"


@pytest.mark.parametrize("code", ALL)
def test_knock_out_at_95_points_gives_nothing(code: str) -> None:
    rating = rated(code, "city", [95, 95], knockouts=["material_imported_or_unknown"])

    assert (rating.mean_text, rating.stars) == ("95.00", 0)
    assert (rating.outcome, rating.recognised_stars, rating.next_tier) == (
        "not_recognised",
        None,
        None,
    )


OUTCOMES = [
    # 1048/781: the district only forwards from 50; the city recognises 3 and 4 stars.
    ("qd1048-2019", "district", 49, "not_recognised", None, None),
    ("qd1048-2019", "district", 50, "forward", None, "city"),
    ("qd1048-2019", "city", 49, "not_recognised", None, None),
    ("qd1048-2019", "city", 50, "recognise", 3, None),
    ("qd1048-2019", "city", 70, "recognise", 4, None),
    ("qd1048-2019", "city", 90, "potential_5", 4, "national"),
    ("qd1048-2019", "national", 89, "not_recognised", None, None),
    ("qd1048-2019", "national", 90, "recognise", 5, None),
    # 148: the district recognises 3 stars and forwards from 70.
    ("qd148-2023", "district", 49, "not_recognised", None, None),
    ("qd148-2023", "district", 50, "recognise", 3, None),
    ("qd148-2023", "district", 69, "recognise", 3, None),
    ("qd148-2023", "district", 70, "forward", None, "city"),
    ("qd148-2023", "city", 49, "not_recognised", None, None),
    ("qd148-2023", "city", 69, "return", None, "district"),
    ("qd148-2023", "city", 70, "recognise", 4, None),
    ("qd148-2023", "city", 90, "potential_5", 4, "national"),
    ("qd148-2023", "national", 89, "return", None, "city"),
    ("qd148-2023", "national", 90, "recognise", 5, None),
    # 1489 and 26/2026: no district; the province recognises 3 and 4 stars.
    *(
        (code, tier, total, outcome, stars, following)
        for code in ("qd1489-2025", "qd26-2026")
        for tier, total, outcome, stars, following in [
            ("city", 29, "not_recognised", None, None),
            ("city", 49, "not_recognised", None, None),
            ("city", 50, "recognise", 3, None),
            ("city", 69, "recognise", 3, None),
            ("city", 70, "recognise", 4, None),
            ("city", 89, "recognise", 4, None),
            ("city", 90, "potential_5", 4, "national"),
            ("national", 89, "return", None, "city"),
            ("national", 90, "recognise", 5, None),
        ]
    ),
]


@pytest.mark.parametrize(("code", "tier", "total", "outcome", "recognised", "following"), OUTCOMES)
def test_outcome_of_a_tier(
    code: str,
    tier: str,
    total: int,
    outcome: str,
    recognised: int | None,
    following: str | None,
) -> None:
    rating = rated(code, tier, [total])

    assert rating.outcome == outcome
    assert rating.recognised_stars == recognised
    assert rating.next_tier == following


@pytest.mark.parametrize(
    ("code", "tier"),
    [("qd1489-2025", "district"), ("qd26-2026", "district"), ("qd26-2026", "commune")],
)
def test_tier_that_the_law_has_abolished_is_an_error(code: str, tier: str) -> None:
    rating = rated(code, tier, [80])

    assert [error.code for error in rating.errors] == ["tier_not_in_regulation"]
    assert rating.mean is None


# A sheet whose part B is marked: 20 of its 25 points are the least for five stars, 10 for three.


def marked_rating(code: str, in_part_b: int) -> Rating:
    maximums = carried()[code].part_maximums
    criteria = {part: [build_criterion(part, range(top + 1))] for part, top in maximums.items()}
    criteria["B"] = [build_criterion("B", range(26), marks={10: 3, 20: 5})]
    built = build_sheet(criteria)
    parts = tuple(replace(part, max_points=maximums[part.code]) for part in built.parts)
    sheet = checked_sheet(replace(built, parts=parts), maximums)
    choices = {**maximums, "B": in_part_b}
    return rate(carried()[code], sheet, Scoring("city", [Member("m1", choices)]))


@pytest.mark.parametrize("code", MARKED)
@pytest.mark.parametrize(
    ("in_part_b", "total", "stars", "missing"),
    [
        (25, "100.00", 5, []),
        (20, "95.00", 5, []),
        (19, "94.00", 4, [5]),  # 90 points and more, a five-star minimum missing: four stars
        (10, "85.00", 4, [5]),
        (9, "84.00", 2, [3, 5]),  # a three-star minimum missing: two stars
    ],
)
def test_missing_minimum_caps_the_stars(
    code: str, in_part_b: int, total: str, stars: int, missing: list[int]
) -> None:
    rating = marked_rating(code, in_part_b)

    assert rating.mean_text == total
    assert rating.stars == stars
    assert [each.stars for each in rating.missing_minimums] == missing


@pytest.mark.parametrize("code", MARKED)
def test_mean_of_94_without_a_five_star_minimum_is_recognised_at_four(code: str) -> None:
    rating = marked_rating(code, 19)

    assert (rating.band_stars, rating.minimum_stars, rating.stars) == (5, 4, 4)
    assert (rating.outcome, rating.recognised_stars) == ("recognise", 4)


# Every sentence of a derivation, with its source


def reasons(rating: Rating) -> list[tuple[str, str, str]]:
    return [(reason.code, reason.message, reason.source) for reason in rating.reasons]


SOURCE_781 = "Quyết định 781/QĐ-TTg (bổ sung mục 6 Phụ lục II Quyết định 1048/QĐ-TTg)"
BAND_4 = (
    "band",
    "Điểm trung bình 76,00 thuộc hạng 4 sao (từ 70 đến dưới 90 điểm).",
    "Quyết định 1048/QĐ-TTg, Điều 1 khoản 2",
)


def test_reasons_of_a_result_whose_minimums_the_council_judged() -> None:
    rating = rated("qd1048-2019", "city", [76], council_minimum_stars=3)

    assert reasons(rating) == [
        BAND_4,
        (
            "minimums_judged",
            "Hội đồng xác định sản phẩm đạt yêu cầu tối thiểu đến hạng 3 sao.",
            SOURCE_781,
        ),
        ("capped", "Yêu cầu tối thiểu chỉ đạt đến hạng 3 sao.", SOURCE_781),
        (
            "recognise",
            "Đạt hạng 3 sao: Ủy ban nhân dân cấp tỉnh công nhận.",
            "Quyết định 1048/QĐ-TTg, Phụ lục II, mục 1 điểm b",
        ),
    ]


def test_reasons_of_a_result_whose_minimums_nobody_judged() -> None:
    assert reasons(rated("qd1048-2019", "city", [76])) == [
        BAND_4,
        (
            "minimums_not_judged",
            "Hội đồng chưa xét yêu cầu tối thiểu theo hạng sao: hạng chỉ theo điểm.",
            SOURCE_781,
        ),
        (
            "recognise",
            "Đạt hạng 4 sao: Ủy ban nhân dân cấp tỉnh công nhận.",
            "Quyết định 1048/QĐ-TTg, Phụ lục II, mục 1 điểm b",
        ),
    ]


def test_reasons_of_a_sheet_that_781_does_not_speak_of() -> None:
    tourism = replace(points_sheet(), name="dich-vu-du-lich-cong-dong-va-diem-du-lich")
    scoring = Scoring("city", [Member("m1", choices_for(76))])

    rating = rate(carried()["qd1048-2019"], tourism, scoring)

    assert reasons(rating)[1] == (
        "minimums_not_applicable",
        "Yêu cầu tối thiểu theo hạng sao không áp dụng cho phiếu này.",
        SOURCE_781,
    )


def test_reasons_of_knock_outs_listed_and_not() -> None:
    rating = rated("qd26-2026", "city", [95], knockouts=["forged_dossier", "khac"])

    assert reasons(rating)[:2] == [
        (
            "knocked_out",
            "Giả mạo hồ sơ.",
            "Quyết định 26/2026/QĐ-TTg, Phụ lục II (Hồ sơ bị loại khi)",
        ),
        (
            "knocked_out",
            "Hội đồng ghi lý do loại “khac”, ngoài danh mục của quy định.",
            "Kết luận của hội đồng",
        ),
    ]
    assert reasons(rating)[-1] == (
        "not_recognised",
        "Sản phẩm bị loại hoặc bị dừng đánh giá: không công nhận, 0 sao.",
        "Quyết định 26/2026/QĐ-TTg, Điều 4 khoản 1 điểm a và Điều 7 khoản 3",
    )


def test_reasons_of_minimums_that_are_marked() -> None:
    marks = (
        "Quyết định 26/2026/QĐ-TTg, Phụ lục II (dấu sao là yêu cầu tối thiểu phải đạt theo các "
        "cấp độ sao)"
    )

    assert reasons(marked_rating("qd26-2026", 9))[1:] == [
        ("minimum_missing", "Chưa đạt mức tối thiểu của hạng 3 sao ở tiêu chí B.", marks),
        ("minimum_missing", "Chưa đạt mức tối thiểu của hạng 5 sao ở tiêu chí B.", marks),
        ("capped", "Yêu cầu tối thiểu chỉ đạt đến hạng 2 sao.", marks),
        (
            "not_recognised",
            "Dưới hạng 3 sao: không ban hành quyết định công nhận, không cấp giấy chứng nhận.",
            "Quyết định 26/2026/QĐ-TTg, Điều 4 khoản 1 điểm a",
        ),
    ]


def test_reason_of_scoring_again_counts_the_pairs() -> None:
    assert reasons(rated("qd26-2026", "city", [95, 80, 79]))[-1] == (
        "rescore",
        "Có 2 cặp thành viên chênh nhau quá mức cho phép: thảo luận, chấm lại.",
        carried()["qd26-2026"].aggregation.spread_source,
    )


def test_reason_of_agreeing_names_what_the_council_has_to_do() -> None:
    maximums = carried()["qd26-2026"].part_maximums
    criteria = {part: [build_criterion(part, range(top + 1))] for part, top in maximums.items()}
    criteria["B"] = [
        build_criterion("B1", range(13), marks={12: 5}),
        build_criterion("B2", range(14), marks={13: 5}),
    ]
    built = build_sheet(criteria)
    parts = tuple(replace(part, max_points=maximums[part.code]) for part in built.parts)
    sheet = checked_sheet(replace(built, parts=parts), maximums)
    best = {**maximums, "B1": 12, "B2": 13}
    choices = {code: points for code, points in best.items() if code != "B"}
    members = [Member("m1", choices), Member("m2", {**choices, "B1": 11, "B2": 12})]

    rating = rate(carried()["qd26-2026"], sheet, Scoring("city", members))

    source = carried()["qd26-2026"].minimums.source
    assert reasons(rating)[1:] == [
        ("minimum_missing", "Chưa đạt mức tối thiểu của hạng 5 sao ở tiêu chí B1, B2.", source),
        ("capped", "Yêu cầu tối thiểu chỉ đạt đến hạng 4 sao.", source),
        (
            "agree",
            "Hội đồng phải thống nhất mức đạt ở các tiêu chí còn khác nhau để xếp hạng.",
            source,
        ),
    ]


def test_errors_say_which_sheet_and_whose() -> None:
    unchecked = replace(points_sheet(), problems=None)
    twice_wrong = replace(
        points_sheet(), problems=(Problem("a", "", "Sai một"), Problem("b", "", "Sai hai"))
    )
    scoring = Scoring("city", [Member("m1", choices_for(76))])
    wrong_level = replace(scoring, agreed_levels={"A": 99})
    law = carried()["qd1048-2019"]

    assert [error.message for error in rate(law, unchecked, scoring).errors] == [
        "Phiếu “Phiếu thử” chưa dùng được: chưa được kiểm tra."
    ]
    assert [error.message for error in rate(law, twice_wrong, scoring).errors] == [
        "Phiếu “Phiếu thử” chưa dùng được: Sai một; Sai hai."
    ]
    assert [error.message for error in rate(law, points_sheet(), wrong_level).errors] == [
        "Mức thống nhất: tiêu chí A không có lựa chọn 99."
    ]
