"""Certificates on paper: one A4 sheet in landscape for one product.

`CertificateContext` holds every word as it will be printed; nothing here reads a record. A text
that does not fit its place, or has letters the font cannot draw, is refused before printing
(abuse case C10): a certificate is never cut off and never runs into its frame.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from django.template.loader import render_to_string

from ocop_portal.documents import html_to_pdf, qr_svg
from ocop_portal.problems import Problem, Refused, refuse_if
from ocop_portal.text import clean_line


@dataclass(frozen=True)
class CertificateContext:
    """What one certificate says. Every figure and date is already in words."""

    product_name: str
    producer_name: str
    producer_address: str
    stars: int
    number: str
    decision_number: str
    decision_date: str  # "ngày 14 tháng 6 năm 2021"
    authority: tuple[str, ...]  # "ỦY BAN NHÂN DÂN", "THÀNH PHỐ HÀ NỘI"
    signatory_titles: tuple[str, ...]  # "TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"
    signatory_name: str
    place_and_date: str  # "Hà Nội, ngày 14 tháng 6 năm 2021"
    valid_until: str  # "Giấy chứng nhận có giá trị 36 tháng kể từ ngày …, đến hết ngày …"
    verify_url: str

    @property
    def verify_host(self) -> str:
        """The address that people read beside the QR code: always the host the code leads to."""
        return urlsplit(self.verify_url).netloc


MM_PER_POINT = 25.4 / 72


@dataclass(frozen=True)
class Step:
    """A size of type and how many lines of it the place has room for."""

    points: int
    lines: int


@dataclass(frozen=True)
class Place:
    """Where a text stands on the sheet: its width and the sizes to try, largest first."""

    label: str
    width_mm: float
    steps: tuple[Step, ...]
    bold: bool = True

    @property
    def line_words(self) -> str:
        return " trên một dòng" if all(step.lines == 1 for step in self.steps) else ""

    def width(self, points: int) -> float:
        """The width in em of a line in this size of type."""
        # Kerning and rounding can make a bold line a little wider than the sum of its letters;
        # a regular line is always narrower than the sum, which takes the bold ones.
        share = 0.97 if self.bold else 1
        return self.width_mm * share / (points * MM_PER_POINT)


@dataclass(frozen=True)
class FittedText:
    """A text broken into lines, with the size of type that lets them fit."""

    points: int
    lines: tuple[str, ...]

    @property
    def css_class(self) -> str:
        return f"pt{self.points}"

    @property
    def height_mm(self) -> float:
        return len(self.lines) * self.points * MM_PER_POINT * LINE_HEIGHT


# certificate.css has one class for each size and gives each place at least this width.
PRODUCT_NAME = Place(
    "Tên sản phẩm",
    236,
    (Step(36, 1), Step(32, 1), Step(28, 1), Step(26, 2), Step(23, 2), Step(20, 3), Step(17, 3)),
)
# The words "Chủ thể:" and "Địa chỉ:" stand before these two.
PRODUCER_NAME = Place("Tên chủ thể", 210, (Step(18, 1), Step(16, 1), Step(15, 2), Step(13, 2)))
PRODUCER_ADDRESS = Place(
    "Địa chỉ chủ thể", 215, (Step(14, 1), Step(13, 1), Step(12, 2)), bold=False
)
AUTHORITY = Place("Cơ quan cấp", 98, (Step(13, 1), Step(12, 1), Step(11, 1)))
SIGNATORY_TITLE = Place("Chức danh người ký", 92, (Step(13, 1), Step(12, 1), Step(11, 1)))
SIGNATORY_NAME = Place("Người ký", 92, (Step(14, 1), Step(12, 1)))
PLACE_AND_DATE = Place(
    "Địa danh, ngày tháng", 92, (Step(13, 1), Step(12, 1), Step(11, 1)), bold=False
)
NUMBER = Place("Số giấy chứng nhận", 120, (Step(14, 1), Step(12, 1)))
DECISION = Place("Quyết định", 120, (Step(12, 2), Step(11, 2)), bold=False)
VALID_UNTIL = Place("Thời hạn hiệu lực", 120, (Step(12, 2), Step(11, 3)), bold=False)
VERIFY_HOST = Place("Địa chỉ kiểm tra", 120, (Step(12, 1), Step(11, 2)))
AUTHORITY_MAX_LINES = 2
SIGNATORY_MAX_LINES = 4
# How the sheet is set by the height of the three names: the higher they are, the closer the rest.
DENSITIES = ((35.0, "roomy"), (42.0, "snug"), (53.0, "compact"))
LINE_HEIGHT = 1.3

STARS = (3, 4, 5)
# A drawn star is 100 units wide.
STAR_GAP = 24
STAR_STEP = 100 + STAR_GAP
FRAME = "certificate-frame.svg"
NATIONAL_FRAME = "certificate-frame-gold.svg"


def certificate_pdf(context: CertificateContext) -> bytes:
    """One certificate. The same context gives the same bytes.

    Raises `Refused` for a text that does not fit or cannot be printed, or for a number of stars
    that no certificate has.
    """
    return _draw((context,), f"Giấy chứng nhận sản phẩm OCOP số {context.number}")


def print_file(contexts: Sequence[CertificateContext]) -> bytes:
    """One document for the printer, one certificate on each page, in the order given.

    Raises `Refused` like `certificate_pdf`, and if there is nothing to print.
    """
    if not contexts:
        raise Refused.because("nothing_to_print", "Chưa chọn giấy chứng nhận nào để in.")
    return _draw(contexts, f"Giấy chứng nhận sản phẩm OCOP ({len(contexts)} bản)")


def _draw(contexts: Sequence[CertificateContext], title: str) -> bytes:
    """Check all texts before drawing the first page: half a print file helps nobody."""
    sheets = [sheet(context) for context in contexts]
    html = render_to_string("evaluation/pdf/certificate.html", {"title": title, "sheets": sheets})
    frames = [NATIONAL_FRAME if context.stars == STARS[-1] else FRAME for context in contexts]
    return html_to_pdf(html, backgrounds=frames)


def sheet(context: CertificateContext) -> dict[str, Any]:
    """What the template prints on one page. Raises `Refused` with all that is wrong."""
    texts, problems = _fitted(context)
    refuse_if(chain.from_iterable(problems.values()))
    names = (texts["product_name"], texts["producer_name"], texts["producer_address"])
    height = sum(name.height_mm for name in names)
    return {
        **texts,
        "density": next(name for limit, name in DENSITIES if height <= limit),
        "stars": context.stars,
        "stars_box": f"0 0 {STAR_STEP * context.stars - STAR_GAP} {STAR_STEP - STAR_GAP}",
        "star_middles": [STAR_STEP * star + 50 for star in range(context.stars)],
        "verify_url": context.verify_url,
        "qr": qr_svg(context.verify_url, title="Mã QR kiểm tra hiệu lực"),
    }


def text_problems(context: CertificateContext) -> Mapping[str, Sequence[Problem]]:
    """Why the certificate could not be printed, by the text in which that lies."""
    return _fitted(context)[1]


def _fitted(context: CertificateContext) -> tuple[dict[str, Any], dict[str, list[Problem]]]:
    """Every text in its place, and what is wrong with each of them."""
    places: dict[str, tuple[Place, str | Sequence[str]]] = {
        "authority": (AUTHORITY, context.authority),
        "product_name": (PRODUCT_NAME, context.product_name),
        "producer_name": (PRODUCER_NAME, context.producer_name),
        "producer_address": (PRODUCER_ADDRESS, context.producer_address),
        "number": (NUMBER, f"Số: {context.number}"),
        "decision": (DECISION, decision_line(context)),
        "valid_until": (VALID_UNTIL, context.valid_until),
        "verify_host": (VERIFY_HOST, context.verify_host),
        "place_and_date": (PLACE_AND_DATE, context.place_and_date),
        "signatory_titles": (SIGNATORY_TITLE, context.signatory_titles),
        "signatory_name": (SIGNATORY_NAME, context.signatory_name),
    }
    problems = _problems(context)
    texts = {
        name: _put(place, text, problems.setdefault(name, []))
        for name, (place, text) in places.items()
    }
    return texts, {name: found for name, found in problems.items() if found}


def decision_line(context: CertificateContext) -> str:
    """The decision that the certificate comes with."""
    return f"Theo Quyết định số {context.decision_number} {context.decision_date}"


def _put(place: Place, text: str | Sequence[str], problems: list[Problem]) -> Any:
    """`text` fitted into its place, or each of several lines; what does not fit is a problem."""
    if not isinstance(text, str):
        return [_put(place, line, problems) for line in text]
    try:
        return fit(place, text)
    except Refused as refusal:
        problems.extend(refusal.problems)
        return None


def _problems(context: CertificateContext) -> dict[str, list[Problem]]:
    """What is wrong with the certificate besides its texts, by the part of it."""
    titles = context.signatory_titles
    return {
        "stars": _wrong_stars(context.stars),
        "verify_url": _wrong_address(context),
        "authority": _too_many_lines("Cơ quan cấp", context.authority, AUTHORITY_MAX_LINES),
        "signatory_titles": _too_many_lines("Chức danh người ký", titles, SIGNATORY_MAX_LINES),
    }


def _wrong_stars(stars: int) -> list[Problem]:
    if stars in STARS:
        return []
    return [Problem("stars", "Giấy chứng nhận chỉ cấp cho hạng 3, 4 hoặc 5 sao.")]


def _wrong_address(context: CertificateContext) -> list[Problem]:
    if urlsplit(context.verify_url).scheme in ("http", "https") and context.verify_host:
        return []
    return [Problem("verify_url", "Địa chỉ kiểm tra trong mã QR không hợp lệ.")]


def _too_many_lines(label: str, lines: Sequence[str], limit: int) -> list[Problem]:
    if 0 < len(lines) <= limit:
        return []
    return [Problem("lines", f"{label}: cần từ 1 đến {limit} dòng, đang có {len(lines)}.")]


# --- Fitting a text into its place ------------------------------------------------------------


def fit(place: Place, text: str) -> FittedText:
    """`text` in the largest type that has room for it, its lines of nearly equal length.

    Raises `Refused` if it is empty, has letters that cannot be printed, or is too long.
    """
    text = _with_whole_dates(_printable_line(place, text))
    for step in place.steps:
        width = place.width(step.points)
        if len(break_lines(text, width)) <= step.lines:
            lines = balanced_lines(text, width)
            return FittedText(step.points, tuple(line.replace(NO_BREAK, " ") for line in lines))
    raise Refused.because(
        "too_long",
        f"{place.label} quá dài để in trên giấy chứng nhận: {len(text)} ký tự, chỉ vừa khoảng "
        f"{_room(place, text)} ký tự{place.line_words}: “{text[:60]}…”",
    )


def _room(place: Place, text: str) -> int:
    """How many letters of `text` the place takes in its smallest type."""
    step = place.steps[-1]
    width = place.width(step.points)
    return bisect_right(
        range(1, len(text)), step.lines, key=lambda n: len(break_lines(text[:n], width))
    )


def _printable_line(place: Place, text: str) -> str:
    """`text` as one line in NFC, without characters that are not there for the eye.

    Raises `Refused` for emoji, characters that turn the direction of writing, and an empty text.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if strange := [letter for letter in dict.fromkeys(text) if not _is_printable(letter)]:
        named = ", ".join(_named(letter) for letter in strange[:5])
        raise Refused.because("unprintable", f"{place.label} có ký tự không in được: {named}.")
    if not text:
        raise Refused.because("empty", f"{place.label} còn trống.")
    return text


def _with_whole_dates(text: str) -> str:
    """`text` with dates like "ngày 14 tháng 6 năm 2026" held together on one line."""
    return _DATE.sub(lambda date: date[0].replace(" ", NO_BREAK), text)


NO_BREAK = "\N{NO-BREAK SPACE}"
_DATE = re.compile(r"ngày \d{1,2} tháng \d{1,2} năm \d{4}")
# Blocks in which the document font has every character that Unicode assigns.
PRINTABLE_BLOCKS = (
    (0x0020, 0x007E),  # ASCII
    (0x00A1, 0x024F),  # Latin with marks
    (0x1E00, 0x1EFF),  # Latin with two marks: most of the Vietnamese letters
    (0x2010, 0x2027),  # dashes, quotation marks, bullet, ellipsis
    (0x2030, 0x205E),  # per mille, primes
    (0x20A0, 0x20AB),  # currencies up to the đồng
    (0x2116, 0x2122),  # №, ™
)


def _is_printable(letter: str) -> bool:
    if clean_line(f"x{letter}x") != f"x{letter}x":  # not there for the eye
        return False
    return any(first <= ord(letter) <= last for first, last in PRINTABLE_BLOCKS)


def _named(letter: str) -> str:
    """A letter as a message shows it: its code, and itself where it can be seen alone."""
    code = f"U+{ord(letter):04X}"
    return code if unicodedata.category(letter)[0] in "CMZ" else f"“{letter}” ({code})"


def break_lines(text: str, width: float) -> tuple[str, ...]:
    """`text` in lines of at most `width` em, as many words on each as it holds.

    A word longer than a line is cut into pieces.
    """
    lines: list[str] = []
    room = 0.0
    for word in text.split(" "):
        needed = line_width(f" {word}")
        if lines and needed <= room:
            lines[-1] += f" {word}"
            room -= needed
        else:
            lines += _cut(word, width)
            room = width - line_width(lines[-1])
    return tuple(lines)


def balanced_lines(text: str, width: float) -> tuple[str, ...]:
    """The fewest lines within `width`, the longest of them as short as it can be.

    A last line of one short word looks like a mistake on a framed sheet.
    """
    best = break_lines(text, width)
    narrow = line_width(text) / len(best)
    while narrow < width:
        lines = break_lines(text, narrow)
        if len(lines) == len(best) and _word_cuts(lines, text) <= _word_cuts(best, text):
            return lines
        narrow += 0.25
    return best


def _word_cuts(lines: Sequence[str], text: str) -> int:
    """How many lines end inside a word."""
    return len(" ".join(lines)) - len(text)


def _cut(word: str, width: float) -> list[str]:
    """`word` in pieces of at most `width` em: one piece, unless it is very long."""
    if line_width(word) <= width:
        return [word]
    pieces = [""]
    for letter in word:
        if pieces[-1] and line_width(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


# Widths of the bold letters in thousandths of the type size; regular ones are not wider.
_LETTERS_BY_WIDTH = {
    278: " \N{NO-BREAK SPACE},.'/\\il|",
    333: "!()-:;[]`fjt",
    389: "Is{}",
    444: "cerz",
    500: "#$*0123456789?J_agovxy",
    556: 'Sbdhknpqu~"',
    611: "FP+<=>^",
    667: "BELTZ",
    722: "ACDNRUVXYw",
    778: "GHKOQ",
    833: "&m",
    944: "M@",
}
_WIDTHS = {letter: width for width, letters in _LETTERS_BY_WIDTH.items() for letter in letters}
_WIDEST = 1000
_HORN = "\N{COMBINING HORN}"
_HORN_WIDTH = 75
_STROKED = str.maketrans({"đ": "d", "Đ": "D"})


@lru_cache(maxsize=4096)
def line_width(text: str) -> float:
    """The width of `text` in em."""
    return sum(_letter_width(letter) for letter in text) / 1000


@cache
def _letter_width(letter: str) -> int:
    """The width of a letter is that of its base letter: only a horn adds to it."""
    decomposed = unicodedata.normalize("NFD", letter.translate(_STROKED))
    base, marks = decomposed[0], decomposed[1:]
    return _WIDTHS.get(base, _WIDEST) + (_HORN_WIDTH if _HORN in marks else 0)
