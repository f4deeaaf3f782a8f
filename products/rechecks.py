"""Which minimums of a recognised product have lost the evidence they were found met by."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from products.models import Dossier, DossierDocument, ProducerDocument, Recheck
from products.star_levels import Held, State, slot_state
from regulations.evidence import EvidenceNeed


@dataclass(frozen=True, slots=True)
class Lapse:
    """A minimum whose documents in one slot have all ended; the last of them on `lapsed_on`."""

    need: EvidenceNeed
    slot: str
    lapsed_on: date


def lapses(needs: Iterable[EvidenceNeed], stars: int, held: Held, day: date) -> Iterator[Lapse]:
    """What a product of `stars` can no longer show on `day`, each criterion under the lowest star
    that needs it: without it the product would fall below that star.
    """
    lowest: dict[str, EvidenceNeed] = {}
    for need in needs:
        if need.stars <= stars:
            lowest.setdefault(need.criterion, need)
    for need in lowest.values():
        for slot in need.slots:
            ends = held.get(slot, ())
            if slot_state(ends, day) is State.LAPSED:
                yield Lapse(need, slot, max(end for end in ends if end))


def held_by(dossier: Dossier) -> dict[str, list[date | None]]:
    """By slot the last days of everything that shows it today: the dossier's documents, what its
    later dossiers hold, the producer's papers of today and what answered earlier rechecks.
    """
    held: dict[str, list[date | None]] = defaultdict(list)
    documents = DossierDocument.objects.current().filter(
        dossier__product=dossier.product_id, dossier__pk__gte=dossier.pk
    )
    for slot, ends_on in documents.exclude(dossier__state=Dossier.State.WITHDRAWN).values_list(
        "slot", "valid_until"
    ):
        held[slot].append(ends_on)
    papers = ProducerDocument.objects.current().filter(producer=dossier.product.producer_id)
    answers = Recheck.objects.filter(dossier=dossier).exclude(stored=None)
    for rows in (papers, answers):
        for slot, ends_on in rows.values_list("slot", "valid_until"):
            held[slot].append(ends_on)
    return held
