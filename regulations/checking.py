"""Does a sheet add up? A sheet that does not is not scored with until somebody corrects it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby

from regulations.sheets import HIGHEST_STARS, Criterion, Part, Problem, Section, Sheet

SHEET_TOTAL = 100  # points; the same in every decision since 1048/QĐ-TTg, Điều 1
LOWEST_MARKED_STARS = 2  # a mark for 1 star would mean that a product can have none


def check_sheet(
    sheet: Sheet, part_maximums: Mapping[str, int], total: int = SHEET_TOTAL
) -> list[Problem]:
    """Return everything that does not add up in a sheet, in the order of the sheet.

    `part_maximums` are the points of each part by the regulation (1048/QĐ-TTg, Điều 1: A 35,
    B 25, C 40); `total` is what the whole sheet must reach. Of a criterion with cases the best
    option of the best case counts.
    """
    return [
        *_parts_problems(sheet, part_maximums),
        *_code_problems(sheet),
        *(problem for part in sheet.parts for problem in _part_problems(part, part_maximums)),
        *_total_problems(sheet, total),
    ]


def checked_sheet(sheet: Sheet, part_maximums: Mapping[str, int]) -> Sheet:
    """Return the sheet with its problems, so that `usable` has an answer."""
    return sheet.checked(tuple(check_sheet(sheet, part_maximums)))


def part_points(part: Part) -> int:
    """Return the points that the best options of a part add up to."""
    return sum(section_points(section) for section in part.sections)


def section_points(section: Section) -> int:
    """Return the points that the best options of a section add up to."""
    return sum(criterion.best_points for criterion in section.criteria)


def _parts_problems(sheet: Sheet, part_maximums: Mapping[str, int]) -> Iterator[Problem]:
    codes = [part.code for part in sheet.parts]
    for code in part_maximums:
        if code not in codes:
            yield Problem("part_missing", code, f"Phần {code}: phiếu không có phần này")
    for code, times in Counter(codes).items():
        if code not in part_maximums:
            yield Problem("part_unknown", code, f"Phần {code}: quy định không có phần này")
        if times > 1:
            yield Problem("part_duplicate", code, f"Phần {code}: xuất hiện {times} lần trong phiếu")


def _code_problems(sheet: Sheet) -> Iterator[Problem]:
    for code, times in Counter(criterion.code for _, criterion in sheet.criteria).items():
        if times > 1:
            message = f"Tiêu chí {code}: mã xuất hiện {times} lần trong phiếu"
            yield Problem("criterion_code_duplicate", code, message)


def _part_problems(part: Part, part_maximums: Mapping[str, int]) -> Iterator[Problem]:
    for section in part.sections:
        yield from _section_problems(section)
    required = part_maximums.get(part.code, part.max_points)
    if part.max_points != required:
        message = (
            f"Phần {part.code}: phiếu ghi tối đa {part.max_points} điểm, quy định {required} điểm"
        )
        yield Problem("part_maximum_differs", part.code, message)
    if (points := part_points(part)) != required:
        message = (
            f"Phần {part.code}: các tiêu chí cộng lại được {points} điểm, quy định {required} điểm"
        )
        yield Problem("part_sum_differs", part.code, message)


def _section_problems(section: Section) -> Iterator[Problem]:
    for criterion in section.criteria:
        yield from _criterion_problems(criterion)
    yield from _group_problems(section)
    if (points := section_points(section)) != section.max_points:
        message = (
            f"Mục {section.code}: các tiêu chí cộng lại được {points} điểm, "
            f"phiếu ghi tối đa {section.max_points} điểm"
        )
        yield Problem("section_sum_differs", section.code, message)


def _group_problems(section: Section) -> Iterator[Problem]:
    """A heading's maximum, where the sheet prints one, is what its criteria add up to."""
    for group, members in groupby(section.criteria, key=lambda criterion: criterion.group):
        if group is None or group.max_points is None:
            continue
        if (points := sum(criterion.best_points for criterion in members)) != group.max_points:
            message = (
                f"Nhóm {group.code}: các tiêu chí cộng lại được {points} điểm, "
                f"phiếu ghi tối đa {group.max_points} điểm"
            )
            yield Problem("group_sum_differs", group.code, message)


def _criterion_problems(criterion: Criterion) -> Iterator[Problem]:
    yield from _option_problems(criterion)
    yield from _case_problems(criterion)
    yield from _mark_problems(criterion)
    if criterion.options and criterion.best_points != criterion.max_points:
        message = (
            f"Tiêu chí {criterion.code}: lựa chọn cao nhất {criterion.best_points} điểm, "
            f"phiếu ghi tối đa {criterion.max_points} điểm"
        )
        yield Problem("criterion_maximum_differs", criterion.code, message)


def _option_problems(criterion: Criterion) -> Iterator[Problem]:
    code = criterion.code
    if not criterion.options:
        yield Problem("criterion_without_options", code, f"Tiêu chí {code}: không có lựa chọn nào")
    if criterion.check_item and len(criterion.options) != 1:
        message = (
            f"Tiêu chí {code}: ô đánh dấu phải có đúng 1 lựa chọn, có {len(criterion.options)}"
        )
        yield Problem("check_item_options", code, message)
    for number, option in enumerate(criterion.options, start=1):
        if type(option.points) is not int or option.points < 0:
            message = (
                f"Tiêu chí {code}, lựa chọn thứ {number}: điểm phải là số nguyên từ 0 trở lên, "
                f"phiếu ghi {option.points}"
            )
            yield Problem("option_points_invalid", code, message)


def _case_problems(criterion: Criterion) -> Iterator[Problem]:
    code = criterion.code
    numbers: set[int | None] = {case.number for case in criterion.cases} or {None}
    for number, option in enumerate(criterion.options, start=1):
        if option.case not in numbers:
            message = f"Tiêu chí {code}, lựa chọn thứ {number}: trường hợp {option.case} không có"
            yield Problem("option_case_unknown", code, message)
    for missing in numbers - {option.case for option in criterion.options} - {None}:
        message = f"Tiêu chí {code}: trường hợp {missing} không có lựa chọn nào"
        yield Problem("case_without_options", code, message)


def _mark_problems(criterion: Criterion) -> Iterator[Problem]:
    for star in criterion.marked_stars:
        if not LOWEST_MARKED_STARS <= star <= HIGHEST_STARS:
            message = f"Tiêu chí {criterion.code}: không có mức tối thiểu cho hạng {star} sao"
            yield Problem("star_mark_invalid", criterion.code, message)


def _total_problems(sheet: Sheet, total: int) -> Iterator[Problem]:
    points = sum(part_points(part) for part in sheet.parts)
    if points != total:
        message = f"Cả phiếu: các tiêu chí cộng lại được {points} điểm, quy định {total} điểm"
        yield Problem("sheet_sum_differs", "", message)
    if sheet.max_points != total:
        message = f"Cả phiếu: phiếu ghi tối đa {sheet.max_points} điểm, quy định {total} điểm"
        yield Problem("sheet_maximum_differs", "", message)
