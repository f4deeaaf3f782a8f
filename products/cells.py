"""What officers write in a cell, as values: stars, years, days, kinds, places.

Every parser takes the cell as it was read and returns a value, None for "nothing stated", or
raises CellError with the Vietnamese reason the officer reads.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ocop_portal.text import clean_line, search_key
from products.sheet_xml import CellValue

YEARS = range(2018, 2101)  # the programme started in 2018
_EXCEL_ERROR = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!)")
# "B¸nh cèm", "®Ëu": letters of a font from before Unicode, inside a word.
_TCVN3 = re.compile("[A-Za-z][¸µ¶¹¨¬]|®[a-z¸µ¶¹Ê-ý]")
OLD_ENCODING = (
    "Chữ trong sổ gõ bằng phông cũ (TCVN3, phông .Vn…); vui lòng chuyển sang Unicode, "
    "ví dụ bằng công cụ chuyển mã của UniKey."
)
_EXCEL_DAY_0 = date(1899, 12, 30)


class CellError(ValueError):
    """A cell that cannot be understood; `reason` is the Vietnamese sentence for the officer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProducerKind(StrEnum):
    ENTERPRISE = "enterprise"
    COOPERATIVE = "cooperative"
    COOPERATIVE_GROUP = "cooperative_group"
    HOUSEHOLD = "household"
    FARM = "farm"


class ReportedStatus(StrEnum):
    """What the note of a row says about the result."""

    RECOGNISED_NATIONAL = "recognised_national"
    RECOGNISED = "recognised"
    DISTRICT_ASSESSMENT = "district_assessment"
    ASSESSED_RESULT_NOT_STATED = "assessed_result_not_stated"


class StarRating(NamedTuple):
    stars: int
    is_potential: bool


@dataclass(frozen=True)
class UnitName:
    """The name of a district or commune as written, and what to look it up by.

    `key` is without the kind of unit, `whole_key` with everything that was written: a name that
    begins like a kind of unit is found by the second.
    """

    written: str
    name: str
    kind: str
    key: str
    whole_key: str


def text_of(value: CellValue) -> str:
    """The cell as one clean line, "" for an empty one.

    Formula-looking text stays text. Raises CellError for an error value of Excel and for text
    from before Unicode.
    """
    if isinstance(value, str):
        return _clean(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@lru_cache(maxsize=4_000)
def _clean(text: str) -> str:
    line = clean_line(text)
    if line.startswith("#") and _EXCEL_ERROR.fullmatch(line):
        raise CellError(f"Ô báo lỗi công thức của Excel ({line}); vui lòng nhập lại giá trị.")
    if is_old_encoding(line):
        raise CellError(OLD_ENCODING)
    return line


def is_old_encoding(text: str) -> bool:
    """Whether the text is TCVN3, which reads as nonsense outside its own fonts."""
    return bool(_TCVN3.search(text))


def is_blank(text: str) -> bool:
    """Whether the text only fills the place: "", "-", "…"."""
    return not text.strip("-–—_.…/ ")


def parse_text(value: CellValue) -> str:
    """One line of text, "" for a placeholder. Raises CellError for an Excel error."""
    text = text_of(value)
    return "" if is_blank(text) else text


def parse_product_name(value: CellValue) -> str:
    """The name to show: capitals throughout become sentence case. Raises CellError."""
    return in_sentence_case(parse_text(value))


def in_sentence_case(text: str) -> str:
    """ "CHAY NƯỚNG VỊ XÁ XÍU" as "Chay nướng vị xá xíu"; other spellings as they are.

    One word of plain letters in capitals is a brand or an abbreviation and stays.
    """
    is_vietnamese = " " in text or not text.isascii()
    if text != text.upper() or not is_vietnamese:
        return text
    words = [word if re.fullmatch(r"[A-Z]+\d+", word) else word.lower() for word in text.split()]
    sentence = " ".join(words)
    return sentence[:1].upper() + sentence[1:]


# Stars

_NO_STARS = re.compile("chua( (co|xep hang|phan hang|danh gia))*( ket qua| sao| hang)?|khong( co)?")
_STAR_WORDS = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5}
_STARS = re.compile(
    r"(?P<before>tiem nang )?(?:dat )?(?:hang )?(?:ocop )?"
    r"(?P<stars>\d+|[a-z]+)(?: sao)?(?: ocop)?(?P<after> tiem nang)?"
)


def parse_stars(value: CellValue) -> StarRating | None:
    """The star rating, None where none is stated. Raises CellError."""
    text = text_of(value)
    if is_blank(text) or _NO_STARS.fullmatch(search_key(text)):
        return None
    if isinstance(value, bool | date) or text.startswith("-"):
        raise _bad_stars(text)
    drawn = re.fullmatch("([★⭐]+)[☆]*|([*]+)", re.sub("[ \ufe0f]", "", text))
    if drawn:
        return _rating(len(drawn[1] or drawn[2]), False, text)
    match = _STARS.fullmatch(search_key(re.sub(r"[.,]0+(?!\d)", "", text)))
    if not match:
        raise _bad_stars(text)
    number = _STAR_WORDS.get(match["stars"]) or _int(match["stars"])
    return _rating(number, bool(match["before"] or match["after"]), text)


def _int(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 5 else 0


def _rating(stars: int, is_potential: bool, text: str) -> StarRating:
    if stars not in range(1, 6):
        raise _bad_stars(text)
    return StarRating(stars, is_potential)


def _bad_stars(text: str) -> CellError:
    return CellError(f"“{text}” không phải hạng sao từ 1 đến 5; ví dụ đúng: 4 hoặc “4 sao”.")


# Years and days


def parse_year(value: CellValue) -> int | None:
    """The year, None for a blank. Raises CellError."""
    text = text_of(value)
    if is_blank(text):
        return None
    if isinstance(value, date):
        return _known_year(value.year, text)
    match = re.fullmatch(r"(?:năm\s*)?(\d{4})", text, re.IGNORECASE)
    if not match:
        raise CellError(f"“{text}” không phải là năm; ví dụ đúng: 2022.")
    return _known_year(int(match[1]), text)


def _known_year(year: int, text: str) -> int:
    if year not in YEARS:
        raise CellError(f"“{text}”: năm phải từ {YEARS.start} đến {YEARS.stop - 1}.")
    return year


_DAY_FIRST = re.compile(
    r"(?:ngày )?(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4}|\d{2})\.?", re.IGNORECASE
)
_IN_WORDS = re.compile(r"(?:ngày )?(\d{1,2}) tháng (\d{1,2}) năm (\d{4})", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ][\d:.]+)?")


def parse_date(value: CellValue) -> date | None:
    """The day, always day before month, None for a blank. Raises CellError."""
    text = text_of(value)
    if is_blank(text):
        return None
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        return _known_day(day, text)
    if re.fullmatch(r"\d{5}([.,]\d+)?", text):  # the number behind a date cell
        return _known_day(_EXCEL_DAY_0 + timedelta(days=int(text[:5])), text)
    if match := _DAY_FIRST.fullmatch(text) or _IN_WORDS.fullmatch(text):
        return _day(match[3], match[2], match[1], text)
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(match[1], match[2], match[3], text)
    raise CellError(f"“{text}” không phải là ngày; ví dụ đúng: 09/12/2022.")


def _day(year: str, month: str, day: str, text: str) -> date:
    whole_year = int(year) + (2000 if len(year) == 2 else 0)
    try:
        found = date(whole_year, int(month), int(day))
    except ValueError as error:
        raise CellError(f"“{text}” là ngày không có thật.") from error
    return _known_day(found, text)


def _known_day(day: date, text: str) -> date:
    _known_year(day.year, text)
    return day


# Producer kind and status

_HOUSEHOLD = r"ho (kd|kinh doanh|ca the|sx\w*|san xuat|gia dinh|nong dan)|hkd|hsx|nghe nhan"
_KINDS = tuple(
    (re.compile(rf"({pattern})\b"), kind)
    for pattern, kind in (
        (r"to hop tac(?! xa)|tht", ProducerKind.COOPERATIVE_GROUP),
        (r"(lien hiep )?(hop tac xa|htx\w*)", ProducerKind.COOPERATIVE),
        (
            r"(chi nhanh .*|tong )?(cong t[yi]|cty|ctcp|dn|dntn|doanh nghiep|tap doan)",
            ProducerKind.ENTERPRISE,
        ),
        (_HOUSEHOLD, ProducerKind.HOUSEHOLD),
        (r"trang trai", ProducerKind.FARM),
    )
)
_UNKNOWN_KIND = re.compile(r"(co so|cs|cssx|khac|loai khac|chua ro|khong ro)\b")


def parse_producer_kind(value: CellValue, producer_name: str = "") -> ProducerKind | None:
    """The kind as stated, or as the first words of the producer's name tell. Raises CellError."""
    text = text_of(value)
    if is_blank(text):
        return _kind_in(search_key(producer_name))
    key = search_key(text)
    if key in {"ho", "ca the"}:
        return ProducerKind.HOUSEHOLD
    kind = _kind_in(key)
    if kind is None and not _UNKNOWN_KIND.match(key):
        raise CellError(
            f"“{text}” không phải loại hình chủ thể; ví dụ đúng: Doanh nghiệp, Hợp tác xã, "
            "Tổ hợp tác, Hộ kinh doanh, Trang trại."
        )
    return kind


def _kind_in(key: str) -> ProducerKind | None:
    return next((kind for pattern, kind in _KINDS if pattern.match(key)), None)


_UNDECIDED = re.compile(r"\bchua (co|duoc|cong nhan|cap)|\b(cho|doi) (ket qua|kq|qd|quyet dinh)")
_STATUSES = (
    (
        re.compile(r"\b(tw|trung uong|bo nn\w*|bo nong nghiep\b.*|quoc gia) (da )?cong nhan"),
        ReportedStatus.RECOGNISED_NATIONAL,
    ),
    (
        re.compile(r"\bda (co )?(qd|quyet dinh)|\bcong nhan|\b(qd|quyet dinh) so"),
        ReportedStatus.RECOGNISED,
    ),
    (
        re.compile(r"\b(hd|hoi dong) (cap )?(huyen|quan|thi xa)|\b(huyen|quan|thi xa) (da )?cham"),
        ReportedStatus.DISTRICT_ASSESSMENT,
    ),
)


@lru_cache(maxsize=5_000)
def parse_status(note: str) -> ReportedStatus | None:
    """What a note says about the result; None where it does not tell. Raises nothing."""
    key = search_key(note)
    if _UNDECIDED.search(key):
        return ReportedStatus.ASSESSED_RESULT_NOT_STATED
    return next((status for pattern, status in _STATUSES if pattern.search(key)), None)


# Districts and communes

DISTRICT_KINDS = frozenset({"quận", "huyện", "thị xã", "thành phố"})
COMMUNE_KINDS = frozenset({"phường", "xã", "thị trấn"})
_SHORT_KINDS = {
    "q": "quận",
    "h": "huyện",
    "tx": "thị xã",
    "tp": "thành phố",
    "p": "phường",
    "x": "xã",
    "tt": "thị trấn",
}
# A kind stands as a word of its own; short forms may touch the name only by a point or a number.
_KIND_PREFIX = re.compile(
    r"(?:(?P<word>quận|huyện|thị xã|thành phố|phường|xã|thị trấn)[\s.:]+"
    r"|(?P<short>tx|tp|tt|q|h|p|x)(?:\.\s*|\s+|(?=\d)))(?P<name>\S.*)",
    re.IGNORECASE,
)
_NAMES_LIKE_A_KIND = frozenset({"xa dan"})  # Xã Đàn is a place in Đống Đa
_IN_THE_CITY = re.compile(
    r"\s*[-–,;]\s*(?:(?:tp|t\.p|thành phố)[\s.]*)?(?:hà nội|hn)$", re.IGNORECASE
)
_FINAL_Y = re.compile(r"\b(qu|[bcdghklmnprstvx]+)y\b")


@lru_cache(maxsize=5_000)
def unit_key(name: str) -> str:
    """What names of units are compared by: no marks, no case, i for a final y (Kỵ / Kị)."""
    return _FINAL_Y.sub(r"\1i", search_key(name))


def parse_district(value: CellValue) -> UnitName | None:
    """The district named in the cell, None for a blank. Raises CellError for an Excel error."""
    return _unit(parse_text(value), DISTRICT_KINDS)


def parse_commune(value: CellValue) -> UnitName | None:
    """The commune named in the cell, None for a blank. Raises CellError for an Excel error."""
    return _unit(parse_text(value), COMMUNE_KINDS)


@lru_cache(maxsize=5_000)
def _unit(written: str, wanted: frozenset[str]) -> UnitName | None:
    if not written:
        return None
    parts = re.split(r"\s*[,;]\s*", _IN_THE_CITY.sub("", written))
    units = [_one_unit(part, written) for part in parts if not is_blank(part)]
    # "xã Kiêu Kỵ, huyện Gia Lâm" in one cell: the part of the wanted kind, or else the first.
    return next((unit for unit in units if unit.kind in wanted), units[0] if units else None)


def _one_unit(text: str, written: str) -> UnitName:
    match = _KIND_PREFIX.fullmatch(text)
    if match and search_key(text) not in _NAMES_LIKE_A_KIND:
        kind = (match["word"] or _SHORT_KINDS[match["short"].lower()]).lower()
        name = match["name"]
    else:
        kind, name = "", text
    if name == name.upper():
        name = " ".join(word.capitalize() for word in name.split())
    return UnitName(written, name, kind, unit_key(name), unit_key(text))


# Contacts of the producer


def tax_code_digits(code: str) -> str:
    """What tax codes are compared by: 0101234567-001 is 0101234567001."""
    return code.replace("-", "")


def parse_tax_code(value: CellValue) -> str:
    """10 digits, 13 for a branch, or 12 for a household. Raises CellError."""
    text = parse_text(value)
    if not text:
        return ""
    digits = re.sub(r"[\s.-]", "", text)
    if isinstance(value, int | float):
        digits = digits.zfill(10)  # as a number the cell has lost its leading zero
    if not re.fullmatch(r"[0-9]{10}|[0-9]{12}|[0-9]{13}", digits):
        raise CellError(f"“{text}” không phải mã số thuế (10, 12 hoặc 13 chữ số).")
    return f"{digits[:10]}-{digits[10:]}" if len(digits) == 13 else digits


def parse_phone(value: CellValue) -> str:
    """One or several numbers as written. Raises CellError for text without a number."""
    text = parse_text(value)
    if isinstance(value, int | float) and len(text) == 9:
        return f"0{text}"  # as a number the cell has lost its leading zero
    if text and len(re.sub(r"\D", "", text)) < 8:
        raise CellError(f"“{text}” không phải số điện thoại.")
    return text


def parse_email(value: CellValue) -> str:
    """One address. Raises CellError for anything else."""
    text = parse_text(value)
    if text:
        try:
            validate_email(text)
        except ValidationError as error:
            raise CellError(
                f"“{text}” không phải địa chỉ thư điện tử; ví dụ đúng: ten@mien.vn."
            ) from error
    return text


def in_length(text: str, longest: int) -> str:
    """The text, if the portal can keep it whole. Raises CellError."""
    if len(text) > longest:
        raise CellError(f"Dài {len(text)} ký tự, chỉ nhận tối đa {longest}: hãy viết ngắn lại.")
    return text
