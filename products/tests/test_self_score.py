"""The producer's own score: what is saved, what is refused, what moves with a dossier."""

import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from ocop_portal.problems import Refused
from products.actions import dossiers, handover
from products.actions import self_score as actions
from products.actions.regulation import change_regulation, sheet_under
from products.models import Dossier, Producer, SelfChoice, SelfScore
from products.self_score import page_of, points_of
from products.tests.factories import (
    DocumentFactory,
    DossierFactory,
    ProducerFactory,
    ProductFactory,
    unit_2021,
)
from regulations.models import CriteriaSet
from regulations.sheets import Sheet

HTMX = {"HX-Request": "true"}


@pytest.fixture
def producer(db: None) -> Producer:
    return ProducerFactory(unit=unit_2021("00523"))


@pytest.fixture
def account(person: Callable[..., User], producer: Producer) -> User:
    user = person("account", Role.PRODUCER, unit_code="00523")
    producer.accounts.add(user)
    return user


@pytest.fixture
def own(producer: Producer, account: User) -> Dossier:
    """A dossier of 2021 that the producer's account is writing."""
    product = ProductFactory(producer=producer)
    return DossierFactory(product=product, created_by=account, with_producer=True, complete=True)


def of_2026(**fields: Any) -> Dossier:
    sheet = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
    return DossierFactory(product__criteria_set=sheet, tier="city", year=2026, **fields)


def best(sheet: Sheet) -> dict[str, int | None]:
    """The highest option of every criterion, where there are kinds of producer of the first."""
    return {
        code: max(
            (n for n, o in enumerate(c.options) if o.case == c.options[0].case),
            key=lambda n: c.options[n].points,
        )
        for code, c in sheet.by_code.items()
    }


def save(client: Client, dossier: Dossier, data: dict[str, Any], **headers: str) -> Any:
    url = reverse("products:self_score_save", args=[dossier.pk])
    return client.post(url, data, headers=headers)


def test_choices_make_the_total_of_the_dossier(own: Dossier, account: User) -> None:
    # 1.1 Nguồn nguyên liệu: 1, 2, 3 points; 1.5 Bảo vệ môi trường: 1 to 5 points.
    actions.choose_options(own, {"1.1": 2, "1.5": 4}, by=account)
    score = actions.choose_options(own, {"1.1": 0}, by=account)

    own.refresh_from_db()
    assert (score.total, own.self_score, points_of(own)) == (6, 6, {"1.1": 1, "1.5": 5})


@pytest.mark.parametrize("code", ["qd1048-2019", "qd26-2026"])
def test_best_options_of_a_whole_sheet_are_100_points(code: str, officer: User) -> None:
    sheet = CriteriaSet.objects.get(regulation__code=code, code="do-an-nhanh")
    dossier = DossierFactory(product__criteria_set=sheet)

    score = actions.choose_options(dossier, best(sheet.sheet), by=officer)

    page = page_of(dossier, score)
    assert (score.total, page.sheet_page.open_count) == (100, 0)
    assert [part.points for part in page.sheet_page.parts] == [
        part.max_points for part in sheet.sheet.parts
    ]
    assert page.standing.ladder.rating.stars == 5
    assert page.standing.unmet == ()


def test_a_minimum_that_is_missed_is_told_beside_the_points(officer: User) -> None:
    dossier = of_2026()
    sheet = dossier.criteria_set.sheet
    marked = next(c for c in sheet.by_code.values() if c.marked_stars)
    lowest = min(range(len(marked.options)), key=lambda n: marked.options[n].points)
    chosen = {**best(sheet), marked.code: lowest}

    score = actions.choose_options(dossier, chosen, by=officer)

    standing = page_of(dossier, score).standing
    assert standing.ladder.rating.band_stars > standing.ladder.rating.stars
    assert {code for _star, codes in standing.unmet for code in codes.split(", ")} == {marked.code}


def test_nothing_reached_is_an_answer_and_an_open_criterion_is_none(
    own: Dossier, account: User, client_of: Callable[[User], Client]
) -> None:
    actions.choose_options(own, {"1.1": None}, by=account)

    page = client_of(account).get(reverse("products:self_score", args=[own.pk]))
    own.refresh_from_db()
    assert (own.self_score, points_of(own)) == (0, {"1.1": 0})
    shown = page.context["page"].sheet_page
    assert (shown.answered_count, shown.open_count) == (1, shown.criterion_count - 1)
    html = page.content.decode()
    assert html.count("Chưa chấm\n") == shown.open_count
    assert "0/3" in html


def test_a_remark_alone_is_no_answer(own: Dossier, account: User) -> None:
    actions.write_remark(own, "1.1", "Nguyên liệu của xã", by=account)

    own.refresh_from_db()
    assert (own.self_score, points_of(own)) == (None, {})
    assert SelfChoice.objects.get().remark == "Nguyên liệu của xã"


def test_what_the_sheet_does_not_have_is_refused(own: Dossier, account: User) -> None:
    with pytest.raises(Refused, match="không có tiêu chí"):
        actions.choose_options(own, {"99": 0}, by=account)
    with pytest.raises(Refused, match="không có lựa chọn này"):
        actions.choose_options(own, {"1.1": 9}, by=account)
    with pytest.raises(Refused, match="không có tiêu chí"):
        actions.write_remark(own, "99", "x", by=account)

    assert SelfChoice.objects.count() == 0


def test_only_who_holds_the_pen_scores(
    own: Dossier, account: User, officer: User, other_officer: User, leader: User
) -> None:
    with pytest.raises(Refused, match="Chủ thể đang soạn"):
        actions.choose_options(own, {"1.1": 0}, by=officer)
    for stranger in (other_officer, leader):
        with pytest.raises(PermissionDenied):
            actions.choose_options(own, {"1.1": 0}, by=stranger)

    handover.hand_over(own, by=account)

    with pytest.raises(Refused, match="đề nghị cán bộ chuyển lại"):
        actions.choose_options(own, {"1.1": 0}, by=account)
    actions.choose_options(own, {"1.1": 0}, by=officer)


def test_after_submission_it_is_frozen_with_its_history(
    own: Dossier, account: User, officer: User, client_of: Callable[[User], Client]
) -> None:
    actions.choose_options(own, {"1.1": 2}, by=account)
    actions.choose_options(own, {"1.1": 1}, by=account)
    dossiers.submit_dossier(handover.hand_over(own, by=account), by=officer)

    with pytest.raises(Refused, match="không sửa được"):
        actions.choose_options(own, {"1.1": 0}, by=officer)
    page = client_of(officer).get(reverse("products:self_score", args=[own.pk]))
    assert page.context["may_edit"] is False
    assert [event.points for event in page.context["changes"]] == [2, 3]
    assert "không sửa được nữa" in page.content.decode()
    assert "scoring.js" not in page.content.decode()


def test_somebody_elses_choice_is_not_replaced_unseen(own: Dossier, account: User) -> None:
    actions.choose_options(own, {"1.1": 2}, by=account, seen={"1.1": [""]})

    with pytest.raises(actions.SelfScoreConflict, match=r"đang là .*3 điểm"):
        actions.choose_options(
            own, {"1.1": 0, "1.2": 1}, by=account, seen={"1.1": [""], "1.2": [""]}
        )

    # The other criterion is saved all the same.
    assert points_of(own) == {"1.1": 3, "1.2": 2}
    actions.choose_options(own, {"1.1": 0}, by=account, seen={"1.1": ["2"]})
    assert points_of(own)["1.1"] == 1


def test_remarks_are_not_replaced_unseen(own: Dossier, account: User) -> None:
    actions.write_remark(own, "1.1", "Một", by=account, seen="")

    with pytest.raises(actions.SelfScoreConflict, match="Một"):
        actions.write_remark(own, "1.1", "Hai", by=account, seen="")

    actions.write_remark(own, "1.1", "Hai", by=account, seen="Một")
    assert SelfChoice.objects.get().remark == "Hai"


def test_evidence_of_two_people_adds_up(own: Dossier, account: User) -> None:
    one, two, three = own.documents.all()[:3]
    actions.name_evidence(own, "1.1", add=[one.pk], by=account)
    actions.name_evidence(own, "1.1", add=[one.pk, two.pk], by=account)
    choice = actions.name_evidence(own, "1.1", add=[three.pk], remove=[two.pk], by=account)

    assert set(choice.documents.all()) == {one, three}
    events = apps.get_model("products", "SelfEvidenceEvent").objects.order_by("pgh_id")
    assert [e.pgh_label for e in events] == ["insert", "insert", "delete", "insert"]


def test_evidence_is_of_the_same_dossier_and_not_removed(own: Dossier, account: User) -> None:
    foreign, gone = DocumentFactory(uploaded_by=account), own.documents.first()
    dossiers.remove_document(gone, by=account)

    for document in (foreign, gone):
        with pytest.raises(Refused, match="không còn trong hồ sơ"):
            actions.name_evidence(own, "1.1", add=[document.pk], by=account)


def test_a_newer_version_stands_for_the_named_document(own: Dossier, account: User) -> None:
    first, other = own.documents.all()[:2]
    actions.name_evidence(own, "1.1", add=[first.pk, other.pk], by=account)
    newer = DocumentFactory(dossier=own, slot=first.slot, uploaded_by=account)
    first.replaced_by = newer
    first.save()
    dossiers.remove_document(other, by=account)

    page = page_of(own, SelfScore.objects.of_now(own))

    shown = [(one.document, one.is_gone) for one in page.lines["1.1"].evidence]
    assert shown == [(newer, False), (other, True)]


def test_another_regulation_keeps_the_old_sheet_and_asks_again(
    staff: User, client_of: Callable[[User], Client]
) -> None:
    dossier = DossierFactory()
    actions.choose_options(dossier, {"1.1": 2, "1.2": 2}, by=staff)
    old = SelfScore.objects.get()
    newer = sheet_under(dossier.criteria_set, "qd26-2026")

    moved = change_regulation(dossier, criteria_set=newer, reason="Theo đề nghị", by=staff)

    assert (moved.self_score, points_of(moved)) == (None, {})
    client, url = client_of(staff), reverse("products:self_score", args=[dossier.pk])
    page = client.get(url).content.decode()
    assert "Cần tự chấm lại." in page
    kept = client.get(url, {"phieu": old.pk})
    assert kept.context["page"].sheet_page.total == 6
    assert kept.context["may_edit"] is False
    # Back under the old regulation, what was scored there counts again.
    back = change_regulation(
        Dossier.objects.get(pk=dossier.pk), criteria_set=old.criteria_set, reason="Lại", by=staff
    )
    assert back.self_score == 6


@pytest.mark.parametrize("asked", ["x", "999999"])
def test_no_other_self_score_is_shown(
    asked: str, own: Dossier, account: User, client_of: Callable[[User], Client]
) -> None:
    url = reverse("products:self_score", args=[own.pk])

    assert client_of(account).get(url, {"phieu": asked}).status_code == 404


def test_self_score_of_another_dossier_is_not_shown(
    own: Dossier, account: User, officer: User, client_of: Callable[[User], Client]
) -> None:
    foreign = of_2026()
    score = actions.choose_options(foreign, {"1.1": 0}, by=officer)
    url = reverse("products:self_score", args=[own.pk])

    assert client_of(account).get(url, {"phieu": score.pk}).status_code == 404


def test_the_form_of_the_dossier_leaves_a_computed_total_alone(
    officer: User, client_of: Callable[[User], Client]
) -> None:
    dossier = DossierFactory(created_by=officer)
    actions.choose_options(dossier, {"1.1": 2}, by=officer)
    client, url = client_of(officer), reverse("products:dossier_edit", args=[dossier.pk])
    assert "self_score" not in client.get(url).context["form"].fields

    client.post(
        url,
        {
            "criteria_set": dossier.criteria_set_id,
            "kind": "first",
            "year": "2021",
            "filed_on": "16/08/2021",
            "self_score": "99",
            "note": "mới",
            "version": dossier.version,
        },
    )

    dossier.refresh_from_db()
    assert (dossier.note, dossier.self_score) == ("mới", 3)


# The pages


def test_a_tap_answers_with_totals_alone(
    own: Dossier, account: User, client_of: Callable[[User], Client]
) -> None:
    answer = save(client_of(account), own, {"option-1.1": "2", "seen-1.1": ""}, **HTMX)

    html = answer.content.decode()
    assert answer.status_code == 200
    assert 'data-version="1"' in html
    assert '<strong id="diem-phan-A" hx-swap-oob="true">3</strong>' in html
    assert 'id="standing" hx-swap-oob="true"' in html
    assert "<html" not in html


def test_a_tap_on_what_was_changed_elsewhere_shows_what_stands(
    own: Dossier, account: User, client_of: Callable[[User], Client]
) -> None:
    actions.choose_options(own, {"1.1": 2}, by=account)

    answer = save(client_of(account), own, {"option-1.1": "0", "seen-1.1": ""}, **HTMX)

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "đã đổi ở cửa sổ hoặc thiết bị khác" in html
    assert 'name="seen-1.1" value="2"' in html
    assert points_of(own) == {"1.1": 3}


def test_whole_sheet_is_saved_without_script(
    own: Dossier, account: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(account)
    codes = own.criteria_set.sheet.by_code
    data = {f"option-{code}": "0" for code in codes} | {f"seen-{code}": "" for code in codes}
    first_option = sum(criterion.options[0].points for criterion in codes.values())

    answer = save(client, own, data)

    assert answer.url == reverse("products:self_score", args=[own.pk])
    assert "Đã lưu bản tự chấm." in client.get(answer.url).content.decode()
    own.refresh_from_db()
    assert own.self_score == first_option
    # Sent again with what the page shows now, nothing changes.
    same = data | {f"seen-{code}": "0" for code in codes}
    assert save(client, own, same).status_code == 302
    assert SelfScore.objects.get().version == 1


def test_whole_sheet_without_script_says_what_was_changed_elsewhere(
    own: Dossier, account: User, client_of: Callable[[User], Client]
) -> None:
    actions.choose_options(own, {"1.1": 2}, by=account)
    data = {"option-1.1": "0", "seen-1.1": "", "option-1.2": "0", "seen-1.2": ""}

    answer = save(client_of(account), own, data)

    assert answer.status_code == 409
    assert "Tiêu chí 1.1 đang là" in answer.content.decode()
    assert points_of(own) == {"1.1": 3, "1.2": 1}


@pytest.mark.parametrize("value", ["x", "-1", "1000", "²"])
def test_s10_no_other_value_is_taken(
    value: str, own: Dossier, account: User, client_of: Callable[[User], Client]
) -> None:
    assert save(client_of(account), own, {"option-1.1": value}).status_code == 409
    assert SelfChoice.objects.count() == 0


def test_documents_are_named_by_tap_and_without_script(
    own: Dossier, account: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(account)
    url = reverse("products:self_score_evidence", args=[own.pk, "1.1"])
    one, two = own.documents.all()[:2]

    picker = client.get(url, headers=HTMX).content.decode()
    tap = client.post(f"{url}?tai-lieu={one.pk}", {"documents-1.1": one.pk}, headers=HTMX)
    assert picker.count('type="checkbox"') == own.documents.count()
    assert "<form" not in picker
    assert one.original_name in tap.content.decode()
    client.post(f"{url}?tai-lieu={two.pk}", {"documents-1.1": [one.pk, two.pk]}, headers=HTMX)
    client.post(f"{url}?tai-lieu={one.pk}", {"documents-1.1": [two.pk]}, headers=HTMX)
    assert list(SelfChoice.objects.get().documents.all()) == [two]

    # Without script the list that was shown says what was taken out: what came since stays.
    form = {"documents-1.1": [one.pk], "shown-1.1": "", "remark-1.1": "Của xã"}
    answer = client.post(url, form)
    assert answer.url == reverse("products:self_score", args=[own.pk]) + "#tieu-chi-1.1"
    assert set(SelfChoice.objects.get().documents.all()) == {one, two}
    page = client.get(reverse("products:self_score", args=[own.pk])).content.decode()
    assert "Của xã" in page


def test_remark_that_was_changed_elsewhere_is_told_and_can_be_saved_then(
    own: Dossier, account: User, client_of: Callable[[User], Client]
) -> None:
    actions.write_remark(own, "1.1", "Một", by=account)
    client = client_of(account)
    url = reverse("products:self_score_evidence", args=[own.pk, "1.1"])
    stale = {"remark-1.1": "Hai", "remark_seen-1.1": ""}

    fragment = client.post(url, stale, headers=HTMX)
    whole = client.post(url, stale)

    assert (fragment.status_code, whole.status_code) == (409, 409)
    for answer in (fragment, whole):
        assert 'id="truoc-1.1" value="Một"' in answer.content.decode()
    assert ">Hai</textarea>" in whole.content.decode()
    assert client.post(url, {"remark-1.1": "Hai", "remark_seen-1.1": "Một"}).status_code == 302
    assert SelfChoice.objects.get().remark == "Hai"


def test_documents_that_usually_prove_a_criterion_come_first(
    own: Dossier, account: User, client_of: Callable[[User], Client]
) -> None:
    DocumentFactory(dossier=own, slot="material_origin", uploaded_by=account)
    url = reverse("products:self_score_evidence", args=[own.pk, "1.1"])

    page = client_of(account).get(url)

    assert page.context["slots"][0].slot.code == "material_origin"
    assert page.content.decode().count("Thường dùng") == 1


def test_no_picker_for_a_criterion_that_the_sheet_does_not_have(
    own: Dossier, account: User, client_of: Callable[[User], Client]
) -> None:
    url = reverse("products:self_score_evidence", args=[own.pk, "99"])

    assert client_of(account).get(url).status_code == 404


def test_page_takes_as_many_queries_with_77_files_and_stays_light(
    own: Dossier,
    account: User,
    client_of: Callable[[User], Client],
    django_assert_num_queries: Callable,
) -> None:
    client, url = client_of(account), reverse("products:self_score", args=[own.pk])
    one = own.documents.first()
    actions.name_evidence(own, "1.1", add=[one.pk], by=account)
    client.get(url)
    with django_assert_num_queries(13):
        client.get(url)
    more = [DocumentFactory(dossier=own, slot="awards", uploaded_by=account) for _ in range(73)]
    actions.choose_options(own, best(own.criteria_set.sheet), by=account)
    for n, code in enumerate(own.criteria_set.sheet.by_code):
        actions.name_evidence(own, code, add=[more[n].pk, more[n + 1].pk], by=account)

    with django_assert_num_queries(13):
        page = client.get(url)

    assert len(page.content) < 250_000
    assert 'type="checkbox"' not in page.content.decode()


def test_printed_sheet_holds_every_criterion(
    own: Dossier, account: User, client_of: Callable[[User], Client]
) -> None:
    actions.choose_options(own, {"1.1": 2}, by=account)

    answer = client_of(account).get(reverse("products:self_score_print", args=[own.pk]))

    content = b"".join(answer.streaming_content)
    with pikepdf.open(BytesIO(content)) as pdf:
        assert len(pdf.pages) > 3
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    words = " ".join(text.split())
    assert "3/100 điểm" in words
    for code, criterion in own.criteria_set.sheet.by_code.items():
        if criterion.name != criterion.name.upper():
            assert f"{code}. {criterion.name}" in words
    assert words.count("☒") == 1
    document.close()


@pytest.mark.django_db(transaction=True)
def test_totals_stay_right_when_two_people_save_at_once(own: Dossier, account: User) -> None:
    actions.choose_options(own, {"1.3": 0}, by=account)
    begin = threading.Barrier(2)

    def choose(code: str) -> None:
        begin.wait(5)
        actions.choose_options(Dossier.objects.get(pk=own.pk), {code: 2}, by=account)
        connection.close()

    threads = [threading.Thread(target=choose, args=[code]) for code in ("1.1", "1.2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    own.refresh_from_db()
    assert own.self_score == SelfScore.objects.get().total == 3 + 3 + 1
