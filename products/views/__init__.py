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
    dossier_supplement,
    dossier_withdraw,
)
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
from products.views.rows import producer_chains, producer_years

__all__ = [
    "document_add",
    "document_download",
    "document_remove",
    "dossier_accept",
    "dossier_create",
    "dossier_detail",
    "dossier_edit",
    "dossier_list",
    "dossier_regulation",
    "dossier_submit",
    "dossier_supplement",
    "dossier_withdraw",
    "import_detail",
    "import_list",
    "import_save",
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
    "search",
]
