"""The page of the way to the next star: what it starts from, what it tells, who may open it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from products import official_results
from products.actions import self_score as actions
from products.ladder_page import ladder_page
from products.models import Dossier
from products.official_results import OfficialResult
from products.tests.factories import DocumentFactory, DossierFactory
from products.tests.test_self_score import best, of_2026
from regulations.guidance import guidance_for, slots_for
from regulations.models import CriteriaSet, Regulation
from regulations.rules import DossierKind


def lowered(dossier: Dossier, *codes: str) -> dict[str, int | None]:
    """The best sheet, with nothing reached in some criteria."""
    return {**best(dossier.criteria_set.sheet), **dict.fromkeys(codes)}


def test_steps_of_a_sheet_of_2026_are_the_marked_minimum_and_what_brings_most(
    officer: User,
) -> None:
    dossier = of_2026()
    sheet = dossier.criteria_set.sheet
    # 100 points without 1.1 and 11 (Cơ hội thị trường toàn cầu): the points are enough for 4 stars.
    actions.choose_options(dossier, lowered(dossier, "1.1", "11"), by=officer)
    lost = sheet.criterion("1.1").best_points + sheet.criterion("11").best_points

    page = ladder_page(dossier, user=officer)

    assert page.is_self_score
    assert page.open_count == 0
    assert page.ladder.rating.mean == 100 - lost
    stars = {each.stars for each in page.ladder.rating.missing_minimums}
    assert page.ladder.advice.now == min(stars) - 1 < page.ladder.rating.band_stars
    codes = [step.climb.code for step in page.steps]
    minimums = {each.criterion for each in page.ladder.rating.missing_minimums}
    assert set(codes) <= minimums
    assert all(step.climb.is_minimum for step in page.steps)


def test_evidence_is_named_with_whether_the_dossier_has_it(officer: User) -> None:
    dossier = DossierFactory(created_by=officer)
    actions.choose_options(dossier, lowered(dossier, "1.1", "1.5", "3.5", "10"), by=officer)
    paper = DocumentFactory(dossier=dossier, slot="material_origin", uploaded_by=officer)
    actions.name_evidence(dossier, "1.1", add=[paper.pk], by=officer)

    page = ladder_page(dossier, user=officer)

    steps = {step.climb.code: step for step in (*page.steps, *page.others)}
    assert [(p.code, p.has_it) for p in steps["1.1"].proofs] == [("material_origin", True)]
    assert [(p.code, p.has_it) for p in steps["3.5"].proofs] == [("accounting", False)]
    assert steps["1.1"].named == (paper,)
    assert any("Hợp đồng và hóa đơn" in text for text in steps["1.1"].guidance)


def test_minimums_of_781_are_for_the_council_to_judge(officer: User) -> None:
    dossier = DossierFactory(created_by=officer)
    actions.choose_options(dossier, lowered(dossier, "1.1", "1.5", "10"), by=officer)

    page = ladder_page(dossier, user=officer)

    assert [each.stars for each in page.ladder.advice.requirements]
    assert page.ladder.unmet_minimums == ()


def test_without_any_score_the_page_leads_to_the_sheet(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    dossier = DossierFactory(created_by=officer)

    page = client_of(officer).get(reverse("products:ladder", args=[dossier.pk])).content.decode()

    assert "Chưa có điểm để tính" in page
    assert reverse("products:self_score", args=[dossier.pk]) in page


def test_open_criteria_count_as_nothing_and_the_page_says_so(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    dossier = DossierFactory(created_by=officer)
    actions.choose_options(dossier, {"1.1": 2}, by=officer)
    count = len(dossier.criteria_set.sheet.by_code)

    page = client_of(officer).get(reverse("products:ladder", args=[dossier.pk])).content.decode()

    assert f"Còn {count - 1} tiêu chí chưa tự chấm" in page
    assert "còn thiếu 27 điểm để đến hạng 2 sao (từ 30 điểm)" in page


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app to the right knows a result of which only the figures were recorded."""

    def provide(user: Any, dossier: Dossier) -> OfficialResult:
        sheet = dossier.criteria_set
        return OfficialResult("Kết quả đã ghi", date(2021, 11, 1), Decimal("67.5"), 3, sheet)

    monkeypatch.setattr(official_results, "_providers", [provide])


def test_recorded_result_gives_the_gap_and_the_own_sheet_the_steps(
    officer: User, recorded: None, client_of: Callable[[User], Client]
) -> None:
    dossier = DossierFactory(created_by=officer)
    url = reverse("products:ladder", args=[dossier.pk])
    without = client_of(officer).get(url).content.decode()
    actions.choose_options(dossier, lowered(dossier, "1.1"), by=officer)
    page = client_of(officer).get(url).content.decode()

    for html in (without, page):
        assert "còn thiếu 2,50 điểm để đến hạng 4 sao" in html
    assert "Chưa có điểm để tính" not in without
    assert "các bước dưới đây tính từ bản tự chấm" in page


def test_ladder_takes_few_queries_however_many_files(
    officer: User,
    client_of: Callable[[User], Client],
    django_assert_max_num_queries: Callable,
) -> None:
    dossier = DossierFactory(created_by=officer, complete=True)
    client, url = client_of(officer), reverse("products:ladder", args=[dossier.pk])
    actions.choose_options(dossier, dict.fromkeys(best(dossier.criteria_set.sheet)), by=officer)
    client.get(url)
    for code in best(dossier.criteria_set.sheet):
        paper = DocumentFactory(dossier=dossier, slot="awards", uploaded_by=officer)
        actions.name_evidence(dossier, code, add=[paper.pk], by=officer)

    with django_assert_max_num_queries(15):
        client.get(url)


@pytest.mark.parametrize("code", ["qd1048-2019", "qd148-2023", "qd26-2026"])
def test_named_documents_are_of_the_regulations_own_list(code: str, db: None) -> None:
    regulation = Regulation.objects.get(code=code).rules
    listed = {slot.code for slot in regulation.documents}
    for sheet in regulation.sheets.values():
        named = [slots_for(regulation, c, DossierKind.FIRST) for _, c in sheet.criteria]
        assert {slot.code for slots in named for slot in slots} <= listed
        # Only some criteria of services and of craft have no document of their own.
        if "du-lich" not in sheet.name:
            assert sum(not slots for slots in named) <= 4, sheet.name


def test_guide_speaks_of_the_option_and_only_where_there_is_one(db: None) -> None:
    old = CriteriaSet.objects.get(regulation__code="qd1048-2019", code="do-an-nhanh")
    new = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
    criterion = old.sheet.criterion("1.3")

    small, large = (
        guidance_for(old.regulation.rules, criterion, criterion.options[n].label) for n in (0, 3)
    )

    assert small != large
    assert "xuất khẩu" in large[0]
    assert guidance_for(new.regulation.rules, new.sheet.criterion("1.1"), "x") == ()
