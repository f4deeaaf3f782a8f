"""Small pictures of all pages of a PDF, to see where one paper of a long scan ends.

The worker draws them in batches when somebody asks; they are kept beside the files, each once.
"""

from io import BytesIO
from typing import Any

import pypdfium2
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from ocop_portal import jobs
from ocop_portal.models import Job, StoredFile

BATCH = 20
# The longer side of a picture; a batch of them stays below half a megabyte.
PIXELS = 280
QUALITY = 60


def job_of(stored: StoredFile) -> Job | None:
    """The work on this file's pictures, where somebody asked for them."""
    return Job.objects.filter(key=_key(stored)).first()


def _key(stored: StoredFile) -> str:
    return f"pages/{stored.pk}"


def start(stored: StoredFile, name: str, *, by: Any) -> Job:
    """Draw the pages of a PDF that was read; asked again, the same job is found."""
    pages = stored.pages or 0
    firsts = range(1, pages + 1, BATCH)
    ranges = [(first, min(first + BATCH - 1, pages)) for first in firsts]
    return jobs.start(
        PAGES,
        title=f"Vẽ ảnh các trang của tệp {name}",
        items=[jobs.Item(f"{a}-{b}", f"Trang {a}–{b}") for a, b in ranges],
        key=_key(stored),
        by=by,
        parameters={"stored": stored.pk},
    )


def name_of(stored: StoredFile, page: int) -> str:
    """Where the picture of a page (from 1) is kept, whether it is drawn or not."""
    return f"{_folder(stored)}/{page}.webp"


def drawn(stored: StoredFile) -> set[int]:
    """The pages that have their picture, by one look into the folder."""
    try:
        names = default_storage.listdir(_folder(stored))[1]
    except FileNotFoundError:
        return set()
    return {int(name.removesuffix(".webp")) for name in names if name.endswith(".webp")}


def _folder(stored: StoredFile) -> str:
    return f"files/pages/{stored.sha256[:2]}/{stored.sha256}"


def _draw(job: Job, reference: str) -> None:
    """One batch: one page is open at a time, so memory does not grow with the file."""
    stored = StoredFile.objects.get(pk=job.parameters["stored"])
    first, last = (int(number) for number in reference.split("-"))
    with stored.file.open("rb") as content:
        pdf = pypdfium2.PdfDocument(content)
        try:
            for number in range(first, last + 1):
                _keep(name_of(stored, number), _picture(pdf, number - 1))
        finally:
            pdf.close()


def _picture(pdf: Any, index: int) -> bytes:
    page = pdf[index]
    bitmap = page.render(scale=PIXELS / max(*page.get_size(), 1))
    target = BytesIO()
    bitmap.to_pil().convert("RGB").save(target, "WEBP", quality=QUALITY)
    bitmap.close()
    page.close()
    return target.getvalue()


def _keep(name: str, data: bytes) -> None:
    """A batch that is drawn a second time writes the same names again."""
    default_storage.delete(name)
    default_storage.save(name, ContentFile(data))


PAGES = jobs.Kind(name="page_pictures", do_item=_draw)
