"""Deadlines of dossiers: the regulation's figures, lists, and the reminder that is sent once."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from ocop_portal.home import landing_page
from ocop_portal.models import Notice
from products import waiting
from products.actions import dossiers as actions
from products.actions.handover import give_back, hand_over
from products.actions.supplements import request_supplement
from products.actions.waiting import keep_deadline, refresh_deadlines, remind
from products.models import Dossier
from products.tasks import remind_of_deadlines
from products.tests.factories import DossierFactory, ProductFactory
from regulations.deadlines import working_days_before, working_days_later
from regulations.models import CriteriaSet

State = Dossier.State
FRIDAY = date(2026, 5, 22)


@pytest.fixture
def law_of_2026(db: None) -> CriteriaSet:
    return CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")


@pytest.fixture
def dossier(officer: User, law_of_2026: CriteriaSet) -> Dossier:
    """A dossier of 2026 that the office prepares."""
    return DossierFactory(
        criteria_set=law_of_2026, created_by=officer, complete=True, tier="city", filed_on=FRIDAY
    )


def deadline(dossier: Dossier, **changes: Any) -> waiting.Deadline | None:
    days = {name: changes.pop(name) for name in ("answer_by", "complete_by") if name in changes}
    since = changes.pop("since", FRIDAY)
    for name, value in changes.items():
        setattr(dossier, name, value)
    return waiting.deadline_of(dossier, since=since, **days)


# What the regulation sets (26/2026/QĐ-TTg, Điều 7 khoản 2 and khoản 6 điểm g)


def test_commune_has_15_working_days_from_filing(dossier: Dossier) -> None:
    assert deadline(dossier, since=date(2026, 6, 1)) == (
        waiting.Deadline(date(2026, 6, 12), "screening")
    )


def test_without_a_day_of_filing_the_commune_counts_from_when_it_has_the_dossier(
    dossier: Dossier,
) -> None:
    # Over 30/4, 1/5 and the day in lieu of Hùng Kings' Day.
    found = deadline(dossier, filed_on=None, since=date(2026, 4, 20))

    assert found == waiting.Deadline(date(2026, 5, 14), "screening")


def test_while_the_producer_writes_no_office_is_late(dossier: Dossier) -> None:
    assert deadline(dossier, with_producer=True) is None


@pytest.mark.parametrize("state", [State.ACCEPTED, State.IN_EVALUATION, State.AWAITING_DECISION])
def test_re_evaluation_takes_45_days_from_receipt(dossier: Dossier, state: str) -> None:
    found = deadline(dossier, state=state, kind="renewal", received_on=date(2026, 6, 1))

    assert found == waiting.Deadline(date(2026, 7, 16), "renewal_evaluation")


def test_first_evaluation_has_no_day_limit(dossier: Dossier) -> None:
    assert deadline(dossier, state=State.ACCEPTED, received_on=date(2026, 6, 1)) is None


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.ACCEPTED])
def test_decision_of_2019_sets_no_day_limit(officer: User, state: str) -> None:
    old = DossierFactory(created_by=officer, received_on=date(2021, 9, 1), received_number="1/2021")

    assert deadline(old, state=state) is None


def test_first_of_several_deadlines_counts(dossier: Dossier) -> None:
    days = {"answer_by": date(2026, 6, 5), "complete_by": date(2026, 7, 21)}

    assert deadline(dossier, state=State.SUPPLEMENT, **days).code == "supplement"
    days["complete_by"] = date(2026, 6, 4)
    assert deadline(dossier, state=State.SUPPLEMENT, **days).code == "transition"


@pytest.mark.parametrize("state", Dossier.FINAL)
def test_what_is_decided_waits_for_nothing(dossier: Dossier, state: str) -> None:
    assert deadline(dossier, state=state, complete_by=date(2026, 7, 21)) is None


# In words


@pytest.mark.parametrize(
    ("due_on", "words", "tone"),
    [
        (date(2026, 5, 29), "còn 5 ngày làm việc", "info"),
        (date(2026, 5, 28), "còn 4 ngày làm việc", "info"),
        (date(2026, 5, 27), "còn 3 ngày làm việc", "warning"),
        (date(2026, 5, 25), "còn 1 ngày làm việc", "warning"),
        (FRIDAY, "hết hạn hôm nay", "warning"),
        (date(2026, 5, 21), "quá hạn 1 ngày làm việc", "danger"),
        (date(2026, 5, 15), "quá hạn 5 ngày làm việc", "danger"),
        (None, "", ""),
    ],
)
def test_deadline_in_words(due_on: date | None, words: str, tone: str) -> None:
    assert (waiting.in_words(due_on, FRIDAY), waiting.tone(due_on, FRIDAY)) == (words, tone)


def test_over_a_weekend_it_is_late_without_a_working_day() -> None:
    assert waiting.in_words(FRIDAY, date(2026, 5, 24)) == "quá hạn"


# Kept by the steps


def test_every_step_keeps_the_deadline(dossier: Dossier, officer: User, secretary: User) -> None:
    keep_deadline(dossier)
    assert dossier.due_on == date(2026, 6, 12)

    submitted = actions.submit_dossier(dossier, by=officer)
    assert (submitted.due_on, submitted.due_code) == (None, "")

    asked = request_supplement(submitted, reason="Thiếu trang 2", by=secretary)
    assert (asked.due_on, asked.due_code) == (
        working_days_later(timezone.localdate(), 10),
        "supplement",
    )
    assert Dossier.objects.get(pk=dossier.pk).due_on == asked.due_on


def test_new_dossier_has_its_deadline_from_the_first_day(
    officer: User, law_of_2026: CriteriaSet
) -> None:
    product = ProductFactory(criteria_set=law_of_2026)
    today = timezone.localdate()

    made = actions.create_dossier(
        product, by=officer, criteria_set=law_of_2026, kind="first", year=2026
    )

    assert (made.waits_since, made.due_on) == (today, working_days_later(today, 15))


def test_producers_pen_stops_the_commune_and_starts_it_anew(
    dossier: Dossier, officer: User, person: Callable[..., User]
) -> None:
    from accounts.roles import Role

    account = person("account", Role.PRODUCER)
    dossier.product.producer.accounts.add(account)
    Dossier.objects.filter(pk=dossier.pk).update(filed_on=None)

    given = give_back(dossier, reason="Viết tiếp", by=officer)
    assert given.due_on is None
    handed = hand_over(given, by=account)

    assert handed.due_on == working_days_later(timezone.localdate(), 15)


def test_refreshing_finds_rows_from_before_the_day_was_kept(dossier: Dossier) -> None:
    assert dossier.due_on is None

    assert refresh_deadlines() == 1
    assert refresh_deadlines() == 0
    dossier.refresh_from_db()
    assert dossier.due_on == date(2026, 6, 12)


# Lists and the landing page


@pytest.fixture
def three(officer: User, law_of_2026: CriteriaSet) -> dict[str, Dossier]:
    """Late, due tomorrow, and with time left."""
    today = timezone.localdate()
    days = {
        "late": working_days_before(today, 2),
        "soon": working_days_later(today, 1),
        "later": working_days_later(today, 9),
    }
    made = {}
    for name, day in days.items():
        made[name] = DossierFactory(
            criteria_set=law_of_2026, created_by=officer, product__name=f"Chè {name}", tier="city"
        )
        Dossier.objects.filter(pk=made[name].pk).update(due_on=day, due_code="screening")
    return made


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("overdue", ["Chè late"]),
        ("soon", ["Chè soon"]),
        ("any", ["Chè late", "Chè soon", "Chè later"]),
    ],
)
def test_list_filters_and_sorts_by_deadline(
    client_of: Callable[[User], Client],
    officer: User,
    three: dict[str, Dossier],
    value: str,
    names: list[str],
) -> None:
    answer = client_of(officer).get(reverse("products:dossier_list"), {"due": value, "sort": "due"})

    assert [row.product.name for row in answer.context["page"]] == names


def test_list_says_how_long_there_is(
    client_of: Callable[[User], Client], officer: User, three: dict[str, Dossier]
) -> None:
    page = client_of(officer).get(reverse("products:dossier_list")).content.decode()

    for words in ("quá hạn 2 ngày làm việc", "còn 1 ngày làm việc", "còn 9 ngày làm việc"):
        assert words in page


@pytest.mark.parametrize("who", ["officer", "staff"])
def test_landing_page_names_what_is_late(
    request: pytest.FixtureRequest, three: dict[str, Dossier], who: str
) -> None:
    page = landing_page(request.getfixturevalue(who))

    found = {panel.title: [task.title for task in panel.tasks] for panel in page.panels}
    assert found["Hồ sơ quá hạn"] == ["Chè late"]
    assert found["Hồ sơ sắp đến hạn"] == ["Chè soon"]


def test_nothing_late_shows_no_panel(officer: User) -> None:
    titles = {panel.title for panel in landing_page(officer).panels}

    assert titles.isdisjoint({"Hồ sơ quá hạn", "Hồ sơ sắp đến hạn"})


# Reminders


def test_r8_reminder_is_told_once_for_each_deadline(
    three: dict[str, Dossier], officer: User, commune_officer: User, other_officer: User
) -> None:
    today = timezone.localdate()

    assert remind(today) == 2
    assert remind(today + timedelta(days=0)) == 0
    told = Notice.objects.filter(kind="dossier_due").order_by("title")
    assert {row.recipient for row in told} == {officer}
    assert [row.title for row in told] == [
        "Hồ sơ Chè late: quá hạn 2 ngày làm việc",
        "Hồ sơ Chè soon: còn 1 ngày làm việc",
    ]
    Dossier.objects.filter(pk=three["soon"].pk).update(due_on=working_days_later(today, 2))
    assert remind(today) == 1


def test_r8_remind_of_deadlines_computes_them_first(dossier: Dossier, officer: User) -> None:
    """The commune's 15 working days from 22/5/2026 are over by now."""
    assert remind_of_deadlines() == 1
    assert remind_of_deadlines() == 0


def test_who_receives_is_told_of_what_waits_for_reception(
    dossier: Dossier, officer: User, secretary: User, staff: User
) -> None:
    from products.recipients import responsible_for

    assert responsible_for(dossier) == [officer]
    dossier.state = State.SUBMITTED
    assert responsible_for(dossier) == [secretary]
    secretary.is_active = False
    secretary.save(update_fields=["is_active"])
    assert responsible_for(dossier) == [staff]
