from regulations.views.comparison import regulation_compare
from regulations.views.drafts import draft_create, draft_detail, draft_discard, draft_publish
from regulations.views.editor import (
    document_download,
    document_edit,
    document_upload,
    sheet_complete,
)
from regulations.views.reading import criteria_set_detail, regulation_detail, regulation_list

__all__ = [
    "criteria_set_detail",
    "document_download",
    "document_edit",
    "document_upload",
    "draft_create",
    "draft_detail",
    "draft_discard",
    "draft_publish",
    "regulation_compare",
    "regulation_detail",
    "regulation_list",
    "sheet_complete",
]
