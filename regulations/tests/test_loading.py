"""Regulations on their way into the database: once, unchanged, never under a dossier's feet."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ocop_portal.problems import Refused
from regulations.loading import load_regulations
from regulations.models import CriteriaSet, Regulation
from regulations.reading import DataError
from regulations.tests.sheet_builders import regulation_1048

pytestmark = pytest.mark.django_db
SPOILT = "thuc-pham-chuc-nang-thuoc-tu-duoc-lieu-thuoc-y-hoc-co-truyen"


def stored() -> list[Any]:
    return [
        *Regulation.objects.order_by("pk").values(),
        *CriteriaSet.objects.order_by("pk").values(),
    ]


def test_regulation_of_2019_is_stored_with_its_sheets(regulation: Regulation) -> None:
    assert str(regulation) == "Quyết định 1048/QĐ-TTg, 781/QĐ-TTg"
    assert (regulation.effective_from, regulation.effective_to) == (
        date(2019, 8, 21),
        date(2023, 2, 23),
    )
    assert regulation.criteria_sets.count() == 26
    assert regulation.criteria_sets.usable().count() == 25


def test_loading_again_changes_nothing_and_asks_little() -> None:
    before = stored()

    with CaptureQueriesContext(connection) as queries:
        number = load_regulations()

    assert (number, stored()) == (4, before)
    assert len(queries) <= 8


def test_sheet_keeps_what_does_not_add_up() -> None:
    sheet = CriteriaSet.objects.get(regulation__code="qd1048-2019", code=SPOILT)

    assert sheet.problems == [
        "Phần C: các tiêu chí cộng lại được 38 điểm, quy định 40 điểm",
        "Cả phiếu: các tiêu chí cộng lại được 98 điểm, quy định 100 điểm",
    ]
    assert sheet.is_usable is False


def test_changed_data_is_loaded_while_nobody_is_judged_by_it(
    regulation: Regulation, data_base: Path, rewrite: Callable[..., None]
) -> None:
    rewrite("regulation.json", accepts_until="2023-01-31")

    load_regulations(data_base)

    changed = Regulation.objects.get(code=regulation.code)
    assert (changed.pk, changed.accepts_until) == (regulation.pk, date(2023, 1, 31))
    assert changed.checksum != regulation.checksum
    assert changed.rules.accepts_until == date(2023, 1, 31)


def test_changed_sheet_is_a_changed_regulation(
    criteria_set: CriteriaSet, data_base: Path, rewrite: Callable[..., None]
) -> None:
    rewrite(f"sheets/{criteria_set.code}.json", name="Đồ ăn nhanh và ngon")

    load_regulations(data_base)

    changed = CriteriaSet.objects.get(pk=criteria_set.pk)
    assert (changed.name, changed.sheet.title) == ("Đồ ăn nhanh và ngon",) * 2


def test_s9_changed_data_is_refused_when_dossiers_are_judged_by_it(
    dossier: Any, data_base: Path, rewrite: Callable[..., None]
) -> None:
    before = stored()
    bands = [{**dossier.regulation.data["star_bands"][0], "floor": 91}]
    bands += dossier.regulation.data["star_bands"][1:]
    rewrite("regulation.json", star_bands=bands)

    with pytest.raises(Refused) as refusal:
        load_regulations(data_base)

    assert str(refusal.value) == (
        "Quy định qd1048-2019 đã có hồ sơ nên không thay đổi được; hãy lập bản mới."
    )
    assert stored() == before


def test_corrected_source_is_loaded_also_with_dossiers(
    dossier: Any, data_base: Path, rewrite: Callable[..., None]
) -> None:
    rewrite("regulation.json", effective_source="Nguồn đã đối chiếu")

    load_regulations(data_base)

    assert Regulation.objects.get(pk=dossier.regulation_id).rules.effective_source == (
        "Nguồn đã đối chiếu"
    )


def test_code_of_a_draft_made_here_is_not_overwritten(
    regulation: Regulation, data_base: Path, rewrite: Callable[..., None]
) -> None:
    Regulation.objects.filter(pk=regulation.pk).update(
        based_on=Regulation.objects.get(code="qd148-2023"), source_checksum=""
    )

    with pytest.raises(Refused, match="đã dùng cho một quy định soạn trên hệ thống này"):
        load_regulations(data_base)


def test_same_data_is_accepted_also_with_dossiers(dossier: Any) -> None:
    before = stored()

    assert load_regulations() == 4
    assert stored() == before


def test_file_written_in_another_order_is_the_same_data(
    dossier: Any, data_base: Path, rewrite: Callable[..., None]
) -> None:
    # Written again with other spaces and the keys of the top in the order of a dictionary.
    rewrite("regulation.json")

    assert load_regulations(data_base) == 4


def test_broken_file_leaves_everything_as_it_was(
    data_base: Path, rewrite: Callable[..., None]
) -> None:
    before = stored()
    rewrite("regulation.json", effective_from="hôm nay")

    with pytest.raises(DataError, match=r"regulation\.json\.effective_from.*'hôm nay'"):
        load_regulations(data_base)

    assert stored() == before


def test_stored_regulation_means_the_same_as_its_files(regulation: Regulation) -> None:
    assert regulation.rules == regulation_1048()
