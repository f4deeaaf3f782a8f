"""docs/authorization.csv, run: every address × every kind of person × own and missing object.

All objects belong to Đông Anh, its council and its member. "yes" opens the page; "404" hides that
the object exists (people of another district or council); "403" refuses the whole page; "login"
asks to sign in. A missing object answers like a hidden one to whoever may open the page at all.
"""

import csv
from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from councils import actions as councils
from councils.models import AgendaItem, ConflictDeclaration
from evaluation.actions import scoring
from evaluation.models import Assessment, Certificate, Decision, Result, ScoreSheet
from ocop_portal import jobs
from ocop_portal.models import Notice, SavedFilter, Upload
from products import page_pictures
from products.actions.merging import merge_producers
from products.models import (
    CommuneReport,
    Dossier,
    ImportBatch,
    Producer,
    ProducerInvitation,
    ProducerMerge,
    Product,
    Recheck,
    SupplementRequest,
)
from products.models.invitation import fingerprint
from products.tests.factories import (
    DossierFactory,
    PaperFactory,
    PhotoFactory,
    ProducerFactory,
    ProductFactory,
    StandardFactory,
    unit_2021,
)
from regulations.actions import draft_regulation
from regulations.models import CriteriaSet, Regulation

TABLE = Path(settings.BASE_DIR) / "docs" / "authorization.csv"
MISSING = 999_999
INVITED = "loi-moi-mau"
PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DRAFT = "qd-thu"
INCOMPLETE = "thuc-pham-chuc-nang-thuoc-tu-duoc-lieu-thuoc-y-hoc-co-truyen"
NAMED: dict[str, dict[str, Any]] = {
    "account_reset_password_from_key": {"uidb36": "1", "key": "abc-def"},
    "list_columns": {"name": "products"},
    "filter_save": {"name": "products"},
    "list_export": {"name": "products"},
    "list_action": {"name": "products"},
}
SIGN_IN = ("/tai-khoan/dang-nhap/?next=", "/quan-tri/login/?next=")
# Addresses that name their object by a secret word.
TOKENS = {
    "invitation_accept": "invitation_accept",
    "upload_part": "upload",
    "upload_finish": "upload",
    "upload_discard": "upload",
}
# Objects that are no rows of the database: nothing can be missing.
WITHOUT_OBJECT = {"evaluation:verify", *NAMED}


def table() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def methods(row: dict[str, str]) -> list[str]:
    """How the address is asked; a page whose form is sent to the page itself is "GET+POST"."""
    return row["method"].split("+")


def url_patterns(
    resolver: URLResolver | None = None, namespace: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every named address of the portal with its namespace."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from url_patterns(pattern, inner)
        else:
            yield f"{namespace}{pattern.name or '?'}", pattern


def test_every_address_is_in_the_table() -> None:
    names = {name for name, _pattern in url_patterns()}
    in_table = {row["url"] for row in table()}

    portal = {name for name in names if not name.startswith("admin:")}

    assert portal == in_table - {"admin:*"}


@pytest.fixture
def cast(
    person: Callable[..., User],
    officer: User,
    other_officer: User,
    commune_officer: User,
    staff: User,
    leader: User,
    administrator: User,
    secretary: User,
    members: list[User],
) -> dict[str, User | None]:
    return {
        "anonymous": None,
        "producer": person("producer", Role.PRODUCER, unit_code="00523"),
        "other_producer": person("other_producer", Role.PRODUCER, unit_code="00523"),
        "commune_officer": commune_officer,
        "district_officer": officer,
        "other_district_officer": other_officer,
        "secretary": secretary,
        "other_secretary": person("other_secretary", Role.COUNCIL_SECRETARY, unit_code="018"),
        "member": members[0],
        "other_member": person("other_member", unit_code="018"),
        "staff": staff,
        "leader": leader,
        "trade_promotion_officer": person("trade", Role.TRADE_PROMOTION_OFFICER),
        "inspector": person("inspector", Role.INSPECTOR),
        "administrator": administrator,
    }


@pytest.fixture
def world(
    cast: dict[str, Any],
    make_council: Callable,
    council: Any,
    unit: Callable,
    sample_workbook: Path,
) -> dict[str, Any]:
    """One object of each kind, all of Đông Anh; and a council elsewhere for the strangers."""
    make_council(
        "district",
        secretary=cast["other_secretary"],
        members=[cast["other_member"]],
        unit_code="018",
    )
    officer, staff, secretary = cast["district_officer"], cast["staff"], cast["secretary"]
    product = ProductFactory(producer__unit=unit_2021("00523"))
    product.producer.accounts.add(cast["producer"])
    draft = DossierFactory(product=product, created_by=officer, complete=True)
    draft.documents.first().stored.thumbnail.save("thumbnail.png", ContentFile(PIXEL))
    picture = page_pictures.name_of(draft.documents.first().stored, 1)
    default_storage.delete(picture)
    default_storage.save(picture, ContentFile(PIXEL))
    batch = ImportBatch.objects.create(
        owner=officer,
        original_name="so.xlsx",
        report={
            "created": 0,
            "updated": 0,
            "problems": [
                {"sheet": "Biểu", "row": 9, "column": "Hạng sao (H)", "value": "", "reason": "Sai."}
            ],
        },
    )
    batch.file.save("", ContentFile(sample_workbook.read_bytes()))
    planned = councils.create_session(
        council, by=secretary, title="Phiên sau", round=1, held_on=date(2021, 11, 1)
    )
    waiting, scored, centre, decided = (_accepted(officer, n) for n in range(4))
    councils.add_to_agenda(planned, [waiting], by=secretary)
    session = councils.create_session(
        council, by=secretary, title="Phiên này", round=1, held_on=date(2021, 10, 1)
    )
    councils.add_to_agenda(session, [scored], by=secretary)
    scoring.open_session(session, by=secretary)
    assessment = Assessment.objects.get(item__session=session)
    Dossier.objects.filter(pk=centre.pk).update(tier="national")
    decision = Decision.objects.create(
        number="1/QĐ-UBND",
        signed_on=date(2021, 12, 1),
        tier="city",
        unit=unit("01"),
        authority="UBND",
        signatory_title="CHỦ TỊCH",
        signatory_name="Người ký (mẫu)",
        issued_by=staff,
    )
    decided.product.producer.accounts.add(cast["producer"])
    certificate = Certificate.objects.create(
        decision=decision,
        result=Result.objects.create(
            dossier=decided,
            tier="city",
            mean=75,
            stars=4,
            outcome="recognise",
            recognised_stars=4,
            decision=decision,
            concluded_on=date(2021, 11, 1),
            recorded_by=staff,
        ),
        product=decided.product,
        producer=decided.product.producer,
        register_number=1,
        number="0001/2021/GCN-OCOP-01",
        stars=4,
        product_name=decided.product.name,
        producer_name=decided.product.producer.name,
        producer_address="Đông Hội",
        valid_from=date(2021, 12, 1),
        valid_until=date(2099, 12, 1),
        issued_by=staff,
    )
    certificate.pdf.save("", ContentFile(b"%PDF-1.4\n%%EOF\n"))
    kind = jobs.Kind("authorization", do_item=lambda job, reference: None)
    job = jobs.start(kind, title="Việc", items=[jobs.Item("1")], key="authorization", by=staff)
    job.result_name = "x.txt"
    job.result.save("x.txt", ContentFile(b"x"))
    draft_regulation(Regulation.objects.get(code="qd26-2026"), code=DRAFT, by=cast["administrator"])
    sheet = ScoreSheet.objects.get(assessment=assessment, member__user=cast["member"])
    declaration = ConflictDeclaration.objects.create(
        item=assessment.item, member=sheet.member, conflicted=False, by=cast["member"]
    )
    written = DossierFactory(product__producer__unit=unit_2021("00523"), with_producer=True)
    invitation = ProducerInvitation.objects.create(
        producer=product.producer,
        full_name="Người được mời (mẫu)",
        email="moi@mau.example",
        token_hash=fingerprint(INVITED),
        invited_by=officer,
        expires_at=timezone.now() + timedelta(days=1),
    )
    upload = Upload.objects.create(
        owner=officer,
        filename="a.pdf",
        length=9,
        purpose="dossier_document",
        details={"dossier": draft.pk, "slot": "business_plan"},
        expires_at=timezone.now() + timedelta(days=1),
    )
    published = PhotoFactory(product=decided.product, uploaded_by=officer, is_public=True)
    notice = Notice.objects.create(recipient=staff, kind="x", key="x", title="x", url="/")
    saved = SavedFilter.objects.create(user=staff, listing="products", name="x")
    return {
        "notice": notice.pk,
        "upload": upload.token,
        "filter": saved.pk,
        "catalogue": certificate.product_id,
        "photo": PhotoFactory(product=product, uploaded_by=officer).pk,
        "standard": StandardFactory(product=product).pk,
        "catalogue_photo": published.pk,
        "catalogue_photo_small": published.pk,
        "account_list": product.producer_id,
        "account_end": cast["producer"].pk,
        "invitation": invitation.pk,
        "invitation_accept": INVITED,
        "dossier_take_back": written.pk,
        "supplement": _asked(draft, secretary).pk,
        "commune": _reported(product, officer).pk,
        "job": job.pk,
        "producer": product.producer_id,
        "product": product.pk,
        "dossier": draft.pk,
        "document": draft.documents.first().pk,
        "import": batch.pk,
        "duplicate": ProducerFactory(unit=unit_2021("00523")).pk,
        "merge": _merged(product.producer, staff).pk,
        "recheck": _recheck(decided, officer).pk,
        "paper": PaperFactory(producer=product.producer, uploaded_by=officer).pk,
        "council": council.pk,
        "session": planned.pk,
        "agenda": AgendaItem.objects.get(session=planned).pk,
        "session_open": planned.pk,
        "session_board": session.pk,
        "session_close": session.pk,
        "recusal": declaration.pk,
        "sheet": sheet.pk,
        "sheet_document": scored.documents.first().pk,
        "assessment": assessment.pk,
        "result": centre.pk,
        "result_detail": certificate.result_id,
        "decision": decision.pk,
        "certificate": certificate.pk,
        "attendance": planned.pk,
        "token": certificate.token,
    }


def _recheck(dossier: Dossier, officer: User) -> Recheck:
    document = dossier.documents.first()
    assert document is not None
    return Recheck.objects.create(
        dossier=dossier,
        criterion="9",
        criterion_name="Đảm bảo chất lượng sản phẩm",
        stars=3,
        held_stars=4,
        slot=document.slot,
        document=document,
        lapsed_on=date(2022, 1, 1),
        stored=document.stored,
        original_name="moi.pdf",
    )


def _asked(draft: Dossier, by: User) -> SupplementRequest:
    return SupplementRequest.objects.create(
        dossier=draft,
        issued_on=date(2021, 9, 1),
        deadline=date(2021, 9, 15),
        document=draft.documents.first().stored,
        requested_by=by,
    )


def _reported(product: Product, officer: User) -> Dossier:
    """A dossier of 2026, whose regulation asks for the commune's report."""
    sheet = CriteriaSet.objects.get(regulation__code="qd26-2026", code="do-an-nhanh")
    dossier = DossierFactory(
        product__producer=product.producer, criteria_set=sheet, created_by=officer, tier="city"
    )
    CommuneReport.objects.create(
        dossier=dossier,
        findings=[["Sử dụng lao động địa phương", "12 người"]],
        proposed="proposed",
        signatory_title="Phó Chủ tịch",
        signatory_name="Người ký (mẫu)",
        signed_on=date(2026, 6, 1),
        written_by=officer,
    )
    return dossier


def _merged(kept: Producer, staff: User) -> ProducerMerge:
    twin = ProducerFactory(unit=unit_2021("00523"))
    return merge_producers(kept, twin, reason="Trùng", by=staff)


def _accepted(officer: User, n: int) -> Dossier:
    return DossierFactory(
        product__producer__unit=unit_2021("00523"),
        created_by=officer,
        complete=True,
        state=Dossier.State.ACCEPTED,
        received_number=f"{n}/2021",
        received_on=date(2021, 9, 1),
    )


# Addresses that speak of another object than the first word of their name says.
SPEAKS_OF = {
    "account_end": "producer",
    "agenda_add": "session",
    "carry_again": "dossier",
    "carry_document": "dossier",
    "carry_paper": "dossier",
    "catalogue_detail": "catalogue",
    "document_add": "dossier",
    "dossier_create": "product",
    "ladder": "dossier",
    "paper_add": "producer",
    "photo_add": "product",
    "photo_describe": "product",
    "self_score": "dossier",
    "self_score_evidence": "dossier",
    "self_score_print": "dossier",
    "self_score_save": "dossier",
    "sheet_document": "sheet",
    "upload_begin": "dossier",
}
# What an address names beside its object: another object of the world, or a word.
BESIDE_OBJECT = {
    "account_end": {"account_pk": "account_end"},
    "producer_merge": {"other": "duplicate"},
    "sheet_document": {"document_pk": "sheet_document"},
}
BESIDE = {
    "catalogue_detail": {"slug": "khac"},
    "document_page": {"number": 1},
    "dossier_form": {"code": "bieu_04"},
    "dossier_form_download": {"code": "bieu_04", "kind": "pdf"},
    "dossier_form_file": {"code": "bieu_04"},
    "self_score_evidence": {"criterion": "1.1"},
}


def arguments(name: str, world: dict[str, Any], *, missing: bool) -> dict[str, Any]:
    """The arguments of an address: the object that its name speaks of."""
    short = name.split(":")[-1]
    if name in NAMED:
        return NAMED[name]
    if name == "evaluation:verify":
        return {"token": world["token"]}
    if name.startswith("regulations:"):
        return of_regulation(short, missing=missing)
    if short in TOKENS:
        return {"token": "khong-co" if missing else world[TOKENS[short]]}
    if name == "api:product":
        return {"number": MISSING if missing else world["catalogue"]}
    named = short if short in world else short.split("_")[0]
    key = SPEAKS_OF.get(short, named)
    others = {at: world[other] for at, other in BESIDE_OBJECT.get(short, {}).items()}
    return {"pk": MISSING if missing else world[key], **others, **BESIDE.get(short, {})}


def of_regulation(short: str, *, missing: bool) -> dict[str, Any]:
    """What pages of regulations speak of: the one of 2019, or the draft."""
    code, draft = ("khong-co",) * 2 if missing else ("qd1048-2019", DRAFT)
    speaks_of = {
        "regulation_detail": {"code": code},
        "criteria_set_detail": {"code": code, "sheet": "do-an-nhanh"},
        "draft_create": {"code": code},
        "sheet_complete": {"code": code, "document": INCOMPLETE},
        "node_edit": {"code": draft, "document": "regulation", "at": "tiers/0"},
        "document_edit": {"code": draft, "document": "regulation"},
        "document_download": {"code": draft, "document": "groups"},
        "document_upload": {"code": draft, "document": "groups"},
    }
    return speaks_of.get(short, {"code": draft})


def verdict(response: Any) -> str:
    if response.streaming:
        _close(response)
    if response.status_code == 302 and response.url.startswith(SIGN_IN):
        return "login"
    if response.status_code in {403, 404, 405}:
        return str(response.status_code)
    assert response.status_code < 500
    return "yes"


def _close(response: Any) -> None:
    """Close the file that is sent, not the database connection that the test goes on with."""
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)


def ask(client: Client, method: str, url: str) -> str:
    """What the answer is, with everything that it changed undone."""
    with transaction.atomic():
        answer = verdict(getattr(client, method.lower())(url))
        transaction.set_rollback(True)
    return answer


def client_for(user: User | None) -> Client:
    """A browser of the person; it also speaks the protocol of uploads in pieces."""
    client = Client(headers={"Tus-Resumable": "1.0.0"})
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


ROWS = [row for row in table() if row["url"] != "admin:*"]


@pytest.mark.parametrize("row", ROWS, ids=[row["url"] for row in ROWS])
def test_table_holds(row: dict[str, str], cast: dict[str, Any], world: dict[str, Any]) -> None:
    patterns = dict(url_patterns())
    needs_object = patterns[row["url"]].pattern.regex.groups > 0
    expected, found = {}, {}
    for who, user in cast.items():
        with transaction.atomic():
            client = client_for(user)
            own = arguments(row["url"], world, missing=False) if needs_object else {}
            gone = arguments(row["url"], world, missing=True) if needs_object else {}
            for method in methods(row):
                case = f"{who}, {method}"
                found[case] = ask(client, method, reverse(row["url"], kwargs=own))
                expected[case] = row[who]
                if needs_object and row["url"] not in WITHOUT_OBJECT:
                    found[f"{case}, missing"] = ask(
                        client, method, reverse(row["url"], kwargs=gone)
                    )
                    expected[f"{case}, missing"] = "404" if row[who] == "yes" else row[who]
            transaction.set_rollback(True)

    assert found == expected


def own_url(row: dict[str, str], world: dict[str, Any]) -> str:
    """The address with the own object, where it speaks of one."""
    needs_object = dict(url_patterns())[row["url"]].pattern.regex.groups > 0
    own = arguments(row["url"], world, missing=False) if needs_object else {}
    return reverse(row["url"], kwargs=own)


POSTS = [row for row in ROWS if "POST" in methods(row) and row["url"] != "account_logout"]
ONLY_POSTS = [row for row in POSTS if methods(row) == ["POST"]]


@pytest.mark.parametrize("row", ONLY_POSTS, ids=[row["url"] for row in ONLY_POSTS])
def test_w1_nothing_is_changed_by_get(
    row: dict[str, str], cast: dict[str, Any], world: dict[str, Any]
) -> None:
    who = next(who for who, user in cast.items() if row[who] == "yes")

    assert client_for(cast[who]).get(own_url(row, world)).status_code == 405


@pytest.mark.parametrize("row", POSTS, ids=[row["url"] for row in POSTS])
def test_w1_every_form_needs_its_token(
    row: dict[str, str], cast: dict[str, Any], world: dict[str, Any]
) -> None:
    who = next(who for who, user in cast.items() if row[who] == "yes" and user)
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast[who], backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(own_url(row, world)).status_code == 403


def test_a9_admin_does_not_exist_for_others(cast: dict[str, Any], db: None) -> None:
    row = next(row for row in table() if row["url"] == "admin:*")
    known = {"object_id": 1, "app_label": "accounts", "content_type_id": 1, "url": "x", "id": 1}
    for name, pattern in url_patterns():
        if not name.startswith("admin:") or name.endswith("?"):
            continue
        names = pattern.pattern.regex.groupindex or pattern.pattern.converters
        url = reverse(name, kwargs={key: known[key] for key in names})
        found = {
            who: ask(client_for(user), "GET", url)
            for who, user in cast.items()
            if who != "administrator"
        }
        assert found == {who: row[who] for who in found}, name
    admin = client_for(cast["administrator"])
    assert admin.get(reverse("admin:index")).status_code == 200


def test_a4_a_scope_that_is_lifted_is_found_by_the_table(
    cast: dict[str, Any], world: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table would notice: without its scope the stranger sees the dossier."""
    from products.models.dossier import DossierQuerySet

    monkeypatch.setattr(DossierQuerySet, "visible_to", lambda self, user: self)
    url = reverse("products:dossier_detail", args=[world["dossier"]])

    assert ask(client_for(cast["other_district_officer"]), "GET", url) == "yes"
