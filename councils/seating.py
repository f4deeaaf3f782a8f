"""What has to hold of a council and of the seats in it: reasons for pages to show, and for actions
to refuse.
"""

from collections.abc import Iterator, Sequence

from accounts.models import AdministrativeUnit
from accounts.roles import Role
from councils.models import Council, CouncilMember
from ocop_portal.problems import Problem
from regulations.models import Regulation

Level = AdministrativeUnit.Level
Position = CouncilMember.Position

# Of which level the unit of a tier's council is; the national council has none.
UNIT_LEVELS = {"commune": Level.COMMUNE, "district": Level.DISTRICT, "city": Level.PROVINCE}


def tier_names() -> dict[str, str]:
    """The tiers of all published regulations, as the latest of them calls them."""
    return {
        tier.code: tier.name
        for row in Regulation.objects.published().order_by("effective_from")
        for tier in row.rules.tiers
    }


def council_problems(council: Council) -> Iterator[Problem]:
    """What is wrong with a council as it would be saved."""
    if council.tier not in tier_names():
        yield Problem("unknown_tier", "Cấp này không có trong quy định nào đã ban hành.")
    yield from _unit_problems(council)
    if council.term_to and council.term_to < council.term_from:
        yield Problem("term", "Nhiệm kỳ phải kết thúc sau ngày bắt đầu.")
    twins = Council.objects.filter(
        tier=council.tier,
        unit=council.unit,
        decision_number=council.decision_number,
        decision_date=council.decision_date,
    )
    if twin := twins.exclude(pk=council.pk).first():
        yield Problem("same_decision", f"Hội đồng theo quyết định này đã có: {twin}.")
    if council.pk:
        yield from _problems_of_change(council)


def _unit_problems(council: Council) -> Iterator[Problem]:
    level = UNIT_LEVELS.get(council.tier)
    if level is None and council.unit:
        yield Problem("unit", "Hội đồng cấp này của cả nước: hãy để trống địa bàn.")
    elif level is not None and (council.unit is None or council.unit.level != level):
        yield Problem("unit", f"Hội đồng cấp này cần một địa bàn {level.label.lower()}.")


def _problems_of_change(council: Council) -> Iterator[Problem]:
    stored = Council.objects.get(pk=council.pk)
    moved = (stored.tier, stored.unit_id) != (council.tier, council.unit_id)
    if moved and council.sessions.exists():
        yield Problem(
            "has_sessions", "Hội đồng đã có phiên họp nên cấp và địa bàn không đổi được nữa."
        )
    for seat in council.members.select_related("user"):
        seat.council = council
        if not _within_term(seat):
            yield Problem("seat_outside", f"{seat.user} tham gia ngoài nhiệm kỳ này.")


def seat_problems(seat: CouncilMember) -> Iterator[Problem]:
    """What is wrong with a seat as it would be saved."""
    if seat.member_to and seat.member_to < seat.member_from:
        yield Problem("ends_early", "Ngày thôi tham gia không được trước ngày bắt đầu.")
        return
    if not _within_term(seat):
        yield Problem("outside_term", f"Ngày phải nằm trong nhiệm kỳ: {_term(seat.council)}.")
    if seat.pk is None:
        yield from _account_problems(seat)
    others = seat.council.members.exclude(pk=seat.pk).overlapping(seat.member_from, seat.member_to)
    if others.filter(user=seat.user).exists():
        yield Problem("twice", f"{seat.user} đã là thành viên hội đồng trong thời gian này.")
    chair = others.filter(position=Position.CHAIR).select_related("user").first()
    if seat.position == Position.CHAIR and chair:
        yield Problem("second_chair", f"Hội đồng đã có Chủ tịch: {chair.user}.")


def _account_problems(seat: CouncilMember) -> Iterator[Problem]:
    if not seat.user.is_active:
        yield Problem("inactive", "Tài khoản này đã bị khóa.")
    if seat.user.has_role(Role.PRODUCER):
        yield Problem("producer", "Chủ thể có sản phẩm được đánh giá không tham gia hội đồng.")
    if seat.position == Position.SECRETARY and not seat.user.has_role(Role.COUNCIL_SECRETARY):
        yield Problem(
            "no_secretary",
            f"Tài khoản của {seat.user} chưa có vai trò “{Role.COUNCIL_SECRETARY.label}”. "
            "Hãy đề nghị quản trị hệ thống ghi vai trò trước.",
        )


def _within_term(seat: CouncilMember) -> bool:
    council = seat.council
    if seat.member_from < council.term_from:
        return False
    return not council.term_to or max(seat.member_from, seat.member_to or seat.member_from) <= (
        council.term_to
    )


def _term(council: Council) -> str:
    begin = f"từ {council.term_from:%d/%m/%Y}"
    return f"{begin} đến {council.term_to:%d/%m/%Y}" if council.term_to else begin


def lacking(seats: Sequence[CouncilMember]) -> list[str]:
    """Which people a council needs before it can meet and does not have among its `seats`."""
    positions = {seat.position for seat in seats}
    missing = [
        position.label.lower()
        for position in (Position.CHAIR, Position.SECRETARY)
        if position not in positions
    ]
    return missing if any(seat.votes for seat in seats) else [*missing, "thành viên chấm điểm"]
