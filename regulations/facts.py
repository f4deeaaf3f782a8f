"""What a regulation says, as facts with names: the lines of a comparison of two of them.

A fact is found again in another regulation by its key, so a key is what stays the same when the
content changes: the code of a part, the stars of a band, the step of a deadline.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from regulations.rules import (
    DayUnit,
    DocumentKind,
    DossierKind,
    JudgedBy,
    KnockOutKind,
    NumberPattern,
    Outcome,
    OutcomeRow,
    Regulation,
    YearDay,
)

KINDS = {
    DossierKind.FIRST: "đánh giá lần đầu",
    DossierKind.UPGRADE: "nâng hạng",
    DossierKind.RENEWAL: "phân hạng lại",
}
UNITS = {DayUnit.CALENDAR: "ngày", DayUnit.WORKING: "ngày làm việc"}
KNOCKOUTS = {KnockOutKind.DISQUALIFIED: "Bị loại", KnockOutKind.STOP: "Dừng đánh giá"}
JUDGED_BY = {
    JudgedBy.COUNCIL: "Hội đồng xét theo văn bản",
    JudgedBy.MARKS: "Theo dấu sao ghi trong phiếu chấm",
}
OUTCOMES = {
    Outcome.FORWARD: "Chuyển lên cấp trên",
    Outcome.RECOGNISE: "Công nhận",
    Outcome.POTENTIAL_5: "Công nhận, là sản phẩm tiềm năng 5 sao",
    Outcome.RETURN: "Trả về cấp dưới",
    Outcome.NOT_RECOGNISED: "Không công nhận",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a regulation says: what about, and what."""

    key: str
    label: str
    text: str


Facts = Iterator[Fact]


def _parts(regulation: Regulation) -> Facts:
    for part in regulation.parts:
        yield Fact(part.code, f"Phần {part.code}. {part.name}", f"{part.max_points} điểm")


def _bands(regulation: Regulation) -> Facts:
    for band in regulation.star_bands:
        yield Fact(str(band.stars), f"{band.stars} sao", f"từ {band.floor} điểm")


def _tiers(regulation: Regulation) -> Facts:
    for tier in regulation.tiers:
        yield Fact(tier.code, tier.name, "có đánh giá")
        yield Fact(f"{tier.code}/by", f"{tier.name}: cơ quan đánh giá", tier.evaluated_by)
        yield Fact(f"{tier.code}/signed", f"{tier.name}: cơ quan ký", tier.signed_by)
        for row in tier.outcomes:
            condition = outcome_condition(row)
            yield Fact(f"{tier.code}/{condition}", f"{tier.name}: {condition}", outcome_text(row))


def outcome_condition(row: OutcomeRow) -> str:
    """Say when a row of a tier applies."""
    found = []
    if row.stars_at_least is not None:
        found.append(f"từ hạng {row.stars_at_least} sao")
    if row.mean_at_least is not None:
        found.append(f"từ {row.mean_at_least} điểm")
    return ", ".join(found) or "còn lại"


def outcome_text(row: OutcomeRow) -> str:
    """Say what a row of a tier leads to."""
    stars = f" {row.recognised_stars} sao" if row.recognised_stars else ""
    text = OUTCOMES[row.outcome]
    return text.replace("Công nhận", f"Công nhận{stars}", 1)


def _scoring(regulation: Regulation) -> Facts:
    rule = regulation.aggregation
    yield Fact("scored_by", "Người chấm", rule.scored_by)
    yield Fact("spread", "Chênh lệch tối đa giữa hai thành viên", f"{rule.spread_limit} điểm")
    yield Fact("decimals", "Làm tròn khi hiển thị", f"{rule.display_decimals} chữ số thập phân")
    yield Fact("judged", "Tiêu chí tối thiểu của hạng", JUDGED_BY[regulation.minimums.judged_by])


def _knockouts(regulation: Regulation) -> Facts:
    for row in regulation.knockouts:
        yield Fact(row.code, row.text, KNOCKOUTS[row.kind])


def _documents(regulation: Regulation) -> Facts:
    for row in regulation.documents:
        yield Fact(row.code, row.name, document_text(row))


def document_text(row: DocumentKind) -> str:
    """Say whether a document is compulsory, for which dossiers, and what it must be like."""
    words = ["Bắt buộc" if row.compulsory else "Minh chứng bổ sung"]
    if not row.is_file:
        words.append("nộp hiện vật")
    if len(row.kinds) < len(DossierKind):
        words.append("khi " + ", ".join(KINDS[kind] for kind in row.kinds))
    first = ", ".join(words)
    return f"{first}. {row.requirement}" if row.requirement else first


def _times(regulation: Regulation) -> Facts:
    for limit in regulation.day_limits:
        text = f"{limit.days} {UNITS[limit.unit]} từ {limit.start}"
        yield Fact(limit.code, limit.text, text)
    if regulation.copies:
        yield Fact("copies", "Gửi bản sao cho thành viên", regulation.copies.text)
    for number, row in enumerate(regulation.rounds, start=1):
        tier = regulation.tier(row.tier)
        text = f"trước ngày {day_of_year(row.held_before)}, nhận đề nghị trước ngày "
        label = f"Đợt đánh giá {number}: {tier.name if tier else row.tier}"
        yield Fact(f"round/{number}", label, text + day_of_year(row.proposed_before))


def day_of_year(day: YearDay) -> str:
    """Write a day of every year as people do: 30/6."""
    return f"{day.day}/{day.month}"


def _screening(regulation: Regulation) -> Facts:
    if screening := regulation.screening:
        yield Fact("name", "Bước", f"{screening.name} ({screening.done_by})")
        for number, point in enumerate(screening.points, start=1):
            yield Fact(f"point/{number}", f"Nội dung {number}", point)


def _certificate(regulation: Regulation) -> Facts:
    rule = regulation.certificate
    yield Fact("months", "Thời hạn", f"{rule.validity_months} tháng kể từ {rule.validity_from}")
    yield Fact("stars", "Cấp cho hạng", ", ".join(map(str, rule.stars)) + " sao")
    yield Fact("number", "Số giấy chứng nhận", pattern_text(rule.number))
    yield Fact("product", "Mã sản phẩm", pattern_text(regulation.product_code))
    if renewal := regulation.renewal:
        text = f"từ {renewal.opens_days_before} đến {renewal.closes_days_before} ngày trước khi hết"
        yield Fact("renewal", "Nộp hồ sơ phân hạng lại", text)
        if renewal.grace_days:
            text = f"tối đa {renewal.grace_days} ngày sau khi hết hạn, cho đến khi có kết quả"
            yield Fact("grace", "Nộp muộn thì giấy cũ còn được dùng", text)
    for ground in regulation.revocation:
        yield Fact(f"revocation/{ground.code}", "Thu hồi", ground.text)


def pattern_text(number: NumberPattern) -> str:
    """Write a number's pattern with the meaning of its tokens."""
    meanings = "; ".join(f"{field.token}: {field.meaning}" for field in number.fields)
    return f"{number.pattern} ({meanings})"


def _transition(regulation: Regulation) -> Facts:
    if transition := regulation.transition:
        for kind, days in transition.pending_days.items():
            yield Fact(kind, f"Hồ sơ {KINDS[kind]} đang làm dở", f"{days} ngày theo quy định cũ")


AREAS: dict[str, Callable[[Regulation], Facts]] = {
    "Các phần của phiếu chấm": _parts,
    "Hạng sao": _bands,
    "Xem xét tại cấp xã": _screening,
    "Các cấp đánh giá và kết quả": _tiers,
    "Tính điểm": _scoring,
    "Trường hợp bị loại hoặc dừng đánh giá": _knockouts,
    "Tài liệu của hồ sơ": _documents,
    "Thời hạn": _times,
    "Giấy chứng nhận và mã sản phẩm": _certificate,
    "Chuyển tiếp": _transition,
}
