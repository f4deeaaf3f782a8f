"""How much one dossier holds: nobody fills the disk with it (abuse case F6)."""

from django.conf import settings
from django.db.models import Sum

from ocop_portal.models import StoredFile
from ocop_portal.problems import Refused
from products.models import Dossier


def refuse_over_quota(dossier: Dossier, slot: str, size: int) -> None:
    """Raise `Refused` where a further file of `size` bytes would be too much.

    What was replaced or removed is kept and therefore counts; pages of one file count once.
    """
    if dossier.documents.current().filter(slot=slot).count() >= settings.DOSSIER_MAX_FILES_PER_SLOT:
        raise Refused.because(
            "slot_full",
            f"Mục này đã có {settings.DOSSIER_MAX_FILES_PER_SLOT} tệp, không nhận thêm. "
            "Hãy ghép các tệp nhỏ thành một tệp PDF.",
        )
    contents = StoredFile.objects.filter(pk__in=dossier.documents.values("stored"))
    held = contents.aggregate(bytes=Sum("size"))["bytes"] or 0
    if held + size > settings.DOSSIER_MAX_BYTES:
        limit = settings.DOSSIER_MAX_BYTES // 2**20
        raise Refused.because(
            "dossier_full",
            f"Cả hồ sơ, kể cả bản cũ và tệp đã xóa, không vượt quá {limit} MB. "
            "Hãy giảm dung lượng tệp trước khi tải lên.",
        )
