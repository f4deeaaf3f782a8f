"""The two commands, as the person at the keyboard reads them."""

import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import AdministrativeUnit
from regulations.models import Regulation
from regulations.tests.sheet_builders import regulation_1048

SPOILT = "thuc-pham-chuc-nang-thuoc-tu-duoc-lieu-thuoc-y-hoc-co-truyen"


def lines_of(name: str, **options: Any) -> list[str]:
    out = StringIO()
    call_command(name, stdout=out, **options)
    return out.getvalue().splitlines()


# --- check_regulations ------------------------------------------------------------------------


def test_check_says_exactly_which_sheet_does_not_add_up() -> None:
    lines = lines_of("check_regulations")

    at = next(n for n, line in enumerate(lines) if "CHƯA" in line)
    assert [line.strip() for line in lines[at : at + 3]] == [
        f"19  CHƯA  A 35 + B 25 + C 38 = 98  {SPOILT}",
        "Phần C: các tiêu chí cộng lại được 38 điểm, quy định 40 điểm",
        "Cả phiếu: các tiêu chí cộng lại được 98 điểm, quy định 100 điểm",
    ]


def test_check_names_every_sheet_with_its_points() -> None:
    lines = [line.strip() for line in lines_of("check_regulations")]

    fine = [
        f"{sheet.number}  được  A 35 + B 25 + C 40 = 100  {sheet.name}"
        for sheet in regulation_1048().sheets.values()
        if sheet.name != SPOILT
    ]
    assert lines[0] == "qd1048-2019: 26 phiếu"
    assert [line for line in lines if "được  A" in line] == fine
    assert lines[-1] == "1 phiếu chưa dùng được."


def test_check_reads_without_a_database() -> None:
    # No mark of a database here: a query would be an error.
    assert len(lines_of("check_regulations")) == 1 + 26 + 2 + 1


def test_strict_check_fails_while_a_sheet_is_unusable() -> None:
    with pytest.raises(CommandError) as error:
        lines_of("check_regulations", strict=True)

    assert (str(error.value), error.value.returncode) == ("Có phiếu chưa cộng đủ điểm.", 1)


def test_strict_check_passes_when_all_sheets_add_up(data_base: Path) -> None:
    spoilt = data_base / "qd1048-2019" / "sheets" / f"{SPOILT}.json"
    whole = spoilt.with_name("do-an-nhanh.json").read_text(encoding="utf-8")
    spoilt.write_text(whole, encoding="utf-8")

    lines = lines_of("check_regulations", strict=True, base=data_base)

    assert lines[-1] == "0 phiếu chưa dùng được."


@pytest.mark.parametrize(("words", "status"), [([], 0), (["--strict"], 1)])
def test_check_ends_with_its_exit_status(words: list[str], status: int) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check_regulations", *words],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )

    assert done.returncode == status
    assert done.stdout.splitlines()[-1] == "1 phiếu chưa dùng được."
    assert done.stderr.splitlines() == ["CommandError: Có phiếu chưa cộng đủ điểm."] * status


def test_check_says_where_a_file_is_broken(data_base: Path, rewrite: Callable[..., None]) -> None:
    rewrite("regulation.json", effective_from="21/8/2019")

    with pytest.raises(CommandError) as error:
        lines_of("check_regulations", base=data_base)

    assert str(error.value) == (
        "qd1048-2019/regulation.json.effective_from: cần một ngày YYYY-MM-DD, nhận được '21/8/2019'"
    )


def test_check_says_which_file_is_not_json(data_base: Path) -> None:
    sheet = data_base / "qd1048-2019" / "sheets" / "do-an-nhanh.json"
    sheet.write_text('{"code": ', encoding="utf-8")

    with pytest.raises(CommandError, match=r"^sheets/do-an-nhanh\.json: không đọc được JSON \("):
        lines_of("check_regulations", base=data_base)


def test_check_says_which_file_is_missing(data_base: Path) -> None:
    (data_base / "qd1048-2019" / "product_groups.json").unlink()

    with pytest.raises(CommandError) as error:
        lines_of("check_regulations", base=data_base)

    assert str(error.value) == "qd1048-2019/product_groups.json: không có tệp này"


def test_check_names_the_sheet_that_the_groups_need(data_base: Path) -> None:
    (data_base / "qd1048-2019" / "sheets" / "do-an-nhanh.json").unlink()

    with pytest.raises(CommandError) as error:
        lines_of("check_regulations", base=data_base)

    assert str(error.value) == "qd1048-2019/regulation.json: không có phiếu do-an-nhanh"


# --- load_reference -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_reference_is_loaded_twice_with_the_same_numbers() -> None:
    first, second = lines_of("load_reference"), lines_of("load_reference")

    assert first == second == ["832 đơn vị hành chính, 30 cơ quan, 1 quy định."]


@pytest.mark.django_db
def test_reference_is_loaded_into_an_empty_database() -> None:
    Regulation.objects.get().criteria_sets.all().delete()
    Regulation.objects.all().delete()
    AdministrativeUnit.successors.through.objects.all().delete()

    lines = lines_of("load_reference")

    assert lines == ["832 đơn vị hành chính, 30 cơ quan, 1 quy định."]
    assert AdministrativeUnit.successors.through.objects.count() > 0
    assert Regulation.objects.get().criteria_sets.count() == 26


@pytest.mark.django_db
def test_reference_that_dossiers_forbid_to_change_is_refused_in_one_sentence(
    dossier: Any,
) -> None:
    Regulation.objects.update(checksum="as of an older version")

    with pytest.raises(CommandError) as error:
        lines_of("load_reference")

    assert str(error.value) == (
        "Quy định qd1048-2019 đã có hồ sơ nên không thay đổi được; hãy lập bản mới."
    )
