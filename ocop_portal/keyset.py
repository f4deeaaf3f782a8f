"""Pages that begin after a row instead of after a number of rows: page 4,000 costs what page 1
costs, and rows that others add or remove meanwhile neither repeat nor skip any.

The place in the list stands in the address as a signed mark; a mark that somebody changed, or that
belongs to another order, leads to the first page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThan, LessThan

PREVIOUS, NEXT, LAST = "p", "n", "l"


class Row(Func):
    """Several columns compared as one: (a, b) > (x, y) is what an index on both answers at once."""

    function = "ROW"
    output_field = TextField()


@dataclass(frozen=True)
class Order:
    """By one expression that is never NULL, then by primary key, both in the same direction."""

    name: str
    by: str | Combinable
    descending: bool = False

    @property
    def expression(self) -> Combinable:
        return F(self.by) if isinstance(self.by, str) else self.by


@dataclass(frozen=True)
class Slice:
    """The primary keys of one page, and the marks of its neighbours; empty where there is none."""

    keys: Sequence[Any]
    previous: str = ""
    next: str = ""


def page_of_keys(rows: "QuerySet[Any]", order: Order, mark: str, *, size: int) -> Slice:
    """The page that `mark` names; two short columns are read, and `size` + 1 rows."""
    way, values = _read(mark, order)
    all_rows = rows
    rows = rows.annotate(_order=order.expression).order_by()
    if values:
        rows = _beyond(rows, order, values, backwards=way == PREVIOUS)
    backwards = way in {PREVIOUS, LAST}
    sign = "-" if order.descending != backwards else ""
    found = list(
        rows.order_by(f"{sign}_order", f"{sign}pk").values_list("_order", "pk")[: size + 1]
    )
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if way and (not found or (way == PREVIOUS and not more)):
        # The first page is full, whichever way people come to it; and where everything after the
        # mark has gone meanwhile it is better than an empty one.
        return page_of_keys(all_rows, order, "", size=size)
    has_next = way == PREVIOUS if backwards else more
    has_previous = more if backwards else bool(way)
    return Slice(
        [key for _, key in found],
        previous=_mark(PREVIOUS, order, found[0]) if has_previous else "",
        next=mark_after(order, found[-1]) if has_next else "",
    )


def mark_after(order: Order, row: Sequence[Any]) -> str:
    """The mark of the page after a row: its value in the order, and its primary key."""
    return _mark(NEXT, order, row)


def last_mark(order: Order) -> str:
    """The mark of the last page."""
    return _mark(LAST, order, ())


def _beyond(rows: Any, order: Order, values: Sequence[Any], *, backwards: bool) -> Any:
    compare = LessThan if order.descending != backwards else GreaterThan
    field = rows.query.annotations["_order"].output_field
    try:
        value = field.to_python(values[0])
        key = rows.model._meta.pk.to_python(values[1])
    except (ValidationError, ValueError, TypeError):
        return rows.none()
    here = Row(Value(value, output_field=field), Value(key))
    return rows.filter(compare(Row(order.expression, F("pk")), here))


def _mark(way: str, order: Order, row: Sequence[Any]) -> str:
    values = [value.isoformat() if isinstance(value, date) else value for value in row]
    signed = [way, order.name, order.descending, *(str(value) for value in values)]
    return signing.dumps(signed, salt=__name__)


def _read(mark: str, order: Order) -> tuple[str, Sequence[Any]]:
    """Which way to go and from which row; nothing for a mark that is none of this order."""
    if not mark:
        return "", ()
    try:
        way, name, descending, *values = signing.loads(mark, salt=__name__)
    except (signing.BadSignature, ValueError, TypeError):
        return "", ()
    if (name, descending) != (order.name, order.descending):
        return "", ()
    return way, values
