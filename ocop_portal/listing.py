"""A list is declared once: its rows, columns, filters and what can be done with rows. From that
come its page, the person's own columns and saved filters, its exports and its bulk work.

Apps name their lists in `AppConfig.ready` by the path of the declaration, which is read when the
list is first asked for.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import Http404, HttpRequest, QueryDict
from django.urls import reverse
from django.utils.module_loading import import_string

from ocop_portal import keyset
from ocop_portal.models import SavedFilter

PAGE_SIZE = 25
# Counting further would cost more than the page; people need no exact number there.
COUNTED = 10_000


@dataclass(frozen=True)
class Column:
    """One fact of a row.

    `value` gives it as plain data (text, number, date, None): that is what exports hold, and what
    the page shows unless `cell` names a template that draws it from `row`. `order` is a field, or
    an expression that is never NULL, by which the list can be ordered. A column with `permission`
    exists for those who have it. `needs` are rows of other tables that only this column reads.
    """

    name: str
    label: str
    value: Callable[[Any], Any]
    cell: str = ""
    order: str | Combinable = ""
    is_number: bool = False
    # Too short to be broken over two lines.
    is_short: bool = False
    # Shown to people who have chosen no columns of their own.
    at_first: bool = True
    permission: str = ""
    needs: str = ""


def nobody_refuses(_row: Any, _user: Any) -> str:
    return ""


@dataclass(frozen=True)
class Action:
    """What can be done with several rows at once, one after the other.

    `do(row, by=…, **values)` is an action of the app, `values` come from `form`. `refusal(row,
    user)` says for the preview why a row will not take part; the action itself has the last word.
    """

    name: str
    label: str
    permission: str
    do: Callable[..., Any]
    form: type[forms.Form] | None = None
    refusal: Callable[[Any, Any], str] = nobody_refuses
    icon: str = "done"


@dataclass(frozen=True)
class Listing:
    """One list of the portal.

    `rows(user)` are all rows of the person, in no order and without joins; `complete(rows)` adds to
    the few rows of a page what the columns need. The first column is the row's name and link.
    """

    name: str
    title: str
    noun: str
    url_name: str
    permission: str
    rows: Callable[[Any], "QuerySet[Any]"]
    complete: Callable[["QuerySet[Any]"], "QuerySet[Any]"]
    columns: Sequence[Column]
    filterset: Any
    order: keyset.Order
    actions: Sequence[Action] = ()
    # The tone of a row's edge: "is-late", "is-soon" or nothing. Say the same in words in a column.
    tone: Callable[[Any], str] = field(default=lambda row: "")

    @property
    def url(self) -> str:
        return reverse(self.url_name)

    def columns_for(self, user: Any) -> list[Column]:
        """The columns that the person may see."""
        return [
            column
            for column in self.columns
            if not column.permission or user.has_perm(column.permission)
        ]

    def actions_for(self, user: Any) -> list[Action]:
        return [action for action in self.actions if user.has_perm(action.permission)]

    def filtered(self, user: Any, query: QueryDict) -> Any:
        """The filters as the address has them; `.qs` are the rows."""
        return self.filterset(query, self.rows(user), request=SimpleNamespace(user=user))

    def ordered(self, query: Mapping[str, str]) -> keyset.Order:
        """The order that the address asks for, if a column offers it; else the list's own."""
        asked = query.get("sort", "")
        name = asked.removeprefix("-")
        for column in self.columns:
            if column.order and column.name == name:
                return keyset.Order(name, column.order, asked.startswith("-"))
        return self.order

    def state_of(self, query: QueryDict) -> str:
        """The conditions and the order of an address: nothing else, and no empty ones."""
        kept = QueryDict(mutable=True)
        for name in sorted([*self.filterset.base_filters, "sort"]):
            if query.get(name):
                kept[name] = str(query[name])
        return kept.urlencode()

    def conditions_in_words(self, form: Any) -> str:
        """The conditions in force as one line: "Trạng thái: Đang soạn; Năm: 2026"."""
        parts = (f"{label}: {text}" for _name, label, text in conditions(form))
        return "; ".join(parts)

    def sorted_rows(self, user: Any, query: QueryDict) -> "QuerySet[Any]":
        """All rows that the address asks for, in its order."""
        order = self.ordered(query)
        sign = "-" if order.descending else ""
        rows = self.filtered(user, query).qs.annotate(_order=order.expression)
        return rows.order_by(f"{sign}_order", f"{sign}pk")

    def records(self, keys: Sequence[Any], columns: Sequence[Column] = ()) -> list[Any]:
        """The rows with these keys, complete and in this order; rows that are gone are left out."""
        rows = self.complete(self.filterset.Meta.model.objects.filter(pk__in=keys))
        needed = {column.needs for column in columns if column.needs}
        found = {row.pk: row for row in rows.prefetch_related(*needed)}
        return [found[key] for key in keys if key in found]


_paths: dict[str, str] = {}


def register(**paths: str) -> None:
    """Make lists known by name; `register(products="products.listings.PRODUCTS")`."""
    _paths.update(paths)


def names() -> list[str]:
    return sorted(_paths)


def listing_named(name: str) -> Listing:
    """The list; raises Http404 where there is none of that name."""
    if name not in _paths:
        raise Http404
    return import_string(_paths[name])


# --- The page of a list -------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """What one column shows of one row."""

    column: Column
    row: Any

    @property
    def value(self) -> Any:
        return self.column.value(self.row)


@dataclass(frozen=True)
class Line:
    """One row of the page with its cells, the first of which is its heading."""

    row: Any
    head: Cell
    cells: Sequence[Cell]
    tone: str


@dataclass(frozen=True)
class Total:
    """How many rows there are, counted up to a limit."""

    number: int
    is_more: bool


@dataclass(frozen=True)
class Heading:
    """A column's head: the address that orders by it, and how it is ordered now ("", "ascending"
    or "descending").
    """

    column: Column
    url: str = ""
    ordered: str = ""


@dataclass(frozen=True)
class Chip:
    """A condition in force, in words, with the address without it."""

    label: str
    text: str
    url: str


class ListPage:
    """One page of a list for one person: everything that the template shows."""

    def __init__(self, listing: Listing, request: HttpRequest) -> None:
        self.listing = listing
        self.user: Any = request.user
        self.query = request.GET
        self.filter = listing.filtered(self.user, self.query)
        self.order = listing.ordered(self.query)
        mark = self.query.get("mark", "")
        self.slice = keyset.page_of_keys(self.filter.qs, self.order, mark, size=PAGE_SIZE)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    @cached_property
    def records(self) -> list[Any]:
        return self.listing.records(self.slice.keys, self.columns)

    @property
    def lines(self) -> Iterator[Line]:
        for row in self.records:
            head, *cells = (Cell(column, row) for column in self.columns)
            yield Line(row, head, cells, self.listing.tone(row))

    @cached_property
    def total(self) -> Total:
        rows = self.filter.qs.order_by().values("pk")
        number = rows[: COUNTED + 1].count()
        return Total(min(number, COUNTED), number > COUNTED)

    # --- What the address says

    @cached_property
    def state(self) -> str:
        """The conditions and the order, as an address has them: what a filter saves."""
        return self.listing.state_of(self.query)

    @cached_property
    def token(self) -> str:
        """Of this showing of the page: the same button pressed twice asks once."""
        return secrets.token_urlsafe(12)

    @property
    def is_filtered(self) -> bool:
        return bool(self.state)

    @property
    def first_url(self) -> str:
        return self._address()

    @property
    def previous_url(self) -> str:
        return self._address(mark=self.slice.previous) if self.slice.previous else ""

    @property
    def next_url(self) -> str:
        return self._address(mark=self.slice.next) if self.slice.next else ""

    @property
    def last_url(self) -> str:
        return self._address(mark=keyset.last_mark(self.order)) if self.slice.next else ""

    @property
    def headings(self) -> list[Heading]:
        return [self._heading(column) for column in self.columns]

    @cached_property
    def chips(self) -> list[Chip]:
        return [
            Chip(label, text, self._without(name))
            for name, label, text in conditions(self.filter.form)
        ]

    def _heading(self, column: Column) -> Heading:
        if not column.order:
            return Heading(column)
        ordered = ""
        if self.order.name == column.name:
            ordered = "descending" if self.order.descending else "ascending"
        asked = f"-{column.name}" if ordered == "ascending" else column.name
        return Heading(column, self._address(sort=asked), ordered)

    def _address(self, **changed: str) -> str:
        query = QueryDict(self.state, mutable=True)
        for name, value in changed.items():
            query[name] = value
        return f"?{query.urlencode()}"

    def _without(self, name: str) -> str:
        query = QueryDict(self.state, mutable=True)
        query.pop(name, None)
        return f"?{query.urlencode()}"

    # --- What the person has chosen

    @cached_property
    def columns(self) -> list[Column]:
        return columns_of(self.listing, self.user, self._kept.get(""))

    @cached_property
    def _kept(self) -> dict[str, SavedFilter]:
        """What the person keeps of the list, by name."""
        rows = SavedFilter.objects.filter(user=self.user, listing=self.listing.name)
        return {row.name: row for row in rows}

    @cached_property
    def column_choices(self) -> list[tuple[Column, bool]]:
        """The columns that can be left out, and whether they are shown."""
        shown = {column.name for column in self.columns}
        possible = self.listing.columns_for(self.user)[1:]
        return [(column, column.name in shown) for column in possible]

    @cached_property
    def saved_filters(self) -> list[tuple[SavedFilter, bool]]:
        """The person's own, and which of them is the one shown."""
        named = [row for row in self._kept.values() if row.name]
        return [(row, row.query == self.state) for row in named]

    @cached_property
    def actions(self) -> list[Action]:
        return self.listing.actions_for(self.user)


def chosen_columns(listing: Listing, user: Any) -> list[Column]:
    """The first column, and those that the person has chosen or, at first, the usual ones."""
    chosen = SavedFilter.objects.filter(user=user, listing=listing.name, name="").first()
    return columns_of(listing, user, chosen)


def columns_of(listing: Listing, user: Any, chosen: SavedFilter | None) -> list[Column]:
    first, *others = listing.columns_for(user)
    if chosen is None:
        return [first, *(column for column in others if column.at_first)]
    return [first, *(column for column in others if column.name in chosen.columns)]


def conditions(form: Any) -> list[tuple[str, str, str]]:
    """What the form of a filter asks for: the field, its label and the choice, in words."""
    if not form.is_valid():
        return []
    return [
        (name, str(form.fields[name].label), _in_words(form.fields[name], value))
        for name, value in form.cleaned_data.items()
        if value not in (None, "", [])
    ]


def _in_words(form_field: Any, value: Any) -> str:
    choices = getattr(form_field, "choices", None)
    if isinstance(form_field, forms.ModelChoiceField) or choices is None:
        return str(value)
    labels: Iterable[tuple[Any, Any]] = choices
    return next((str(label) for key, label in labels if str(key) == str(value)), str(value))
