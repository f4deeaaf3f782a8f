from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from regulations.assignment import NoRegulationError
from regulations.models import CriteriaSet, Regulation

pytestmark = pytest.mark.django_db
SPOILT = "thuc-pham-chuc-nang-thuoc-tu-duoc-lieu-thuoc-y-hoc-co-truyen"
FIRST, LAST = date(2019, 8, 21), date(2023, 2, 23)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "in_force"),
    [(FIRST - DAY, False), (FIRST, True), (LAST, True), (LAST + DAY, False)],
)
def test_regulation_is_in_force_from_its_first_to_its_last_day(
    regulation: Regulation, day: date, in_force: bool
) -> None:
    assert Regulation.objects.in_force_on(day).filter(pk=regulation.pk).exists() is in_force
    assert regulation.rules.in_force_on(day) is in_force


def codes_in_force(day: date) -> list[str]:
    return list(Regulation.objects.in_force_on(day).values_list("code", flat=True))


def test_regulation_without_an_end_stays_in_force() -> None:
    assert codes_in_force(date(2099, 12, 31)) == ["qd26-2026"]


def test_newest_regulation_comes_first_where_two_are_in_force() -> None:
    """26/2026/QĐ-TTg, Điều 11 khoản 2: the old decisions lapse 60 days later."""
    assert codes_in_force(date(2026, 7, 21)) == ["qd26-2026", "qd1489-2025"]
    assert codes_in_force(date(2026, 7, 22)) == ["qd26-2026"]


def test_draft_is_not_in_force_and_takes_no_dossiers(regulation: Regulation) -> None:
    Regulation.objects.create(
        code="nhap",
        title="Bản soạn",
        state=Regulation.State.DRAFT,
        effective_from=date(2026, 6, 1),
        data=regulation.data,
        groups=regulation.groups,
        checksum="nhap",
    )
    day = date(2026, 6, 1)

    assert "nhap" not in codes_in_force(day)
    assert Regulation.objects.assignment(day, "first", day).regulation.code == "qd26-2026"


def test_two_regulations_never_take_dossiers_on_the_same_day(regulation: Regulation) -> None:
    with pytest.raises(IntegrityError, match="one_regulation_takes_dossiers_on_a_day"):
        Regulation.objects.filter(pk=regulation.pk).update(accepts_until=LAST + DAY)


def test_end_that_was_set_here_counts_for_the_rules(regulation: Regulation) -> None:
    earlier = LAST - DAY
    Regulation.objects.filter(pk=regulation.pk).update(accepts_until=earlier)

    assert Regulation.objects.get(pk=regulation.pk).rules.accepts_until == earlier
    with pytest.raises(NoRegulationError) as error:
        Regulation.objects.assignment(LAST, "first", LAST)

    assert str(error.value) == "Không có quy định nào tiếp nhận hồ sơ vào ngày 23/02/2023."


def test_rules_are_parsed_once_in_a_process(regulation: Regulation) -> None:
    first = regulation.rules

    with CaptureQueriesContext(connection) as queries:
        again = Regulation.objects.get(pk=regulation.pk).rules

    assert again is first
    assert len(queries) == 1  # the row itself


def test_changed_row_gives_other_rules(regulation: Regulation) -> None:
    before = regulation.rules
    changed = {**regulation.data, "title": "Tên khác"}
    Regulation.objects.filter(pk=regulation.pk).update(data=changed, checksum="changed")

    after = Regulation.objects.get(pk=regulation.pk).rules

    assert before.title != "Tên khác"
    assert after.title == "Tên khác"


@pytest.mark.parametrize(("code", "usable"), [("do-an-nhanh", True), (SPOILT, False)])
def test_sheet_says_whether_it_may_be_scored_with(
    regulation: Regulation, code: str, usable: bool
) -> None:
    criteria_set = regulation.criteria_sets.get(code=code)

    assert criteria_set.is_usable is usable
    assert criteria_set.sheet.usable is usable
    assert CriteriaSet.objects.usable().filter(pk=criteria_set.pk).exists() is usable


def test_sheet_is_the_one_of_its_regulation(criteria_set: CriteriaSet) -> None:
    sheet = criteria_set.sheet

    assert sheet is criteria_set.regulation.rules.sheets["do-an-nhanh"]
    assert (str(criteria_set), criteria_set.number) == (sheet.title, sheet.number)
    assert [part.code for part in criteria_set.parse().parts] == ["A", "B", "C"]


def test_same_sheet_twice_in_a_regulation_is_impossible(criteria_set: CriteriaSet) -> None:
    with pytest.raises(IntegrityError, match="criteria_set_code_once"):
        criteria_set.regulation.criteria_sets.create(
            code=criteria_set.code, number=99, name="?", sector="?", group="?", data={}
        )


@pytest.mark.parametrize("of", [lambda dossier: dossier.regulation, lambda d: d.criteria_set])
def test_regulation_and_sheet_in_use_cannot_be_deleted(
    dossier: Any, of: Callable[[Any], Any]
) -> None:
    with pytest.raises(ProtectedError):
        of(dossier).delete()


def test_addresses_name_the_regulation_and_the_sheet(criteria_set: CriteriaSet) -> None:
    assert criteria_set.regulation.get_absolute_url() == "/quy-dinh/qd1048-2019/"
    assert criteria_set.get_absolute_url() == "/quy-dinh/qd1048-2019/do-an-nhanh/"
