"""The search box over 100,000 products with their producers, dossiers and certificates.

Ours is the whole box: every kind of record that a person may see, as the page asks for it. The
baseline asks the same tables the way a text box is usually built, with `LIKE '%word%'` per word,
for producers, products and dossiers. Words are typed with and without marks, in any order, half a
word, and some that nothing fits. Both figures are the 95th percentile.
"""

import argparse
import json
import random
import statistics
import sys
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django
import records

from ocop_portal.laptop.installation import ensure_started

PRODUCTS, QUICK_PRODUCTS = 100_000, 30_000
ASKED, QUICK_ASKED = 300, 60
SHOWN = 20


def some_texts(choose: random.Random, count: int) -> list[str]:
    """What people type: parts of names, turned about, half typed, with numbers, and wrong."""
    from ocop_portal.text import without_marks

    texts = []
    for _ in range(count):
        words = records.product_name(choose.randrange(5_000)).split()
        kept = choose.sample(words, choose.randint(1, min(3, len(words))))
        kept[-1] = kept[-1][: choose.randint(2, 5)]
        text = " ".join(kept)
        text = without_marks(text) if choose.random() < 0.6 else text
        texts.append(choose.choice([text, text, text, f"{text} khongcogi", f"HTX {text}"]))
    return texts


def usual_box(user: Any, text: str) -> list[list[Any]]:
    """Every word anywhere in the key, for each kind of record on its own."""
    from ocop_portal.text import search_key
    from products.models import Dossier, Producer, Product

    producers = Producer.objects.visible_to(user)
    products = Product.objects.visible_to(user)
    for word in search_key(text).split():
        producers = producers.filter(search_key__contains=word)
        products = products.filter(search_key__contains=word)
    dossiers = Dossier.objects.visible_to(user).filter(product__in=products.values("pk"))
    return [
        list(producers.select_related("unit")[:SHOWN]),
        list(products.select_related("producer", "unit")[:SHOWN]),
        list(dossiers.select_related("product__producer")[:SHOWN]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    uses = ensure_started(command="bench")
    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from ocop_portal.searching import find

    products = QUICK_PRODUCTS if quick else PRODUCTS
    texts = some_texts(random.Random(146), QUICK_ASKED if quick else ASKED)
    with records.own_database():
        records.fill(products)
        people = [
            records.person("so", "department_staff", "01"),
            records.person("huyen", "district_officer", "017"),
            records.person("xa", "commune_officer", "00523"),
        ]
        for user in people:
            find(user, "chè")
        ours, baseline, hits = [], [], 0
        for n, text in enumerate(texts):
            user = people[n % len(people)]
            ours.append(records.took(partial(find, user, text)))
            hits += bool(find(user, text))
            if n % 3 == 0:
                baseline += [records.took(partial(usual_box, one, text)) for one in people]
        with CaptureQueriesContext(connection) as queries:
            find(people[0], "chè")
    del uses
    print(
        json.dumps(
            {
                "name": "search",
                "ratio": round(records.p95(baseline) / records.p95(ours), 1),
                "p95_ms": records.p95(ours),
                "unit": "ms for the whole box",
                "n": products,
                "asked": len(texts),
                "with_hits": hits,
                "queries": len(queries),
                "baseline": records.p95(baseline),
                "ours": records.p95(ours),
                "median_ms": round(statistics.median(ours) * 1000, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
