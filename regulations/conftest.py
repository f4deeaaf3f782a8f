"""What tests of regulations need: a copy of the data that they may spoil, and a dossier."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.models import AdministrativeUnit
from regulations.models import CriteriaSet
from regulations.parsing import DATA_DIR


@pytest.fixture
def data_base(tmp_path: Path) -> Path:
    """A copy of everything that the portal carries."""
    return Path(shutil.copytree(DATA_DIR, tmp_path / "data"))


@pytest.fixture
def rewrite(data_base: Path) -> Callable[..., None]:
    """Set top-level values of a file of the copy: `rewrite("regulation.json", title="…")`."""

    def change(name: str, /, **values: Any) -> None:
        path = data_base / "qd1048-2019" / name
        data = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**data, **values}, ensure_ascii=False), encoding="utf-8")

    return change


@pytest.fixture
def dossier(criteria_set: CriteriaSet, unit: Callable[[str], AdministrativeUnit]) -> Any:
    """A dossier under the regulation of 2019, made without the app that it belongs to."""
    product = criteria_set.products.create(name="Sản phẩm mẫu", unit=unit("017"))
    return criteria_set.dossiers.create(
        product=product, regulation=criteria_set.regulation, year=2021, tier="district"
    )
