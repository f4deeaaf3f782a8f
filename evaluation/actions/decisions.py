"""A decision is issued in one transaction: the decision, its certificates, the dossiers' state."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from evaluation import certificate_jobs
from evaluation.certificate_wording import FieldProblem, print_problems
from evaluation.models import Certificate, Decision, Result
from evaluation.notices import tell_of_recognition
from ocop_portal import workflow
from ocop_portal.models import Counter, Job
from ocop_portal.problems import Refused, refuse_if
from products.models import Dossier, Product
from products.workflow import TRANSITIONS as DOSSIER_TRANSITIONS
from regulations.deadlines import months_later
from regulations.numbers import filled

CENTRE = "TW"


@transaction.atomic
def issue_decision(results: Sequence[Result], *, by: Any, **fields: Any) -> tuple[Decision, Job]:
    """Enter a signed decision; its certificates are made and a job draws them.

    Raises `Refused` for a result that waits for no decision, or belongs to another tier (C2), for
    a decision that is not signed yet, and for one whose certificates cannot be printed (C10).
    """
    if not by.has_perm("evaluation.issue_decisions"):
        raise PermissionDenied
    number, signed_on = fields["number"], fields["signed_on"]
    if signed_on > timezone.localdate():
        raise Refused(FieldProblem("not_signed", "Quyết định chưa ký: ngày chưa đến.", "signed_on"))
    locked = _lock_waiting(results, tier=fields["tier"])
    if Decision.objects.filter(number=number, signed_on__year=signed_on.year).exists():
        raise Refused.because("number_used", f"Số quyết định {number} đã được ghi trong năm.")
    decision = Decision.objects.create(issued_by=by, **fields)
    certificates = [_certificate(result, decision, by=by) for result in locked]
    refuse_if(print_problems(certificates))
    for certificate in certificates:
        _recognise(certificate, by=by)
    return decision, certificate_jobs.start(decision, certificates, by=by)


@transaction.atomic
def revoke_certificate(certificate: Certificate, *, reason: str, by: Any) -> Certificate:
    """End a certificate's validity today, with the reason that the public page states."""
    if not by.has_perm("evaluation.revoke_certificates"):
        raise PermissionDenied
    locked = Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
    if locked.status != Certificate.Status.VALID:
        raise Refused.because("not_valid", "Chỉ thu hồi được giấy chứng nhận còn hiệu lực.")
    if not reason:
        raise Refused.because("no_reason", "Hãy ghi lý do thu hồi.")
    locked.revoked_on = timezone.localdate()
    locked.revocation_reason = reason
    locked.save(update_fields=["revoked_on", "revocation_reason"])
    return locked


def _lock_waiting(results: Sequence[Result], *, tier: str) -> list[Result]:
    wanted = [result.pk for result in results]
    if not wanted:
        raise Refused.because("no_results", "Chưa chọn sản phẩm nào để công nhận.")
    locked = list(
        Result.objects.select_for_update(of=("self",))
        .filter(pk__in=wanted, tier=tier)
        .awaiting_decision()
        .select_related(
            "dossier__product__producer__unit__parent",
            "dossier__product__unit__parent",
            "dossier__regulation",
        )
        .order_by("dossier__product__district__name", "-recognised_stars", "pk")
    )
    if len(locked) != len(set(wanted)):
        raise Refused.because(
            "not_waiting",
            "Có sản phẩm đã nằm trong quyết định khác, hoặc không chờ quyết định. "
            "Hãy tải lại trang.",
        )
    # Another tier may decide on the same product at the same time.
    products = Product.objects.select_for_update(of=("self",)).order_by("pk")
    list(products.filter(pk__in=[row.dossier.product_id for row in locked]).values_list("pk"))
    return locked


def _recognise(certificate: Certificate, *, by: Any) -> None:
    result = certificate.result
    result.decision = certificate.decision
    result.save(update_fields=["decision"])
    certificate.save()
    _keep_one_in_force(certificate)
    if result.dossier.state == Dossier.State.AWAITING_DECISION:
        workflow.apply(DOSSIER_TRANSITIONS["recognise"], result.dossier, by=by)
    tell_of_recognition(certificate)


def _certificate(result: Result, decision: Decision, *, by: Any) -> Certificate:
    """The certificate as it will be kept, with its number; not saved yet."""
    product = result.dossier.product
    # No dossier is submitted without a producer, no decision lists what is not recognised.
    assert product.producer is not None
    assert result.recognised_stars is not None
    rules = result.dossier.regulation.rules.certificate
    year = decision.signed_on.year
    register_number = Counter.next(f"certificate/{decision.tier}/{decision.unit.path}/{year}")
    return Certificate(
        decision=decision,
        result=result,
        product=product,
        producer=product.producer,
        register_number=register_number,
        number=filled(
            rules.number, STT=f"{register_number:04d}", YYYY=str(year), DV=_authority_code(decision)
        ),
        stars=result.recognised_stars,
        product_name=product.name,
        producer_name=product.producer.name,
        producer_address=address_of(product.producer),
        valid_from=decision.signed_on,
        valid_until=months_later(decision.signed_on, rules.validity_months),
        issued_by=by,
    )


def address_of(producer: Any) -> str:
    """Address, commune, district, province: as much of it as is known."""
    parts = [producer.address]
    unit = producer.unit
    while unit is not None:
        parts.append(unit.full_name)
        unit = unit.parent
    return ", ".join(part for part in parts if part)


def _authority_code(decision: Decision) -> str:
    """Whose register the number stands in: the ministry's, or the province's by its code."""
    return CENTRE if decision.tier == "national" else decision.unit.code


def _keep_one_in_force(certificate: Certificate) -> None:
    """A product has one certificate in force: that of the decision signed last, whichever was
    entered first.
    """
    others = Certificate.objects.filter(
        product=certificate.product,
        valid_from__lte=certificate.valid_until,
        valid_until__gte=certificate.valid_from,
        revoked_on__isnull=True,
        replaced_by__isnull=True,
    ).exclude(pk=certificate.pk)
    later = others.filter(valid_from__gt=certificate.valid_from)
    if successor := later.order_by("valid_from", "pk").last():
        certificate.replaced_by = successor
        certificate.save(update_fields=["replaced_by"])
    else:
        others.update(replaced_by=certificate)
