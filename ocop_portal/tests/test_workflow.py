"""The engine that runs every process, tried with the steps of a dossier."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.models import User
from ocop_portal import workflow
from ocop_portal.models import Counter, StatusChange
from ocop_portal.workflow import Transition, TransitionError
from products.models import Dossier
from products.tests.factories import DossierFactory

State = Dossier.State
WITHDRAW = Transition(
    label="Rút hồ sơ",
    sources=frozenset({State.DRAFT, State.SUBMITTED}),
    target=State.WITHDRAWN,
    permission="products.withdraw_dossier",
)
STEPS = {
    "submit": replace(WITHDRAW, target=State.SUBMITTED, permission="products.submit_dossier"),
    "withdraw": WITHDRAW,
    "receive": replace(WITHDRAW, permission="products.receive_dossiers"),
    "recognise": replace(WITHDRAW, permission=""),
}


def told(record: Dossier) -> list[tuple[str, str, User | None, str]]:
    return [(row.source, row.target, row.by, row.note) for row in workflow.history(record)]


def test_step_saves_the_state_and_tells_its_story(officer: User) -> None:
    dossier = DossierFactory()

    moved = workflow.apply(WITHDRAW, dossier, by=officer, note="Chủ thể xin rút")

    assert moved == dossier
    assert Dossier.objects.get().state == State.WITHDRAWN
    assert told(dossier) == [("draft", "withdrawn", officer, "Chủ thể xin rút")]


def test_step_saves_what_else_it_changes_and_nothing_more(officer: User) -> None:
    dossier = DossierFactory(note="cũ", self_score=50)
    # Changed by somebody else after this page was loaded.
    Dossier.objects.update(self_score=80)

    workflow.apply(WITHDRAW, dossier, by=officer, changes={"note": "mới"})

    after = Dossier.objects.get()
    assert (after.note, after.self_score) == ("mới", 80)
    assert after.updated_at > dossier.updated_at


@pytest.mark.parametrize("state", sorted(set(State.values) - WITHDRAW.sources))
def test_step_from_another_state_is_refused_in_vietnamese(officer: User, state: str) -> None:
    dossier = DossierFactory()
    Dossier.objects.update(state=state)

    with pytest.raises(TransitionError) as refusal:
        workflow.apply(WITHDRAW, dossier, by=officer)

    assert [problem.code for problem in refusal.value.problems] == ["wrong_state"]
    assert str(refusal.value) == (
        f"Không thực hiện được “Rút hồ sơ”: hồ sơ đang ở trạng thái “{State(state).label}”. "
        "Có thể người khác vừa xử lý, hãy tải lại trang."
    )
    assert (Dossier.objects.get().state, told(dossier)) == (state, [])


def test_a1_step_without_permission_is_denied(other_officer: User) -> None:
    dossier = DossierFactory()

    with pytest.raises(PermissionDenied):
        workflow.apply(WITHDRAW, dossier, by=other_officer)

    assert (Dossier.objects.get().state, told(dossier)) == (State.DRAFT, [])


def test_permission_is_asked_of_the_record_as_it_is_now(officer: User, other_officer: User) -> None:
    dossier = DossierFactory()
    product = dossier.product
    # The page still shows the dossier in the other officer's district.
    stale = Dossier.objects.select_related("product__unit").get()
    stale.product.unit = other_officer.unit

    with pytest.raises(PermissionDenied):
        workflow.apply(WITHDRAW, stale, by=other_officer)

    assert workflow.apply(WITHDRAW, dossier, by=officer).product == product


def test_step_of_the_portal_itself_asks_for_no_permission(other_officer: User) -> None:
    dossier = DossierFactory()

    workflow.apply(STEPS["recognise"], dossier, by=other_officer)
    Dossier.objects.update(state=State.DRAFT)
    workflow.apply(STEPS["recognise"], dossier, by=None)

    assert told(dossier) == [
        ("draft", "withdrawn", other_officer, ""),
        ("draft", "withdrawn", None, ""),
    ]


def test_failing_step_leaves_neither_state_nor_story(officer: User) -> None:
    dossier = DossierFactory()

    # A date of reception without its number.
    with pytest.raises(IntegrityError), transaction.atomic():
        workflow.apply(WITHDRAW, dossier, by=officer, changes={"received_on": date(2021, 6, 14)})

    assert (Dossier.objects.get().state, told(dossier)) == (State.DRAFT, [])


def test_buttons_are_the_steps_that_the_person_may_take_now(
    officer: User, other_officer: User, secretary: User
) -> None:
    dossier = DossierFactory()

    buttons = {
        user.username: workflow.available(STEPS, dossier, user=user)
        for user in (officer, other_officer, secretary)
    }

    assert buttons == {
        "officer": ["submit", "withdraw"],
        "other_officer": [],
        "secretary": ["receive"],
    }


def test_no_buttons_in_a_final_state(officer: User) -> None:
    dossier = DossierFactory(state=State.WITHDRAWN)

    assert workflow.available(STEPS, dossier, user=officer) == []


def test_history_belongs_to_one_record(officer: User) -> None:
    first, second = DossierFactory(), DossierFactory()
    workflow.apply(WITHDRAW, first, by=officer)

    assert (len(told(first)), len(told(second))) == (1, 0)


def test_r9_of_two_people_at_once_one_wins(
    at_once: Callable[..., list[Any]], officer: User, staff: User
) -> None:
    dossier = DossierFactory()
    step = partial(workflow.apply, WITHDRAW, dossier)

    answers = at_once(*[partial(step, by=by) for by in (officer, staff) * 3])

    refused = [answer for answer in answers if isinstance(answer, TransitionError)]
    winners = [answer for answer in answers if isinstance(answer, Dossier)]
    assert (len(winners), len(refused)) == (1, 5)
    assert StatusChange.objects.values_list("source", "target").get() == ("draft", "withdrawn")


def test_c1_numbers_taken_at_once_never_repeat_and_never_skip(
    at_once: Callable[..., list[Any]],
) -> None:
    def take_five() -> list[int]:
        return [in_transaction(partial(Counter.next, "test")) for _ in range(5)]

    answers = at_once(*[take_five] * 6)

    assert sorted(number for numbers in answers for number in numbers) == list(range(1, 31))


def test_c1_number_of_a_failed_transaction_is_given_out_again(db: None) -> None:
    def fail() -> None:
        Counter.next("test")
        raise ZeroDivisionError

    first = in_transaction(partial(Counter.next, "test"))
    with pytest.raises(ZeroDivisionError):
        in_transaction(fail)

    assert (first, in_transaction(partial(Counter.next, "test"))) == (1, 2)


def in_transaction(function: Callable[[], Any]) -> Any:
    with transaction.atomic():
        return function()


@pytest.mark.django_db(transaction=True)
def test_c1_number_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        Counter.next("test")
