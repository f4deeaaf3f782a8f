"""Conflicts of interest: declared before the sheet opens, found by the portal, lifted openly."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.models import Agency, User
from councils import actions
from councils.actions import Declared
from councils.conflicts import found_in
from councils.models import AgendaItem, ConflictDeclaration, Council, CouncilMember, Session
from councils.panels import contribute
from ocop_portal.problems import Refused
from products.models import Dossier
from products.tests.factories import DossierFactory

NO = Declared(conflicted=False)


@pytest.fixture
def planned(council: Council, officer: User, secretary: User) -> Session:
    """Three products on the agenda of Đông Anh's council."""
    session = actions.create_session(
        council, by=secretary, title="Phiên mẫu", round=1, held_on=date(2021, 10, 1)
    )
    dossiers = [
        DossierFactory(
            created_by=officer,
            complete=True,
            state=Dossier.State.ACCEPTED,
            received_number=f"{n}/2021",
            received_on=date(2021, 9, 1),
        )
        for n in range(3)
    ]
    actions.add_to_agenda(session, dossiers, by=secretary)
    return session


@pytest.fixture
def items(planned: Session) -> list[AgendaItem]:
    return list(planned.agenda.select_related("dossier__product__producer"))


def seat(session: Session, user: User) -> CouncilMember:
    return session.council.members.get(user=user)


# --- What the portal sees -------------------------------------------------------------------------


def test_s5_nothing_is_found_between_strangers(planned: Session, members: list[User]) -> None:
    assert found_in(planned, seat(planned, members[0])) == {}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("name", "Họ tên của bạn trùng với người đại diện"),
        ("mail", "Thư điện tử của bạn trùng"),
        ("account", "Bạn có tài khoản của chủ thể"),
        ("agency", "Cơ quan của bạn trùng tên"),
        ("author", "Bạn là người lập hồ sơ"),
    ],
)
def test_s5_what_may_be_a_conflict_is_found(
    planned: Session, items: list[AgendaItem], members: list[User], change: str, words: str
) -> None:
    user, dossier = members[0], items[1].dossier
    producer = dossier.product.producer
    if change == "name":
        # Another spelling of the marks, other capitals: the same person.
        user.full_name, producer.representative = "Nguyễn Văn Hoà (mẫu)", "NGUYỄN VĂN HÒA (mẫu)"
    elif change == "mail":
        producer.email = user.email.upper()
    elif change == "account":
        producer.accounts.add(user)
    elif change == "agency":
        user.agency = Agency.objects.create(name=producer.name, unit=user.unit)
    else:
        dossier.created_by = user
        dossier.save()
    producer.save()
    user.save()

    assert list(found_in(planned, seat(planned, user))) == [items[1].pk]
    assert words in found_in(planned, seat(planned, user))[items[1].pk]


# --- Declaring ------------------------------------------------------------------------------------


def test_s5_a_conflict_needs_a_reason_and_so_does_denying_what_was_found(
    planned: Session, items: list[AgendaItem], members: list[User]
) -> None:
    items[1].dossier.product.producer.accounts.add(members[0])

    for said in (Declared(conflicted=True), NO):
        with pytest.raises(Refused) as refusal:
            actions.declare_conflicts(planned, {items[1].pk: said}, by=members[0])
        assert [problem.code for problem in refusal.value.problems] == ["no_reason"]
    actions.declare_conflicts(planned, {items[0].pk: NO}, by=members[0])
    actions.declare_conflicts(
        planned, {items[1].pk: Declared(conflicted=False, reason="Đã thôi từ 2019")}, by=members[0]
    )

    row = ConflictDeclaration.objects.get(item=items[1])
    assert (row.conflicted, row.found) == (False, "Bạn có tài khoản của chủ thể này.")
    assert list(ConflictDeclaration.objects.worth_knowing(planned)) == [row]


def test_s5_the_same_said_twice_changes_nothing(
    planned: Session, items: list[AgendaItem], members: list[User]
) -> None:
    said = {item.pk: NO for item in items}

    assert actions.declare_conflicts(planned, said, by=members[0]) == 3
    assert actions.declare_conflicts(planned, said, by=members[0]) == 0


def test_s5_a_member_does_not_take_a_recusal_back_the_secretary_may_with_a_reason(
    planned: Session, items: list[AgendaItem], members: list[User], secretary: User
) -> None:
    own = {items[0].pk: Declared(conflicted=True, reason="Em ruột là giám đốc")}
    actions.declare_conflicts(planned, own, by=members[0])

    with pytest.raises(Refused, match="đề nghị thư ký"):
        actions.declare_conflicts(planned, {items[0].pk: NO}, by=members[0])
    row = ConflictDeclaration.objects.get()
    with pytest.raises(Refused, match="lý do"):
        actions.lift_recusal(row, reason="", by=secretary)
    with pytest.raises(PermissionDenied):
        actions.lift_recusal(row, reason="Được mà", by=members[1])
    actions.lift_recusal(row, reason="Khai nhầm sản phẩm", by=secretary)

    row.refresh_from_db()
    assert (row.conflicted, row.by) == (False, secretary)
    assert "Em ruột là giám đốc" in row.reason
    assert "Thư ký ghi: Khai nhầm sản phẩm" in row.reason
    assert row.events.count() >= 1


@pytest.mark.parametrize("who", ["secretary", "officer", "staff"])
def test_s5_only_voting_members_declare(
    planned: Session, items: list[AgendaItem], who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(PermissionDenied):
        actions.declare_conflicts(planned, {items[0].pk: NO}, by=request.getfixturevalue(who))


def test_products_of_another_session_are_left_alone(
    planned: Session, members: list[User], council: Council, secretary: User
) -> None:
    other = actions.create_session(
        council, by=secretary, title="Khác", round=1, held_on=date(2021, 11, 1)
    )
    foreign = AgendaItem.objects.create(
        session=other, dossier=DossierFactory(created_by=secretary), position=1
    )

    assert actions.declare_conflicts(planned, {foreign.pk: NO}, by=members[0]) == 0


# --- The page -------------------------------------------------------------------------------------


def test_one_button_answers_for_all_where_nothing_was_found(
    planned: Session,
    items: list[AgendaItem],
    members: list[User],
    client_of: Callable[[User], Client],
) -> None:
    items[2].dossier.product.producer.accounts.add(members[0])
    url = reverse("councils:session_conflicts", args=[planned.pk])
    answers = {
        f"conflict-{items[0].pk}": "yes",
        f"reason-{items[0].pk}": "Có góp vốn",
        "rest": "",
    }

    answer = client_of(members[0]).post(url, answers, follow=True)

    said = dict(ConflictDeclaration.objects.values_list("item", "conflicted"))
    assert said == {items[0].pk: True, items[1].pk: False}
    assert "Còn 1 sản phẩm chưa khai báo." in answer.content.decode()


def test_what_was_typed_stays_where_a_reason_is_missing(
    planned: Session,
    items: list[AgendaItem],
    members: list[User],
    client_of: Callable[[User], Client],
) -> None:
    answer = client_of(members[0]).post(
        reverse("councils:session_conflicts", args=[planned.pk]),
        {f"conflict-{items[0].pk}": "yes", f"conflict-{items[1].pk}": "no"},
    )

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "hãy ghi vì sao có xung đột lợi ích" in page
    assert f'id="yes-{items[0].pk}" value="yes" checked' in page
    assert not ConflictDeclaration.objects.exists()


def test_home_page_names_sessions_without_a_declaration(
    planned: Session, items: list[AgendaItem], members: list[User]
) -> None:
    def titles() -> list[str]:
        return [panel.title for panel in contribute(members[0]).panels]

    assert "Chưa khai báo xung đột lợi ích" in titles()
    actions.declare_conflicts(planned, {item.pk: NO for item in items}, by=members[0])
    assert "Chưa khai báo xung đột lợi ích" not in titles()


def test_secretary_sees_recusals_and_lifts_one(
    planned: Session,
    items: list[AgendaItem],
    members: list[User],
    secretary: User,
    client_of: Callable[[User], Client],
) -> None:
    actions.declare_conflicts(
        planned, {items[0].pk: Declared(conflicted=True, reason="Em ruột")}, by=members[0]
    )
    client = client_of(secretary)

    page = client.get(planned.get_absolute_url()).content.decode()
    member_page = client_of(members[1]).get(planned.get_absolute_url()).content.decode()
    row = ConflictDeclaration.objects.get()
    client.post(reverse("councils:recusal_lift", args=[row.pk]), {"reason": "Khai nhầm"})

    assert "Em ruột" in page
    assert "Em ruột" not in member_page
    row.refresh_from_db()
    assert not row.conflicted
