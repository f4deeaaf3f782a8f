from products.models.dossier import Dossier, DossierDocument
from products.models.form_answers import FormAnswers
from products.models.import_batch import ImportBatch
from products.models.invitation import ProducerInvitation
from products.models.merge import ProducerMerge
from products.models.producer import ChainMembership, Producer, ProducerDocument, ProducerYear
from products.models.product import EarlierResult, Product

__all__ = [
    "ChainMembership",
    "Dossier",
    "DossierDocument",
    "EarlierResult",
    "FormAnswers",
    "ImportBatch",
    "Producer",
    "ProducerDocument",
    "ProducerInvitation",
    "ProducerMerge",
    "ProducerYear",
    "Product",
]
