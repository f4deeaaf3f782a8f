"""What officers and producers are told about certificates."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from evaluation import notices
from evaluation.actions import decisions
from evaluation.models import Certificate, Result
from evaluation.tasks import tell_of_expiring_certificates
from evaluation.tests.conftest import DECISION
from ocop_portal.models import Notice


@pytest.fixture
def certificate(
    city_result: Callable[[int], Result],
    staff: User,
    officer: User,
    other_officer: User,
    unit: Callable,
    person: Callable[..., User],
) -> Certificate:
    """A certificate of Đông Anh to 14/12/2024, whose producer has an account."""
    result = city_result(75)
    account = person("account", Role.PRODUCER, unit_code="00523")
    result.dossier.product.producer.accounts.add(account)
    decisions.issue_decision([result], by=staff, tier="city", unit=unit("01"), **DECISION)
    return Certificate.objects.get()


def told(kind: str) -> set[str]:
    return {row.recipient.username for row in Notice.objects.filter(kind=kind)}


def test_recognition_is_told_to_the_officers_and_the_producer(certificate: Certificate) -> None:
    assert told("recognised") == {"officer", "account"}


@pytest.mark.parametrize(
    ("days_left", "step"), [(180, 180), (121, 180), (120, 120), (31, 120), (30, 30), (0, 30)]
)
def test_certificate_that_runs_out_is_told_at_180_120_and_30_days(
    certificate: Certificate, days_left: int, step: int
) -> None:
    today = certificate.valid_until - timedelta(days=days_left)

    count, again = notices.tell_of_expiring(today), notices.tell_of_expiring(today)

    notice = Notice.objects.filter(kind="certificate_expiring").first()
    assert (count, again) == (2, 0)
    assert notice is not None
    assert notice.key == f"{certificate.pk}/{step}"
    assert f"còn {days_left} ngày" in notice.title


@pytest.mark.parametrize("day", [date(2024, 6, 16), date(2024, 12, 15)])
def test_nothing_is_told_before_180_days_or_after_the_end(
    certificate: Certificate, day: date
) -> None:
    assert notices.tell_of_expiring(day) == 0


def test_each_step_is_told_once_over_the_half_year(certificate: Certificate) -> None:
    days = [certificate.valid_until - timedelta(days=left) for left in range(200, -1, -1)]

    assert sum(map(notices.tell_of_expiring, days)) == 3 * 2


def test_r8_task_of_the_night_tells_once(certificate: Certificate) -> None:
    Certificate.objects.update(valid_until=timezone.localdate() + timedelta(days=10))

    assert [tell_of_expiring_certificates(), tell_of_expiring_certificates()] == [2, 0]


def test_revoked_certificate_is_not_announced(certificate: Certificate) -> None:
    Certificate.objects.update(revoked_on=date(2023, 1, 1), revocation_reason="Mẫu")

    assert notices.tell_of_expiring(date(2024, 12, 1)) == 0
