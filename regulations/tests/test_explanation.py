"""The derivation with figures worked out by hand, and advice that keeps what it promises."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.advice import Advice, advise_recorded, missing_text, points_text
from regulations.checking import checked_sheet
from regulations.explanation import Explanation, MinimumState, explain
from regulations.matrix import NO_LEVEL, score_matrix, sentence
from regulations.rating import Member, Rating, Scoring, rate
from regulations.rules import JudgedBy, Outcome, Regulation
from regulations.sheets import Criterion, Sheet
from regulations.tests.sheet_builders import (
    build_criterion,
    build_sheet,
    carried,
    choices_for,
    points_sheet,
    regulation_1048,
)
from regulations.tests.test_properties import QUICK, cases

REGULATION_26 = "qd26-2026"


def members(*totals: int) -> list[Member]:
    return [Member(f"m{n}", choices_for(total)) for n, total in enumerate(totals, start=1)]


def explained(*totals: int, **case: Any) -> Explanation:
    """The derivation on the sheet on which every total can be given, by 1048."""
    scoring = Scoring("city", members(*totals), **case)
    return of(regulation_1048(), points_sheet(), scoring)


def of(regulation: Regulation, sheet: Sheet, scoring: Scoring) -> Explanation:
    return explain(regulation, sheet, scoring, rate(regulation, sheet, scoring))


# A sheet of marks: A1 needs 3 points for 4 stars and 5 for 5, B1 any points for 3 stars.


def marked_sheet() -> Sheet:
    parts: dict[str, list[Criterion]] = {
        "A": [
            build_criterion("1", [0, 3, 5], marks={1: 4, 2: 5}),
            build_criterion("2", [0, 10, 20, 30]),
        ],
        "B": [build_criterion("3", [0, 5, 25], min_for_star=3)],
        "C": [build_criterion("4", [0, 20, 30, 36]), build_criterion("5", [0, 1, 2, 4])],
    }
    return checked_sheet(build_sheet(parts), {"A": 35, "B": 25, "C": 40})


def by_marks() -> Regulation:
    """1048 with minimums that the marks in the sheet say."""
    minimums = replace(regulation_1048().minimums, judged_by=JudgedBy.MARKS)
    return replace(regulation_1048(), minimums=minimums)


def marked(*choices: str, **case: Any) -> Explanation:
    """`"12230"`: the options of criteria 1–5 in order, `-` where none is reached."""
    council = [
        Member(n, {str(k): None if c == "-" else int(c) for k, c in enumerate(given, start=1)})
        for n, given in enumerate(choices, start=1)
    ]
    return of(by_marks(), marked_sheet(), Scoring("city", council, **case))


# 1 The matrix


def test_matrix_holds_points_means_and_differences() -> None:
    # A 3+20 and 0+30, B 5 and 25, C 36+4 and 30+0: 68 and 85.
    matrix = marked("12133", "-322-").matrix

    assert [part.points for part in matrix.parts] == [(23, 30), (5, 25), (40, 30)]
    assert (matrix.points, matrix.mean, matrix.difference) == ((68, 85), Decimal("76.5"), 17)
    line = next(line for line in matrix.criteria if line.code == "1")
    assert (line.points, line.mean, line.difference, line.max_points) == (
        (3, 0),
        Decimal("1.5"),
        3,
        5,
    )


def test_matrix_names_the_chosen_options_with_their_members() -> None:
    matrix = marked("12133", "-322-", "12133").matrix

    line = next(line for line in matrix.criteria if line.code == "1")
    assert [(level.index, level.points, level.label, level.members) for level in line.levels] == [
        (1, 3, "1 mức 1", (1, 3)),
        (None, 0, NO_LEVEL, (2,)),
    ]


def test_matrix_leaves_out_who_does_not_score() -> None:
    council = [*members(60, 70), Member("away", {}, present=False), Member("own", {}, recused=True)]

    assert score_matrix(points_sheet(), council).points == (60, 70)


def test_headings_in_capitals_become_sentences() -> None:
    assert sentence("KIỂM TRA ATTP ĐỊNH KỲ") == "Kiểm tra ATTP định kỳ"
    assert sentence("Nguồn nguyên liệu") == "Nguồn nguyên liệu"


# 2 and 3 Mean and band


def test_mean_is_shown_as_sum_and_count() -> None:
    step = explained(87, 90, 86).mean

    assert step.message == "Tổng 263 điểm của 3 thành viên chấm, chia cho 3: điểm trung bình 87,67."
    assert step.rounding
    assert step.source == regulation_1048().aggregation.source
    assert [(mean, top) for _, mean, top in step.parts] == [
        ("35.00", 35),
        ("25.00", 25),
        ("27.67", 40),
    ]


def test_mean_that_is_not_rounded_needs_no_remark() -> None:
    assert explained(87, 90).mean.rounding == ""
    assert explained(*[95] * 11).mean.message.startswith("Tổng 1.045 điểm của 11 thành viên")


@pytest.mark.parametrize(
    ("totals", "message", "exceeded"),
    [
        ((80, 90), "chênh nhau nhiều nhất 10 điểm, không quá mức cho phép 10 điểm.", False),
        ((80, 91, 92), "nhiều nhất 12 điểm, quá mức cho phép 10 điểm ở 2 cặp thành viên.", True),
        ((80,), "Chỉ có một thành viên chấm", False),
    ],
)
def test_spread_is_told_with_its_limit(
    totals: tuple[int, ...], message: str, exceeded: bool
) -> None:
    step = explained(*totals).mean

    assert message in step.spread
    assert step.spread_is_exceeded is exceeded


@pytest.mark.parametrize(
    ("totals", "stars", "distance"),
    [
        ((87, 90, 86), 4, "Còn cách hạng 5 sao (từ 90 điểm) 2,33 điểm."),
        ((70,), 4, "Còn cách hạng 5 sao (từ 90 điểm) 20 điểm."),
        ((49, 50), 2, "Còn cách hạng 3 sao (từ 50 điểm) 0,50 điểm."),
        ((90,), 5, ""),
        ((0,), 1, "Còn cách hạng 2 sao (từ 30 điểm) 30 điểm."),
    ],
)
def test_band_names_its_floor_and_the_way_to_the_next(
    totals: tuple[int, ...], stars: int, distance: str
) -> None:
    step = explained(*totals).band

    assert (step.stars, step.distance) == (stars, distance)
    assert step.source == "Quyết định 1048/QĐ-TTg, Điều 1 khoản 2"


def test_band_that_is_missed_by_less_than_is_shown_still_misses_something() -> None:
    explanation = explained(*[90] * 299, 89)

    assert "90,00 thuộc hạng 4 sao" in explanation.band.message
    assert explanation.band.distance.endswith("0,01 điểm.")
    assert explanation.mean.rounding == "Số hiển thị đã làm tròn; số chưa làm tròn quyết định hạng."


# 4 The minimums


def test_minimums_are_listed_star_by_star_with_what_was_chosen() -> None:
    step = marked("13233", "13233", "03233").minimums

    assert [star.stars for star in step.by_star] == [3, 4, 5]
    three, four, five = (star.checks[0] for star in step.by_star)
    assert (three.criterion, three.option, three.points) == ("3", None, 1)
    assert (three.label, three.state) == ("Có điểm ở tiêu chí này", MinimumState.MET)
    assert three.message == "Cả 3 thành viên chọn mức đạt."
    assert (four.option, four.points, four.label, four.state) == (1, 3, "1 mức 1", "differ")
    assert four.message == "2 trên 3 thành viên chọn mức đạt; chưa thống nhất nên tính là chưa đạt."
    assert (five.option, five.state) == (2, MinimumState.NOT_MET)
    assert five.message == "Không thành viên nào chọn mức đạt."
    assert five.source == regulation_1048().minimums.source
    assert [(star.met_count, star.is_met) for star in step.by_star] == [
        (1, True),
        (0, False),
        (0, False),
    ]
    assert (step.stars, step.message) == (3, "Yêu cầu tối thiểu chỉ đạt đến hạng 3 sao.")


def test_agreed_level_counts_instead_of_the_sheets() -> None:
    met = marked("13233", "03233", agreed_levels={"1": 1}).minimums.by_star[1].checks[0]
    missed = marked("13233", "03233", agreed_levels={"1": None}).minimums.by_star[1].checks[0]

    assert (met.state, met.agreed) == (MinimumState.MET, True)
    assert met.message == "Hội đồng thống nhất mức 3 điểm."
    assert missed.state is MinimumState.NOT_MET
    assert missed.message == "Hội đồng thống nhất: không đạt mức nào."


def test_minimum_is_that_of_the_kind_of_producer_that_was_chosen() -> None:
    criterion = build_criterion("1", [2, 5, 3, 5], option_cases=[1, 1, 2, 2], marks={1: 3, 2: 3})
    parts = {
        "A": [criterion, build_criterion("2", [0, 30])],
        "B": [build_criterion("3", [0, 25])],
        "C": [build_criterion("4", [0, 40])],
    }
    sheet = checked_sheet(build_sheet(parts), {"A": 35, "B": 25, "C": 40})
    second = Member(1, {"1": 2, "2": 1, "3": 1, "4": 1})

    check = of(by_marks(), sheet, Scoring("city", [second])).minimums.by_star[0].checks[0]

    assert (check.option, check.points, check.state) == (2, 3, MinimumState.MET)


def test_sheet_without_marks_says_so() -> None:
    scoring = Scoring("city", members(75))

    step = of(by_marks(), points_sheet(), scoring).minimums

    assert (step.by_star, step.requirements) == ((), ())
    assert step.message == "Phiếu này không đánh dấu yêu cầu tối thiểu nào theo hạng sao."


def test_minimums_that_the_council_judges_are_told_as_it_found_them() -> None:
    judged = explained(95, council_minimum_stars=3).minimums
    open_ = explained(95).minimums

    assert judged.message == "Hội đồng xác định sản phẩm đạt yêu cầu tối thiểu đến hạng 3 sao."
    assert [each.stars for each in judged.requirements] == [2, 3, 4, 5]
    assert judged.note.startswith("Danh sách đã biết")
    assert open_.message.startswith("Hội đồng chưa xét yêu cầu tối thiểu")


# 5 The outcome


def test_outcome_says_which_of_band_and_minimums_counts() -> None:
    by_points = explained(95).outcome
    capped = explained(95, council_minimum_stars=3).outcome

    assert (
        by_points.stars_message == "Theo điểm là hạng 5 sao, yêu cầu tối thiểu không hạ hạng này."
    )
    assert (by_points.outcome, by_points.recognised_stars) == (Outcome.POTENTIAL_5, 4)
    assert by_points.next_tier == "Cấp trung ương"
    assert capped.stars_message == (
        "Theo điểm là hạng 5 sao, theo yêu cầu tối thiểu là hạng 3 sao: "
        "hạng thấp hơn được tính, 3 sao."
    )
    assert (capped.stars, capped.outcome, capped.next_tier) == (3, Outcome.RECOGNISE, "")
    assert capped.source == "Quyết định 1048/QĐ-TTg, Phụ lục II, mục 1 điểm b"


def test_knock_out_comes_with_its_article() -> None:
    explanation = explained(95, knockouts=["material_imported_or_unknown"])

    assert [reason.source for reason in explanation.knockouts] == [
        "Quyết định 1048/QĐ-TTg, Phụ lục III, ghi chú tiêu chí 1.1"
    ]
    assert (explanation.outcome.stars, explanation.outcome.outcome) == (0, "not_recognised")
    assert explanation.outcome.stars_message.startswith("Có lý do loại")


def test_rating_with_errors_is_not_explained() -> None:
    scoring = Scoring("city", [])
    rating = rate(regulation_1048(), points_sheet(), scoring)

    with pytest.raises(ValueError, match="errors"):
        explain(regulation_1048(), points_sheet(), scoring, rating)


# 6 The advice


def steps(advice: Advice) -> list[tuple[str, int, Decimal]]:
    return [(step.criterion, step.option, step.gain) for step in advice.further]


def test_advice_closes_the_gap_with_the_largest_step_first() -> None:
    # 3 + 20 + 5 + 36 + 4 = 68, 4 stars are at 70; the next options bring 2, 10, 20, – and –.
    advice = marked("12133").advice

    assert (advice.now, advice.target, advice.floor, advice.missing) == (3, 4, 70, 2)
    assert steps(advice) == [("3", 2, 20)]
    assert (advice.mean_after, advice.reached, advice.minimums) == (88, True, ())
    assert advice.messages[0] == "Điểm trung bình còn thiếu 2 điểm để đến hạng 4 sao (từ 70 điểm)."
    assert advice.closing == (
        "Khi mọi thành viên cho từ các mức trên trở lên, điểm trung bình ít nhất là 88,00: "
        "đủ hạng 4 sao."
    )


def test_advice_begins_with_the_minimums_that_are_missing() -> None:
    # 3 + 30 + 25 + 30 + 4 = 92, but 5 stars need 5 points in criterion 1.
    advice = marked("13223").advice

    assert (advice.now, advice.target, advice.missing, advice.further) == (4, 5, 0, ())
    (step,) = advice.minimums
    assert (step.criterion, step.option, step.points, step.label) == ("1", 2, 5, "1 mức 2")
    assert (step.gain, step.running, step.stars) == (2, 2, (5,))
    assert advice.messages == (
        "Điểm trung bình đã đủ cho hạng 5 sao (từ 90 điểm).",
        "Còn 1 tiêu chí chưa đạt yêu cầu tối thiểu đến hạng 5 sao; đạt hết thì điểm trung bình "
        "thêm 2 điểm.",
    )


def test_advice_counts_what_each_member_lacks() -> None:
    # Criterion 1 needs 3 points for 4 stars: 3, 3 and nothing, so 3 points are shared by three.
    # 3 + 30 + 25 + 30 + 1 = 89 twice, 0 + 30 + 25 + 30 + 2 = 87.
    advice = marked("13221", "13221", "-3222").advice

    assert (advice.now, advice.target, advice.missing) == (3, 4, 0)
    (step,) = advice.minimums
    assert (step.option, step.gain, step.stars) == (1, 1, (4,))
    assert advice.mean_after == Decimal(265 + 3) / 3


def test_advice_runs_until_the_gap_is_closed_and_no_further() -> None:
    # 5 + 0 + 5 + 20 + 0 = 30: 3 stars lack 20. Criterion 2 could bring most, and its third
    # option is enough.
    one = marked("20110").advice
    # 5 + 30 + 5 + 30 + 0 = 70: 5 stars lack 20; again criterion 3.
    two = marked("23120").advice
    # 5 + 10 + 25 + 30 + 0 = 70: criterion 2 alone can bring 20.
    three = marked("21220").advice

    assert steps(one) == [("2", 2, 20)]
    assert steps(two) == [("3", 2, 20)]
    assert steps(three) == [("2", 3, 20)]
    assert (three.further[-1].running, three.mean_after) == (20, 90)


def test_next_option_is_above_what_the_members_gave_on_average() -> None:
    # Criterion 2: 10, 20, 20 → mean 16.67, next is 20 (+3.33); criterion 4 all at 36.
    council = ("21233", "22233", "22233")
    advice = marked(*council).advice

    assert advice.target == 5
    assert advice.missing == 90 - Decimal(80 + 90 + 90) / 3
    assert [(s.criterion, s.points) for s in advice.further] == [("2", 20)]
    assert advice.further[0].gain == Decimal(10) / 3


def test_advice_for_a_differing_minimum_asks_all_members() -> None:
    advice = marked("13233", "03233").advice

    assert (advice.now, advice.target) == (3, 4)
    (step,) = advice.minimums
    assert (step.option, step.gain) == (1, Decimal("1.5"))


def test_criterion_that_is_marked_itself_asks_for_its_lowest_points() -> None:
    advice = marked("23-33").advice

    (step,) = advice.minimums
    assert (advice.now, advice.target) == (2, 3)
    assert (step.criterion, step.option, step.points, step.stars) == ("3", 1, 5, (3,))


def test_nothing_is_above_five_stars() -> None:
    advice = explained(95).advice

    assert (advice.now, advice.target, advice.further, advice.closing) == (5, None, (), "")
    assert advice.messages == ("Hạng 5 sao là hạng cao nhất: không có hạng nào cao hơn.",)


def test_knock_out_has_to_be_cleared_first() -> None:
    high = explained(95, knockouts=["material_imported_or_unknown"]).advice
    low = explained(85, knockouts=["material_imported_or_unknown"]).advice

    cleared = "Trước hết phải khắc phục lý do loại. Khi không còn lý do loại, các phiếu chấm này "
    assert (high.now, high.target, high.messages) == (5, None, (f"{cleared}cho hạng 5 sao.",))
    assert (low.now, low.target) == (4, 5)
    assert low.messages[0] == f"{cleared}cho hạng 4 sao."
    assert low.knockouts[0].code == "knocked_out"


def test_star_without_certificate_is_said_to_be_one() -> None:
    messages = explained(20).advice.messages

    assert messages[-1].startswith("Giấy chứng nhận chỉ cấp từ hạng 3 sao (")


def test_what_the_council_has_to_judge_is_named() -> None:
    advice = explained(95, council_minimum_stars=3).advice
    exempt = replace(points_sheet(), name=regulation_1048().minimums.exempt_sheets[0])
    judged = of(regulation_1048(), exempt, Scoring("city", members(75))).advice

    assert [each.stars for each in advice.requirements] == [4]
    assert "Hội đồng chưa xác định" in advice.messages[1]
    assert judged.requirements == ()
    assert judged.messages[1] == "Không còn yêu cầu tối thiểu nào cản hạng 5 sao."


def test_advice_that_cannot_reach_the_star_says_so() -> None:
    """Every option of the chosen kind of producer lies below the best of the other kind."""
    criterion = build_criterion("1", [0, 1, 0, 35], option_cases=[1, 1, 2, 2])
    parts = {
        "A": [criterion],
        "B": [build_criterion("2", [0, 25])],
        "C": [build_criterion("3", [0, 40])],
    }
    sheet = checked_sheet(build_sheet(parts), {"A": 35, "B": 25, "C": 40})
    council = [Member(1, {"1": 1, "2": 1, "3": 1})]

    advice = of(by_marks(), sheet, Scoring("city", council)).advice

    assert (advice.target, advice.reached, advice.further) == (4, False, ())
    assert "vẫn chưa đủ" in advice.closing


@pytest.mark.parametrize(
    ("mean", "stars", "target", "message"),
    [
        ("88", 4, 5, "Điểm trung bình còn thiếu 2 điểm để đến hạng 5 sao (từ 90 điểm)."),
        ("91.25", 4, 5, "Điểm trung bình đã đủ cho hạng 5 sao (từ 90 điểm)."),
        ("91.25", 5, None, "Hạng 5 sao là hạng cao nhất: không có hạng nào cao hơn."),
    ],
)
def test_recorded_result_gets_the_advice_that_its_figures_allow(
    mean: str, stars: int, target: int | None, message: str
) -> None:
    advice = advise_recorded(regulation_1048(), Decimal(mean), stars)

    assert (advice.target, advice.messages[0]) == (target, message)
    assert (advice.minimums, advice.further) == ((), ())
    assert ("không có phiếu chấm" in advice.closing) is (target is not None)


def test_points_in_sentences() -> None:
    assert [points_text(value) for value in (70, Decimal("87.665"), Decimal("2.50"))] == [
        "70",
        "87,67",
        "2,50",
    ]
    assert missing_text(Decimal("0.0033")) == "0,01"
    assert missing_text(Decimal(0)) == "0"


# What the advice promises


def follow(regulation: Regulation, sheet: Sheet, scoring: Scoring, advice: Advice) -> Rating:
    """The rating when nothing knocks out and every member gives at least what is advised."""
    options = {step.criterion: step.option for step in (*advice.minimums, *advice.further)}
    raised = [
        replace(
            member,
            choices={
                code: _raised(sheet.criterion(code), chosen, options.get(code))
                for code, chosen in member.choices.items()
            },
        )
        for member in scoring.members
    ]
    agreed = {code: options.get(code, level) for code, level in scoring.agreed_levels.items()}
    return rate(
        regulation,
        sheet,
        replace(
            scoring,
            members=raised,
            agreed_levels=agreed,
            knockouts=(),
            council_minimum_stars=(
                advice.target if advice.requirements else scoring.council_minimum_stars
            ),
        ),
    )


def _raised(criterion: Criterion, chosen: int | None, advised: int | None) -> int | None:
    if advised is None or criterion.points(chosen) >= criterion.points(advised):
        return chosen
    return advised


@st.composite
def concluded(draw: st.DrawFn) -> tuple[Regulation, Sheet, Scoring]:
    """A case with what a council may record beside the sheets."""
    regulation, sheet, scoring = draw(cases())
    marked_codes = [code for code, criterion in sheet.by_code.items() if criterion.marked_stars]
    agreed = {
        code: draw(st.none() | st.integers(0, len(sheet.criterion(code).options) - 1))
        for code in marked_codes
        if draw(st.booleans())
    }
    return (
        regulation,
        sheet,
        replace(
            scoring,
            agreed_levels=agreed,
            knockouts=draw(st.sampled_from([(), (regulation.knockouts[0].code,)])),
            council_minimum_stars=draw(st.none() | st.integers(1, 5)),
        ),
    )


@QUICK
@given(concluded())
def test_whoever_follows_the_advice_reaches_the_star(case: Any) -> None:
    regulation, sheet, scoring = case
    advice = of(regulation, sheet, scoring).advice

    after = follow(regulation, sheet, scoring, advice)

    assert advice.reached
    assert after.stars >= (advice.target or advice.now)
    assert after.mean == advice.mean_after


@QUICK
@given(cases())
def test_advice_asks_for_nothing_that_is_not_needed(case: Any) -> None:
    regulation, sheet, scoring = case
    advice = of(regulation, sheet, scoring).advice
    gains = [step.gain for step in advice.further]

    assert gains == sorted(gains, reverse=True)
    if advice.further:
        shorter = replace(advice, further=advice.further[:-1])
        assert follow(regulation, sheet, scoring, shorter).mean < advice.floor
    improved = {step.criterion for step in advice.further}
    for number, step in enumerate(advice.minimums):
        if step.criterion in improved:  # the higher option meets the minimum as well
            continue
        left_out = advice.minimums[:number] + advice.minimums[number + 1 :]
        without = follow(regulation, sheet, scoring, replace(advice, minimums=left_out))
        assert without.minimum_stars < advice.target


@pytest.mark.parametrize("code", sorted(carried()))
def test_every_usable_sheet_can_be_climbed_from_nothing_to_five_stars(code: str) -> None:
    regulation = carried()[code]
    for sheet in regulation.sheets.values():
        if not sheet.usable:
            continue
        scoring = Scoring("city", [Member(1, dict.fromkeys(sheet.by_code))])
        seen = []
        while (advice := of(regulation, sheet, scoring).advice).target:
            seen.append(advice.target)
            options = {step.criterion: step.option for step in (*advice.minimums, *advice.further)}
            choices = {**scoring.members[0].choices, **options}
            council = advice.target if advice.requirements else None
            scoring = replace(scoring, members=[Member(1, choices)], council_minimum_stars=council)
        assert seen == sorted(set(seen)), sheet.name
        assert seen[-1] == 5, sheet.name
