"""The package's interface gives what the portal's import gives."""

import pytest
from django.core.exceptions import ValidationError
from tablib import Dataset

from accounts.models import User
from products.models import Product
from products.resources import ProductResource
from products.workbook import WorkbookError

HEADERS = ["Tên sản phẩm", "Tên chủ thể", "Quận, huyện", "Hạng sao", "Năm"]
GOOD = [
    ["Chè", "HTX Sen", "Đông Anh", 4, 2021],
    ["Cốm", "HTX Cốm", "Gia Lâm", "3 sao", 2020],
]
BAD = ["Bánh", "HTX Sen", "Đông Anh", "sáu sao", 2021]


def test_dry_run_then_import_as_the_package_does(officer: User) -> None:
    trial = ProductResource().import_data(Dataset(*GOOD, headers=HEADERS), dry_run=True)
    before = Product.objects.count()
    real = ProductResource().import_data(Dataset(*GOOD, headers=HEADERS), user=officer)
    again = ProductResource().import_data(Dataset(*GOOD, headers=HEADERS), user=officer)

    assert (before, trial.totals["new"], trial.total_rows) == (0, 2, 2)
    assert (real.totals["new"], real.totals["skip"]) == (1, 1)  # Gia Lâm is another territory
    assert again.totals["skip"] == 2
    assert not real.has_errors()
    assert [product.name for product in Product.objects.all()] == ["Chè"]


def test_a_failed_row_is_named_and_nothing_is_saved(db: None) -> None:
    dataset = Dataset(*GOOD, BAD, headers=HEADERS)

    result = ProductResource().import_data(dataset)
    with pytest.raises(ValidationError, match="sáu sao"):
        ProductResource().import_data(dataset, raise_errors=True)

    (invalid,) = result.invalid_rows
    assert (invalid.number, invalid.values) == (3, tuple(BAD))
    assert "không phải hạng sao" in invalid.error.messages[0]
    assert result.has_validation_errors()
    assert Product.objects.count() == 0


def test_a_data_set_without_the_columns_is_refused(db: None) -> None:
    with pytest.raises(WorkbookError, match="Tên sản phẩm"):
        ProductResource().import_data(Dataset(["x", "y"], headers=["Một", "Hai"]))
