"""Drafting, saving, putting in force, completing: who may, when, and what becomes of the law."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.models import AdministrativeUnit, User
from ocop_portal.problems import Refused
from regulations import actions
from regulations.loading import checksum_of, load_regulations
from regulations.models import CriteriaSet, Regulation

pytestmark = pytest.mark.django_db
SPOILT = "thuc-pham-chuc-nang-thuoc-tu-duoc-lieu-thuoc-y-hoc-co-truyen"
DAY = date(2027, 1, 1)
LAST_DAY_BEFORE = date(2026, 12, 31)


@pytest.fixture
def newest(db: None) -> Regulation:
    return Regulation.objects.get(code="qd26-2026")


@pytest.fixture
def draft(newest: Regulation, administrator: User) -> Regulation:
    return actions.draft_regulation(newest, code="qd30-2027", by=administrator)


@pytest.fixture
def spoilt(regulation: Regulation) -> CriteriaSet:
    """The sheet of 2019 whose part C adds up to 38."""
    return regulation.criteria_sets.get(code=SPOILT)


def refused(call: Callable[[], Any]) -> list[str]:
    with pytest.raises(Refused) as refusal:
        call()
    return [problem.code for problem in refusal.value.problems]


def save(draft: Regulation, name: str, data: Any, by: User, checksum: str = "") -> Regulation:
    current = actions.working_document(Regulation.objects.get(pk=draft.pk), name)
    return actions.save_document(
        draft, name, data, checksum=checksum or checksum_of(current), by=by
    )


def completed(sheet: Any) -> Any:
    """The spoilt sheet with the two points that part C lacks, at one criterion."""
    sheet = deepcopy(sheet)
    section = sheet["parts"][2]["sections"][0]
    criterion = section["criteria"][0]
    best = max(criterion["options"], key=lambda option: option["points"])
    best["points"] += 2
    criterion["max_points"] = best["points"]
    section["max_points"] += 2
    return sheet


# --- Who ----------------------------------------------------------------------------------------


def test_only_system_administrators_change_the_law(
    newest: Regulation, draft: Regulation, spoilt: CriteriaSet, staff: User
) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: actions.draft_regulation(newest, code="x", by=staff),
        lambda: actions.save_document(draft, "groups", {}, checksum="", by=staff),
        lambda: actions.publish(draft, effective_from=DAY, by=staff),
        lambda: actions.discard_draft(draft, by=staff),
        lambda: actions.complete_sheet(spoilt, checksum="", by=staff),
    ]

    for call in calls:
        with pytest.raises(PermissionDenied):
            call()


# --- Drafting -----------------------------------------------------------------------------------


def test_draft_is_a_copy_under_a_code_of_its_own(newest: Regulation, draft: Regulation) -> None:
    sheet = draft.criteria_sets.get(code="do-an-nhanh")

    assert (draft.state, draft.based_on, draft.source_checksum) == ("draft", newest, "")
    assert (draft.data["code"], draft.groups["regulation_code"]) == ("qd30-2027", "qd30-2027")
    assert (sheet.data["regulation_code"], sheet.data["sheet_code"]) == (
        "qd30-2027",
        "qd30-2027-05",
    )
    assert draft.criteria_sets.count() == newest.criteria_sets.count() == 26
    assert draft.rules.sheets["do-an-nhanh"].parts == newest.rules.sheets["do-an-nhanh"].parts


def test_sheets_of_a_draft_follow_those_of_its_base(draft: Regulation) -> None:
    follows = {one.sheet: one.follows for one in draft.rules.classification.subgroups}

    assert follows == {name: (name,) for name in draft.rules.sheets}


def test_draft_of_a_regulation_that_shares_sheets_has_its_own(
    administrator: User,
) -> None:
    base = Regulation.objects.get(code="qd1489-2025")

    draft = actions.draft_regulation(base, code="thu", by=administrator)

    assert "sheets_of" not in draft.data
    assert {row.data["regulation_code"] for row in draft.criteria_sets.all()} == {"thu"}


def test_draft_takes_no_dossiers(draft: Regulation) -> None:
    assert draft not in Regulation.objects.published()
    assert draft not in Regulation.objects.in_force_on(date(2026, 11, 24))


@pytest.mark.parametrize("code", ["qd26-2026", "so-sanh"])
def test_code_must_be_free(newest: Regulation, administrator: User, code: str) -> None:
    assert refused(lambda: actions.draft_regulation(newest, code=code, by=administrator)) == [
        "code_taken"
    ]


def test_draft_is_made_of_a_published_regulation(draft: Regulation, administrator: User) -> None:
    assert refused(lambda: actions.draft_regulation(draft, code="x", by=administrator)) == [
        "base_is_draft"
    ]


def test_draft_is_thrown_away_with_its_sheets(draft: Regulation, administrator: User) -> None:
    actions.discard_draft(draft, by=administrator)

    assert not Regulation.objects.filter(code="qd30-2027").exists()
    assert not CriteriaSet.objects.filter(regulation_id=draft.pk).exists()


def test_published_regulation_is_not_thrown_away(newest: Regulation, administrator: User) -> None:
    assert refused(lambda: actions.discard_draft(newest, by=administrator)) == ["not_a_draft"]


# --- Saving -------------------------------------------------------------------------------------


def test_saved_document_renews_the_checksum(draft: Regulation, administrator: User) -> None:
    data = {**draft.data, "title": "Tên mới"}

    saved = save(draft, "regulation", data, administrator)

    assert saved.data["title"] == "Tên mới"
    assert saved.checksum != draft.checksum
    assert Regulation.objects.get(pk=draft.pk).rules.title == "Tên mới"


def test_title_follows_the_decisions(draft: Regulation, administrator: User) -> None:
    decisions = [{"number": "30/2027/QĐ-TTg", "date": "2026-12-01", "role": "ban hành"}]

    saved = save(draft, "regulation", {**draft.data, "decisions": decisions}, administrator)

    assert saved.title == "Quyết định 30/2027/QĐ-TTg"


def test_sheet_that_does_not_add_up_is_saved_and_says_so(
    draft: Regulation, administrator: User
) -> None:
    data = deepcopy(actions.working_document(draft, "do-an-nhanh"))
    data["parts"][0]["sections"][0]["criteria"][0]["options"].pop()

    save(draft, "do-an-nhanh", data, administrator)

    row = draft.criteria_sets.get(code="do-an-nhanh")
    assert row.data == data
    assert row.problems[0] == "Tiêu chí 1.1: lựa chọn cao nhất 2 điểm, phiếu ghi tối đa 3 điểm"


def test_unfinished_sheet_is_saved(draft: Regulation, administrator: User) -> None:
    data = deepcopy(actions.working_document(draft, "do-an-nhanh"))
    del data["parts"][0]["name"]

    save(draft, "do-an-nhanh", data, administrator)

    assert draft.criteria_sets.get(code="do-an-nhanh").problems == ["Phần A › Tên: chưa có"]


def test_new_weights_of_the_parts_are_held_against_every_sheet(
    draft: Regulation, administrator: User
) -> None:
    data = deepcopy(draft.data)
    data["parts"][0]["max_points"], data["parts"][2]["max_points"] = 35, 40

    save(draft, "regulation", data, administrator)

    assert draft.criteria_sets.filter(problems=[]).count() == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"max_points": "100"}, "wrong_type"),
        ({"sheet_number": 0}, "out_of_range"),
        ({"x": 1}, "unknown_property"),
        ({"regulation_code": "qd26-2026"}, "fixed_value"),
        ({"effective_from": "2020-01-01"}, "fixed_value"),
    ],
)
def test_wrong_value_is_not_saved(
    draft: Regulation, administrator: User, change: dict[str, Any], code: str
) -> None:
    before = actions.working_document(draft, "do-an-nhanh")

    assert refused(lambda: save(draft, "do-an-nhanh", {**before, **change}, administrator)) == [
        code
    ]
    assert actions.working_document(draft, "do-an-nhanh") == before


def test_second_saver_of_the_same_document_is_refused(
    draft: Regulation, administrator: User
) -> None:
    seen = checksum_of(draft.data)
    save(draft, "regulation", {**draft.data, "title": "Thứ nhất"}, administrator, seen)

    second = {**draft.data, "title": "Thứ hai"}

    assert refused(lambda: save(draft, "regulation", second, administrator, seen)) == [
        "changed_meanwhile"
    ]
    assert Regulation.objects.get(pk=draft.pk).data["title"] == "Thứ nhất"


@pytest.mark.django_db(transaction=True)
def test_of_two_savers_at_once_one_wins(newest: Regulation, administrator: User) -> None:
    draft = actions.draft_regulation(newest, code="qd30-2027", by=administrator)
    seen = checksum_of(draft.data)

    def write(title: str) -> str:
        try:
            actions.save_document(
                draft, "regulation", {**draft.data, "title": title}, checksum=seen, by=administrator
            )
            return title
        except Refused as refusal:
            return refusal.problems[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = set(pool.map(write, ["một", "hai"]))

    stored = Regulation.objects.get(pk=draft.pk).data["title"]
    assert outcomes == {stored, "changed_meanwhile"}


def test_published_document_cannot_be_saved(newest: Regulation, administrator: User) -> None:
    for name in ("regulation", "groups", "do-an-nhanh"):
        with pytest.raises(CriteriaSet.DoesNotExist):
            actions.save_document(newest, name, {}, checksum="", by=administrator)


def test_history_of_a_draft_is_kept(draft: Regulation, administrator: User) -> None:
    save(draft, "regulation", {**draft.data, "title": "Mới"}, administrator)

    events = Regulation.pgh_event_model.objects.filter(pgh_obj_id=draft.pk)  # type: ignore[attr-defined]
    assert [event.data["title"] == "Mới" for event in events.order_by("pgh_id")][-1] is True


# --- In force -----------------------------------------------------------------------------------


def test_draft_is_put_in_force_and_the_open_one_ends_the_day_before(
    draft: Regulation, newest: Regulation, administrator: User
) -> None:
    published = actions.publish(draft, effective_from=DAY, by=administrator)

    newest.refresh_from_db()
    assert (published.state, published.effective_from, published.accepts_until) == (
        "published",
        DAY,
        None,
    )
    assert (newest.accepts_until, newest.effective_to) == (LAST_DAY_BEFORE, LAST_DAY_BEFORE)
    assert (published.rules.effective_from, newest.rules.accepts_until) == (DAY, LAST_DAY_BEFORE)
    assert Regulation.objects.assignment(DAY, "first", DAY).regulation.code == "qd30-2027"
    assert (
        Regulation.objects.assignment(LAST_DAY_BEFORE, "first", LAST_DAY_BEFORE).regulation.code
        == "qd26-2026"
    )


def test_sheets_carry_the_day_too(draft: Regulation, administrator: User) -> None:
    published = actions.publish(draft, effective_from=DAY, by=administrator)

    assert {row.data["effective_from"] for row in published.criteria_sets.all()} == {"2027-01-01"}


def test_published_draft_is_not_touched_by_loading_the_files(
    draft: Regulation, newest: Regulation, administrator: User
) -> None:
    actions.publish(draft, effective_from=DAY, by=administrator)

    load_regulations()

    newest.refresh_from_db()
    assert newest.accepts_until == LAST_DAY_BEFORE
    assert Regulation.objects.get(code="qd30-2027").state == "published"


@pytest.mark.parametrize("day", [date(2026, 5, 22), date(2026, 5, 1), date(2022, 1, 1)])
def test_days_of_two_regulations_may_not_overlap(
    draft: Regulation, administrator: User, day: date
) -> None:
    found = refused(lambda: actions.publish(draft, effective_from=day, by=administrator))

    assert set(found) == {"dates_overlap"}
    assert Regulation.objects.get(pk=draft.pk).is_draft


def test_overlap_is_said_in_vietnamese(draft: Regulation, administrator: User) -> None:
    with pytest.raises(Refused) as refusal:
        actions.publish(draft, effective_from=date(2026, 5, 1), by=administrator)

    assert [problem.message for problem in refusal.value.problems] == [
        "qd1489-2025 và qd30-2027: cùng nhận hồ sơ từ ngày 01/05/2026.",
        "qd30-2027 và qd26-2026: cùng nhận hồ sơ từ ngày 22/05/2026.",
    ]


@pytest.mark.parametrize(
    ("received_on", "codes"), [(DAY, ["dossiers_received_later"]), (LAST_DAY_BEFORE, [])]
)
def test_dossier_that_was_received_keeps_its_regulation(
    draft: Regulation,
    newest: Regulation,
    administrator: User,
    unit: Callable[[str], AdministrativeUnit],
    received_on: date,
    codes: list[str],
) -> None:
    sheet = newest.criteria_sets.get(code="do-an-nhanh")
    product = sheet.products.create(name="Sản phẩm mẫu", unit=unit("017"))
    sheet.dossiers.create(
        product=product,
        regulation=newest,
        year=2026,
        tier="city",
        received_number="1/2026",
        received_on=received_on,
    )

    def put_in_force() -> Any:
        return actions.publish(draft, effective_from=DAY, by=administrator)

    if codes:
        assert refused(put_in_force) == codes
    else:
        assert not put_in_force().is_draft


def test_unfinished_draft_is_not_put_in_force(draft: Regulation, administrator: User) -> None:
    data = {key: value for key, value in draft.data.items() if key != "certificate"}
    save(draft, "regulation", data, administrator)

    assert refused(lambda: actions.publish(draft, effective_from=DAY, by=administrator)) == [
        "value_missing"
    ]


def test_sheet_that_does_not_add_up_does_not_stop_the_regulation(
    regulation: Regulation, administrator: User
) -> None:
    draft = actions.draft_regulation(regulation, code="thu", by=administrator)

    published = actions.publish(draft, effective_from=DAY, by=administrator)

    assert [row.code for row in published.criteria_sets.all() if not row.is_usable] == [SPOILT]


def test_regulation_is_put_in_force_once(draft: Regulation, administrator: User) -> None:
    actions.publish(draft, effective_from=DAY, by=administrator)

    assert refused(lambda: actions.publish(draft, effective_from=DAY, by=administrator)) == [
        "not_a_draft"
    ]


# --- Completing a sheet ---------------------------------------------------------------------------


def test_correction_leaves_the_sheet_until_it_is_put_into_use(
    spoilt: CriteriaSet, administrator: User
) -> None:
    before = spoilt.data

    save(spoilt.regulation, SPOILT, completed(before), administrator)

    spoilt.refresh_from_db()
    assert spoilt.data == before
    assert spoilt.draft == completed(before)
    assert not spoilt.is_usable


def test_completed_sheet_is_used_and_loading_does_not_undo_it(
    spoilt: CriteriaSet, administrator: User
) -> None:
    old = Regulation.objects.get(pk=spoilt.regulation_id)
    save(spoilt.regulation, SPOILT, completed(spoilt.data), administrator)
    spoilt.refresh_from_db()

    done = actions.complete_sheet(spoilt, checksum=checksum_of(spoilt.draft), by=administrator)
    load_regulations()

    done = CriteriaSet.objects.select_related("regulation").get(pk=done.pk)
    assert (done.is_usable, done.draft) == (True, None)
    assert done.sheet.usable
    assert done.regulation.checksum != old.checksum
    assert done.regulation.source_checksum == old.source_checksum


def test_correction_that_does_not_add_up_is_refused(
    spoilt: CriteriaSet, administrator: User
) -> None:
    save(spoilt.regulation, SPOILT, {**spoilt.data, "issues": []}, administrator)
    spoilt.refresh_from_db()

    assert refused(
        lambda: actions.complete_sheet(spoilt, checksum=checksum_of(spoilt.draft), by=administrator)
    ) == ["part_sum_differs", "sheet_sum_differs"]


def test_correction_that_changed_meanwhile_is_not_put_into_use(
    spoilt: CriteriaSet, administrator: User
) -> None:
    save(spoilt.regulation, SPOILT, completed(spoilt.data), administrator)

    assert refused(
        lambda: actions.complete_sheet(spoilt, checksum="another", by=administrator)
    ) == ["changed_meanwhile"]


@pytest.mark.parametrize("code", ["do-an-nhanh", SPOILT])
def test_without_a_correction_there_is_nothing_to_complete(
    regulation: Regulation, administrator: User, code: str
) -> None:
    row = regulation.criteria_sets.get(code=code)

    assert refused(lambda: actions.complete_sheet(row, checksum="", by=administrator)) == [
        "nothing_to_complete"
    ]
