"""What the administrator does with producers in the stock admin."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from products.tests.factories import ProducerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(person: Callable[..., User], client_of: Callable[[User], Client]) -> Client:
    return client_of(person("admin", Role.SYSTEM_ADMINISTRATOR, is_staff=True, is_superuser=True))


def test_account_is_given_to_a_producer(admin: Client, person: Callable[..., User]) -> None:
    producer = ProducerFactory(name="Hợp tác xã Mẫu")
    account = person("chuthe", Role.PRODUCER)
    url = reverse("admin:products_producer_change", args=[producer.pk])

    response = admin.post(url, {"accounts": [account.pk], "name": "Tên khác"})

    producer.refresh_from_db()
    assert response.status_code == 302
    assert list(producer.accounts.all()) == [account]
    assert producer.name == "Hợp tác xã Mẫu"  # only the accounts are the administrator's


def test_producers_are_neither_added_nor_deleted_there(admin: Client) -> None:
    producer = ProducerFactory()

    assert admin.get(reverse("admin:products_producer_add")).status_code == 403
    assert (
        admin.get(reverse("admin:products_producer_delete", args=[producer.pk])).status_code == 403
    )


def test_f9_p1_export_holds_no_formula_and_no_contacts(admin: Client) -> None:
    ProducerFactory(name="=HYPERLINK(1)", phone="0912345678", email="nguoi@mau.example")

    response = admin.post(
        reverse("admin:products_producer_export"),
        {
            "format": "0",
            "resource": "0",
            **{
                f"producerresource_{name}": "on"
                for name in ("name", "kind", "tax_code", "unit__name", "district__name", "address")
            },
        },
    )

    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert response.status_code == 200
    assert "HYPERLINK(1)" in cells
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert not any("0912345678" in cell or "@" in cell for cell in cells)
