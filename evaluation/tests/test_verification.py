"""The public check of a certificate."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from evaluation.models import Certificate, Decision


@pytest.fixture
def certificate(decision: Decision) -> Certificate:
    """A certificate that holds today."""
    today = timezone.localdate()
    Certificate.objects.update(
        valid_from=today - timedelta(days=10), valid_until=today + timedelta(days=900)
    )
    return Certificate.objects.get()


def page(path: str) -> tuple[int, str]:
    response = Client().get(path)
    return response.status_code, response.content.decode()


def test_valid_certificate_says_so_with_its_facts(certificate: Certificate) -> None:
    status, text = page(reverse("evaluation:verify", args=[certificate.token]))

    assert status == 200
    assert "Còn hiệu lực" in text
    for fact in (certificate.number, certificate.product_name, certificate.producer_name):
        assert fact in text


def test_c6_expired_certificate_says_so(certificate: Certificate) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Certificate.objects.update(valid_until=yesterday)

    status, text = page(reverse("evaluation:verify", args=[certificate.token]))

    assert status == 200
    assert "Hết hiệu lực" in text
    assert "Còn hiệu lực" not in text


def test_c6_last_day_is_still_valid(certificate: Certificate) -> None:
    Certificate.objects.update(valid_until=timezone.localdate())

    assert "Còn hiệu lực" in page(reverse("evaluation:verify", args=[certificate.token]))[1]


def test_c6_certificate_whose_term_has_not_begun_says_so(certificate: Certificate) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    Certificate.objects.update(valid_from=tomorrow)

    status, text = page(reverse("evaluation:verify", args=[certificate.token]))

    assert status == 200
    assert "Chưa có hiệu lực" in text
    assert f"có hiệu lực từ ngày {tomorrow:%d/%m/%Y}" in text
    assert "Còn hiệu lực" not in text


def test_list_and_page_say_that_a_term_has_not_begun(
    certificate: Certificate, staff: User, client_of: Callable[[User], Client]
) -> None:
    Certificate.objects.update(valid_from=timezone.localdate() + timedelta(days=1))
    client = client_of(staff)

    pages = [
        client.get(url).content.decode()
        for url in (reverse("evaluation:certificate_list"), certificate.get_absolute_url())
    ]

    assert all("Chưa có hiệu lực" in text for text in pages)


def test_revoked_certificate_says_so_with_the_reason(certificate: Certificate) -> None:
    Certificate.objects.update(revoked_on=date(2022, 1, 1), revocation_reason="Ngừng sản xuất")

    status, text = page(reverse("evaluation:verify", args=[certificate.token]))

    assert status == 200
    assert "Đã thu hồi" in text
    assert "Ngừng sản xuất" in text


@pytest.mark.parametrize("token", ["khong-co", "x" * 64, "%00", "..%2F..%2Fetc", "' OR 1=1"])
def test_c4_unknown_token_is_a_neutral_404(db: None, token: str) -> None:
    status, text = page(f"/verify/{token}")

    assert status == 404
    assert "hông tìm thấy" in text


def test_number_finds_the_certificate_whatever_the_case(certificate: Certificate) -> None:
    status, text = page(
        reverse("evaluation:verify_number") + f"?number={certificate.number.lower()}"
    )

    assert status == 200
    assert "Còn hiệu lực" in text


def test_unknown_number_is_a_neutral_404(db: None) -> None:
    status, text = page(reverse("evaluation:verify_number") + "?number=9999/2021")

    assert status == 404
    assert "hông tìm thấy" in text


def test_c4_look_ups_are_limited_by_address(certificate: Certificate, settings) -> None:
    settings.VERIFY_RATE_PER_MINUTE = 3
    url = reverse("evaluation:verify", args=[certificate.token])
    client = Client()

    statuses = [client.get(url).status_code for _ in range(5)]
    elsewhere = Client(REMOTE_ADDR="10.0.0.9").get(url).status_code

    assert statuses == [200, 200, 200, 429, 429]
    assert elsewhere == 200


def test_w9_forged_header_does_not_dodge_the_limit(certificate: Certificate, settings) -> None:
    settings.VERIFY_RATE_PER_MINUTE = 1
    url = reverse("evaluation:verify", args=[certificate.token])

    statuses = [
        Client(headers={"X-Forwarded-For": f"10.0.0.{n}"}).get(url).status_code for n in range(3)
    ]

    assert statuses == [200, 429, 429]


def test_p1_nothing_about_persons_is_shown(certificate: Certificate) -> None:
    producer = certificate.producer
    producer.phone, producer.email, producer.representative = "0912345678", "a@b.vn", "Người Mẫu"
    producer.save()

    _status, text = page(reverse("evaluation:verify", args=[certificate.token]))

    assert all(secret not in text for secret in ("0912345678", "a@b.vn", "Người Mẫu"))


def test_c5_address_in_the_code_comes_from_the_settings(certificate: Certificate, settings) -> None:
    settings.PUBLIC_URL = "https://ocop.example.vn"

    assert certificate.verify_url == f"https://ocop.example.vn/verify/{certificate.token}"


def test_token_has_at_least_128_bits(certificate: Certificate) -> None:
    assert len(certificate.token) * 6 >= 128
    assert certificate.token != certificate.file_token
