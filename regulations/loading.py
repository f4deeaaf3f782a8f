"""Put the regulations that the portal carries into the database; safe to repeat."""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.db import transaction

from ocop_portal.problems import Refused
from regulations import parsing, rules
from regulations.models import CriteriaSet, Regulation
from regulations.reading import read_record
from regulations.sheets import Sheet


@transaction.atomic
def load_regulations(base: Path = parsing.DATA_DIR) -> int:
    """Create or refresh every regulation under `base` with its sheets; returns their number.

    Raises DataError for a file of the wrong shape, `Refused` for one that changed although
    dossiers are already judged by it.
    """
    regulations = parsing.read_regulations(base)
    for regulation in regulations.values():
        _load(regulation, base)
    return len(regulations)


def _load(regulation: rules.Regulation, base: Path) -> None:
    data = read_record(base / regulation.code / "regulation.json").data
    home = base / data.get("sheets_of", regulation.code)
    groups = read_record(home / "product_groups.json").data
    files = {name: read_record(home / "sheets" / f"{name}.json").data for name in regulation.sheets}
    checksum = checksum_of([data, groups, files])
    stored = Regulation.objects.filter(code=regulation.code).first()
    if stored and stored.source_checksum == checksum:
        return
    if stored and stored.based_on_id:
        raise Refused.because(
            "regulation_drafted_here",
            f"Mã {stored.code} đã dùng cho một quy định soạn trên hệ thống này.",
        )
    if stored and stored.dossiers.exists() and not _judges_alike(stored.rules, regulation):
        raise Refused.because(
            "regulation_in_use",
            f"Quy định {stored.code} đã có hồ sơ nên không thay đổi được; hãy lập bản mới.",
        )
    row, _created = Regulation.objects.update_or_create(
        code=regulation.code,
        defaults={
            "title": title_of(regulation),
            "effective_from": regulation.effective_from,
            "effective_to": regulation.effective_to,
            "accepts_until": regulation.accepts_until,
            "data": data,
            "groups": groups,
            "checksum": checksum,
            "source_checksum": checksum,
        },
    )
    for name, sheet in regulation.sheets.items():
        CriteriaSet.objects.update_or_create(
            regulation=row, code=name, defaults=sheet_fields(sheet, files[name])
        )


# What a product is judged by. The rest, such as a note or a source, may be corrected at any time.
JUDGED_BY = ("parts", "star_bands", "tiers", "aggregation", "minimums", "knockouts", "sheets")


def _judges_alike(stored: rules.Regulation, new: rules.Regulation) -> bool:
    return all(getattr(stored, name) == getattr(new, name) for name in JUDGED_BY)


def title_of(regulation: rules.Regulation) -> str:
    """How people name a regulation: by the decisions that make it up."""
    numbers = ", ".join(decision.number for decision in regulation.decisions)
    return f"Quyết định {numbers}"


def sheet_fields(sheet: Sheet, data: dict[str, Any]) -> dict[str, Any]:
    """The columns of a score sheet's row."""
    return {
        "number": sheet.number,
        "name": sheet.title,
        "sector": sheet.sector,
        "group": sheet.group,
        "ministry": ", ".join(sheet.ministries),
        "data": data,
        "problems": [problem.message for problem in sheet.problems or ()],
    }


def checksum_of(data: Any) -> str:
    """Tell one content from another: regulation, product groups and sheets together."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
