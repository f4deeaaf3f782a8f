import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.checking import checked_sheet
from regulations.rating import Member, Quorum, Scoring, SpreadPair, rate, rate_under, result_data
from regulations.rating import rounded as rounded_text
from regulations.rules import JudgedBy, Outcome
from regulations.tests.sheet_builders import (
    PART_MAXIMUMS,
    build_criterion,
    build_sheet,
    choices_for,
    points_sheet,
    regulation_1048,
)

INCOMPLETE = "thuc-pham-chuc-nang-thuoc-tu-duoc-lieu-thuoc-y-hoc-co-truyen"
TOURISM = "dich-vu-du-lich-cong-dong-va-diem-du-lich"


def members(*totals, **changes):
    """Members m1, m2 … with these totals on the sheet of the tests."""
    return [
        Member(f"m{number}", choices_for(total), **changes)
        for number, total in enumerate(totals, start=1)
    ]


def rated(*totals, tier="city", **case):
    return rate(regulation_1048(), points_sheet(), Scoring(tier, members(*totals), **case))


def error_codes(rating):
    return [error.code for error in rating.errors]


def reason_codes(rating):
    return [reason.code for reason in rating.reasons]


# Mean, parts, band


@pytest.mark.parametrize(
    ("totals", "mean_text", "band"),
    [
        ([0], "0.00", 1),
        ([30] * 99 + [29], "29.99", 1),
        ([30], "30.00", 2),
        ([50] * 99 + [49], "49.99", 2),
        ([50], "50.00", 3),
        ([70] * 99 + [69], "69.99", 3),
        ([70], "70.00", 4),
        ([89, 90], "89.50", 4),
        ([90] * 99 + [89], "89.99", 4),
        ([90], "90.00", 5),
        ([89, 91], "90.00", 5),
        ([100], "100.00", 5),
    ],
)
def test_band_of_the_mean(totals, mean_text, band):
    rating = rated(*totals)

    assert (rating.mean_text, rating.band_stars) == (mean_text, band)


def test_unrounded_mean_decides_the_band():
    rating = rated(*[90] * 299, 89)

    assert rating.mean_text == "90.00"
    assert rating.mean < 90
    assert rating.band_stars == 4


@pytest.mark.parametrize(
    ("value", "text"),
    [("89.994", "89.99"), ("89.995", "90.00"), ("0.005", "0.01"), ("33", "33.00")],
)
def test_rounding_is_half_up(value, text):
    assert rounded_text(Decimal(value), 2) == text


def test_mean_of_three_members_is_kept_unrounded():
    rating = rated(87, 88, 88)

    assert rating.mean == Decimal(263) / 3
    assert rating.mean_text == "87.67"
    assert rating.member_totals == {"m1": 87, "m2": 88, "m3": 88}


def test_means_of_the_parts():
    sheets = [
        {"A": 33, "B": 24, "C": 30},
        {"A": 34, "B": 24, "C": 31},
        {"A": 34, "B": 25, "C": 32},
    ]
    scoring = Scoring("city", [Member(number, sheet) for number, sheet in enumerate(sheets)])

    rating = rate(regulation_1048(), points_sheet(), scoring)

    assert rating.part_means == {"A": Decimal(101) / 3, "B": Decimal(73) / 3, "C": Decimal(31)}
    assert rating.part_mean_texts == {"A": "33.67", "B": "24.33", "C": "31.00"}
    assert rating.mean_text == "89.00"


def test_no_option_reached_is_no_points():
    choices = {"A": 35, "B": None, "C": 40}

    rating = rate(regulation_1048(), points_sheet(), Scoring("city", [Member("m1", choices)]))

    assert rating.member_totals == {"m1": 75}


def test_absent_and_recused_members_do_not_count():
    everyone = [
        Member("m1", choices_for(80)),
        Member("m2", choices_for(10), present=False),
        Member("m3", choices_for(10), recused=True),
        Member("m4", choices_for(84)),
    ]

    rating = rate(regulation_1048(), points_sheet(), Scoring("city", everyone))

    assert rating.member_totals == {"m1": 80, "m4": 84}
    assert rating.mean_text == "82.00"
    assert rating.spread_pairs == ()


def test_sheet_of_who_does_not_score_may_be_empty():
    everyone = [
        Member("m1", choices_for(80)),
        Member("m2", {}, present=False),
        Member("m3", {"other": 99}, recused=True),
    ]

    assert rate(regulation_1048(), points_sheet(), Scoring("city", everyone)).valid


# Spread


@pytest.mark.parametrize(
    ("totals", "pairs"),
    [
        ([80, 90], []),
        ([80, 91], [("m1", "m2", 11)]),
        ([91, 80], [("m1", "m2", 11)]),
        ([70, 81, 75, 86], [("m1", "m2", 11), ("m1", "m4", 16), ("m3", "m4", 11)]),
    ],
)
def test_pairs_that_differ_by_more_than_10(totals, pairs):
    rating = rated(*totals)

    assert rating.spread_limit == 10
    assert rating.spread_pairs == tuple(SpreadPair(*pair) for pair in pairs)
    assert (rating.outcome is Outcome.RESCORE) is bool(pairs)


@pytest.mark.parametrize(("limit", "rescored"), [(0, True), (4, True), (5, False), (20, False)])
def test_case_may_set_another_limit(limit, rescored):
    rating = rated(80, 85, spread_limit=limit)

    assert rating.spread_limit == limit
    assert (rating.outcome is Outcome.RESCORE) is rescored


def test_scoring_again_leads_nowhere_yet():
    rating = rated(80, 100)

    assert (rating.outcome, rating.next_tier, rating.recognised_stars) == (
        Outcome.RESCORE,
        None,
        None,
    )
    assert rating.stars == 5
    assert rating.reasons[-1].source == regulation_1048().aggregation.spread_source


# Outcomes of 1048/QĐ-TTg


@pytest.mark.parametrize(
    ("tier", "totals", "stars", "outcome", "recognised", "next_tier"),
    [
        ("district", [49], 2, "not_recognised", None, None),
        ("district", [50] * 99 + [49], 2, "not_recognised", None, None),
        ("district", [50], 3, "forward", None, "city"),
        ("district", [75], 4, "forward", None, "city"),
        ("district", [95], 5, "forward", None, "city"),
        ("city", [20], 1, "not_recognised", None, None),
        ("city", [40], 2, "not_recognised", None, None),
        ("city", [50] * 99 + [49], 2, "not_recognised", None, None),
        ("city", [50], 3, "recognise", 3, None),
        ("city", [70] * 99 + [69], 3, "recognise", 3, None),
        ("city", [70], 4, "recognise", 4, None),
        ("city", [90] * 99 + [89], 4, "recognise", 4, None),
        ("city", [90], 5, "potential_5", 4, "national"),
        ("national", [49], 2, "not_recognised", None, None),
        ("national", [90] * 99 + [89], 4, "not_recognised", None, None),
        ("national", [90], 5, "recognise", 5, None),
    ],
)
def test_outcome(tier, totals, stars, outcome, recognised, next_tier):
    rating = rated(*totals, tier=tier)

    assert rating.stars == stars
    assert (rating.outcome, rating.recognised_stars, rating.next_tier) == (
        outcome,
        recognised,
        next_tier,
    )


def test_district_forwards_by_points_whatever_the_minimums():
    rating = rated(60, tier="district", council_minimum_stars=2)

    assert (rating.stars, rating.outcome, rating.next_tier) == (2, Outcome.FORWARD, "city")


def test_every_reason_has_its_source():
    rating = rated(87, 88, knockouts=["harmful_foreign_matter"], council_minimum_stars=3)

    assert reason_codes(rating) == [
        "knocked_out",
        "band",
        "minimums_judged",
        "capped",
        "not_recognised",
    ]
    assert all(reason.source for reason in rating.reasons)
    assert rating.reasons[1].message == (
        "Điểm trung bình 87,50 thuộc hạng 4 sao (từ 70 đến dưới 90 điểm)."
    )


# Knock-outs


@pytest.mark.parametrize("tier", ["district", "city", "national"])
def test_knock_out_is_not_recognised_whatever_the_points(tier):
    rating = rated(95, tier=tier, knockouts=["material_imported_or_unknown"])

    assert (rating.stars, rating.outcome) == (0, Outcome.NOT_RECOGNISED)
    assert (rating.next_tier, rating.recognised_stars) == (None, None)
    assert (rating.band_stars, rating.mean_text) == (5, "95.00")
    assert rating.reasons[0].message == (
        "Sử dụng toàn bộ nguyên liệu nhập khẩu hoặc không rõ nguồn gốc."
    )


def test_knock_out_comes_before_scoring_again():
    assert rated(60, 95, knockouts=["harmful_foreign_matter"]).outcome is Outcome.NOT_RECOGNISED


def test_knock_out_that_the_regulation_does_not_list_counts_too():
    rating = rated(95, knockouts=["forged_dossier"])

    assert rating.stars == 0
    assert "forged_dossier" in rating.reasons[0].message


# Minimums judged by the council (Decision 781)


@pytest.mark.parametrize(
    ("council", "stars", "outcome"),
    [
        (5, 5, "potential_5"),
        (4, 4, "recognise"),
        (3, 3, "recognise"),
        (2, 2, "not_recognised"),
        (1, 1, "not_recognised"),
    ],
)
def test_council_caps_the_stars(council, stars, outcome):
    rating = rated(95, council_minimum_stars=council)

    assert (rating.band_stars, rating.minimum_stars, rating.stars) == (5, council, stars)
    assert rating.outcome == outcome
    assert ("capped" in reason_codes(rating)) is (council < 5)


def test_council_does_not_raise_the_stars():
    rating = rated(60, council_minimum_stars=5)

    assert (rating.stars, rating.recognised_stars) == (3, 3)


def test_minimums_that_were_not_judged_cap_nothing_and_are_said():
    rating = rated(95)

    assert (rating.minimum_stars, rating.stars) == (5, 5)
    assert reason_codes(rating) == ["band", "minimums_not_judged", "potential_5"]
    assert "781/QĐ-TTg" in rating.reasons[1].source


def test_minimums_of_781_do_not_apply_to_tourism():
    sheet = regulation_1048().sheets[TOURISM]
    choices = dict.fromkeys(sheet.by_code)

    rating = rate(regulation_1048(), sheet, Scoring("city", [Member("m1", choices)]))

    assert reason_codes(rating) == ["band", "minimums_not_applicable", "not_recognised"]


@pytest.mark.parametrize("stars", [0, 6, -1])
def test_council_minimum_is_1_to_5(stars):
    with pytest.raises(ValueError, match="council_minimum_stars"):
        Scoring("city", [], council_minimum_stars=stars)


def test_council_minimum_counts_only_where_the_regulation_says_so():
    by_marks = replace(regulation_1048().minimums, judged_by=JudgedBy.MARKS)
    regulation = replace(regulation_1048(), minimums=by_marks)
    scoring = Scoring("city", members(95), council_minimum_stars=2)

    rating = rate(regulation, points_sheet(), scoring)

    assert (rating.minimum_stars, rating.stars) == (5, 5)
    assert reason_codes(rating) == ["band", "potential_5"]


# Minimums marked in the sheet (later decisions)


def marked_sheet():
    """A1 marked for 3 stars, A2 for 4 and 5, B1 itself for 4; C gives the other points."""
    criteria = {
        "A": [
            build_criterion("A1", [0, 2, 5], marks={1: 3}),
            build_criterion("A2", [0, 10, 30], marks={1: 4, 2: 5}),
        ],
        "B": [build_criterion("B1", [0, 25], min_for_star=4)],
        "C": [build_criterion("C1", range(41))],
    }
    return checked_sheet(build_sheet(criteria), PART_MAXIMUMS)


def rated_by_marks(*choices, tier="city", **case):
    """Rate members given as (A1, A2, B1, C1) under a regulation whose sheets carry marks."""
    by_marks = replace(regulation_1048().minimums, judged_by=JudgedBy.MARKS)
    regulation = replace(regulation_1048(), minimums=by_marks)
    codes = ("A1", "A2", "B1", "C1")
    council = [
        Member(f"m{number}", dict(zip(codes, each, strict=True)))
        for number, each in enumerate(choices, start=1)
    ]
    return rate(regulation, marked_sheet(), Scoring(tier, council, spread_limit=100, **case))


def missing(rating):
    return [(each.stars, each.criterion, each.option) for each in rating.missing_minimums]


@pytest.mark.parametrize(
    ("choices", "expected", "minimum"),
    [
        ((2, 2, 1, 40), [], 5),
        ((1, 2, 1, 40), [], 5),
        ((0, 2, 1, 40), [(3, "A1", 1)], 2),
        ((None, 2, 1, 40), [(3, "A1", 1)], 2),
        ((2, 1, 1, 40), [(5, "A2", 2)], 4),
        ((2, 0, 1, 40), [(4, "A2", 1), (5, "A2", 2)], 3),
        ((2, 2, 0, 40), [(4, "B1", None)], 3),
        ((2, 2, None, 40), [(4, "B1", None)], 3),
        ((0, 1, 0, 40), [(3, "A1", 1), (5, "A2", 2), (4, "B1", None)], 2),
    ],
)
def test_missing_minimums(choices, expected, minimum):
    rating = rated_by_marks(choices)

    assert missing(rating) == expected
    assert rating.minimum_stars == minimum
    assert rating.stars == min(rating.band_stars, minimum)
    assert rating.to_agree == ()


def test_missing_minimum_is_labelled_and_said():
    rating = rated_by_marks((2, 1, 0, 40))

    assert [each.label for each in rating.missing_minimums] == ["A2 mức 2", "Tiêu chí B1"]
    assert [reason.message for reason in rating.reasons if reason.code == "minimum_missing"] == [
        "Chưa đạt mức tối thiểu của hạng 4 sao ở tiêu chí B1.",
        "Chưa đạt mức tối thiểu của hạng 5 sao ở tiêu chí A2.",
    ]


def test_minimum_that_no_member_meets_is_missing():
    rating = rated_by_marks((2, 1, 1, 40), (2, 1, 1, 40))

    assert (rating.minimum_stars, rating.to_agree) == (4, ())
    assert (rating.outcome, rating.recognised_stars) == (Outcome.RECOGNISE, 4)


def test_minimum_that_some_members_meet_is_to_be_agreed():
    rating = rated_by_marks((2, 2, 1, 40), (2, 1, 1, 39))

    assert rating.mean_text == "89.50"
    assert rating.to_agree == ("A2",)
    assert missing(rating) == [(5, "A2", 2)]
    # The band gives 4 stars anyhow: agreeing on A2 would change nothing.
    assert (rating.minimum_stars, rating.stars) == (4, 4)
    assert rating.outcome is Outcome.RECOGNISE


def test_agreement_is_asked_for_where_it_changes_the_stars():
    rating = rated_by_marks((2, 2, 1, 40), (2, 2, 1, 40), (0, 2, 1, 40))

    assert rating.band_stars == 5
    assert (rating.to_agree, rating.stars) == (("A1",), 2)
    assert (rating.outcome, rating.next_tier, rating.recognised_stars) == (
        Outcome.AGREE,
        None,
        None,
    )


def test_agreement_is_not_asked_for_where_another_minimum_is_missing_anyhow():
    rating = rated_by_marks((2, 2, 0, 40), (2, 1, 0, 40), (2, 2, 0, 40))

    assert rating.to_agree == ("A2",)
    assert rating.minimum_stars == 3
    assert rating.outcome is Outcome.RECOGNISE
    assert rating.recognised_stars == 3


@pytest.mark.parametrize(
    ("level", "stars", "outcome"),
    [
        (2, 5, "potential_5"),
        (1, 5, "potential_5"),
        (0, 2, "not_recognised"),
        (None, 2, "not_recognised"),
    ],
)
def test_agreed_level_counts_instead_of_the_members(level, stars, outcome):
    rating = rated_by_marks((2, 2, 1, 40), (0, 2, 1, 40), agreed_levels={"A1": level})

    assert rating.to_agree == ()
    assert (rating.stars, rating.outcome) == (stars, outcome)
    assert rating.mean_text == "97.50"


def test_agreed_level_counts_even_where_every_member_meets_the_minimum():
    rating = rated_by_marks((2, 2, 1, 40), agreed_levels={"A1": 0})

    assert missing(rating) == [(3, "A1", 1)]


def test_spread_comes_before_agreement():
    rating = rate(
        regulation_1048(),
        marked_sheet(),
        Scoring(
            "city",
            [
                Member("m1", {"A1": 2, "A2": 2, "B1": 1, "C1": 40}),
                Member("m2", {"A1": 0, "A2": 2, "B1": 1, "C1": 30}),
            ],
        ),
    )

    assert rating.to_agree == ("A1",)
    assert rating.outcome is Outcome.RESCORE


def test_absent_member_does_not_have_to_meet_the_minimum():
    council = [
        Member("m1", {"A1": 2, "A2": 2, "B1": 1, "C1": 40}),
        Member("m2", {"A1": 0, "A2": 0, "B1": 0, "C1": 0}, present=False),
    ]

    rating = rate(regulation_1048(), marked_sheet(), Scoring("city", council))

    assert (rating.minimum_stars, rating.missing_minimums) == (5, ())


def test_lower_of_council_and_marks_counts():
    council = [Member("m1", {"A1": 2, "A2": 1, "B1": 1, "C1": 40})]
    scoring = Scoring("city", council, council_minimum_stars=3)

    assert rate(regulation_1048(), marked_sheet(), scoring).minimum_stars == 3


# Criteria with cases and check items


def sheet_with_cases():
    criteria = {
        "A": [build_criterion("A1", [1, 34, 0, 20], option_cases=[1, 1, 2, 2], marks={1: 3, 3: 3})],
        "B": [build_criterion("B1", [0, 25])],
        "C": [build_criterion("C1", [40], check_item=True)],
    }
    criteria["A"].append(build_criterion("A2", [0, 1]))
    return checked_sheet(build_sheet(criteria), PART_MAXIMUMS)


@pytest.mark.parametrize(
    ("index", "points", "option"),
    [(0, 1, 1), (1, 34, None), (2, 0, 3), (3, 20, None), (None, 0, 1)],
)
def test_index_names_the_case_and_the_option(index, points, option):
    choices = {"A1": index, "A2": 0, "B1": 0, "C1": None}

    rating = rate(regulation_1048(), sheet_with_cases(), Scoring("city", [Member("m1", choices)]))

    assert rating.member_totals == {"m1": points}
    assert [each.option for each in rating.missing_minimums] == ([] if option is None else [option])


@pytest.mark.parametrize(("index", "points"), [(0, 40), (None, 0)])
def test_check_item_gives_its_points_when_ticked(index, points):
    choices = {"A1": None, "A2": None, "B1": None, "C1": index}

    rating = rate(regulation_1048(), sheet_with_cases(), Scoring("city", [Member("m1", choices)]))

    assert rating.member_totals == {"m1": points}


# Errors


def test_unknown_regulation_and_sheet():
    regulations = {"qd1048-2019": regulation_1048()}
    scoring = Scoring("city", members(80))

    unknown_regulation = rate_under(regulations, "qd148-2023", "ruou-trang", scoring)
    unknown_sheet = rate_under(regulations, "qd1048-2019", "ruou-do", scoring)

    assert error_codes(unknown_regulation) == ["unknown_regulation"]
    assert error_codes(unknown_sheet) == ["unknown_sheet"]
    assert unknown_sheet.errors[0].message == "Quy định qd1048-2019 không có phiếu “ruou-do”."


def test_sheet_that_does_not_add_up_is_not_scored():
    sheet = regulation_1048().sheets[INCOMPLETE]
    council = [Member("m1", dict.fromkeys(sheet.by_code))]

    rating = rate_under(
        {"qd1048-2019": regulation_1048()}, "qd1048-2019", INCOMPLETE, Scoring("city", council)
    )

    assert error_codes(rating) == ["sheet_incomplete"]
    assert "các tiêu chí cộng lại được 38 điểm, quy định 40 điểm" in rating.errors[0].message
    assert rating.stars is None


def test_sheet_that_was_not_checked_is_not_scored():
    unchecked = replace(points_sheet(), problems=None)

    rating = rate(regulation_1048(), unchecked, Scoring("city", members(80)))

    assert error_codes(rating) == ["sheet_incomplete"]


@pytest.mark.parametrize("tier", ["commune", "province", ""])
def test_tier_that_the_regulation_does_not_have(tier):
    assert error_codes(rated(80, tier=tier)) == ["tier_not_in_regulation"]


def with_choices(**changes):
    choices = {
        code: index for code, index in (choices_for(80) | changes).items() if index != "gone"
    }
    return rate(regulation_1048(), points_sheet(), Scoring("city", [Member("m1", choices)]))


def test_missing_criterion():
    rating = with_choices(A="gone", C="gone")

    assert error_codes(rating) == ["missing_criterion"]
    assert rating.errors[0].message == "Phiếu của thành viên m1 thiếu tiêu chí A, C."


def test_unknown_criterion():
    rating = with_choices(D=0)

    assert error_codes(rating) == ["unknown_criterion"]
    assert rating.errors[0].message == "Phiếu của thành viên m1 có tiêu chí không thuộc phiếu: D."


@pytest.mark.parametrize("index", [-1, 36, True, "1", 1.0])
def test_option_out_of_range(index):
    assert error_codes(with_choices(A=index)) == ["option_out_of_range"]


@pytest.mark.parametrize("index", [0, 35, None])
def test_option_in_range(index):
    assert with_choices(A=index).valid


@pytest.mark.parametrize(
    ("levels", "code"), [({"D": 0}, "unknown_criterion"), ({"A": 36}, "option_out_of_range")]
)
def test_agreed_levels_are_checked_too(levels, code):
    assert error_codes(rated(80, agreed_levels=levels)) == [code]


def test_agreed_levels_need_not_name_every_criterion():
    assert rated(80, agreed_levels={"A": 1}).valid


@pytest.mark.parametrize("changes", [{"present": False}, {"recused": True}])
def test_no_scoring_member(changes):
    rating = rate(regulation_1048(), points_sheet(), Scoring("city", members(80, 80, **changes)))

    assert error_codes(rating) == ["no_scoring_member"]
    assert error_codes(rated()) == ["no_scoring_member"]


@pytest.mark.parametrize(("count", "codes"), [(7, ["below_quorum"]), (8, []), (11, [])])
def test_quorum(count, codes):
    rating = rated(*[80] * count, quorum=Quorum(of=11, need=8))

    assert error_codes(rating) == codes


def test_absent_and_recused_members_do_not_make_the_quorum():
    council = [
        *members(*[80] * 7),
        Member("absent", {}, present=False),
        Member("recused", {}, recused=True),
    ]
    scoring = Scoring("city", council, quorum=Quorum(of=11, need=8))

    rating = rate(regulation_1048(), points_sheet(), scoring)

    assert rating.errors[0].message == (
        "Có 7 thành viên chấm điểm, cần ít nhất 8 trên tổng số 11 thành viên hội đồng."
    )


def test_duplicate_member():
    council = [*members(80, 81), Member("m1", choices_for(80))]

    rating = rate(regulation_1048(), points_sheet(), Scoring("city", council))

    assert error_codes(rating) == ["duplicate_member"]
    assert rating.errors[0].message == "Thành viên m1 có 2 phiếu."


def test_all_errors_are_told_at_once():
    council = [Member("m1", {"A": 99, "D": 0}), Member("m2", {}, present=False)]
    scoring = Scoring("commune", council, quorum=Quorum(of=3, need=2))

    assert error_codes(rate(regulation_1048(), points_sheet(), scoring)) == [
        "tier_not_in_regulation",
        "below_quorum",
        "missing_criterion",
        "unknown_criterion",
        "option_out_of_range",
    ]


# The sheets of 1048/QĐ-TTg from end to end


def usable_sheets():
    return [sheet for sheet in regulation_1048().sheets.values() if sheet.usable]


@pytest.mark.parametrize("sheet", usable_sheets(), ids=lambda sheet: sheet.name)
def test_best_options_of_a_real_sheet_give_100_points(sheet):
    best = {
        criterion.code: max(range(len(criterion.options)), key=criterion.points)
        for _, criterion in sheet.criteria
    }

    rating = rate(regulation_1048(), sheet, Scoring("national", [Member("m1", best)]))

    assert rating.mean_text == "100.00"
    assert rating.part_mean_texts == {"A": "35.00", "B": "25.00", "C": "40.00"}
    assert (rating.outcome, rating.recognised_stars) == (Outcome.RECOGNISE, 5)


# As plain data


def test_result_as_data():
    data = result_data(rated(87, 88, 88))

    assert json.loads(json.dumps(data)) == data
    assert {key: data[key] for key in data if key != "reasons"} == {
        "valid": True,
        "errors": [],
        "member_totals": {"m1": 87, "m2": 88, "m3": 88},
        "mean": "87.67",
        "part_means": {"A": "35.00", "B": "25.00", "C": "27.67"},
        "spread": {"limit": 10, "pairs": []},
        "band_stars": 4,
        "minimum_stars": 5,
        "missing_minimums": [],
        "to_agree": [],
        "stars": 4,
        "outcome": "recognise",
        "next_tier": None,
        "recognised_stars": 4,
    }
    assert data["reasons"][0] == {
        "code": "band",
        "message": "Điểm trung bình 87,67 thuộc hạng 4 sao (từ 70 đến dưới 90 điểm).",
        "source": "Quyết định 1048/QĐ-TTg, Điều 1 khoản 2",
    }


def test_pairs_and_missing_minimums_as_data():
    data = result_data(rated_by_marks((2, 1, 1, 40), (2, 1, 1, 40)))
    spread = result_data(rated(80, 91))["spread"]

    assert spread == {"limit": 10, "pairs": [["m1", "m2", 11]]}
    assert data["missing_minimums"] == [
        {"stars": 5, "criterion": "A2", "option": 2, "label": "A2 mức 2"}
    ]


def test_errors_as_data():
    data = result_data(rated(80, tier="commune"))

    assert data["valid"] is False
    assert data["errors"] == [
        {
            "code": "tier_not_in_regulation",
            "message": "Quy định qd1048-2019 không có cấp “commune”.",
        }
    ]
    assert (data["mean"], data["stars"], data["outcome"]) == (None, None, None)


# Properties

TOTALS = st.lists(st.integers(0, 100), min_size=1, max_size=11)


@given(TOTALS, st.randoms(use_true_random=False))
def test_order_of_the_members_does_not_matter(totals, random):
    council = members(*totals)
    shuffled = random.sample(council, len(council))

    first = rate(regulation_1048(), points_sheet(), Scoring("city", council))
    second = rate(regulation_1048(), points_sheet(), Scoring("city", shuffled))

    assert (first.mean, first.part_means) == (second.mean, second.part_means)
    assert (first.stars, first.outcome) == (second.stars, second.outcome)
    assert len(first.spread_pairs) == len(second.spread_pairs)


@given(TOTALS)
def test_total_is_the_sum_of_the_parts(totals):
    rating = rated(*totals)

    assert list(rating.member_totals.values()) == totals
    assert abs(sum(rating.part_means.values()) - rating.mean) < Decimal("1e-20")
    assert min(totals) <= rating.mean <= max(totals)


@given(TOTALS, st.integers(0, 100))
def test_spread_pairs_are_exactly_those_over_the_limit(totals, limit):
    rating = rated(*totals, spread_limit=limit)

    over = sum(
        abs(first - second) > limit
        for number, first in enumerate(totals)
        for second in totals[number + 1 :]
    )
    assert len(rating.spread_pairs) == over


@given(TOTALS, st.integers(1, 5), st.sampled_from(["district", "city", "national"]))
def test_stars_never_exceed_band_or_minimum(totals, council, tier):
    rating = rated(*totals, tier=tier, council_minimum_stars=council, spread_limit=100)

    assert rating.stars == min(rating.band_stars, council)
    if rating.recognised_stars is not None:
        assert rating.recognised_stars <= rating.stars


LEVELS = st.tuples(*[st.none() | st.integers(0, top) for top in (2, 2, 1, 40)])


@given(st.lists(LEVELS, min_size=1, max_size=5))
def test_agreement_is_asked_for_only_where_it_changes_the_stars(choices):
    rating = rated_by_marks(*choices)
    best = {"A1": 2, "A2": 2, "B1": 1}
    agreed = {code: best[code] for code in rating.to_agree}

    if rating.outcome is Outcome.AGREE:
        assert rated_by_marks(*choices, agreed_levels=agreed).stars > rating.stars
    agreed_on_nothing = dict.fromkeys(rating.to_agree)
    assert rated_by_marks(*choices, agreed_levels=agreed_on_nothing).stars <= rating.stars
