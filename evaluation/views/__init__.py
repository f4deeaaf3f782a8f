from evaluation.views.assessments import (
    assessment_conclude,
    assessment_detail,
    assessment_repeat,
    session_close,
    session_open,
)
from evaluation.views.board import session_attendance, session_board
from evaluation.views.catalogue import (
    catalogue_detail,
    catalogue_list,
    catalogue_photo,
    catalogue_photo_small,
    robots,
    sitemap,
)
from evaluation.views.certificates import (
    certificate_detail,
    certificate_list,
    certificate_pdf,
    certificate_revoke,
)
from evaluation.views.decisions import decision_create, decision_detail, decision_list
from evaluation.views.results import result_detail, result_list, result_record
from evaluation.views.sheets import (
    my_sheets,
    sheet_choose,
    sheet_comment,
    sheet_detail,
    sheet_document,
    sheet_sign,
)
from evaluation.views.verification import verify, verify_number

__all__ = [
    "assessment_conclude",
    "assessment_detail",
    "assessment_repeat",
    "catalogue_detail",
    "catalogue_list",
    "catalogue_photo",
    "catalogue_photo_small",
    "certificate_detail",
    "certificate_list",
    "certificate_pdf",
    "certificate_revoke",
    "decision_create",
    "decision_detail",
    "decision_list",
    "my_sheets",
    "result_detail",
    "result_list",
    "result_record",
    "robots",
    "session_attendance",
    "session_board",
    "session_close",
    "session_open",
    "sheet_choose",
    "sheet_comment",
    "sheet_detail",
    "sheet_document",
    "sheet_sign",
    "sitemap",
    "verify",
    "verify_number",
]
