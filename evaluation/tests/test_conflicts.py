"""S5: a recused member sees and scores nothing, and counts neither for the mean nor the quorum."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from councils import actions as councils
from councils.actions import Declared
from councils.models import ConflictDeclaration, Session
from evaluation.actions import results, scoring
from evaluation.models import Assessment
from evaluation.tests.conftest import fill, score, sheet_of
from ocop_portal.problems import Refused


def recuse(assessment: Assessment, user: User) -> None:
    councils.declare_conflicts(
        assessment.item.session,
        {assessment.item_id: Declared(conflicted=True, reason="Có góp vốn")},
        by=user,
    )


def test_s5_no_sheet_before_the_declaration(
    assessment: Assessment, members: list[User], client_of: Callable[[User], Client]
) -> None:
    ConflictDeclaration.objects.all().delete()
    sheet = sheet_of(assessment, members[0])
    client = client_of(members[0])

    page = client.get(sheet.get_absolute_url())
    document = assessment.item.dossier.documents.first()
    file = client.get(reverse("evaluation:sheet_document", args=[sheet.pk, document.pk]))
    with pytest.raises(Refused, match="khai báo xung đột"):
        scoring.choose_option(sheet, "A.1.1.1", 0, by=members[0])

    declare = reverse("councils:session_conflicts", args=[assessment.item.session_id])
    assert page.headers["Location"] == f"{declare}#muc-{assessment.item_id}"
    assert file.status_code == 409
    assert declare in client.get(reverse("evaluation:my_sheets")).content.decode()


def test_s5_recused_member_neither_sees_nor_scores(
    assessment: Assessment, members: list[User], client_of: Callable[[User], Client]
) -> None:
    sheet = sheet_of(assessment, members[0])
    recuse(assessment, members[0])
    client = client_of(members[0])

    assert client.get(sheet.get_absolute_url()).status_code == 404
    product = assessment.item.dossier.product.name
    assert product not in client.get(reverse("evaluation:my_sheets")).content.decode()
    with pytest.raises(Refused, match="từ chối chấm"):
        scoring.choose_option(sheet, "A.1.1.1", 0, by=members[0])


def test_s5_recused_member_does_not_count_even_when_already_signed(
    session: Session, assessment: Assessment, members: list[User], secretary: User
) -> None:
    score(assessment, members, [60, 62, 70])
    recuse(assessment, members[2])

    result = results.conclude(assessment, results.Findings(), by=secretary)
    results.close_session(session, by=secretary)

    assert str(result.mean) == "61"
    assert not sheet_of(assessment, members[2]).is_counted


def test_s5_nobody_waits_for_a_recused_member(
    assessment: Assessment,
    members: list[User],
    secretary: User,
    client_of: Callable[[User], Client],
) -> None:
    score(assessment, members[:2], [60, 61])
    recuse(assessment, members[2])

    board = client_of(secretary).get(
        reverse("evaluation:session_board", args=[assessment.item.session_id])
    )

    (row,) = board.context["assessments"]
    assert (row.signed_count, row.sheet_count, row.is_ready) == (2, 2, True)
    assert "Có góp vốn" in board.content.decode()
    assert results.conclude(assessment, results.Findings(), by=secretary).mean == 60.5


def test_s5_lifted_recusal_lets_the_member_score(
    assessment: Assessment, members: list[User], secretary: User
) -> None:
    recuse(assessment, members[0])
    row = ConflictDeclaration.objects.get(member__user=members[0])
    councils.lift_recusal(row, reason="Khai nhầm", by=secretary)

    fill(sheet_of(assessment, members[0]), 60, by=members[0])

    assert sheet_of(assessment, members[0]).total == 60


def test_s5_declaration_holds_for_the_next_attempt(
    assessment: Assessment, members: list[User], secretary: User
) -> None:
    recuse(assessment, members[2])
    score(assessment, members[:2], [50, 70])
    again = results.score_again(assessment, reason="Chênh quá 10 điểm", by=secretary)

    score(again, members[:2], [60, 62])

    assert results.conclude(again, results.Findings(), by=secretary).mean == 61
