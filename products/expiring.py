"""Documents of dossiers and papers of producers that will end: one list, and who is told."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.urls import reverse

from ocop_portal.models import Notice
from ocop_portal.notices import NoticeKind, notify
from products.models import Dossier, DossierDocument, Producer, ProducerDocument, Product
from products.papers import SLOTS
from products.recipients import people_of, people_of_producer
from regulations.models import Regulation

EXPIRING = NoticeKind("document_expiring", "Giấy tờ sắp hết hạn")
# Days before the end on which people are told, once for each.
DAYS_BEFORE = (90, 60, 30)
DOCUMENT, PAPER = "document", "paper"
FIELDS = (
    "what",
    "pk",
    "name",
    "number",
    "slot",
    "valid_until",
    "owner_pk",
    "product_name",
    "producer_name",
    "district_name",
)


def documents_in_use() -> "QuerySet[DossierDocument]":
    """The dated documents that still matter: of dossiers on their way or recognised, each content
    where it stands last. A producer's own paper is listed as such, not in every dossier.
    """
    carried = DossierDocument.objects.current().exclude(carried_from=None)
    superseded = Dossier.objects.exclude(next_dossiers=None).filter(
        next_dossiers__state=Dossier.State.RECOGNISED
    )
    return (
        DossierDocument.objects.current()
        .filter(valid_until__isnull=False, producer_document=None)
        .exclude(dossier__state__in=[Dossier.State.WITHDRAWN, Dossier.State.NOT_RECOGNISED])
        .exclude(pk__in=carried.values("carried_from"))
        .exclude(dossier__in=superseded.values("pk"))
    )


def papers_in_use() -> "QuerySet[ProducerDocument]":
    """The dated papers of producers."""
    papers = ProducerDocument.objects.current()
    return papers.filter(valid_until__isnull=False, producer__merged_into=None)


def expiring_rows(
    user: Any,
    *,
    first: date | None,
    last: date,
    what: str = "",
    district: Any = None,
    words: str = "",
) -> "QuerySet[Any, dict[str, Any]]":
    """What ends from `first` (None: also what has ended) to `last`, as rows of `FIELDS`, what ends
    first before the rest; of the person's own territory or producers.
    """
    ends = Q(valid_until__lte=last)
    if first:
        ends &= Q(valid_until__gte=first)
    documents = documents_in_use().filter(
        ends, dossier__in=Dossier.objects.visible_to(user).values("pk")
    )
    papers = papers_in_use().filter(
        ends, producer__in=Producer.objects.visible_to(user).values("pk")
    )
    if district:
        documents = documents.filter(dossier__product__district=district)
        papers = papers.filter(producer__district=district)
    if words:
        documents = documents.filter(
            dossier__product__in=Product.objects.search(words).values("pk")
        )
        papers = papers.filter(producer__in=Producer.objects.search(words).values("pk"))
    if what == DOCUMENT:
        papers = papers.none()
    if what == PAPER:
        documents = documents.none()
    rows = _documents_as_rows(documents).union(_papers_as_rows(papers), all=True)
    return rows.order_by("valid_until", "name", "pk")


def _documents_as_rows(documents: "QuerySet[DossierDocument]") -> "QuerySet[Any, dict[str, Any]]":
    return (
        documents.order_by()
        .annotate(
            what=Value(DOCUMENT, CharField()),
            name=F("original_name"),
            owner_pk=F("dossier"),
            product_name=F("dossier__product__name"),
            producer_name=F("dossier__product__producer__name"),
            district_name=F("dossier__product__district__name"),
        )
        .values(*FIELDS)
    )


def _papers_as_rows(papers: "QuerySet[ProducerDocument]") -> "QuerySet[Any, dict[str, Any]]":
    return (
        papers.order_by()
        .annotate(
            what=Value(PAPER, CharField()),
            name=F("original_name"),
            owner_pk=F("producer"),
            product_name=Value("", CharField()),
            producer_name=F("producer__name"),
            district_name=F("producer__district__name"),
        )
        .values(*FIELDS)
    )


def row_url(row: dict[str, Any]) -> str:
    """Where the document or paper of a row stands."""
    if row["what"] == DOCUMENT:
        return f"{reverse('products:dossier_detail', args=[row['owner_pk']])}#muc-{row['slot']}"
    producer = reverse("products:producer_detail", args=[row["owner_pk"]])
    return f"{producer}#giay-to-{row['slot']}"


def slot_names() -> dict[str, str]:
    """What the slots are called, those of later regulations before those of earlier ones."""
    names = dict(SLOTS)
    for regulation in Regulation.objects.published().order_by("effective_from"):
        names.update({slot.code: slot.name for slot in regulation.rules.documents})
    return names


def tell_of_expiring(today: date) -> int:
    """Tell officers and producers of everything that has come within 90, 60 or 30 days of its end,
    once for each; a day on which nothing ran is made up for. Returns how many people were told.
    """
    last = today + timedelta(days=DAYS_BEFORE[0])
    documents = documents_in_use().filter(valid_until__range=(today, last))
    papers = papers_in_use().filter(valid_until__range=(today, last))
    told = 0
    for document in _untold(
        documents.select_related("dossier__product__unit", "dossier__product__producer"),
        DOCUMENT,
        today,
    ):
        told += _tell(
            document,
            DOCUMENT,
            people_of(document.dossier.product),
            str(document.dossier.product),
            f"{reverse('products:dossier_detail', args=[document.dossier_id])}#muc-{document.slot}",
            today,
        )
    for paper in _untold(
        papers.select_related("producer__unit", "producer__current_unit"), PAPER, today
    ):
        told += _tell(
            paper,
            PAPER,
            people_of_producer(paper.producer),
            str(paper.producer),
            f"{paper.producer.get_absolute_url()}#giay-to-{paper.slot}",
            today,
        )
    return told


def _key(row: Any, what: str, today: date) -> str:
    left = (row.valid_until - today).days
    step = min(days for days in DAYS_BEFORE if left <= days)
    return f"{what}/{row.pk}/{row.valid_until:%Y%m%d}/{step}"


def _untold(rows: "QuerySet[Any]", what: str, today: date) -> Iterable[Any]:
    """The rows that nobody has been told of yet at their step."""
    keys = {_key(row, what, today): row for row in rows}
    known = Notice.objects.filter(kind=EXPIRING.code, key__in=keys).values_list("key", flat=True)
    told = set(known)
    return [row for key, row in keys.items() if key not in told]


def _tell(row: Any, what: str, people: Iterable[Any], owner: str, url: str, today: date) -> int:
    left = (row.valid_until - today).days
    number = f", số {row.number}" if row.number else ""
    return notify(
        EXPIRING,
        people,
        key=_key(row, what, today),
        title=f"{owner}: {slot_names().get(row.slot, row.slot)} còn {left} ngày",
        detail=f"{row.original_name}{number}, hết hạn sau ngày {row.valid_until:%d/%m/%Y}.",
        url=url,
    )
