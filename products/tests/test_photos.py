"""Photos of a product: taken in, put in order, described, taken out, and who sees them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from ocop_portal.file_reading import read
from ocop_portal.models import StoredFile
from ocop_portal.problems import Refused
from products.actions import photos as actions
from products.actions.dossiers import add_document
from products.models import Product, ProductPhoto
from products.tests.factories import DossierFactory, PhotoFactory, ProductFactory, unit_2021
from products.tests.photos import photo, tagged_jpeg

Clients = Callable[[User], Client]


@pytest.fixture
def product(db: None) -> Product:
    return ProductFactory(name="Chè sen", producer__unit=unit_2021("00523"))


@pytest.fixture
def two(product: Product, officer: User) -> list[ProductPhoto]:
    return actions.add_photos(product, [photo("a.jpg"), photo("b.png", "PNG")], by=officer)


def order(product: Product) -> list[tuple[str, int]]:
    return list(product.photos.current().values_list("original_name", "position"))


def test_several_photos_come_with_one_form(
    product: Product, officer: User, client_of: Clients
) -> None:
    client = client_of(officer)
    url = reverse("products:photo_add", args=[product.pk])

    uploads = [photo("a.jpg"), photo("b.png", "PNG")]
    answer = client.post(url, {"photos": uploads, "is_public": "on"})

    assert answer.status_code == 302
    assert order(product) == [("a.jpg", 1), ("b.png", 2)]
    assert set(product.photos.values_list("is_public", flat=True)) == {True}
    page = client.get(answer.url).content.decode()
    assert "Đã thêm 2 ảnh." in page
    assert page.count("Ảnh chính") == 1


def test_one_bad_photo_takes_none_in_and_tells_every_reason(
    product: Product, officer: User, client_of: Clients
) -> None:
    url = reverse("products:photo_add", args=[product.pk])
    cut = photo("cut.jpg")
    cut.file.truncate(300)
    cut.size = 300
    uploads = [photo("a.jpg"), cut, photo("c.gif", "GIF")]

    answer = client_of(officer).post(url, {"photos": uploads})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "cut.jpg" in page
    assert "c.gif" in page
    assert (ProductPhoto.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_no_photo_chosen_is_said_at_the_field(
    product: Product, officer: User, client_of: Clients
) -> None:
    answer = client_of(officer).post(reverse("products:photo_add", args=[product.pk]), {})

    assert answer.status_code == 422
    assert "ít nhất một ảnh" in answer.content.decode()


def test_f10_nothing_of_the_camera_is_kept_anywhere(product: Product, officer: User) -> None:
    actions.add_photos(product, [SimpleUploadedFile("a.jpg", tagged_jpeg())], by=officer)

    for stored in StoredFile.objects.all():
        with stored.file.open("rb") as content:
            assert b"Exif" not in content.read()
        assert stored.state == StoredFile.State.READY
    assert StoredFile.objects.count() in {1, 2}


def test_r8_a_photo_handed_in_as_a_document_is_read_after_all(
    product: Product, two: list[ProductPhoto], officer: User
) -> None:
    """Nobody draws pages of photos that are only shown; a dossier that takes one needs them."""
    shown = two[0].stored
    with shown.file.open("rb") as content:
        upload = SimpleUploadedFile("tai-lieu.jpg", content.read())
    assert shown.is_unread_picture

    document = add_document(
        DossierFactory(product=product, created_by=officer), "registration_form", upload, by=officer
    )

    assert document.stored == shown
    assert document.stored.state == StoredFile.State.PENDING
    read(shown.pk)
    shown.refresh_from_db()
    assert (shown.state, shown.pages) == (StoredFile.State.READY, 1)


def test_the_same_photo_twice_is_refused(product: Product, two: list, officer: User) -> None:
    with pytest.raises(Refused, match="đã có ở sản phẩm này"):
        actions.add_photos(product, [photo("a.jpg")], by=officer)

    assert product.photos.count() == 2


def test_too_many_photos_are_refused(
    product: Product, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="nhiều nhất 10 ảnh"):
        actions.add_photos(product, [photo(f"{n}.jpg") for n in range(11)], by=officer)
    monkeypatch.setattr(actions, "PER_PRODUCT", 1)
    with pytest.raises(Refused, match="nhiều nhất 1 ảnh"):
        actions.add_photos(product, [photo("a.jpg"), photo("b.jpg")], by=officer)


def test_a_photo_becomes_the_main_one(
    product: Product, two: list[ProductPhoto], officer: User, client_of: Clients
) -> None:
    client_of(officer).post(reverse("products:photo_main", args=[two[1].pk]))

    assert order(product) == [("b.png", 1), ("a.jpg", 2)]


def test_a_removed_photo_stays_with_who_and_when_and_comes_back(
    product: Product, two: list[ProductPhoto], officer: User, client_of: Clients
) -> None:
    client = client_of(officer)
    ProductPhoto.objects.update(is_public=True)

    client.post(reverse("products:photo_remove", args=[two[0].pk]))

    assert order(product) == [("b.png", 1)]
    gone = ProductPhoto.objects.get(pk=two[0].pk)
    assert (gone.removed_by, gone.removed_at is not None) == (officer, True)
    page = client.get(reverse("products:product_photos", args=[product.pk])).content.decode()
    assert "Ảnh đã gỡ (1)" in page
    with pytest.raises(Refused, match="vừa được gỡ"):
        actions.make_main(gone, by=officer)

    client.post(reverse("products:photo_restore", args=[two[0].pk]))

    assert order(product) == [("b.png", 1), ("a.jpg", 2)]
    assert not ProductPhoto.objects.get(pk=two[0].pk).is_public
    with pytest.raises(Refused, match="đã có"):
        actions.restore_photo(gone, by=officer)


def sent(photos: list[ProductPhoto], *entries: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "photos-TOTAL_FORMS": len(photos),
        "photos-INITIAL_FORMS": len(photos),
    }
    for n, (row, entry) in enumerate(zip(photos, entries, strict=True)):
        fields |= {f"photos-{n}-{name}": value for name, value in entry.items()}
        fields[f"photos-{n}-id"] = row.pk
    return fields


def test_captions_order_and_consent_are_kept_with_their_history(
    product: Product, two: list[ProductPhoto], officer: User, client_of: Clients
) -> None:
    url = reverse("products:photo_describe", args=[product.pk])
    # Vietnamese typed as letters with loose marks is kept in one form (NFC).
    loose = "Thu hoa\u0323ch sen"

    answer = client_of(officer).post(
        url,
        sent(
            two,
            {"caption": loose, "alt": "Người hái sen", "position": 9, "is_public": "on"},
            {"caption": "", "alt": "", "position": 3},
        ),
    )

    assert answer.status_code == 302
    assert order(product) == [("b.png", 1), ("a.jpg", 2)]
    first = ProductPhoto.objects.get(pk=two[0].pk)
    assert (first.caption, first.alt_text, first.is_public) == (
        "Thu hoạch sen",
        "Người hái sen",
        True,
    )
    second = ProductPhoto.objects.get(pk=two[1].pk)
    assert second.alt_text == "Ảnh sản phẩm Chè sen"
    events = apps.get_model("products", "ProductPhotoEvent").objects.filter(pgh_obj=first)
    assert False in set(events.values_list("is_public", flat=True))


def test_a_wrong_order_is_said_at_its_photo(
    product: Product, two: list[ProductPhoto], officer: User, client_of: Clients
) -> None:
    url = reverse("products:photo_describe", args=[product.pk])

    answer = client_of(officer).post(
        url, sent(two, {"position": 0, "caption": "Giữ"}, {"position": 2})
    )

    assert answer.status_code == 422
    assert 'value="Giữ"' in answer.content.decode()


def test_a1_photos_are_for_those_who_see_the_product(
    product: Product,
    two: list[ProductPhoto],
    officer: User,
    other_officer: User,
    leader: User,
    client_of: Clients,
) -> None:
    own = client_of(officer).get(reverse("products:photo_show", args=[two[0].pk]))

    assert own["Content-Type"] == "image/jpeg"
    assert own["Cache-Control"] == "private, max-age=86400, immutable"
    assert b"".join(own.streaming_content).startswith(b"\xff\xd8")
    for name in ("photo_show", "photo_small"):
        url = reverse(f"products:{name}", args=[two[0].pk])
        assert client_of(other_officer).get(url).status_code == 404
        assert Client().get(url).status_code == 302
        assert b"".join(client_of(leader).get(url).streaming_content).startswith(b"\xff\xd8")
    with pytest.raises(PermissionDenied):
        actions.remove_photo(two[0], by=leader)
    with pytest.raises(PermissionDenied):
        actions.add_photos(product, [photo("c.jpg")], by=leader)


def test_a_producers_account_sees_its_photos_and_changes_none(
    product: Product, two: list[ProductPhoto], person: Callable, client_of: Clients
) -> None:
    account = person("chu-the", Role.PRODUCER, unit_code="00523")
    product.producer.accounts.add(account)
    client = client_of(account)

    page = client.get(reverse("products:product_photos", args=[product.pk]))

    assert page.status_code == 200
    assert "Thêm ảnh" not in page.content.decode()
    small = client.get(reverse("products:photo_small", args=[two[0].pk]))
    assert b"".join(small.streaming_content).startswith(b"\xff\xd8")
    assert client.post(reverse("products:photo_remove", args=[two[0].pk])).status_code == 403


def test_page_of_photos_takes_the_same_queries_whatever_their_number(
    product: Product, officer: User, client_of: Clients, django_assert_num_queries: Callable
) -> None:
    client = client_of(officer)
    url = reverse("products:product_photos", args=[product.pk])
    PhotoFactory(product=product, uploaded_by=officer)
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(url)
    PhotoFactory.create_batch(6, product=product, uploaded_by=officer)

    with django_assert_num_queries(len(few)):
        client.get(url)
