"""Finding records by the words people type: without marks, in any order, each word a beginning.

PostgreSQL's own full-text search does it, without an extension: a model keeps a `search_key` (see
`ocop_portal.text`) and a column of its words that the database derives from it. What the box at the
top of the page finds, each app adds in `AppConfig.ready`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.db import models
from django.urls import reverse

from ocop_portal.text import search_key

# What is typed beyond this is left out of the question, so that no question is long.
MAX_WORDS = 10
MAX_LETTERS = 60
# How many of a kind the page shows; the list behind it shows all.
SHOWN = 10
# The latest so many rows of small tables are compared.
READ_HERE = 500


NOTHING: Mapping[str, str] = {}


def search_vector(source: str) -> models.GeneratedField:
    """A column with the words of `source`, kept by the database itself."""
    return models.GeneratedField(
        expression=SearchVector(source, config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )


class IndexedManager(models.Manager[Any]):
    """Rows come without their words: those are for the database alone."""

    def get_queryset(self) -> Any:
        return super().get_queryset().defer("search_vector")


def prefix_query(text: str, synonyms: Mapping[str, str] = NOTHING) -> SearchQuery | None:
    """What finds rows with a word beginning with each word of `text`; None where there is none.

    `synonyms` say for a word, without marks, which words stand for it as well. Words hold letters
    and digits only, so nothing typed reaches the query's own language.
    """
    words = search_key(text).split()[:MAX_WORDS]
    if not words:
        return None
    asked = " & ".join(_beginning(word[:MAX_LETTERS], synonyms) for word in words)
    return SearchQuery(asked, config="simple", search_type="raw")


def _beginning(word: str, synonyms: Mapping[str, str]) -> str:
    if word not in synonyms:
        return f"{word}:*"
    return f"({word}:* | ({' & '.join(synonyms[word].split())}))"


@dataclass(frozen=True)
class Hit:
    """One record that was found."""

    title: str
    url: str
    detail: str = ""
    # A few words at the side: a state, a number.
    note: str = ""


class Search:
    """One question of one person; what several kinds need is asked of the database once."""

    def __init__(self, user: Any, text: str) -> None:
        self.user = user
        self.text = text
        self._shared: dict[str, Any] = {}

    def shared(self, name: str, make: Callable[["Search"], Any]) -> Any:
        """What `make` gives, made by the first who asks for `name`."""
        if name not in self._shared:
            self._shared[name] = make(self)
        return self._shared[name]


@dataclass(frozen=True)
class Kind:
    """What can be found: `find(search, limit)` gives the person's records, best first.

    It must ask the database for `limit` rows at most and count nothing. `list_url_name` names the
    list that shows all of them for `?q=`.
    """

    label: str
    icon: str
    permission: str
    order: int
    find: Callable[[Search, int], Sequence[Hit]]
    list_url_name: str = ""


@dataclass(frozen=True)
class Found:
    """The first hits of a kind, and whether there are more."""

    kind: Kind
    hits: Sequence[Hit]
    has_more: bool
    text: str

    @property
    def list_url(self) -> str:
        if not self.kind.list_url_name:
            return ""
        return reverse(self.kind.list_url_name, query={"q": self.text})


_kinds: list[Kind] = []


def register(*kinds: Kind) -> None:
    """Let the box find further kinds of records; called once per app, when Django starts."""
    _kinds.extend(kinds)
    _kinds.sort(key=lambda kind: kind.order)


def find(user: Any, text: str) -> list[Found]:
    """What `user` may see of what fits `text`, kind by kind; kinds without a hit are left out."""
    if not search_key(text):
        return []
    search = Search(user, text)
    groups = []
    for kind in _kinds:
        if not user.has_perm(kind.permission):
            continue
        hits = kind.find(search, SHOWN + 1)
        if hits:
            groups.append(Found(kind, hits[:SHOWN], len(hits) > SHOWN, text))
    return groups


def first_with(rows: Any, text: str, limit: int, words_of: Callable[[Any], str]) -> list[Any]:
    """The first rows with a word beginning with each word of `text`, read here and not in the
    database: for kinds that are few and keep no words of their own.
    """
    wanted = search_key(text).split()
    found = []
    for row in rows[:READ_HERE]:
        words = search_key(words_of(row)).split()
        if all(any(word.startswith(start) for word in words) for start in wanted):
            found.append(row)
            if len(found) == limit:
                break
    return found
