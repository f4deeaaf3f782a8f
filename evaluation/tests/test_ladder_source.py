"""The council's result as the start of the ladder: final ones alone, and nobody's own sheet."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from councils.models import Session
from evaluation.actions import results
from evaluation.models import Assessment, Result
from evaluation.tests.conftest import numbers_shown, score
from products.actions.self_score import choose_options
from products.ladder_page import ladder_page
from products.models import Dossier
from products.tests.factories import DossierFactory


def concluded(assessment: Assessment, members: Sequence[User], secretary: User) -> Result:
    """The members give 66, 60 and 63 points: 63 on the mean."""
    score(assessment, members, [66, 60, 63])
    return results.conclude(assessment, results.Findings(), by=secretary)


def test_ladder_starts_from_the_council_once_the_session_is_over(
    session: Session,
    assessment: Assessment,
    members: list[User],
    secretary: User,
    officer: User,
    person: Callable[..., User],
    client_of: Callable[[User], Client],
) -> None:
    result = concluded(assessment, members, secretary)
    dossier = result.dossier
    producer = person("producer", Role.PRODUCER, unit_code="00523")
    dossier.product.producer.accounts.add(producer)
    url = reverse("products:ladder", args=[dossier.pk])

    for user in (officer, secretary, producer):
        before = client_of(user).get(url)
        assert before.context["page"].official is None
        assert not {"63,00", "7"} & numbers_shown(before)

    results.close_session(session, by=secretary)

    for user in (officer, secretary, producer):
        page = client_of(user).get(url)
        ladder = page.context["page"].ladder
        assert page.context["page"].is_self_score is False
        assert (ladder.rating.mean, ladder.advice.now, ladder.advice.target) == (63, 3, 4)
        assert ladder.advice.missing == 7
        # Means alone: the totals of single members are nowhere.
        assert not {"66", "60", "66,00", "60,00"} & numbers_shown(page)
        for member in members:
            assert str(member) not in page.content.decode()


def test_result_without_sheets_gives_its_figures(city_result: Callable, staff: User) -> None:
    result = city_result(75)
    Result.objects.filter(pk=result.pk).update(assessment=None)

    page = ladder_page(result.dossier, user=staff)

    assert page.official is not None
    assert (page.official.scoring, page.official.mean, page.ladder) == (None, Decimal(75), None)
    assert (page.recorded.now, page.recorded.target, page.recorded.missing) == (4, 5, 15)


def test_sheets_that_contradict_the_result_are_not_climbed_from(
    city_result: Callable, staff: User
) -> None:
    result = city_result(75)
    Result.objects.filter(pk=result.pk).update(mean=Decimal(80))

    page = ladder_page(result.dossier, user=staff)

    assert page.official.scoring is None
    assert page.recorded.missing == 10


def test_ladder_of_a_result_takes_few_queries(
    city_result: Callable,
    staff: User,
    client_of: Callable[[User], Client],
    django_assert_max_num_queries: Callable,
) -> None:
    client = client_of(staff)
    url = reverse("products:ladder", args=[city_result(75).dossier_id])
    client.get(url)

    with django_assert_max_num_queries(15):
        client.get(url)


def test_dossier_that_is_not_scored_yet_starts_from_the_last_result(
    city_result: Callable, staff: User, client_of: Callable[[User], Client]
) -> None:
    last = city_result(75).dossier
    Dossier.objects.filter(pk=last.pk).update(state=Dossier.State.RECOGNISED)
    upgrade = DossierFactory(product=last.product, kind="upgrade", previous=last, year=2022)
    url = reverse("products:ladder", args=[upgrade.pk])

    first = client_of(staff).get(url)
    choose_options(upgrade, {"1.1": 0}, by=staff)
    then = client_of(staff).get(url)

    assert (first.context["page"].is_earlier, first.context["page"].ladder.advice.now) == (True, 4)
    assert "tính từ kết quả của hồ sơ trước" in first.content.decode()
    assert (then.context["page"].official, then.context["page"].is_self_score) == (None, True)
