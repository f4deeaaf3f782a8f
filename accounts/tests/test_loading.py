"""The official lists of units as they are loaded, counted and linked."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from accounts import loading
from accounts.models import AdministrativeUnit, Agency

Unit = AdministrativeUnit
Level = AdministrativeUnit.Level
pytestmark = pytest.mark.django_db


def counts() -> dict[tuple[int, int], int]:
    rows = Unit.objects.order_by().values_list("edition", "level").annotate(n=Count("pk"))
    return {(edition, level): n for edition, level, n in rows}


def links() -> int:
    return Unit.successors.through.objects.count()


def test_units_of_both_editions_are_complete() -> None:
    assert counts() == {
        (2021, Level.PROVINCE): 63,
        (2025, Level.PROVINCE): 34,
        (2021, Level.DISTRICT): 30,
        (2021, Level.COMMUNE): 579,
        (2025, Level.COMMUNE): 126,
    }


def test_loading_again_changes_nothing() -> None:
    before = (counts(), links(), Agency.objects.count(), Unit.objects.latest("pk").pk)
    same = list(Unit.objects.order_by("pk").values())

    answers = (loading.load_units(), loading.load_agencies())

    assert answers == (832, before[2])
    assert (counts(), links(), Agency.objects.count(), Unit.objects.latest("pk").pk) == before
    assert list(Unit.objects.order_by("pk").values()) == same


def test_loading_again_repairs_what_was_changed() -> None:
    changed = Unit.objects.filter(edition=2021, code="017")
    changed.update(name="?", full_name="?", search_key="?", is_rural=False, valid_to=None)

    loading.load_units()

    unit = changed.get()
    assert (unit.name, unit.full_name, unit.search_key) == (
        "Đông Anh",
        "Huyện Đông Anh",
        "huyen dong anh",
    )
    assert (unit.is_rural, unit.valid_to) == (True, date(2025, 6, 30))


def test_units_are_loaded_in_few_queries() -> None:
    with CaptureQueriesContext(connection) as queries:
        loading.load_units()

    # 832 units and their links: never one query for each.
    assert len(queries) <= 25


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("00007", ["00008", "00025"]),  # Cống Vị was divided
        ("00006", ["00008"]),
        ("00004", ["00004"]),
        ("00142", []),  # merged in January 2025; into which one, the sources do not say
    ],
)
def test_communes_know_what_they_became(old: str, new: list[str]) -> None:
    unit = Unit.objects.get(edition=2021, code=old)

    became = list(unit.successors.order_by("code").values_list("edition", "code"))

    assert became == [(2025, code) for code in new]


def test_communes_without_a_successor_are_those_that_the_sources_lost() -> None:
    communes = Unit.objects.filter(edition=2021, level=Level.COMMUNE)

    assert communes.filter(successors=None).count() == 41


def test_every_unit_of_2025_has_a_predecessor() -> None:
    new = Unit.objects.filter(edition=2025, predecessors=None)

    assert list(new.values_list("full_name", flat=True)) == []


def test_successors_are_always_of_the_other_edition() -> None:
    crossing = Unit.successors.through.objects.values_list(
        "from_administrativeunit__edition", "to_administrativeunit__edition"
    ).distinct()

    assert list(crossing) == [(2021, 2025)]


def test_paths_lead_from_the_province_down(unit: Any) -> None:
    paths = [unit(code).path for code in ("01", "017", "00523")]

    assert paths == ["2021/01/", "2021/01/017/", "2021/01/017/00523/"]
    assert Unit.objects.get(edition=2025, code="00008").path == "2025/01/00008/"


def test_communes_of_hanoi_lie_in_its_districts() -> None:
    homeless = Unit.objects.filter(edition=2021, level=Level.COMMUNE).exclude(
        parent__level=Level.DISTRICT, parent__parent__code="01"
    )

    assert homeless.count() == 0


def test_same_code_means_another_unit_in_another_edition() -> None:
    names = dict(Unit.objects.filter(code="00004").values_list("edition", "full_name"))

    assert names == {2021: "Phường Trúc Bạch", 2025: "Phường Ba Đình"}


@pytest.mark.parametrize(
    ("day", "districts", "communes"),
    [
        (date(2008, 7, 31), 0, 0),
        (date(2008, 8, 1), 30, 579),
        (date(2025, 6, 30), 30, 579),
        (date(2025, 7, 1), 0, 126),
    ],
)
def test_districts_end_with_june_2025(day: date, districts: int, communes: int) -> None:
    in_force = Unit.objects.in_force_on(day)

    assert in_force.districts().count() == districts
    assert in_force.filter(level=Level.COMMUNE).count() == communes


def test_unit_holds_itself_and_what_lies_below(unit: Any) -> None:
    dong_anh, dong_hoi, gia_lam = unit("017"), unit("00523"), unit("018")

    assert [dong_anh.contains(other) for other in (dong_anh, dong_hoi, gia_lam)] == [
        True,
        True,
        False,
    ]
    assert Unit.objects.under(dong_anh).count() == 1 + dong_anh.children.count()
    assert [place.district for place in (dong_hoi, dong_anh, unit("01"))] == [
        dong_anh,
        dong_anh,
        unit("01"),
    ]


def test_agencies_of_the_plan_have_their_place() -> None:
    department = Agency.objects.get(code="dard")
    ministries = Agency.objects.filter(kind="ministry")

    assert str(department) == "Sở Nông nghiệp và Phát triển nông thôn"
    assert (department.abbreviation, str(department.unit)) == ("Sở NN&PTNT", "Thành phố Hà Nội")
    assert set(ministries.values_list("unit", flat=True)) <= {None}
