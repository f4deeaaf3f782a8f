from products.models.dossier import Dossier, DossierDocument
from products.models.import_batch import ImportBatch
from products.models.invitation import ProducerInvitation
from products.models.producer import Producer, ProducerDocument
from products.models.product import EarlierResult, Product

__all__ = [
    "Dossier",
    "DossierDocument",
    "EarlierResult",
    "ImportBatch",
    "Producer",
    "ProducerDocument",
    "ProducerInvitation",
    "Product",
]
