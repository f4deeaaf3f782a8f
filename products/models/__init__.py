from products.models.dossier import Dossier, DossierDocument
from products.models.import_batch import ImportBatch
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

__all__ = [
    "ChainMembership",
    "Dossier",
    "DossierDocument",
    "EarlierResult",
    "ImportBatch",
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
]
