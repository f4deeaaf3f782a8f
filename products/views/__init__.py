from products.views.accounts import (
    account_end,
    account_list,
    dossier_give_back,
    dossier_hand_over,
    dossier_take_back,
    invitation_accept,
    invitation_cancel,
)
from products.views.carrying import (
    carry_again,
    carry_document,
    carry_paper,
    document_move,
    dossier_carry,
)
from products.views.checking import (
    dossier_changes,
    dossier_check,
    dossier_supplement,
    supplement_document,
)
from products.views.commune import commune_report, commune_report_edit, commune_report_print
from products.views.documents import (
    document_facts,
    document_replace,
    document_restore,
    document_thumbnail,
    dossier_bundle,
)
from products.views.dossiers import (
    document_add,
    document_download,
    document_remove,
    dossier_accept,
    dossier_create,
    dossier_detail,
    dossier_edit,
    dossier_list,
    dossier_regulation,
    dossier_submit,
    dossier_withdraw,
)
from products.views.expiring import expiring_list
from products.views.imports import import_detail, import_list, import_save
from products.views.merging import merge_undo, producer_duplicates, producer_merge
from products.views.papers import paper_add, paper_download, paper_remove
from products.views.producers import (
    producer_create,
    producer_detail,
    producer_edit,
    producer_list,
    search,
)
from products.views.products import product_create, product_detail, product_edit, product_list
from products.views.rechecks import recheck_download, recheck_list, recheck_resolve
from products.views.rows import producer_chains, producer_years
from products.views.self_score import (
    ladder,
    self_score,
    self_score_evidence,
    self_score_print,
    self_score_save,
)
from products.views.uploads import dossier_sort, upload_begin, upload_discard, upload_finish
from products.views.validity import document_describe, dossier_validity

__all__ = [
    "account_end",
    "account_list",
    "carry_again",
    "carry_document",
    "carry_paper",
    "commune_report",
    "commune_report_edit",
    "commune_report_print",
    "document_add",
    "document_describe",
    "document_download",
    "document_facts",
    "document_move",
    "document_remove",
    "document_replace",
    "document_restore",
    "document_thumbnail",
    "dossier_accept",
    "dossier_bundle",
    "dossier_carry",
    "dossier_changes",
    "dossier_check",
    "dossier_create",
    "dossier_detail",
    "dossier_edit",
    "dossier_give_back",
    "dossier_hand_over",
    "dossier_list",
    "dossier_regulation",
    "dossier_sort",
    "dossier_submit",
    "dossier_supplement",
    "dossier_take_back",
    "dossier_validity",
    "dossier_withdraw",
    "expiring_list",
    "import_detail",
    "import_list",
    "import_save",
    "invitation_accept",
    "invitation_cancel",
    "ladder",
    "merge_undo",
    "paper_add",
    "paper_download",
    "paper_remove",
    "producer_chains",
    "producer_create",
    "producer_detail",
    "producer_duplicates",
    "producer_edit",
    "producer_list",
    "producer_merge",
    "producer_years",
    "product_create",
    "product_detail",
    "product_edit",
    "product_list",
    "recheck_download",
    "recheck_list",
    "recheck_resolve",
    "search",
    "self_score",
    "self_score_evidence",
    "self_score_print",
    "self_score_save",
    "supplement_document",
    "upload_begin",
    "upload_discard",
    "upload_finish",
]
