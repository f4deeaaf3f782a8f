"""The verbs of regulation data: draft, save, put in force, discard, complete a sheet.

What was published never changes, with one exception: a sheet that does not add up, by which
nothing can have been judged, may be completed. Everything is checked by the same chain as the
files that the portal carries (`validation`).
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ProtectedError

from ocop_portal.problems import Problem, Refused, refuse_if
from regulations import rules
from regulations.assignment import date_problems
from regulations.loading import checksum_of, sheet_fields, title_of
from regulations.models import CriteriaSet, Regulation
from regulations.reading import DataError, Record
from regulations.schema import INCOMPLETE, schema_of, schema_problems
from regulations.sheets import Problem as DataProblem
from regulations.sheets import parse_sheet
from regulations.validation import (
    GROUPS,
    REGULATION,
    Documents,
    findings,
    kind_of,
    part_maximums,
    sheet_problems,
)

ONE_DAY = timedelta(days=1)
# Addresses of the portal that a code would hide.
RESERVED_CODES = frozenset({"so-sanh"})
COLUMNS = {REGULATION: "data", GROUPS: "groups"}


def documents_of(regulation: Regulation) -> Documents:
    """Return the documents of a regulation as they are stored."""
    sheets = {row.code: row.data for row in regulation.criteria_sets.order_by("number", "code")}
    return Documents(regulation.code, regulation.data, regulation.groups, sheets)


# --- A draft ------------------------------------------------------------------------------------


@transaction.atomic
def draft_regulation(base: Regulation, *, code: str, by: Any) -> Regulation:
    """Copy a published regulation, with its groups and sheets, to a draft with a code of its own.

    Each sheet of the draft takes the place of the one that it was copied from.
    """
    _check(by)
    if base.is_draft:
        raise Refused.because("base_is_draft", "Chỉ lập bản mới từ một quy định đã áp dụng.")
    if code in RESERVED_CODES or Regulation.objects.filter(code=code).exists():
        raise Refused.because("code_taken", f"Mã {code} đã được dùng; hãy chọn mã khác.")
    documents = documents_of(base)
    data = {key: value for key, value in documents.regulation.items() if key != "sheets_of"}
    ends = {"effective_to": None, "accepts_until": None}
    draft = Regulation.objects.create(
        code=code,
        title=base.title,
        state=Regulation.State.DRAFT,
        based_on=base,
        effective_from=base.effective_from,
        data={**data, **ends, "code": code},
        groups=_groups_for(documents.groups, code),
        checksum="",
    )
    rows = list(base.criteria_sets.order_by("number"))
    for row in rows:
        row.pk, row.draft, row.regulation = None, None, draft
        row.data = _recoded(row.data, str(row.data["regulation_code"]), code)
    CriteriaSet.objects.bulk_create(rows)
    _renew_checksum(draft)
    return draft


def _groups_for(groups: dict[str, Any], code: str) -> dict[str, Any]:
    """The classification of a draft; its products were judged by the same sheets before."""
    copied: dict[str, Any] = _recoded(groups, str(groups["regulation_code"]), code)
    for sector in copied["sectors"]:
        for group in sector["groups"]:
            for subgroup in group["subgroups"]:
                subgroup["follows"] = [subgroup["sheet"]]
    return copied


def _recoded(value: Any, old: str, new: str) -> Any:
    """Copy a document with the new code in the place of the old one, also where it is a prefix."""
    if isinstance(value, list):
        return [_recoded(one, old, new) for one in value]
    if not isinstance(value, dict):
        return value
    copied = {key: _recoded(one, old, new) for key, one in value.items()}
    for key in copied.keys() & {"regulation_code", "sheet_code", "sheet_file"}:
        copied[key] = str(copied[key]).replace(old, new, 1)
    return copied


@transaction.atomic
def discard_draft(regulation: Regulation, *, by: Any) -> None:
    """Throw a draft away with its sheets; raises `Refused` for anything but a draft."""
    locked = _locked(regulation, by=by)
    _require_draft(locked)
    try:
        locked.criteria_sets.all().delete()
        locked.delete()
    except ProtectedError as error:
        raise Refused.because(
            "draft_in_use", "Đã có sản phẩm hoặc hồ sơ gắn với bản soạn thảo này nên không bỏ được."
        ) from error


# --- Saving -------------------------------------------------------------------------------------


def editable_sheet(regulation: Regulation, name: str) -> CriteriaSet | None:
    """Return the sheet to edit, None where the document is no sheet.

    Raises `CriteriaSet.DoesNotExist` for a document that is not there or may not be edited.
    """
    if name in COLUMNS and regulation.is_draft:
        return None
    row = regulation.criteria_sets.get(code=name)
    row.regulation = regulation
    if not row.is_editable:
        raise CriteriaSet.DoesNotExist
    return row


def working_document(regulation: Regulation, name: str) -> Any:
    """Return what the editor shows of a document."""
    row = editable_sheet(regulation, name)
    return row.working_data if row else getattr(regulation, COLUMNS[name])


@transaction.atomic
def save_document(
    regulation: Regulation, name: str, data: Any, *, checksum: str, by: Any
) -> Regulation:
    """Write a document if nobody else did since the one with `checksum` was shown.

    It may be incomplete, or not add up; a value of the wrong type, and a change of what the
    portal sets itself, are refused.
    """
    locked = _locked(regulation, by=by)
    row = editable_sheet(locked, name)
    current = working_document(locked, name)
    if checksum_of(current) != checksum:
        raise Refused.because(
            "changed_meanwhile",
            "Văn bản này vừa được người khác lưu nên chưa ghi nội dung bạn nhập. "
            "Nội dung đó vẫn còn trên trang; hãy mở bản mới nhất để so sánh rồi nhập lại.",
        )
    refuse_if(_shape_problems(name, current, data))
    if row is None:
        _save_general(locked, name, data)
    elif locked.is_draft:
        _save_sheet(row, data, part_maximums(locked.data))
    else:
        row.draft = data
        row.save(update_fields=["draft"])
    if locked.is_draft:
        _renew_checksum(locked)
    return locked


def _shape_problems(name: str, current: Any, data: Any) -> list[Problem]:
    """What no document may have, not even an unfinished one."""
    kind = kind_of(name)
    wrong = [one for one in schema_problems(kind, data) if one.code not in INCOMPLETE]
    if wrong:
        return [Problem(one.code, f"{one.message}.") for one in wrong]
    return [
        Problem(
            "fixed_value",
            f"{schema['title']}: phải giữ nguyên “{current.get(key) or ''}”, "
            f"văn bản ghi “{data.get(key) or ''}”.",
        )
        for key, schema in schema_of(kind)["properties"].items()
        if schema.get("readOnly") and data.get(key) != current.get(key)
    ]


def _save_general(draft: Regulation, name: str, data: Any) -> None:
    before = part_maximums(draft.data)
    setattr(draft, COLUMNS[name], data)
    draft.title = _title(draft)
    draft.save(update_fields=[COLUMNS[name], "title"])
    maximums = part_maximums(draft.data)
    if maximums != before:
        for row in draft.criteria_sets.all():
            _save_sheet(row, row.data, maximums)


def _title(draft: Regulation) -> str:
    numbers = [str(one["number"]) for one in draft.data.get("decisions", ()) if one.get("number")]
    return f"Quyết định {', '.join(numbers)}" if numbers else draft.title


def _save_sheet(row: CriteriaSet, data: Any, maximums: Mapping[str, int]) -> None:
    """Write a draft's sheet with what is wrong with it; its columns follow as far as it is read."""
    problems = sheet_problems(row.code, data, maximums)
    fields: dict[str, Any] = {"data": data}
    with suppress(DataError):  # said among the problems
        fields = sheet_fields(parse_sheet(Record(data, f"{row.code}.json"), row.code), data)
    fields["problems"] = [problem.message for problem in problems]
    for column, value in fields.items():
        setattr(row, column, value)
    row.save(update_fields=[*fields])


# --- In force -----------------------------------------------------------------------------------


@transaction.atomic
def publish(regulation: Regulation, *, effective_from: date, by: Any) -> Regulation:
    """Put a draft in force from a day; the open regulation before it takes dossiers until then.

    Raises `Refused` with everything that is wrong: shape, meaning, days that overlap, dossiers
    that were received under the one before on or after the day. A sheet that does not add up does
    not stop the regulation; it is not usable until it is completed.
    """
    locked = _locked(regulation, by=by)
    _require_draft(locked)
    previous = _ended_before(locked, effective_from)
    documents = _dated(documents_of(locked), effective_from)
    refuse_if(_sentences(one.problem for one in findings(documents) if one.blocking))
    parsed = documents.parse()
    refuse_if(_overlaps(parsed, previous))
    if previous:
        previous.save(update_fields=["accepts_until", "effective_to"])
    return _put_in_force(locked, documents, parsed)


def _dated(documents: Documents, day: date) -> Documents:
    """The documents with the days on which they are in force: from `day`, without an end."""
    begin = {"effective_from": day.isoformat(), "effective_to": None}
    return replace(
        documents,
        regulation={**documents.regulation, **begin, "accepts_until": None},
        sheets={name: {**data, **begin} for name, data in documents.sheets.items()},
    )


def _overlaps(parsed: rules.Regulation, previous: Regulation | None) -> list[Problem]:
    """Where the days of the new regulation cross those of one that is in force already."""
    published = [row for row in Regulation.objects.published() if row != previous]
    known = [row.rules for row in [*published, previous] if row]
    return _sentences(date_problems([*known, parsed]))


def _put_in_force(draft: Regulation, documents: Documents, parsed: rules.Regulation) -> Regulation:
    for name, sheet in parsed.sheets.items():
        row = draft.criteria_sets.filter(code=name)
        row.update(**sheet_fields(sheet, documents.sheets[name]))
    draft.data = documents.regulation
    draft.title = title_of(parsed)
    draft.effective_from = parsed.effective_from
    draft.effective_to = draft.accepts_until = None
    draft.state = Regulation.State.PUBLISHED
    draft.save()
    return _renew_checksum(draft)


def _sentences(problems: Iterable[DataProblem]) -> list[Problem]:
    return [Problem(problem.code, f"{problem.message}.") for problem in problems]


def _ended_before(draft: Regulation, day: date) -> Regulation | None:
    """The open regulation that the draft takes over from, locked, ended on the day before.

    It is not saved yet. Raises `Refused` where it already took dossiers on or after the day.
    """
    published = Regulation.objects.select_for_update().published().exclude(pk=draft.pk)
    previous = published.filter(accepts_until__isnull=True, effective_from__lt=day).first()
    if previous is None:
        return None
    late = previous.dossiers.filter(received_on__gte=day).count()
    if late:
        raise Refused.because(
            "dossiers_received_later",
            f"Đã có {late} hồ sơ tiếp nhận từ ngày {day:%d/%m/%Y} theo {previous}; "
            "hãy chọn ngày áp dụng muộn hơn.",
        )
    previous.accepts_until = day - ONE_DAY
    previous.effective_to = previous.effective_to or day - ONE_DAY
    return previous


@transaction.atomic
def complete_sheet(criteria_set: CriteriaSet, *, checksum: str, by: Any) -> CriteriaSet:
    """Put the completed version of a published sheet in the place of the one that did not add up.

    Raises `Refused` with what is still wrong. Its regulation's checksum follows; the one of the
    files stays, so that loading the files again does not bring the old sheet back.
    """
    regulation = _locked(criteria_set.regulation, by=by)
    row = regulation.criteria_sets.select_for_update().get(pk=criteria_set.pk)
    if regulation.is_draft or row.is_usable or row.draft is None:
        raise Refused.because("nothing_to_complete", "Phiếu này không có bản hoàn thiện nào.")
    if checksum_of(row.draft) != checksum:
        raise Refused.because(
            "changed_meanwhile", "Bản hoàn thiện vừa được người khác lưu; hãy xem lại rồi làm lại."
        )
    maximums = part_maximums(regulation.data)
    refuse_if(_sentences(sheet_problems(row.code, row.draft, maximums)))
    sheet = parse_sheet(Record(row.draft, f"{row.code}.json"), row.code).checked(())
    for column, value in sheet_fields(sheet, row.draft).items():
        setattr(row, column, value)
    row.draft = None
    row.save()
    _renew_checksum(regulation)
    return row


# --- What the actions share ---------------------------------------------------------------------


def _check(by: Any) -> None:
    if not by.has_perm("regulations.edit_regulations"):
        raise PermissionDenied


def _locked(regulation: Regulation, *, by: Any) -> Regulation:
    _check(by)
    return Regulation.objects.select_for_update().get(pk=regulation.pk)


def _require_draft(regulation: Regulation) -> None:
    if not regulation.is_draft:
        raise Refused.because(
            "not_a_draft", "Quy định đã đưa vào áp dụng nên không thay đổi được; hãy lập bản mới."
        )


def _renew_checksum(regulation: Regulation) -> Regulation:
    documents = documents_of(regulation)
    content = [documents.regulation, documents.groups, dict(documents.sheets)]
    Regulation.objects.filter(pk=regulation.pk).update(checksum=checksum_of(content))
    regulation.refresh_from_db()
    return regulation
