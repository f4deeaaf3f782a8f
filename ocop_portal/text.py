"""Vietnamese text as people type it: one form to keep, one key to search by.

The embedded PostgreSQL has no `unaccent`, so every searchable record keeps a `search_key` column.
"""

import re
import unicodedata
from functools import lru_cache

# Letters that Unicode does not decompose.
_UNDECOMPOSED = str.maketrans({"đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "ơ": "o", "ư": "u"})
# Small letters with marks, one character each in NFC, to the letter that they are built on.
_BARE = {
    code: unicodedata.normalize("NFD", chr(code).translate(_UNDECOMPOSED))[0].translate(
        _UNDECOMPOSED
    )
    for code in (*range(0xE0, 0x180), 0x1A1, 0x1B0, *range(0x1EA0, 0x1EFA))
    if unicodedata.decomposition(chr(code)) or chr(code) in "đð"
}
# Characters that change how text is shown without being seen (abuse case C10).
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+")


def clean_line(text: str) -> str:
    """One line as it is kept: NFC, no invisible or control characters, single spaces."""
    if text.isprintable() and unicodedata.is_normalized("NFC", text):  # nearly every text
        return " ".join(text.split())
    return " ".join(clean_text(text).split())


def clean_text(text: str) -> str:
    """Several lines as they are kept: NFC, no invisible or control characters."""
    text = _CONTROL.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFC", text)))
    return "\n".join(_SPACES.sub(" ", line).strip() for line in text.splitlines()).strip()


def without_marks(text: str) -> str:
    """The text in lower case without Vietnamese marks: "Ba Vì" becomes "ba vi"."""
    lower = text.lower().translate(_BARE)
    if lower.isascii():  # nearly every text
        return lower
    decomposed = unicodedata.normalize("NFD", lower)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return bare.translate(_UNDECOMPOSED)


def search_key(*texts: str) -> str:
    """What a search compares: words without marks or punctuation, single spaces."""
    return " ".join(re.findall(r"[a-z0-9]+", without_marks(" ".join(texts))))


def search_words(*texts: str) -> str:
    """The same for texts that come again and again, like names of units."""
    return " ".join(key for text in texts if (key := _known_key(text)))


_known_key = lru_cache(maxsize=2_000)(search_key)
