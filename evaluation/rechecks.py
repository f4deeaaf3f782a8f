"""Every night: what recognised products can no longer show for the stars that they hold."""

from datetime import date

from django.db.models import Q

from evaluation.models import Certificate
from products.actions.rechecks import raise_rechecks, settle_rechecks_but
from products.models import DossierDocument, Recheck


def look_at_recognised(today: date) -> int:
    """Raise the rechecks of all products whose certificate holds today, settle what is answered or
    no longer matters; returns how many are new.
    """
    holding = Certificate.objects.valid_on(today)
    settle_rechecks_but(holding.values("result__dossier"))
    lapsed = DossierDocument.objects.current().filter(valid_until__lt=today)
    waiting = Recheck.objects.open()
    concerned = holding.filter(
        Q(result__dossier__in=lapsed.values("dossier"))
        | Q(result__dossier__in=waiting.values("dossier"))
    )
    return sum(
        raise_rechecks(certificate.result.dossier, stars=certificate.stars, today=today)
        for certificate in concerned.select_related("result__dossier").iterator(chunk_size=500)
    )
