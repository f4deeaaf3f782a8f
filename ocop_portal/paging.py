"""Pages of a list: a fixed size, a true total, and filters that stay in the address."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PAGE_SIZE = 25


def page_of(
    request: HttpRequest, rows: "QuerySet[Any] | Sequence[Any]", *, size: int = PAGE_SIZE
) -> Page:
    """The page that the address asks for; a page beyond the end gives the last one."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
