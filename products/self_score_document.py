"""The producer's score as a printed sheet: every criterion, the chosen options clear."""

from django.template.loader import render_to_string

from ocop_portal.documents import html_to_pdf
from products.models import Dossier
from products.self_score import SelfScorePage


def self_score_pdf(dossier: Dossier, page: SelfScorePage) -> bytes:
    """The sheet in the form of Decree 30/2020/NĐ-CP, for the producer to sign."""
    criteria_set = page.score.criteria_set if page.score else dossier.criteria_set
    context = {"dossier": dossier, "page": page, "criteria_set": criteria_set}
    return html_to_pdf(render_to_string("products/pdf/self_score.html", context))
