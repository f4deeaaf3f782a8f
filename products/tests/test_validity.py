"""How long documents hold: lights, the page, and writing it down."""

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from accounts.models import User
from products.models import Dossier, DossierDocument
from products.tests.factories import DocumentFactory, DossierFactory, unit_2021
from products.validity import Colour, Light, Term, light, on_the_day, usual_end, worst
from products.validity_page import WIDTH, counts, lines
from regulations.models import CriteriaSet, Regulation

Clients = Callable[[User], Client]
# A session on 24/11/2026; 36 months (26/2026/QĐ-TTg) end on 24/11/2029.
TERM = Term.of(date(2026, 11, 24), 36)


def test_the_years_of_recognition_end_with_the_corresponding_day() -> None:
    assert TERM.last_day == date(2029, 11, 24)


@pytest.mark.parametrize(
    ("ends_on", "colour", "text"),
    [
        (None, Colour.UNKNOWN, "Chưa ghi thời hạn"),
        (date(2026, 11, 23), Colour.RED, "Hết hạn 23/11/2026, trước ngày đánh giá"),
        (
            date(2026, 11, 24),
            Colour.AMBER,
            "Đến 24/11/2026, hết hạn trong thời hạn công nhận",
        ),
        (
            date(2029, 11, 23),
            Colour.AMBER,
            "Đến 23/11/2029, hết hạn trong thời hạn công nhận",
        ),
        (date(2029, 11, 24), Colour.GREEN, "Còn hạn đến 24/11/2029"),
    ],
)
def test_light_over_the_years(ends_on: date | None, colour: Colour, text: str) -> None:
    assert light(ends_on, TERM) == Light(colour, text)


@pytest.mark.parametrize(
    ("ends_on", "colour"),
    [
        (None, Colour.UNKNOWN),
        (date(2026, 11, 23), Colour.RED),
        (date(2026, 11, 24), Colour.GREEN),
    ],
)
def test_light_on_the_day_alone(ends_on: date | None, colour: Colour) -> None:
    assert on_the_day(ends_on, TERM).colour == colour


def test_every_light_has_a_sign_of_its_own() -> None:
    signs = {colour: Light(colour, "").icon for colour in Colour}

    assert len(set(signs.values())) == len(Colour)


def test_the_worst_light_speaks_for_a_slot() -> None:
    days = [date(2030, 1, 1), None, date(2027, 1, 1), date(2026, 1, 1)]
    lights = [light(day, TERM) for day in days]

    assert [found.colour for n in range(1, 5) if (found := worst(lights[:n]))] == [
        Colour.GREEN,
        Colour.UNKNOWN,
        Colour.AMBER,
        Colour.RED,
    ]
    assert worst([]) is None


@pytest.mark.parametrize(
    ("slot", "ends_on"),
    [
        ("food_safety_test_report", date(2027, 2, 28)),
        ("production_conditions", date(2029, 2, 28)),
        ("awards", None),
    ],
)
def test_usual_terms_by_slot(db: None, slot: str, ends_on: date | None) -> None:
    """12 months by Nghị định 15/2018/NĐ-CP, 36 by Luật An toàn thực phẩm."""
    rules = Regulation.objects.get(code="qd26-2026").rules

    assert usual_end(rules.slot(slot), date(2026, 2, 28)) == ends_on
    assert usual_end(rules.slot(slot), None) is None


# The pages


@pytest.fixture
def dossier(officer: User) -> Dossier:
    sheet = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
    return DossierFactory(
        product__producer__unit=unit_2021("00523"),
        product__criteria_set=sheet,
        created_by=officer,
        filed_on=None,
        year=2026,
    )


@pytest.fixture
def report(dossier: Dossier) -> DossierDocument:
    return DocumentFactory(dossier=dossier, slot="food_safety_test_report")


def describe(document: DossierDocument, **values: str) -> dict[str, str]:
    empty = {"number": "", "issued_on": "", "valid_until": ""}
    return {f"giay-{document.pk}-{name}": value for name, value in {**empty, **values}.items()}


def url_of(document: DossierDocument) -> str:
    return reverse("products:document_describe", args=[document.pk])


def facts(document: DossierDocument) -> tuple[str, date | None, date | None]:
    document.refresh_from_db()
    return document.number, document.issued_on, document.valid_until


def test_facts_are_written_without_script(
    report: DossierDocument, officer: User, client_of: Clients
) -> None:
    data = describe(report, number="12/PKN", issued_on="01/10/2026", valid_until="01/10/2027")

    answer = client_of(officer).post(url_of(report), data)

    assert answer.url == f"/ho-so/{report.dossier_id}/#muc-food_safety_test_report"
    assert facts(report) == ("12/PKN", date(2026, 10, 1), date(2027, 10, 1))


def test_htmx_gets_the_line_that_the_page_shows(
    report: DossierDocument, officer: User, client_of: Clients
) -> None:
    client = client_of(officer)
    data = describe(report, number="12/PKN", valid_until="01/10/2020")

    answer = client.post(url_of(report), data, headers={"HX-Request": "true"})

    shown = client.get(report.dossier.get_absolute_url()).content.decode()
    assert "Hết hạn 01/10/2020, trước ngày đánh giá" in answer.content.decode()
    assert " ".join(answer.content.decode().split()) in " ".join(shown.split())


def test_usual_term_is_taken_where_wanted(
    report: DossierDocument, officer: User, client_of: Clients
) -> None:
    data = describe(report, issued_on="28/02/2026", usual="on")

    client_of(officer).post(url_of(report), data)

    assert facts(report) == ("", date(2026, 2, 28), date(2027, 2, 28))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (
            {"issued_on": "02/01/2026", "valid_until": "01/01/2026"},
            "Ngày hết hiệu lực không trước ngày cấp.",
        ),
        ({"usual": "on"}, "Hãy ghi ngày cấp để tính ngày hết hiệu lực."),
        ({"issued_on": "01/01/2090"}, "Ngày này chưa đến."),
    ],
)
def test_facts_that_cannot_be_are_refused(
    report: DossierDocument,
    officer: User,
    client_of: Clients,
    values: dict[str, str],
    says: str,
) -> None:
    answer = client_of(officer).post(url_of(report), describe(report, **values))

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert facts(report) == ("", None, None)


def test_the_receiver_writes_facts_down_until_the_decision(
    report: DossierDocument, secretary: User, officer: User, client_of: Clients
) -> None:
    dossiers = Dossier.objects.filter(pk=report.dossier_id)
    dossiers.update(state=Dossier.State.SUBMITTED)
    data = describe(report, number="7")

    assert client_of(officer).post(url_of(report), data).status_code == 409
    assert client_of(secretary).post(url_of(report), data).status_code == 302
    dossiers.update(state=Dossier.State.RECOGNISED)
    assert client_of(secretary).post(url_of(report), data).status_code == 403
    assert facts(report)[0] == "7"


def test_stranger_finds_no_document(
    report: DossierDocument, other_officer: User, client_of: Clients
) -> None:
    assert client_of(other_officer).get(url_of(report)).status_code == 404


def test_page_puts_what_ends_first_before(
    dossier: Dossier, leader: User, client_of: Clients
) -> None:
    for name, ends_on in {"c": None, "b": date(2099, 1, 1), "a": date(2020, 1, 1)}.items():
        DocumentFactory(
            dossier=dossier, slot="awards", original_name=f"{name}.pdf", valid_until=ends_on
        )

    answer = client_of(leader).get(reverse("products:dossier_validity", args=[dossier.pk]))

    shown = [(line.document.original_name, line.reach) for line in answer.context["lines"]]
    assert shown == [("a.pdf", 0), ("b.pdf", WIDTH), ("c.pdf", None)]
    assert answer.context["counts"] == {"green": 1, "amber": 0, "red": 1, "unknown": 1}
    assert "document_describe" not in answer.content.decode()


def test_line_reaches_as_far_as_the_document_holds(dossier: Dossier) -> None:
    from products.completeness import filled_slots

    DocumentFactory(dossier=dossier, slot="awards", valid_until=date(2028, 5, 25))

    (line,) = lines(filled_slots(dossier), TERM)

    assert line.reach == 548 * WIDTH // 1096
    assert counts([line]) == {"green": 0, "amber": 1, "red": 0, "unknown": 0}


def test_77_files_in_18_slots_take_few_queries(
    dossier: Dossier, officer: User, client_of: Clients, django_assert_max_num_queries: Callable
) -> None:
    slots = [slot.code for slot in dossier.regulation.rules.documents if slot.is_file]
    for n in range(77):
        DocumentFactory(dossier=dossier, slot=slots[n % 18], valid_until=date(2027, 1, 1 + n % 28))
    client = client_of(officer)
    ContentType.objects.get_for_model(Dossier)

    for name in ("dossier_detail", "dossier_validity", "dossier_carry"):
        url = reverse(f"products:{name}", args=[dossier.pk])
        client.get(url)
        with django_assert_max_num_queries(20):
            assert client.get(url).status_code == 200
