"""From a certificate's record to the words that are printed on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from evaluation.certificate_documents import CertificateContext, text_problems
from evaluation.models import Certificate
from ocop_portal.problems import Problem

# The fields of a decision that its certificates repeat, by the text on the certificate.
DECISION_FIELDS = {
    "authority": "authority",
    "decision": "number",
    "place_and_date": "signed_on",
    "signatory_name": "signatory_name",
    "signatory_titles": "signatory_title",
}


@dataclass(frozen=True)
class FieldProblem(Problem):
    """A problem that lies in one field of the decision."""

    field: str = ""


def print_problems(certificates: Iterable[Certificate]) -> list[Problem]:
    """Why certificates could not be printed: in the decision, or in a product that is named."""
    found: dict[Problem, None] = {}  # in this order, each once
    for certificate in certificates:
        for text, problems in text_problems(certificate_context(certificate)).items():
            field = DECISION_FIELDS.get(text)
            for problem in problems:
                found[_of(problem, field, certificate)] = None
    return list(found)


def _of(problem: Problem, field: str | None, certificate: Certificate) -> Problem:
    if field:
        return FieldProblem(problem.code, problem.message, field)
    return Problem(problem.code, f"Sản phẩm “{certificate.product_name:.60}”: {problem.message}")


def certificate_context(certificate: Certificate) -> CertificateContext:
    """Every word of the certificate, from what was copied into it when it was issued."""
    decision = certificate.decision
    signed = day_in_words(decision.signed_on)
    return CertificateContext(
        product_name=certificate.product_name,
        producer_name=certificate.producer_name,
        producer_address=certificate.producer_address,
        stars=certificate.stars,
        number=certificate.number,
        decision_number=decision.number,
        decision_date=signed,
        authority=lines_of(decision.authority),
        signatory_titles=lines_of(decision.signatory_title),
        signatory_name=decision.signatory_name,
        place_and_date=f"{decision.unit.name}, {signed}",
        valid_until=validity_in_words(certificate),
        verify_url=certificate.verify_url,
    )


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a heading that is kept in one field: "TM. ỦY BAN NHÂN DÂN / CHỦ TỊCH"."""
    return tuple(line for part in text.split("/") if (line := part.strip()))


def day_in_words(day: date) -> str:
    """A date as Vietnamese documents write it: days under 10 and January, February with a zero
    (Decree 30/2020/NĐ-CP, Annex I).
    """
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def validity_in_words(certificate: Certificate) -> str:
    """The term, counted from the day of the decision."""
    first, last = certificate.valid_from, certificate.valid_until
    months = (last.year - first.year) * 12 + last.month - first.month
    return (
        f"Giấy chứng nhận có giá trị {months} tháng kể từ {day_in_words(first)}, "
        f"đến hết {day_in_words(last)}"
    )
