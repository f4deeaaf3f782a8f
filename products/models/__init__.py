from products.models.checking import CommuneReport, SupplementItem, SupplementRequest
from products.models.dossier import Dossier, DossierDocument
from products.models.form_answers import FormAnswers
from products.models.import_batch import ImportBatch, ImportMapping, ImportRow
from products.models.invitation import ProducerInvitation
from products.models.merge import ProducerMerge
from products.models.producer import ChainMembership, Producer, ProducerDocument, ProducerYear
from products.models.product import EarlierResult, Product
from products.models.product_record import (
    IntellectualProperty,
    ProductCode,
    ProductPackage,
    ProductPhoto,
    ProductStandard,
    ProductYear,
)
from products.models.recheck import Recheck
from products.models.self_score import SelfChoice, SelfEvidence, SelfScore

__all__ = [
    "ChainMembership",
    "CommuneReport",
    "Dossier",
    "DossierDocument",
    "EarlierResult",
    "FormAnswers",
    "ImportBatch",
    "ImportMapping",
    "ImportRow",
    "IntellectualProperty",
    "Producer",
    "ProducerDocument",
    "ProducerInvitation",
    "ProducerMerge",
    "ProducerYear",
    "Product",
    "ProductCode",
    "ProductPackage",
    "ProductPhoto",
    "ProductStandard",
    "ProductYear",
    "Recheck",
    "SelfChoice",
    "SelfEvidence",
    "SelfScore",
    "SupplementItem",
    "SupplementRequest",
]
