"""The two commands, as the person at the keyboard reads them."""

import shutil
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
from regulations.models import CriteriaSet, Regulation
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
    assert [line for line in lines if line.endswith("26 phiếu")] == [
        "qd1048-2019: 26 phiếu",
        "qd148-2023: 26 phiếu",
        "qd1489-2025: 26 phiếu",
        "qd26-2026: 26 phiếu",
    ]
    assert [line for line in lines if "được  A 35" in line] == fine
    assert lines[-1] == "9 phiếu chưa dùng được."


def test_only_these_sheets_do_not_add_up() -> None:
    # No mark of a database here: a query would be an error.
    lines = [line.split() for line in lines_of("check_regulations")]

    unusable = {line[-1]: " ".join(line[2:-1]) for line in lines if "CHƯA" in line}
    assert unusable == {
        SPOILT: "A 35 + B 25 + C 38 = 98",
        "ca-phe-ca-cao": "A 40 + B 25 + C 33 = 98",
        "che-bien-tu-rau-cu-qua-hat": "A 40 + B 25 + C 34 = 99",
        "che-tuoi-che-che-bien": "A 40 + B 25 + C 32 = 97",
        "san-pham-tra-tu-thuc-vat-khac": "A 40 + B 25 + C 32 = 97",
    }


def test_strict_check_fails_while_a_sheet_is_unusable() -> None:
    with pytest.raises(CommandError) as error:
        lines_of("check_regulations", strict=True)

    assert (str(error.value), error.value.returncode) == ("Có phiếu chưa cộng đủ điểm.", 1)


def test_strict_check_passes_when_all_sheets_add_up(data_base: Path) -> None:
    for code in ("qd148-2023", "qd1489-2025", "qd26-2026"):
        shutil.rmtree(data_base / code)
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
    assert done.stdout.splitlines()[-1] == "9 phiếu chưa dùng được."
    assert done.stderr.splitlines() == ["CommandError: Có phiếu chưa cộng đủ điểm."] * status


def complaints(data_base: Path) -> list[str]:
    with pytest.raises(CommandError) as error:
        lines_of("check_regulations", base=data_base)
    assert error.value.returncode == 1
    return str(error.value).splitlines()


def test_check_names_every_value_that_does_not_fit(
    data_base: Path, rewrite: Callable[..., None]
) -> None:
    rewrite("regulation.json", effective_from="21/8/2019", title=None)
    rewrite("sheets/do-an-nhanh.json", max_points="100")

    assert complaints(data_base) == [
        "qd1048-2019/regulation.json: Có hiệu lực từ: cần một ngày có thật YYYY-MM-DD, "
        'nhận được "21/8/2019"',
        "qd1048-2019/regulation.json: Tên: cần chữ, nhận được null",
        'qd1048-2019/sheets/do-an-nhanh.json: Điểm tối đa: cần số nguyên, nhận được "100"',
    ]


def test_check_names_regulations_whose_days_overlap(
    data_base: Path, rewrite: Callable[..., None]
) -> None:
    rewrite("regulation.json", effective_to="2023-03-01", accepts_until="2023-02-24")

    assert complaints(data_base) == [
        "qd1048-2019 và qd148-2023: cùng nhận hồ sơ từ ngày 24/02/2023"
    ]


def test_check_goes_on_with_the_others_after_a_mistake(
    data_base: Path, rewrite: Callable[..., None]
) -> None:
    rewrite("regulation.json", title=None)
    out = StringIO()

    with pytest.raises(CommandError):
        call_command("check_regulations", base=data_base, stdout=out)

    assert "qd26-2026: 26 phiếu" in out.getvalue()
    assert "qd1048-2019: 26 phiếu" not in out.getvalue()


def test_check_says_what_only_the_whole_shows(
    data_base: Path, rewrite: Callable[..., None]
) -> None:
    rewrite("regulation.json", code="qd9999-2099")

    assert complaints(data_base) == [
        "qd1048-2019/regulation.json.code: cần “qd1048-2019”, tên thư mục, nhận được 'qd9999-2099'"
    ]


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

    assert first == second == ["832 đơn vị hành chính, 30 cơ quan, 4 quy định."]


@pytest.mark.django_db
def test_reference_is_loaded_into_an_empty_database() -> None:
    CriteriaSet.objects.all().delete()
    Regulation.objects.all().delete()
    AdministrativeUnit.successors.through.objects.all().delete()

    lines = lines_of("load_reference")

    assert lines == ["832 đơn vị hành chính, 30 cơ quan, 4 quy định."]
    assert AdministrativeUnit.successors.through.objects.count() > 0
    assert CriteriaSet.objects.count() == 4 * 26


@pytest.mark.django_db
def test_reference_that_dossiers_forbid_to_change_is_refused_in_one_sentence(
    dossier: Any,
) -> None:
    older = {**dossier.regulation.data, "knockouts": []}
    Regulation.objects.filter(pk=dossier.regulation_id).update(
        data=older, checksum="older", source_checksum="older"
    )

    with pytest.raises(CommandError) as error:
        lines_of("load_reference")

    assert str(error.value) == (
        "Quy định qd1048-2019 đã có hồ sơ nên không thay đổi được; hãy lập bản mới."
    )
