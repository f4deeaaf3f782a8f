"""What the ladder of a dossier starts from: the last result of a session that is over."""

from typing import Any

from django.urls import reverse

from evaluation.models import Result
from products.models import Dossier
from products.official_results import OfficialResult

# The law as data: 80 kB a row, of which a parsed copy is at hand in the process.
LAW = (
    "assessment__criteria_set__data",
    "assessment__criteria_set__draft",
    "assessment__criteria_set__regulation__data",
    "assessment__criteria_set__regulation__groups",
)


def last_result(user: Any, dossier: Dossier) -> OfficialResult | None:
    """The last final result that `user` may see, with the council's scoring where it has sheets.

    Never one of a session under way, not even for its secretary.
    """
    # Registered when Django starts: the derivation is loaded when somebody asks for it.
    from evaluation.result_page import agrees, scoring_of
    from regulations.rating import rate

    rows = Result.objects.visible_to(user).final().filter(dossier=dossier)
    related = (
        "council",
        "assessment__criteria_set__regulation",
        "assessment__item__session__council",
    )
    result = rows.select_related(*related).defer(*LAW).first()
    if result is None:
        return None
    criteria_set = dossier.criteria_set
    scoring = None
    if result.assessment:
        criteria_set = result.assessment.criteria_set
        counted = result.assessment.sheets.counted().prefetch_related("choices")
        scoring = scoring_of(result.assessment, list(counted))
        rating = rate(criteria_set.regulation.rules, criteria_set.sheet, scoring)
        if not agrees(rating, result):
            scoring = None
    may_open = user.has_perm("evaluation.see_results")
    by = str(result.council) if result.council else result.source_document
    return OfficialResult(
        title=f"Kết quả của {by}" if by else "Kết quả đã ghi",
        concluded_on=result.concluded_on,
        mean=result.mean,
        stars=result.stars,
        criteria_set=criteria_set,
        scoring=scoring,
        url=reverse("evaluation:result_detail", args=[result.pk]) if may_open else "",
    )
