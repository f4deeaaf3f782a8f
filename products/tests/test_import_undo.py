"""Taking a whole import back: exactly, with reasons for what stays, and never half."""

from collections.abc import Callable
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from ocop_portal import jobs
from ocop_portal.models import Job
from ocop_portal.problems import Refused
from products.actions import imports as actions
from products.actions.import_undo import undo_import
from products.actions.merging import merge_producers
from products.actions.records import save_producer, save_product
from products.import_undo import plan_undo
from products.models import EarlierResult, ImportBatch, Producer, Product
from products.tests.factories import DossierFactory, ProducerFactory, ProductFactory, unit_2021
from products.tests.test_import import upload
from products.tests.test_import_rows import TAX, book, row

MODELS = (Producer, Product, EarlierResult)


def stored() -> list[list[dict[str, Any]]]:
    """Every value of every row, but the time of the last save."""
    tables = [list(model.objects.order_by("pk").values()) for model in MODELS]
    for values in chain(*tables):
        values.pop("updated_at", None)
    return tables


def imported(by: User, *rows: list[object]) -> ImportBatch:
    batch = actions.upload_workbook(upload(book(*rows)), by=by)
    return actions.save_import(batch, leave_out_failed=False, by=by)


def undone(batch: ImportBatch, by: User, *, leave: bool = False) -> ImportBatch:
    return undo_import(batch, leave_out_used=leave, by=by)


@pytest.fixture
def known(officer: User) -> Product:
    """A product that the portal has, with a result and a code."""
    producer = ProducerFactory(name="HTX Sen", address="Thôn 1")
    product = ProductFactory(name="Chè sen", producer=producer, code="M1")
    EarlierResult.objects.create(product=product, year=2020, stars=3, note="cũ")
    return product


def test_undoing_restores_every_value_exactly(officer: User, known: Product) -> None:
    before = stored()
    batch = imported(
        officer,
        row(tax=TAX, phone="0912345678", code="M2", group="Chè", stars=4, year=2020, note="mới"),
        row(stars=5, year=2021, group="Trà"),
        row("Trà", "HTX Khác", stars=3, year=2021, code="M1"),
    )
    after = stored()

    done = undone(batch, officer)

    assert before != after
    assert stored() == before
    assert (done.state, done.undone_by) == ("undone", officer)
    assert {name: done.undo_report[name] for name in ("rows", "staying")} == {
        "rows": 3,
        "staying": 0,
    }


def test_history_keeps_what_was_taken_back(officer: User, known: Product) -> None:
    batch = imported(officer, row(group="Chè", code="M9"))

    undone(batch, officer)

    events = apps.get_model("products.ProductEvent").objects.filter(pgh_obj=known)
    events = events.order_by("pgh_id")
    assert [event.code for event in events if event.code] == ["M1", "M9"]
    assert {event.pgh_context.metadata["user"] for event in events} == {officer.pk}
    assert ImportBatch.objects.get().rows.count() == 1


def test_row_changed_since_stays_with_the_reason(officer: User) -> None:
    batch = imported(officer, row("Chè", group="Chè"), row("Trà", group="Trà"))
    product = Product.objects.get(name="Chè")
    product.group_as_written = "Chè xanh"
    save_product(product, by=officer)

    plan = plan_undo(batch)
    with pytest.raises(Refused, match="1 dòng đã được sửa"):
        undone(batch, officer)
    nothing = Product.objects.count()
    done = undone(batch, officer, leave=True)

    assert [row.reasons for row in plan.staying] == [
        ["Sản phẩm đã được sửa sau khi nhập: nhóm ghi trong sổ."]
    ]
    assert nothing == 2
    assert [product.name for product in Product.objects.all()] == ["Chè"]
    assert Producer.objects.get().name == "HTX Sen"
    assert done.undo_report["reasons"][0]["row"] == 2
    assert done.undo_report["kept_producers"] == []


def test_field_that_the_workbook_did_not_set_counts_for_what_would_disappear(
    officer: User,
) -> None:
    batch = imported(officer, row())
    product = Product.objects.get()
    product.story = "Chuyện của chè"
    save_product(product, by=officer)

    (staying,) = plan_undo(batch).staying

    assert staying.reasons == ["Sản phẩm đã được sửa sau khi nhập."]


def test_product_used_in_a_dossier_stays(officer: User, known: Product) -> None:
    batch = imported(officer, row(group="Chè"), row("Trà", "HTX Mới"), row("Cốm", "HTX Mới"))
    DossierFactory(product=known)
    DossierFactory(product=Product.objects.get(name="Trà"), criteria_set=known.criteria_set)

    plan = plan_undo(batch)
    undone(batch, officer, leave=True)

    assert [row.reasons for row in plan.staying] == [
        ["Sản phẩm đã có hồ sơ lập sau khi nhập."],
        ["Sản phẩm đã có hồ sơ."],
    ]
    assert sorted(Product.objects.values_list("name", flat=True)) == ["Chè sen", "Trà"]
    assert Producer.objects.filter(name="HTX Mới").exists()


def test_dossier_from_before_the_import_is_no_reason(officer: User, known: Product) -> None:
    dossier = DossierFactory(product=known)
    type(dossier).objects.update(created_at=timezone.now() - timedelta(days=1))
    batch = imported(officer, row(group="Chè"))

    undone(batch, officer)

    known.refresh_from_db()
    assert known.group_as_written == ""


def test_rows_about_one_product_stay_together(officer: User) -> None:
    batch = imported(officer, row(stars=3, year=2020), row(stars=4, year=2021), row("Trà"))
    EarlierResult.objects.filter(year=2021).update(note="sửa tay")

    plan = plan_undo(batch)

    assert [(row.row, row.reasons) for row in plan.staying] == [
        (2, ["Cùng sản phẩm với dòng 3 (Sheet)."]),
        (3, ["Kết quả đã được sửa sau khi nhập: ghi chú."]),
    ]
    assert [row.name for row in plan.undone] == ["Trà"]


def test_producer_in_use_elsewhere_stays_and_is_named(officer: User) -> None:
    batch = imported(officer, row())
    ProductFactory(name="Thêm sau", producer=Producer.objects.get())

    done = undone(batch, officer)

    assert [product.name for product in Product.objects.all()] == ["Thêm sau"]
    assert done.undo_report["kept_producers"] == [
        {"name": "HTX Sen", "reason": "Chủ thể còn sản phẩm khác."}
    ]


def test_producer_changed_or_merged_since_stays(officer: User, staff: User) -> None:
    batch = imported(officer, row(), row("Trà", "HTX Trà"))
    changed = Producer.objects.get(name="HTX Sen")
    changed.address = "Thôn 9"
    save_producer(changed, by=officer)
    twin = Producer.objects.get(name="HTX Trà")
    merge_producers(ProducerFactory(name="HTX Chung"), twin, reason="Một", by=staff)

    plan = plan_undo(batch)

    assert dict(plan.kept_producers) == {
        "HTX Sen": "Chủ thể đã được sửa sau khi nhập.",
        "HTX Trà": "Chủ thể đã từng được gộp.",
    }
    assert {row.name: row.reasons for row in plan.staying} == {}


def test_code_that_went_to_another_product_since_is_a_reason(officer: User, known: Product) -> None:
    batch = imported(officer, row(code="M2"))
    ProductFactory(name="Bánh", code="M1")

    (staying,) = plan_undo(batch).staying

    assert staying.reasons == ["Mã cũ M1 nay là mã của sản phẩm khác."]


def test_deleted_record_is_a_reason(officer: User) -> None:
    batch = imported(officer, row())
    Product.objects.all().delete()

    (staying,) = plan_undo(batch).staying

    assert staying.reasons == ["Sản phẩm này đã bị xóa."]


def test_import_on_an_import_is_undone_in_reverse_order(officer: User, known: Product) -> None:
    before = stored()
    first = imported(officer, row(group="Chè"))
    second = imported(officer, row(group="Trà"))

    refused = plan_undo(first)
    undone(second, officer)
    undone(first, officer)

    assert [row.reasons for row in refused.staying] == [
        ["Sản phẩm đã được sửa sau khi nhập: nhóm ghi trong sổ."]
    ]
    assert stored() == before


def test_sent_twice_it_is_undone_once_and_never_saved_again(officer: User) -> None:
    batch = imported(officer, row())

    once = undone(batch, officer)
    again = undone(batch, officer)
    saved = actions.save_import(batch, leave_out_failed=False, by=officer)

    assert once.undone_at == again.undone_at
    assert saved.state == "undone"
    assert Product.objects.count() == 0


def test_only_who_imports_undoes_and_only_what_is_saved(
    officer: User, other_officer: User, leader: User
) -> None:
    batch = imported(officer, row())
    waiting = actions.upload_workbook(upload(book(row("Trà"))), by=officer)

    with pytest.raises(PermissionDenied):
        undone(batch, leader)
    with pytest.raises(ImportBatch.DoesNotExist):
        undone(batch, other_officer)
    with pytest.raises(Refused, match="chưa lưu"):
        undone(waiting, officer)
    assert Product.objects.count() == 1


def test_the_page_shows_what_goes_and_what_stays(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    batch = imported(officer, row("Chè"), row("Trà"))
    product = Product.objects.get(name="Chè")
    product.unit = unit_2021("00523")
    save_product(product, by=officer)
    client, url = client_of(officer), reverse("products:import_undo", args=[batch.pk])

    page = client.get(url).content.decode()
    refused = client.post(url)
    done = client.post(url, {"leave_out_used": "on"}, follow=True).content.decode()

    assert "Hoàn tác 1 dòng" in page
    assert "đã được sửa sau khi nhập: nơi sản xuất." in page
    assert refused.status_code == 409
    assert "Đã hoàn tác 1 dòng." in done
    assert "Lần nhập này đã được hoàn tác" in done
    assert client.get(url).status_code == 302


def test_large_import_is_undone_in_the_background_and_may_be_stopped(
    officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = imported(officer, *[row(f"Chè {n}", stars=3, year=2021) for n in range(3)])
    monkeypatch.setattr(actions, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(jobs, "call_worker", lambda _pk: None)
    undone(batch, officer)
    jobs.cancel(Job.objects.get(), by=officer)
    jobs.run(Job.objects.get().pk)
    stopped = Product.objects.count()

    jobs.resume(Job.objects.get(), by=officer)
    jobs.run(Job.objects.get().pk)

    assert stopped == 3
    assert [model.objects.count() for model in MODELS] == [0, 0, 0]
    assert ImportBatch.objects.get().state == "undone"


def test_stopping_in_the_middle_takes_everything_back(
    officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person stops while the rows are being written: none of them stays."""
    monkeypatch.setattr(actions, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(jobs, "call_worker", lambda _pk: None)
    batch = actions.upload_workbook(upload(book(*[row(f"Chè {n}") for n in range(3)])), by=officer)
    jobs.run(Job.objects.get().pk)
    batch = actions.save_import(batch, leave_out_failed=False, by=officer)
    save = Job.objects.get(key__endswith="/save")
    told = actions.cache.set

    def stopped(key: str, value: Any, seconds: int) -> None:
        if value["text"] == "Lưu":
            jobs.cancel(save, by=officer)
        told(key, value, seconds)

    monkeypatch.setattr(actions.cache, "set", stopped)
    jobs.run(save.pk)

    assert Product.objects.count() == 0
    item = save.items.get()
    assert item.error == "Đã dừng theo yêu cầu. Chưa có gì bị thay đổi."
