"""Records that may be the same producer: found by what both say, judged by people (T2).

The key of a name already reads letters of other alphabets, abbreviations and spellings of a
syllable as one (`products.spelling`); here names are also compared without marks and without the
words of the legal form.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ocop_portal.text import search_key
from products.models import Producer

# Words that say what kind of producer it is, not which.
_FORMS = re.compile(
    r"\b(hop tac xa|to hop tac|cong ty|co phan|trach nhiem huu han|tnhh|mot thanh vien|mtv"
    r"|doanh nghiep|tu nhan|ho kinh doanh|ho san xuat|co so|san xuat|kinh doanh|chi nhanh"
    r"|thuong mai|dich vu|va)\b"
)
# More records than this under one phone or name say that it distinguishes nobody.
MOST_ALIKE = 8


@dataclass(frozen=True)
class Pair:
    """Two producers (by their numbers, the older first) and why they may be one."""

    first: int
    second: int
    reasons: tuple[str, ...]


def possible_pairs(rows: Iterable[Mapping[str, Any]]) -> list[Pair]:
    """Pairs among producers given as values; those with most reasons first."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows:
        for reason, value in _traits(row):
            groups[reason, value].append(row["pk"])
    reasons: dict[tuple[int, int], list[str]] = defaultdict(list)
    for (reason, _value), members in groups.items():
        if len(members) <= MOST_ALIKE:
            for first, second in combinations(sorted(members), 2):
                reasons[first, second].append(reason)
    pairs = [Pair(*numbers, tuple(found)) for numbers, found in reasons.items()]
    return sorted(pairs, key=lambda pair: (-len(pair.reasons), pair.first, pair.second))


def duplicates_visible_to(user: Any) -> list[Pair]:
    """Possible duplicates among the producers a person sees; one query."""
    rows = Producer.objects.visible_to(user)
    return possible_pairs(rows.values("pk", "name_key", "name", "phone", "email", "representative"))


def essence(name: str) -> str:
    """What distinguishes a name: no marks, no words of the legal form, no spaces."""
    return _FORMS.sub("", search_key(name)).replace(" ", "")


def _traits(row: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    # Keys of names end syllables with the number of their tone.
    plain = re.sub(r"(?<=[^\W\d_])[1-5]\b", "", row["name_key"])
    yield "Cùng tên", row["name_key"]
    if core := essence(plain):
        yield "Tên gần giống", core
        if row["representative"]:
            yield (
                "Cùng người đại diện, tên tương tự",
                f"{search_key(row['representative'])}|{core[:4]}",
            )
    if len(digits := re.sub(r"\D", "", row["phone"])) >= 9:
        yield "Cùng điện thoại", digits[-9:]
    if row["email"]:
        yield "Cùng thư điện tử", row["email"].lower()
