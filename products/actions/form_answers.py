"""Keeping the answers of printed forms, and putting a printed form into the dossier."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from ocop_portal.problems import Refused
from products.actions.documents import replace_document
from products.actions.dossiers import add_document, lock_editable
from products.models import Dossier, DossierDocument, FormAnswers
from products.printed_forms.answers import answers_of, codes_of
from products.printed_forms.drawing import TYPES
from products.printed_forms.filling import FilledForm
from products.printed_forms.structure import Form


def shown_mark(dossier: Dossier, form: Form, answers: Mapping[str, Any]) -> str:
    """A mark of the answers that a page of `form` shows: other answers, another mark."""
    shown = {code: answers.get(code) for code in codes_of(form, dossier)}
    text = json.dumps(shown, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@transaction.atomic
def save_answers(
    dossier: Dossier, form: Form, values: Mapping[str, Any], *, shown: str, by: Any
) -> FormAnswers:
    """Keep the answers of one form; those of the others stay as they are.

    `shown` is the mark of what the page showed (`shown_mark`). Raises `Refused` where somebody
    else has saved the same answers meanwhile, or for a question that the form does not have;
    `PermissionDenied` for the commune's report, where a producer's account asks.
    """
    locked = lock_for(dossier, form, by=by)
    if unknown := set(values) - set(codes_of(form, locked)):
        raise Refused.because(
            "unknown_question", f"Biểu không có mục {', '.join(sorted(unknown))}."
        )
    stored = answers_of(locked)
    if shown_mark(locked, form, stored) != shown:
        raise Refused.because(
            "changed_meanwhile",
            "Biểu này vừa được người khác lưu. Nội dung bạn nhập vẫn còn trên trang; "
            "hãy so sánh rồi lưu lại.",
        )
    kept = {code: value for code, value in {**stored, **values}.items() if value}
    row, _created = FormAnswers.objects.update_or_create(
        dossier=locked, defaults={"answers": kept, "saved_by": by}
    )
    return row


def lock_for(dossier: Dossier, form: Form, *, by: Any) -> Dossier:
    """The dossier's row, locked, for somebody who may write this form of it now."""
    locked = lock_editable(dossier, by=by)
    if form.by_office and not by.has_perm("products.edit_product", locked.product):
        raise PermissionDenied
    return locked


@transaction.atomic
def put_into_dossier(
    dossier: Dossier, slot: str, filled: FilledForm, *, by: Any
) -> DossierDocument:
    """Put the form's PDF into its slot, in the place of the one that was made before.

    Raises `Refused` where exactly this paper is there already.
    """
    locked = lock_for(dossier, filled.form, by=by)
    kind = TYPES["pdf"]
    upload = SimpleUploadedFile(
        f"{filled.form.file_name}.pdf", kind.draw(filled), content_type=kind.content_type
    )
    earlier = locked.documents.current().filter(slot=slot, original_name=upload.name).first()
    if earlier:
        return replace_document(earlier, upload, by=by)
    return add_document(locked, slot, upload, by=by)
