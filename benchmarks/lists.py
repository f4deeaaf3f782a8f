"""Pages of the lists at 100,000 products, as three people open, filter, search and turn them.

The ratio is that of one deep page: by the portal's keyset, against OFFSET over the same rows in the
same order, both reading the same two columns. What is timed beside it are whole requests.
"""

import argparse
import json
import statistics
import sys
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django
import records

from ocop_portal.laptop.installation import ensure_started

PRODUCTS, QUICK_PRODUCTS = 100_000, 50_000
ROUNDS, QUICK_ROUNDS = 3, 1
DEEP_RUNS = 15
ADDRESSES = ["", "?q=che+ba+vi", "?sort=-created_at", "?stars=4", "?state=accepted", "?q=zzz"]


def deep_page(user: Any, products: int) -> tuple[list[float], list[float], bool]:
    """Seconds of the page after 98 % of the rows by keyset and by OFFSET; whether both agree."""
    from django.http import QueryDict

    from ocop_portal import keyset
    from products.listings import PRODUCTS as LISTING

    rows = LISTING.filtered(user, QueryDict("")).qs
    begin = int(products * 0.98)
    by_offset = LISTING.sorted_rows(user, QueryDict("")).values_list("_order", "pk")
    before = by_offset[begin - 1]
    mark = keyset.mark_after(LISTING.order, before)

    def ours() -> Any:
        return keyset.page_of_keys(rows, LISTING.order, mark, size=25).keys

    def usual() -> Any:
        return [key for _, key in by_offset[begin : begin + 25]]

    same = list(ours()) == usual()
    return (
        [records.took(ours) for _ in range(DEEP_RUNS)],
        [records.took(usual) for _ in range(DEEP_RUNS)],
        same,
    )


def pages(people: list[Any], rounds: int) -> tuple[dict[str, list[float]], int]:
    """Seconds of whole requests for each list, and the most queries that one took."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, setup_test_environment

    from ocop_portal import listing

    setup_test_environment()
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    times: dict[str, list[float]] = {name: [] for name in listing.names()}
    most = 0
    for user in people:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        for name in times:
            shown = listing.listing_named(name)
            if not user.has_perm(shown.permission):
                continue
            client.get(shown.url)
            for address in ADDRESSES:
                url = f"{shown.url}{address}"
                with CaptureQueriesContext(connection) as queries:
                    page = client.get(url).context["page"]
                most = max(most, len(queries))
                turned = [page.next_url, page.last_url] if page.next_url else []
                for _ in range(rounds):
                    for asked in (url, *(f"{shown.url}{turn}" for turn in turned)):
                        times[name].append(records.took(partial(client.get, asked)))
    return times, most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    uses = ensure_started(command="bench")
    django.setup()
    products = QUICK_PRODUCTS if quick else PRODUCTS
    with records.own_database():
        records.fill(products)
        people = [
            records.person("so", "department_staff", "01"),
            records.person("huyen", "district_officer", "017"),
            records.person("xa", "commune_officer", "00523"),
        ]
        ours, usual, same = deep_page(people[0], products)
        times, most = pages(people, QUICK_ROUNDS if quick else ROUNDS)
    del uses
    every = [seconds for list_times in times.values() for seconds in list_times]
    print(
        json.dumps(
            {
                "name": "lists",
                "ratio": round(statistics.median(usual) / statistics.median(ours), 1),
                "p95_ms": records.p95(every),
                "unit": "ms for a deep page; p95 of whole requests",
                "n": products,
                "requests": len(every),
                "queries": most,
                "baseline": round(statistics.median(usual) * 1000, 2),
                "ours": round(statistics.median(ours) * 1000, 2),
                "same_rows": same,
                "p95_ms_by_list": {name: records.p95(row) for name, row in times.items() if row},
            }
        )
    )


if __name__ == "__main__":
    main()
