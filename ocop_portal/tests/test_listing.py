"""What every list has: columns, filters that are kept, pages that stand still, files, bulk work."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from councils.models import Council, Session
from evaluation.models import Certificate, Decision, Result
from ocop_portal import jobs, list_actions, list_exports, listing
from ocop_portal.models import Job, SavedFilter
from products.models import Dossier, Producer, Product
from products.tests.factories import (
    DossierFactory,
    ProducerFactory,
    ProductFactory,
    unit_2021,
)

Clients = Callable[[User], Client]
PRODUCTS, DOSSIERS = "products:product_list", "products:dossier_list"


def names_of(response: Any) -> list[str]:
    return [row.name for row in response.context["page"]]


def page_at(client: Client, address: str) -> Any:
    response = client.get(f"{reverse(PRODUCTS)}{address}")
    assert response.status_code == 200
    return response


@pytest.fixture
def many(db: None) -> Producer:
    """60 products of Đông Anh, in alphabetical order."""
    producer = ProducerFactory()
    for n in range(60):
        ProductFactory(producer=producer, name=f"Chè {n:02d}")
    return producer


# --- Pages --------------------------------------------------------------------------------------


def test_pages_follow_each_other_there_and_back(
    officer: User, many: Producer, client_of: Clients
) -> None:
    client = client_of(officer)
    first = page_at(client, "")
    second = page_at(client, first.context["page"].next_url)
    third = page_at(client, second.context["page"].next_url)
    back = page_at(client, third.context["page"].previous_url)

    assert names_of(first) == [f"Chè {n:02d}" for n in range(25)]
    assert names_of(second) == [f"Chè {n:02d}" for n in range(25, 50)]
    assert names_of(third) == [f"Chè {n:02d}" for n in range(50, 60)]
    assert names_of(back) == names_of(second)
    assert (first.context["page"].previous_url, third.context["page"].next_url) == ("", "")
    assert names_of(page_at(client, back.context["page"].previous_url)) == names_of(first)
    last = page_at(client, first.context["page"].last_url)
    assert names_of(last) == [f"Chè {n:02d}" for n in range(35, 60)]


def test_rows_that_come_and_go_neither_repeat_nor_skip_others(
    officer: User, many: Producer, client_of: Clients
) -> None:
    client = client_of(officer)
    following = page_at(client, "").context["page"].next_url

    for n in range(3):
        ProductFactory(producer=many, name=f"An {n}")
    Product.objects.get(name="Chè 03").delete()
    Product.objects.get(name="Chè 24").delete()

    assert names_of(page_at(client, following)) == [f"Chè {n:02d}" for n in range(25, 50)]


def test_rows_with_the_same_value_are_all_shown_once(
    officer: User, many: Producer, client_of: Clients
) -> None:
    Product.objects.update(created_at=timezone.now())
    client, seen = client_of(officer), []
    address = "?sort=-created_at"
    while address:
        response = page_at(client, address)
        seen += names_of(response)
        address = response.context["page"].next_url

    assert sorted(seen) == [f"Chè {n:02d}" for n in range(60)]
    assert seen[0] == "Chè 59"


def test_empty_values_have_their_place_in_an_order(officer: User, client_of: Clients) -> None:
    for n in range(30):
        received = {"received_on": date(2026, 1, 1 + n), "received_number": str(n)} if n % 2 else {}
        DossierFactory(**received)
    client, seen = client_of(officer), []
    address = "?sort=received_on"
    while address:
        response = client.get(f"{reverse(DOSSIERS)}{address}")
        seen += [row.received_on for row in response.context["page"]]
        address = response.context["page"].next_url

    assert seen == [None] * 15 + [date(2026, 1, 2 + n) for n in range(0, 30, 2)]


@pytest.mark.parametrize("mark", ["x", "WyJuIl0:1", "%00", "a" * 5000, "eyJhIjoxfQ:1tY:abc"])
def test_w8_a_mark_that_is_not_ours_leads_to_the_first_page(
    officer: User, many: Producer, client_of: Clients, mark: str
) -> None:
    assert names_of(page_at(client_of(officer), f"?mark={mark}"))[0] == "Chè 00"


def test_w8_a_mark_of_another_order_leads_to_the_first_page(
    officer: User, many: Producer, client_of: Clients
) -> None:
    client = client_of(officer)
    mark = parse_qs(urlsplit(page_at(client, "").context["page"].next_url).query)["mark"][0]

    assert names_of(page_at(client, f"?sort=-name&mark={mark}"))[0] == "Chè 59"


def test_pages_deep_in_the_list_take_as_many_queries_as_the_first(
    officer: User, many: Producer, client_of: Clients
) -> None:
    client = client_of(officer)
    address, counts = "", []
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            response = page_at(client, address)
        counts.append(len(queries))
        address = response.context["page"].next_url

    assert counts[0] == counts[1] == counts[2] <= 15


def test_a_long_list_is_counted_only_so_far(
    officer: User, many: Producer, client_of: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocop_portal.listing.COUNTED", 40)

    text = page_at(client_of(officer), "").content.decode()

    assert re.search(r"Hơn\s*<strong>40</strong> sản phẩm", text)


def test_merged_records_are_neither_shown_nor_counted(
    officer: User, many: Producer, client_of: Clients
) -> None:
    kept = Product.objects.get(name="Chè 01")
    Product.objects.filter(name="Chè 00").update(merged_into=kept)

    response = page_at(client_of(officer), "")

    assert names_of(response)[0] == "Chè 01"
    assert response.context["page"].total.number == 59


# --- Columns and filters ------------------------------------------------------------------------


def test_chosen_columns_are_remembered_for_the_person_alone(
    officer: User, staff: User, many: Producer, client_of: Clients
) -> None:
    client = client_of(officer)
    url = reverse("list_columns", args=["products"])

    answer = client.post(url, {"column": ["code", "district", "password"], "query": "q=che"})

    assert answer.url == f"{reverse(PRODUCTS)}?q=che"
    shown = page_at(client, "").context["page"].columns
    assert [column.name for column in shown] == ["name", "code", "district"]
    others = page_at(client_of(staff), "").context["page"].columns
    assert [column.name for column in others][:2] == ["name", "producer"]
    client.post(url, {"usual": "1"})
    assert len(page_at(client, "").context["page"].columns) == len(others)


def test_conditions_in_force_are_shown_in_words_and_can_be_dropped(
    staff: User, many: Producer, client_of: Clients
) -> None:
    district = unit_2021("017")
    page = page_at(client_of(staff), f"?district={district.pk}&q=che&x=1").context["page"]

    assert [(chip.label, chip.text, chip.url) for chip in page.chips] == [
        ("Tìm", "che", f"?district={district.pk}"),
        ("Quận, huyện, thị xã", district.full_name, "?q=che"),
    ]


def test_a_saved_filter_is_shown_to_its_owner_and_opens_the_same_list(
    officer: User, staff: User, many: Producer, client_of: Clients
) -> None:
    client = client_of(officer)
    url = reverse("filter_save", args=["products"])

    client.post(url, {"name": "Chè  của tôi", "query": "q=che+0&sort=-name&mark=abc&next=//x"})

    saved = SavedFilter.objects.get()
    assert (saved.name, saved.query) == ("Chè của tôi", "q=che+0&sort=-name")
    page = page_at(client, f"?{saved.query}").context["page"]
    assert page.saved_filters == [(saved, True)]
    assert page_at(client_of(staff), f"?{saved.query}").context["page"].saved_filters == []
    client.post(url, {"name": "Chè của tôi", "query": "q=che+1"})
    assert SavedFilter.objects.get().query == "q=che+1"


def test_a_saved_filter_is_renamed_and_deleted_by_its_owner_alone(
    officer: User, staff: User, client_of: Clients
) -> None:
    mine = SavedFilter.objects.create(user=officer, listing="products", name="A", query="q=x")
    SavedFilter.objects.create(user=officer, listing="products", name="B")
    edit, delete = (reverse(name, args=[mine.pk]) for name in ("filter_edit", "filter_delete"))

    assert client_of(staff).post(edit, {"name": "Z"}).status_code == 404
    assert client_of(staff).post(delete).status_code == 404
    assert client_of(officer).post(edit, {"name": "B"}).status_code == 422
    assert client_of(officer).post(edit, {"name": "C"}).url == f"{reverse(PRODUCTS)}?q=x"
    mine.refresh_from_db()
    assert mine.name == "C"
    assert client_of(officer).post(delete).url == reverse(PRODUCTS)
    assert not SavedFilter.objects.filter(pk=mine.pk).exists()


def test_the_columns_of_a_list_are_no_filter_to_edit(officer: User, client_of: Clients) -> None:
    client_of(officer).post(reverse("list_columns", args=["products"]), {"column": ["code"]})
    columns = SavedFilter.objects.get()

    assert client_of(officer).post(reverse("filter_delete", args=[columns.pk])).status_code == 404


@pytest.mark.parametrize("name", ["list_columns", "filter_save", "list_export", "list_action"])
def test_a_list_that_does_not_exist_and_one_that_is_not_open(
    staff: User, administrator: User, client_of: Clients, name: str
) -> None:
    data = {"name": "x", "action": "submit"}

    assert client_of(staff).post(reverse(name, args=["khong-co"]), data).status_code == 404
    assert client_of(administrator).post(reverse(name, args=["products"]), data).status_code == 403


# --- Every list of the portal -------------------------------------------------------------------


@pytest.fixture
def world(
    staff: User, officer: User, secretary: User, council: Council, unit: Callable[[str], Any]
) -> User:
    """Something in each list; the person sees it all."""
    for n in range(3):
        dossier = DossierFactory(product__name=f"Chè {n}", state=Dossier.State.RECOGNISED)
        Session.objects.create(
            council=council, title=f"Phiên {n}", held_on=date(2021, 10, n + 1), state="closed"
        )
        certified(dossier, n, by=staff, unit=unit("01"))
    return staff


def certified(dossier: Dossier, n: int, *, by: User, unit: Any) -> None:
    decision = Decision.objects.create(
        number=f"{n}/QĐ-UBND",
        signed_on=date(2021, 12, 1),
        tier="city",
        unit=unit,
        authority="UBND / THÀNH PHỐ",
        signatory_title="CHỦ TỊCH",
        signatory_name="Người ký (mẫu)",
        issued_by=by,
    )
    result = Result.objects.create(
        dossier=dossier,
        tier="city",
        mean=75,
        stars=4,
        outcome="recognise",
        recognised_stars=4,
        decision=decision,
        concluded_on=date(2021, 11, 1),
        recorded_by=by,
    )
    Certificate.objects.create(
        decision=decision,
        result=result,
        product=dossier.product,
        producer=dossier.product.producer,
        register_number=n,
        number=f"{n:04d}/2021/GCN-OCOP-01",
        stars=4,
        product_name=dossier.product.name,
        producer_name=dossier.product.producer.name,
        producer_address="Đông Hội",
        valid_from=date(2021, 12, 1),
        valid_until=date(2099, 12, 1),
        issued_by=by,
    )


@pytest.mark.parametrize("name", listing.names())
def test_every_list_shows_orders_and_exports_all_its_columns(
    world: User, client_of: Clients, name: str
) -> None:
    client, shown = client_of(world), listing.listing_named(name)
    client.post(reverse("list_columns", args=[name]), {"column": [c.name for c in shown.columns]})

    pages = [
        client.get(f"{shown.url}?sort={sign}{column.name}")
        for column in shown.columns
        for sign in ("", "-")
        if column.order
    ]
    exported = client.post(reverse("list_export", args=[name]), {"format": "csv"})

    assert {page.status_code for page in pages} == {200}
    rows = list(csv.reader(io.StringIO(body(exported).decode("utf-8-sig"))))
    assert rows[0] == [column.label for column in shown.columns]
    assert len(rows) == len(client.get(shown.url).context["page"]) + 1 >= 2
    assert len({column.name for column in shown.columns}) == len(shown.columns)


@pytest.mark.parametrize("name", listing.names())
def test_every_list_takes_at_most_15_queries_however_many_rows(
    world: User, client_of: Clients, unit: Callable[[str], Any], name: str
) -> None:
    client, url, counts = client_of(world), listing.listing_named(name).url, []
    for n in (10, 20):
        certified(DossierFactory(), n, by=world, unit=unit("01"))
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 15


@pytest.mark.parametrize("name", listing.names())
def test_every_list_is_searched_without_marks_or_says_that_nothing_fits(
    world: User, client_of: Clients, name: str
) -> None:
    client, url = client_of(world), listing.listing_named(name).url

    assert "Không có gì khớp bộ lọc" in client.get(f"{url}?q=zzz").content.decode()


# --- Files --------------------------------------------------------------------------------------


def export(client: Client, kind: str, **data: Any) -> Any:
    return client.post(reverse("list_export", args=["products"]), {"format": kind, **data})


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.fixture
def traps(db: None) -> None:
    """Names that a spreadsheet would take for formulas."""
    for name in ("=1+1", "+84", "-2", "@SUM(A1)", "Chè =1"):
        ProductFactory(name=name, producer__name=f"HTX {name}", code="")


NEUTRAL = {"'=1+1", "'+84", "'-2", "'@SUM(A1)", "Chè =1"}


def test_f9_formulas_are_text_in_a_workbook(officer: User, traps: None, client_of: Clients) -> None:
    book = openpyxl.load_workbook(io.BytesIO(body(export(client_of(officer), "xlsx", row=[]))))
    sheet = book["Dữ liệu"]

    assert {row[0].value for row in sheet.iter_rows(min_row=2)} == NEUTRAL
    assert {row[0].data_type for row in sheet.iter_rows(min_row=2)} == {"s"}
    about = {row[0].value: row[1].value for row in book["Về tệp này"].iter_rows()}
    assert (about["Danh sách"], about["Số dòng"]) == ("Sản phẩm", 5)
    assert about["Người xuất"] == "officer (mẫu)"


def test_f9_formulas_are_text_in_csv(officer: User, traps: None, client_of: Clients) -> None:
    content = body(export(client_of(officer), "csv"))
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))

    assert content.startswith(b"\xef\xbb\xbf")
    assert rows[0][:2] == ["Sản phẩm", "Chủ thể"]
    assert {row[0] for row in rows[1:]} == NEUTRAL


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_f9_every_beginning_of_a_formula_is_neutral(text: str) -> None:
    assert list_exports.neutral(text) == f"'{text}"
    assert list_exports.neutral(-5) == -5


def test_json_holds_the_data_as_it_is(officer: User, traps: None, client_of: Clients) -> None:
    data = json.loads(body(export(client_of(officer), "json", query="q=1")))

    assert [row["Sản phẩm"] for row in data["dong"]] == ["=1+1", "Chè =1"]
    assert data["dieu_kien"] == "Tìm: 1"


def test_a_file_holds_the_rows_of_the_filter_in_its_order_and_the_chosen_columns(
    officer: User, many: Producer, client_of: Clients
) -> None:
    ProductFactory(producer__unit=unit_2021("018"), name="Chè 98")
    client = client_of(officer)
    client.post(reverse("list_columns", args=["products"]), {"column": ["district"]})

    rows = list(csv.reader(io.StringIO(body(export(client, "csv", query="sort=-name")).decode())))
    every = body(export(client, "csv", every_column="1")).decode().splitlines()

    assert [row[0] for row in rows[1:3]] == ["Chè 59", "Chè 58"]
    assert (len(rows), rows[1]) == (61, ["Chè 59", "Huyện Đông Anh"])
    assert "Mã sản phẩm" in every[0]


def test_ticked_rows_are_exported_and_rows_of_others_are_not(
    officer: User, many: Producer, client_of: Clients
) -> None:
    mine = Product.objects.get(name="Chè 07")
    foreign = ProductFactory(producer__unit=unit_2021("018"), name="Trà")

    content = body(export(client_of(officer), "csv", row=[mine.pk, foreign.pk, "x", "9" * 30]))

    rows = list(csv.reader(io.StringIO(content.decode())))
    assert [row[0] for row in rows[1:]] == ["Chè 07"]


@pytest.fixture
def at_most_20(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_exports, "AT_ONCE", 20)
    monkeypatch.setattr(list_exports, "BATCH", 25)


def test_a_long_list_is_written_by_a_worker_and_kept_for_the_person_alone(
    officer: User, administrator: User, many: Producer, client_of: Clients, at_most_20: None
) -> None:
    client = client_of(officer)
    answer = export(client, "xlsx", token="t", query="sort=-name")
    again = export(client, "xlsx", token="t", query="sort=-name")
    job = Job.objects.get(kind="list_export")
    assert (answer.url, again.url, job.total) == (job.get_absolute_url(), answer.url, 3)
    gone = Product.objects.get(name="Chè 58")
    gone.delete()

    jobs.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.DONE, "")
    result = reverse("job_result", args=[job.pk])
    book = openpyxl.load_workbook(io.BytesIO(body(client.get(result))))
    names = [row[0].value for row in book["Dữ liệu"].iter_rows(min_row=2)]
    assert names == [f"Chè {n:02d}" for n in range(59, -1, -1) if n != 58]
    assert client_of(administrator).get(job.get_absolute_url()).status_code == 200
    assert client_of(administrator).get(result).status_code == 404


def test_a_worker_writes_no_row_that_the_person_may_no_longer_see(
    officer: User, many: Producer, client_of: Clients, at_most_20: None
) -> None:
    export(client_of(officer), "csv")
    Product.objects.filter(name__lt="Chè 50").update(unit=unit_2021("018"))
    job = Job.objects.get()

    jobs.run(job.pk)

    job.refresh_from_db()
    with job.result.open("rb") as file:
        assert len(file.read().decode().splitlines()) == 11


def test_days_and_points_survive_the_way_through_a_worker() -> None:
    for value in (date(2026, 11, 24), Decimal("87.50"), "x", 5, None, True):
        packed = json.loads(json.dumps(list_exports._packed(value)))
        assert list_exports._unpacked(packed) == value


# --- Many rows at once --------------------------------------------------------------------------


@pytest.fixture
def dossiers(db: None, officer: User) -> list[Dossier]:
    """Two that can be submitted, one that lacks its documents, one submitted, one of others."""
    return [
        DossierFactory(product__name="Đủ một", complete=True, created_by=officer),
        DossierFactory(product__name="Đủ hai", complete=True, created_by=officer),
        DossierFactory(product__name="Thiếu"),
        DossierFactory(product__name="Đã nộp", state=Dossier.State.SUBMITTED),
        DossierFactory(product__name="Huyện khác", product__producer__unit=unit_2021("018")),
    ]


def act(client: Client, **data: Any) -> Any:
    return client.post(reverse("list_action", args=["dossiers"]), data)


def test_bulk_work_is_shown_first_and_changes_nothing(
    officer: User, dossiers: list[Dossier], client_of: Clients
) -> None:
    rows = [dossier.pk for dossier in dossiers]

    page = act(client_of(officer), action="submit", row=rows)

    preview = page.context["preview"]
    assert (preview.count, preview.refused_count) == (3, 1)
    assert preview.refused == [(dossiers[3], "đang ở trạng thái “Đã nộp, chờ tiếp nhận”")]
    assert "Huyện khác" not in page.content.decode()
    assert Job.objects.count() == 0


def test_bulk_work_does_what_the_rules_allow_and_tells_each_refusal(
    officer: User, dossiers: list[Dossier], client_of: Clients
) -> None:
    client = client_of(officer)
    data = {"action": "submit", "row": [dossier.pk for dossier in dossiers], "confirmed": "1"}

    answer = act(client, token="abc", **data)
    again = act(client, token="abc", **data)

    job = Job.objects.get(kind="list_action")
    assert answer.url == again.url == job.get_absolute_url()
    jobs.run(job.pk)
    states = {row.product.name: row.state for row in Dossier.objects.all()}
    assert states == {
        "Đủ một": "submitted",
        "Đủ hai": "submitted",
        "Thiếu": "draft",
        "Đã nộp": "submitted",
        "Huyện khác": "draft",
    }
    refused = {item.label.split(" (")[0]: item.error for item in job.failures}
    assert set(refused) == {"Thiếu"}
    assert "Chưa" in refused["Thiếu"] or "Thiếu" in refused["Thiếu"]


def test_bulk_work_on_all_rows_of_a_filter_with_what_its_form_asks(
    staff: User, officer: User, client_of: Clients
) -> None:
    for n in range(3):
        DossierFactory(
            product__name=f"Chè {n}", state="submitted", complete=True, created_by=officer
        )
    client = client_of(staff)
    data = {"action": "accept", "all": "1", "query": "state=submitted&q=che", "token": "t"}
    assert act(client, **data).context["preview"].count == 3
    assert act(client, confirmed="1", **data).status_code == 422

    act(client, confirmed="1", received_on="16/08/2021", **data)
    jobs.run(Job.objects.get(kind="list_action").pk)

    numbers = sorted(Dossier.objects.values_list("received_number", flat=True))
    assert numbers == [f"{n:03d}/2021/HS-017" for n in (1, 2, 3)]


def test_bulk_work_needs_the_permission_and_something_to_do(
    officer: User, leader: User, dossiers: list[Dossier], client_of: Clients, monkeypatch: Any
) -> None:
    rows = [dossiers[0].pk]

    assert act(client_of(leader), action="submit", row=rows).status_code == 403
    assert act(client_of(officer), action="accept", row=rows).status_code == 403
    assert act(client_of(officer), action="delete", row=rows).status_code == 404
    assert act(client_of(officer), action="submit").status_code == 409
    monkeypatch.setattr(list_actions, "MOST", 1)
    assert act(client_of(officer), action="submit", all="1").status_code == 409


def test_who_has_lost_the_permission_meanwhile_does_nothing(
    officer: User, dossiers: list[Dossier], client_of: Clients
) -> None:
    act(client_of(officer), action="submit", row=[dossiers[0].pk], confirmed="1", token="x")
    officer.roles = ["department_leader"]
    officer.save()
    job = Job.objects.get()

    jobs.run(job.pk)

    dossiers[0].refresh_from_db()
    assert dossiers[0].state == Dossier.State.DRAFT
    assert [item.error for item in job.failures] == ["Bạn không có quyền làm việc này."]
