"""One producer, many spellings: keys that fold them, and the spelling to show.

Tone marks stay in the key, because "Thanh" and "Thành", "Vân" and "Văn" are different people.
What carries no meaning is folded: case, abbreviations, the place of the tone mark (hoà / hòa),
i for y at the end of a syllable (Kỵ / Kị), Unicode forms and letters of other alphabets.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from ocop_portal.text import clean_line, search_key

# Letters that look like Latin ones and are typed or pasted instead of them.
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХЬаеѕіјкорсухԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαινÐðƉɖ",
    "ABESIJKMHOPCTYXbaesijkopcyxdhqwABEZHIKMNOPTYXoaivĐđĐđ",
)
_TONES = {"\u0300": "1", "\u0301": "2", "\u0303": "3", "\u0309": "4", "\u0323": "5"}
_FINAL_Y = re.compile("^(qu|[bcdđghklmnprstvx]+)y$")

_EXPANSIONS = {
    "htx": "hợp tác xã",
    "tht": "tổ hợp tác",
    "cty": "công ty",
    "ctcp": "công ty cổ phần",
    "cp": "cổ phần",
    "tnhh": "trách nhiệm hữu hạn",
    "mtv": "một thành viên",
    "dn": "doanh nghiệp",
    "dntn": "doanh nghiệp tư nhân",
    "hkd": "hộ kinh doanh",
    "kd": "kinh doanh",
    "cssx": "cơ sở sản xuất",
    "cs": "cơ sở",
    "sx": "sản xuất",
    "nn": "nông nghiệp",
    "cn": "công nghiệp",
    "cnc": "công nghệ cao",
    "dv": "dịch vụ",
    "tm": "thương mại",
    "xk": "xuất khẩu",
    "xnk": "xuất nhập khẩu",
    "&": "và",
}
# What people type into a search for the whole words, both without marks.
SEARCHED_SHORT = {
    short: search_key(_EXPANSIONS[short])
    for short in ("htx", "tht", "cty", "ctcp", "dntn", "hkd", "cssx")
}
_SPELT_OUT_ANYWAY = frozenset({"tnhh", "mtv", "&"})  # nobody writes these in full
# Written together: HTXNN, SXKD, DVTM.
_JOINED = re.compile("(?:htx|cssx|xnk|sx|kd|tm|dv|nn|xk)+")
_JOINED_PART = re.compile("htx|cssx|xnk|sx|kd|tm|dv|nn|xk")
# "TP" is "thực phẩm" in a firm's line of business and "thành phố" before a city.
_BEFORE_FOOD = frozenset({"tnhh", "cty", "ty", "cp", "phần", "mtv", "viên", "sx", "tm", "dv", "và"})
_CITIES = ("hà nội", "hồ chí minh", "hcm", "đà nẵng", "hải phòng", "cần thơ", "huế")


LONGEST_KEY = 250  # what the columns and their unique indexes hold


@dataclass(frozen=True)
class SpellingGroup:
    """The spellings of one name: the one to show, and each with its number of rows."""

    key: str
    display: str
    spellings: tuple[tuple[str, int], ...]

    @property
    def rows(self) -> int:
        return sum(count for _, count in self.spellings)


@lru_cache(maxsize=4_000)
def spelling_key(text: str) -> str:
    """A key equal for spellings of the same words; abbreviations are left alone."""
    return _bounded(" ".join(_syllable_key(word) for word in _words(text)))


@lru_cache(maxsize=4_000)
def producer_key(name: str) -> str:
    """A key equal for spellings of the same producer, abbreviated or not."""
    words = _expanded(_words(name))
    return _bounded(" ".join(_syllable_key(word) for word in words))


def _bounded(key: str) -> str:
    """The key as it is, or for a very long one its beginning and a fingerprint of the whole.

    Tones, ligatures and abbreviations make a key longer than the name that it stands for.
    """
    if len(key) <= LONGEST_KEY:
        return key
    fingerprint = sha256(key.encode()).hexdigest()
    return f"{key[: LONGEST_KEY - len(fingerprint) - 1]} {fingerprint}"


class Spellings:
    """The spellings of names, one name added per row; blanks are left out."""

    def __init__(self) -> None:
        # A name with one spelling, the usual case, is kept as that and its number of rows.
        self._counts: dict[str, tuple[str, int] | Counter[str]] = {}

    def add(self, written: str) -> None:
        name = clean_line(written)
        key = producer_key(name)
        if not key:
            return
        known = self._counts.get(key)
        if known is None:
            self._counts[key] = name, 1
        elif isinstance(known, Counter):
            known[name] += 1
        elif known[0] == name:
            self._counts[key] = name, known[1] + 1
        else:
            self._counts[key] = Counter({known[0]: known[1], name: 1})

    def groups(self) -> list[SpellingGroup]:
        """Producers in the order they first appear."""
        return [
            _group(key, spellings)
            if isinstance(spellings, Counter)
            else SpellingGroup(key, spellings[0], (spellings,))
            for key, spellings in self._counts.items()
        ]


def group_spellings(names: Iterable[str]) -> list[SpellingGroup]:
    """Producers in the order they first appear, one name given per row; blanks are left out."""
    spellings = Spellings()
    for name in names:
        spellings.add(name)
    return spellings.groups()


def _group(key: str, spellings: Counter[str]) -> SpellingGroup:
    # A Counter keeps the order of first appearance, so equal spellings stay in book order.
    ordered = sorted(spellings.items(), key=lambda item: (*_plainness(item[0]), -item[1]))
    return SpellingGroup(key, display=ordered[0][0], spellings=tuple(ordered))


def _plainness(name: str) -> tuple[bool, int]:
    """Small for a spelling fit to be shown: not all capitals, few abbreviations."""
    words = _words(name)
    short = [word for word in words if _is_abbreviation(word)]
    return name == name.upper(), len(short)


def _is_abbreviation(word: str) -> bool:
    if word in _SPELT_OUT_ANYWAY:
        return False
    return word in _EXPANSIONS or word == "tp" or bool(_JOINED.fullmatch(word))


def _words(text: str) -> list[str]:
    latin = unicodedata.normalize("NFKC", clean_line(text)).translate(_LOOKALIKES)
    return re.findall(r"[^\W_]+|&", unicodedata.normalize("NFC", latin.lower()))


def _expanded(words: list[str]) -> list[str]:
    expanded: list[str] = []
    for position, word in enumerate(words):
        if word == "tp":
            expanded += _tp(words, position).split()
        elif word == "cn" and position == 0:
            expanded += ["chi", "nhánh"]
        elif word == "1" and words[position + 1 : position + 3] == ["thành", "viên"]:
            expanded.append("một")
        else:
            expanded += _expansion(word).split()
    return expanded


def _expansion(word: str) -> str:
    if word in _EXPANSIONS:
        return _EXPANSIONS[word]
    if _JOINED.fullmatch(word):
        return " ".join(_EXPANSIONS[part] for part in _JOINED_PART.findall(word))
    return word


def _tp(words: list[str], position: int) -> str:
    after = " ".join(words[position + 1 :])
    before = words[position - 1] if position else ""
    is_food = before in _BEFORE_FOOD and not after.startswith(_CITIES)
    return "thực phẩm" if is_food else "thành phố"


@lru_cache(maxsize=8_000)
def _syllable_key(word: str) -> str:
    """The letters with their own marks, then the tone: hoà and hòa are "hoa1"."""
    letters, tone = "", ""
    for letter in unicodedata.normalize("NFD", word):
        if letter in _TONES:
            tone = _TONES[letter]
        else:
            letters += letter
    letters = unicodedata.normalize("NFC", letters)
    return _FINAL_Y.sub(r"\1i", letters) + tone
