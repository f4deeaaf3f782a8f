"""Records of the same producer: found, made one, and taken apart again exactly as they were."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from ocop_portal.problems import Refused
from products.actions.imports import run_import
from products.actions.merging import merge_producers, undo_merge
from products.duplicates import duplicates_visible_to, essence
from products.models import (
    ChainMembership,
    Dossier,
    EarlierResult,
    Producer,
    ProducerDocument,
    ProducerMerge,
    ProducerYear,
    Product,
)
from products.tests.factories import (
    DossierFactory,
    PaperFactory,
    ProducerFactory,
    ProductFactory,
    unit_2021,
)
from products.tests.test_import import workbook

Clients = Callable[[User], Client]
WATCHED = (
    Producer,
    Product,
    Dossier,
    EarlierResult,
    ProducerDocument,
    ProducerYear,
    ChainMembership,
    Producer.accounts.through,
)


@pytest.fixture
def pair(staff: User, person: Callable[..., User]) -> tuple[Producer, Producer]:
    """Two records of one cooperative: Đông Anh's, and Gia Lâm's with a product of the same name."""
    kept = ProducerFactory(name="HTX Sen", unit=unit_2021("00523"), phone="0912345678")
    merged = ProducerFactory(
        name="Hợp tác xã Sen",
        unit=unit_2021("00526"),
        tax_code="0100109106",
        phone="0987654321",
        representative="Nguyễn Thị Sen",
        registered_on=date(2015, 3, 5),
    )
    tea = ProductFactory(name="Chè sen", producer=kept)
    same_tea = ProductFactory(name="CHÈ SEN", producer=merged, code="01-282-10474-1-2021")
    ProductFactory(name="Mứt sen", producer=merged)
    DossierFactory(product=tea, created_by=staff)
    DossierFactory(product=same_tea, created_by=staff, state=Dossier.State.NOT_RECOGNISED)
    for product in (tea, same_tea):
        EarlierResult.objects.create(product=product, year=2020, stars=3)
    EarlierResult.objects.create(product=same_tea, year=2019, stars=4)
    ProducerYear.objects.create(producer=kept, year=2024, workers=5)
    ProducerYear.objects.create(producer=merged, year=2024, workers=6)
    ProducerYear.objects.create(producer=merged, year=2023, workers=4)
    ChainMembership.objects.create(producer=merged, name="Chuỗi sen", part="leader")
    PaperFactory(producer=merged, uploaded_by=staff)
    merged.accounts.add(person("chuthe", Role.PRODUCER))
    return kept, merged


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows that a merge may touch, without the time of their last save."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for model in WATCHED:
        manager: models.Manager = model._default_manager
        stored = manager.order_by("pk").values()
        rows[model.__name__] = [
            {name: value for name, value in row.items() if name != "updated_at"} for row in stored
        ]
    return rows


def test_what_belongs_to_the_merged_record_moves(pair: Any, staff: User) -> None:
    kept, merged = pair

    merge_producers(kept, merged, take=["phone"], reason="Cùng HTX", by=staff)

    kept.refresh_from_db()
    assert (kept.tax_code, kept.phone, kept.name) == ("0100109106", "0987654321", "HTX Sen")
    assert kept.registered_on == date(2015, 3, 5)
    current = kept.products.filter(merged_into=None)
    assert sorted(current.values_list("name", flat=True)) == ["Chè sen", "Mứt sen"]
    tea = current.get(name="Chè sen")
    assert tea.dossiers.count() == 2
    assert tea.code == "01-282-10474-1-2021"
    assert sorted(tea.earlier_results.values_list("year", "stars")) == [(2019, 4), (2020, 3)]
    assert sorted(kept.years.values_list("year", "workers")) == [(2023, 4), (2024, 5)]
    assert (kept.chains.count(), kept.documents.count(), kept.accounts.count()) == (1, 1, 1)
    assert list(Producer.objects.visible_to(staff)) == [kept]
    assert Product.objects.visible_to(staff).count() == 2
    assert Product.objects.search("Hợp tác xã Sen Mứt").count() == 1


def test_undoing_restores_every_row_exactly(pair: Any, staff: User) -> None:
    kept, merged = pair
    before = everything()

    merge = merge_producers(
        kept, merged, take=["phone", "name", "unit"], reason="Cùng HTX", by=staff
    )
    assert everything() != before
    undo_merge(merge, by=staff)

    assert everything() == before


def test_what_was_changed_after_the_merge_stays_when_it_is_undone(pair: Any, staff: User) -> None:
    kept, merged = pair
    merge = merge_producers(kept, merged, reason="Cùng HTX", by=staff)
    kept.refresh_from_db()
    kept.representative = "Trần Văn Súng"
    kept.save()
    ProductFactory(name="Trà súng", producer=kept)

    undo_merge(merge, by=staff)

    kept.refresh_from_db()
    assert (kept.representative, kept.tax_code) == ("Trần Văn Súng", "")
    assert kept.products.filter(name="Trà súng").exists()


def test_two_open_dossiers_of_the_same_product_stand_against_it(pair: Any, staff: User) -> None:
    kept, merged = pair
    DossierFactory(product=merged.products.get(name="CHÈ SEN"), created_by=staff)
    before = everything()

    with pytest.raises(Refused, match="cả hai đều đang có hồ sơ chưa kết thúc"):
        merge_producers(kept, merged, reason="Cùng HTX", by=staff)

    assert everything() == before


def test_merges_are_undone_in_reverse_order_and_once(pair: Any, staff: User) -> None:
    kept, merged = pair
    first = merge_producers(kept, merged, reason="Cùng HTX", by=staff)
    second = merge_producers(kept, ProducerFactory(name="Sen ba"), reason="Cùng HTX", by=staff)

    with pytest.raises(Refused, match="lần gộp sau trước"):
        undo_merge(first, by=staff)
    undo_merge(second, by=staff)
    undo_merge(first, by=staff)
    with pytest.raises(Refused, match="đã được hoàn tác"):
        undo_merge(first, by=staff)
    with pytest.raises(Refused, match="vừa được gộp"):
        merge_producers(kept, kept, reason="Chính nó", by=staff)


def test_the_old_address_leads_to_the_kept_record(
    pair: Any, staff: User, other_officer: User, client_of: Clients
) -> None:
    kept, merged = pair
    same_tea = merged.products.get(name="CHÈ SEN")
    merge_producers(kept, merged, reason="Cùng HTX", by=staff)

    moved = client_of(staff).get(merged.get_absolute_url())
    product = client_of(staff).get(same_tea.get_absolute_url())
    hidden = client_of(other_officer).get(merged.get_absolute_url())

    assert moved["Location"] == kept.get_absolute_url()
    assert product["Location"] == kept.products.get(name="Chè sen").get_absolute_url()
    assert hidden.status_code == 404


def test_the_page_shows_what_moves_and_merges_with_the_chosen_values(
    pair: Any, staff: User, client_of: Clients
) -> None:
    kept, merged = pair
    url = reverse("products:producer_merge", args=[kept.pk, merged.pk])
    chosen = {"field_name": "merged", "field_unit": "kept", "field_current_unit": "kept"}
    client = client_of(staff)

    page = client.get(url).content.decode()
    incomplete = client.post(url, chosen | {"field_phone": "merged"})
    client.post(url, chosen | {"field_phone": "merged", "reason": "Cùng một HTX"})

    assert "Sản phẩm “Mứt sen”" in page
    assert "Không chuyển, vì bản được giữ đã có" in page
    assert incomplete.status_code == 422
    kept.refresh_from_db()
    assert (kept.name, kept.phone) == ("Hợp tác xã Sen", "0987654321")
    assert kept.unit == unit_2021("00523")
    detail = client.get(kept.get_absolute_url()).content.decode()
    assert "Cùng một HTX" in detail
    assert "Tên chủ thể: HTX Sen → Hợp tác xã Sen" in detail
    undone = client.post(reverse("products:merge_undo", args=[ProducerMerge.objects.get().pk]))
    assert undone["Location"] == merged.get_absolute_url()


def test_history_names_who_changed_what(officer: User, client_of: Clients) -> None:
    producer = ProducerFactory(name="HTX Sen", unit=unit_2021("00523"), phone="0912345678")
    client = client_of(officer)

    client.post(
        reverse("products:producer_edit", args=[producer.pk]),
        {"name": "HTX Sen", "unit": producer.unit_id, "phone": "0987654321"},
    )

    (change,) = client.get(producer.get_absolute_url()).context["changes"]
    assert change.by == str(officer)
    assert ("Điện thoại liên hệ", "0912345678", "0987654321") in change.fields


def test_a1_a_district_officer_merges_only_within_the_own_district(
    pair: Any, officer: User, commune_officer: User, client_of: Clients
) -> None:
    kept, merged = pair
    own = ProducerFactory(name="HTX Sen Đông Hội", unit=unit_2021("00523"))

    with pytest.raises(PermissionDenied):
        merge_producers(kept, merged, reason="x", by=officer)
    with pytest.raises(PermissionDenied):
        merge_producers(kept, own, reason="x", by=commune_officer)
    url = reverse("products:producer_merge", args=[kept.pk, merged.pk])
    assert client_of(officer).get(url).status_code == 404
    assert merge_producers(kept, own, reason="x", by=officer).kept == kept


def reasons(user: User) -> dict[tuple[str, str], set[str]]:
    names = dict(Producer.objects.values_list("pk", "name"))
    return {
        (names[pair.first], names[pair.second]): set(pair.reasons)
        for pair in duplicates_visible_to(user)
    }


def test_t2_spellings_and_foreign_letters_are_found_as_the_same_name(staff: User) -> None:
    ProducerFactory(name="HTX Chè Sen", unit=unit_2021("00523"))
    ProducerFactory(name="Hợp tác xã Сhè Sen", unit=unit_2021("00526"))  # a Cyrillic С
    ProducerFactory(name="HTX Cam", unit=unit_2021("00523"))

    assert reasons(staff) == {("HTX Chè Sen", "Hợp tác xã Сhè Sen"): {"Cùng tên", "Tên gần giống"}}


def test_contacts_and_representatives_lead_to_the_same_producer(staff: User) -> None:
    ProducerFactory(name="HTX Sen Vàng", phone="0912 345 678", representative="Trần Thị Na")
    ProducerFactory(name="Cơ sở Cốm", phone="+84912345678")
    ProducerFactory(name="Sen Vàng Đông Hội", representative="TRẦN THỊ NA")
    ProducerFactory(name="A", email="a@mau.example")
    ProducerFactory(name="B", email="A@mau.example")

    assert reasons(staff) == {
        ("HTX Sen Vàng", "Cơ sở Cốm"): {"Cùng điện thoại"},
        ("HTX Sen Vàng", "Sen Vàng Đông Hội"): {"Cùng người đại diện, tên tương tự"},
        ("A", "B"): {"Cùng thư điện tử"},
    }


def test_numbers_in_names_distinguish(staff: User) -> None:
    ProducerFactory(name="HTX Mẫu 1")
    ProducerFactory(name="HTX Mẫu 2")

    assert reasons(staff) == {}
    assert essence("Công ty TNHH Sen Việt") == "senviet"


def test_officers_see_only_pairs_of_their_district(
    pair: Any, officer: User, staff: User, client_of: Clients
) -> None:
    url = reverse("products:producer_duplicates")

    assert len(client_of(staff).get(url).context["pairs"]) == 1
    assert client_of(officer).get(url).context["pairs"] == []


def test_a_row_of_a_workbook_with_the_merged_name_goes_to_the_kept_record(
    pair: Any, staff: User
) -> None:
    kept, merged = pair
    twin = ProducerFactory(name="HTX Súng", unit=unit_2021("00523"), tax_code="0100000003")
    merge_producers(kept, twin, reason="Cùng HTX", by=staff)
    before = Producer.objects.count()
    header = ["Tên sản phẩm", "Tên chủ thể", "Mã số thuế", "Quận, huyện"]

    report = run_import(
        workbook(
            ["Rượu sen", "Hợp tác xã Súng", "", "Đông Anh"],
            ["Mứt hạt sen", "Tên viết khác", "0100000003", "Đông Anh"],
            header=header,
        ),
        dry_run=False,
    )

    made = Product.objects.filter(name__in=["Rượu sen", "Mứt hạt sen"])
    assert (report.created, report.failed, report.producers_created) == (2, 0, 0)
    assert [product.producer for product in made] == [kept, kept]
    assert Producer.objects.count() == before
    assert merged.kept == merged
