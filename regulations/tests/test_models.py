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
    expected = [regulation] if in_force else []

    assert list(Regulation.objects.in_force_on(day)) == expected
    assert regulation.rules.in_force_on(day) is in_force


def test_regulation_without_an_end_stays_in_force(regulation: Regulation) -> None:
    Regulation.objects.update(effective_to=None)

    assert list(Regulation.objects.in_force_on(date(2099, 12, 31))) == [regulation]


def test_newest_regulation_comes_first_where_two_are_in_force(regulation: Regulation) -> None:
    newer = Regulation.objects.create(
        code="moi",
        title="Quyết định mới",
        effective_from=LAST,
        data={},
        groups={},
        checksum="moi",
    )

    assert list(Regulation.objects.in_force_on(LAST)) == [newer, regulation]
    assert list(Regulation.objects.in_force_on(LAST + DAY)) == [newer]


def test_no_regulation_on_the_day_is_said_in_vietnamese(regulation: Regulation) -> None:
    with pytest.raises(NoRegulationError) as error:
        regulation_on(LAST + DAY, [regulation.rules])

    assert str(error.value) == "Không có quy định nào có hiệu lực vào ngày 24/02/2023"


def test_rules_are_parsed_once_in_a_process(regulation: Regulation) -> None:
    first = regulation.rules

    with CaptureQueriesContext(connection) as queries:
        again = Regulation.objects.get(pk=regulation.pk).rules

    assert again is first
    assert len(queries) == 1  # the row itself


def test_changed_row_gives_other_rules(regulation: Regulation) -> None:
    before = regulation.rules
    changed = {**regulation.data, "effective_to": "2023-12-31"}
    Regulation.objects.update(data=changed, checksum="changed")

    after = Regulation.objects.get().rules

    assert (before.effective_to, after.effective_to) == (LAST, date(2023, 12, 31))


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
