"""What the benchmarks of lists share: a database of their own, filled like a big Hanoi."""

import os
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocop_portal.settings")

KINDS = ["Chè", "Mật ong", "Gốm", "Tranh thêu", "Rượu nếp", "Bánh gai", "Nón lá", "Miến dong"]
KINDS += ["Giò lụa", "Tương nếp", "Nấm hương", "Dưa cải", "Quạt tre", "Sơn mài", "Lụa", "Trà sen"]
MANNERS = ["búp khô", "hoa nhãn", "cổ truyền", "đặc sản", "hữu cơ", "thủ công", "Tết", "ướp sen"]
PLACES = ["Ba Vì", "Bát Tràng", "Vạn Phúc", "Đông Hội", "Ước Lễ", "Phú Vinh", "Sơn Tây", "Mê Linh"]
BASE = 5_000
PRODUCTS_EACH, CERTIFIED_EACH = 5, 3
YEARS = (2019, 2020, 2021, 2022, 2023, 2024, 2025, 2026)
BEGIN = date(2019, 1, 1)


@contextmanager
def own_database() -> Iterator[None]:
    """A database for one benchmark alone, dropped afterwards."""
    from django.core.management import call_command
    from django.db import connection

    server = connection.settings_dict
    home, name = server["NAME"], f"bench_{uuid.uuid4().hex[:12]}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    server["NAME"] = name
    try:
        call_command("migrate", verbosity=0)
        call_command("load_reference", verbosity=0, stdout=sys.stderr)
        yield
    finally:
        connection.close()
        server["NAME"] = home
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def product_name(n: int) -> str:
    kind, manner = KINDS[n % len(KINDS)], MANNERS[n // 16 % len(MANNERS)]
    return f"{kind} {manner} {PLACES[n // 128 % len(PLACES)]} {n}"


def fill(products: int) -> None:
    """`products` products, a producer for every five, a dossier each, a certificate for a third.

    The first `BASE` are made as the portal makes them; the database repeats them under other names.
    """
    from django.db import connection

    from accounts.models import AdministrativeUnit
    from evaluation.models import Certificate, Result
    from products.models import Dossier, Producer, Product
    from products.spelling import producer_key, spelling_key
    from regulations.models import CriteriaSet

    base = min(products, BASE)
    chosen = AdministrativeUnit.objects.filter(edition=2021, level=3).order_by("code")
    communes = list(chosen.select_related("parent").prefetch_related("successors"))
    sheet = CriteriaSet.objects.get(regulation__code="qd1048-2019", code="do-an-nhanh")
    writer = person("ghi", "department_staff", "01")
    producers, rows = [], []
    for n in range(max(1, base // PRODUCTS_EACH)):
        unit = communes[n * 7 % len(communes)]
        name = f"Hợp tác xã {KINDS[n % len(KINDS)]} {PLACES[n // 16 % len(PLACES)]} {n}"
        producer = Producer(pk=n + 1, name=name, unit=unit, tax_code=f"01{n:08d}")
        producer.fill_keys()
        producer.name_key = producer_key(name)
        producers.append(producer)
    for n in range(base):
        producer = producers[n // PRODUCTS_EACH]
        product = Product(pk=n + 1, name=product_name(n), producer=producer, unit=producer.unit)
        product.criteria_set = sheet
        product.code = f"M{n:06d}"
        product.fill_keys()
        product.name_key = spelling_key(product.name)
        rows.append(product)
    certified = len(rows[::CERTIFIED_EACH])
    with connection.cursor() as cursor, without_indexes(Producer, Product):
        # The history of what nobody did would only take time.
        cursor.execute("SET session_replication_role = replica")
        copy(cursor, producers)
        copy(cursor, rows)
        copy(cursor, dossiers_of(rows, sheet, writer))
        certify(cursor, rows, writer)
        if (times := products // base) > 1:
            makers = len(producers)
            named = {name: f"{name} || ' ' || k" for name in ("name", "name_key", "search_key")}
            tax_code = {"tax_code": f"'01' || lpad((id + k * {makers})::text, 8, '0')"}
            repeat(cursor, Producer, times, makers, {**named, **tax_code})
            code = {"code": f"'M' || lpad((id + k * {base})::text, 7, '0')"}
            made = {"producer_id": f"producer_id + k * {makers}"}
            of_product = {"product_id": f"product_id + k * {base}"}
            repeat(cursor, Product, times, base, {**named, **code, **made})
            later = {"updated_at": f"updated_at - make_interval(mins => k * {base})"}
            repeat(cursor, Dossier, times, base, {**of_product, **later})
            of_dossier = {"dossier_id": f"dossier_id + k * {base}"}
            repeat(cursor, Result, times, certified, of_dossier)
            own = {
                "result_id": f"result_id + k * {certified}",
                "number": "k || '-' || number",
                "token": "md5(random()::text)",
                "file_token": "md5(random()::text)",
            }
            repeat(cursor, Certificate, times, certified, {**of_product, **made, **own})
        cursor.execute("SET session_replication_role = DEFAULT")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def without_indexes(*models: Any) -> Iterator[None]:
    """Build the indexes of words once, after the rows, and not row by row."""
    from django.contrib.postgres.indexes import GinIndex
    from django.db import connection

    indexes = [(m, i) for m in models for i in m._meta.indexes if isinstance(i, GinIndex)]
    with connection.schema_editor() as editor:
        for model, index in indexes:
            editor.remove_index(model, index)
    yield
    with connection.schema_editor() as editor:
        for model, index in indexes:
            editor.add_index(model, index)


def repeat(cursor: Any, model: Any, times: int, base: int, changed: dict[str, str]) -> None:
    """The first `base` rows again and again, each time with other keys; `k` is the number."""
    columns = [field.column for field in model._meta.concrete_fields if not field.generated]
    changed = {"id": f"id + k * {base}", **changed}
    values = ", ".join(changed.get(column, f'"{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values}"
        f" FROM {model._meta.db_table}, generate_series(1, {times - 1}) k"
    )


def dossiers_of(products: Sequence[Any], sheet: Any, writer: Any) -> list[Any]:
    """One dossier each: a third recognised, the others at every stage."""
    from django.utils import timezone

    from products.models import Dossier

    state = Dossier.State
    others = [state.DRAFT, state.SUBMITTED, state.ACCEPTED, state.SUPPLEMENT]
    rows = []
    now = timezone.now()
    for n, product in enumerate(products):
        recognised = n % CERTIFIED_EACH == 0
        current = state.RECOGNISED if recognised else others[n % len(others)]
        received = current in {state.RECOGNISED, state.ACCEPTED}
        rows.append(
            Dossier(
                pk=n + 1,
                product=product,
                regulation_id=sheet.regulation_id,
                criteria_set=sheet,
                year=YEARS[n % len(YEARS)],
                tier="city" if recognised else "district",
                state=current,
                received_number=f"{n:06d}/2021/HS-{product.district.code}" if received else "",
                received_on=BEGIN + timedelta(n % 2800) if received else None,
                created_by=writer,
                created_at=now,
                updated_at=now - timedelta(minutes=n),
            )
        )
    return rows


def certify(cursor: Any, products: Sequence[Any], writer: Any) -> None:
    """A result, a decision for every 500 and a certificate for a third of the products."""
    from evaluation.models import Certificate, Decision, Result

    city = products[0].district.parent
    results, decisions, certificates = [], [], []
    for n, product in enumerate(products[::CERTIFIED_EACH]):
        day = BEGIN + timedelta(n % 2800)
        if n % 500 == 0:
            decision = Decision(
                pk=n // 500 + 1,
                number=f"{n // 500 + 1}/QĐ-UBND",
                signed_on=day,
                tier="city",
                unit=city,
                authority="UBND",
                signatory_title="CHỦ TỊCH",
                signatory_name="Người ký (mẫu)",
                issued_by=writer,
                issued_at=now(),
            )
            decisions.append(decision)
        stars = 3 + n % 2
        results.append(
            Result(
                pk=n + 1,
                dossier_id=product.pk,
                tier="city",
                mean=70 + stars,
                stars=stars,
                outcome="recognise",
                recognised_stars=stars,
                decision=decision,
                concluded_on=day,
                recorded_by=writer,
                created_at=now(),
            )
        )
        certificates.append(
            Certificate(
                pk=n + 1,
                decision=decision,
                result_id=n + 1,
                product=product,
                producer=product.producer,
                register_number=n,
                number=f"{n:06d}/{day.year}/GCN-OCOP-01",
                stars=stars,
                product_name=product.name,
                producer_name=product.producer.name,
                producer_address=product.unit.full_name,
                valid_from=day,
                valid_until=day + timedelta(1095),
                issued_by=writer,
                issued_at=now(),
            )
        )
    for rows in (decisions, results, certificates):
        copy(cursor, rows)


def now() -> Any:
    from django.utils import timezone

    return timezone.now()


def person(name: str, role: str, unit: str) -> Any:
    """An account with a role in a unit of 2021."""
    from accounts.models import AdministrativeUnit, User

    place = AdministrativeUnit.objects.get(edition=2021, code=unit)
    return User.objects.create(username=name, full_name=name, roles=[role], unit=place)


def copy(cursor: Any, rows: Sequence[Any]) -> None:
    """Write model instances with COPY, as their fields stand."""
    from django.db import connection
    from django.utils import timezone

    model = type(rows[0])
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    now = timezone.now()

    def cell(row: Any, field: Any) -> str:
        value = getattr(row, field.attname)
        if value is None and field.name in {"created_at", "updated_at", "issued_at"}:
            value = now
        if value is None:
            return "\\N"
        if isinstance(value, dict | list):
            return "{}"
        return str(value).replace("\\", "\\\\").replace("\t", " ").replace("\n", " ")

    text = StringIO("".join("\t".join(cell(row, f) for f in fields) + "\n" for row in rows))
    columns = ", ".join(f'"{field.column}"' for field in fields)
    cursor.cursor.copy_expert(f"COPY {model._meta.db_table} ({columns}) FROM STDIN", text)
    cursor.execute(
        f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), %s)", [len(rows)]
    )
    connection.ensure_connection()


def took(function: Callable[[], Any]) -> float:
    """Seconds."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def p95(seconds: Iterable[float]) -> float:
    """The 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    return round(ordered[max(0, -(-len(ordered) * 95 // 100) - 1)] * 1000, 1)
