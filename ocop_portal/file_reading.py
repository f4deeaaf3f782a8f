"""Reading files after they were handed in: how many pages, a small picture, an image as PDF.

Done by the worker, safe to do twice (R8): whoever holds the row reads, what is read is not read
again. Memory is bounded by the judge of uploads (pixels) and by drawing one small page.
"""

import io
import logging
import shlex
import shutil
import subprocess
from datetime import timedelta
from tempfile import NamedTemporaryFile
from typing import Any

import img2pdf
import pypdfium2
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageOps

from ocop_portal.file_access import INFECTED
from ocop_portal.models import StoredFile
from ocop_portal.notices import notify

logger = logging.getLogger(__name__)

THUMBNAIL_PIXELS = 240
# Pages of a bound dossier are read on paper and on screen: 200 dots per inch of A4 are enough.
PAGE_PIXELS = 2400
A4_POINTS = (595.28, 841.89)
MAX_ATTEMPTS = 3
# A file that nobody has read for this long lost its worker, or its call never arrived.
QUIET = timedelta(seconds=30)


SCAN_SECONDS = 100


def waiting() -> Any:
    """The files whose turn the sweeper must bring back."""
    return StoredFile.objects.filter(
        state=StoredFile.State.PENDING, created_at__lt=timezone.now() - QUIET
    )


def scan_older_files(limit: int = 100) -> int:
    """Have the scanner look at files from before there was one; returns how many are next."""
    if not settings.SCAN_COMMAND:
        return 0
    unseen = StoredFile.objects.filter(scan=StoredFile.Scan.NONE).order_by("pk")
    return StoredFile.objects.filter(pk__in=unseen.values("pk")[:limit]).update(
        scan=StoredFile.Scan.WAITING, state=StoredFile.State.PENDING, reading_attempts=0
    )


def read(stored_pk: int) -> None:
    """Read a file that is pending; one that cannot be read says so and is not tried again."""
    pending = StoredFile.objects.filter(pk=stored_pk, state=StoredFile.State.PENDING)
    # In a transaction of its own: a file that kills its worker each time is given up.
    if not pending.update(reading_attempts=F("reading_attempts") + 1):
        return
    with transaction.atomic():
        stored = pending.select_for_update(skip_locked=True).first()
        if stored is None:
            return
        if stored.reading_attempts > MAX_ATTEMPTS:
            _fail(stored, "Tệp làm máy xử lý dừng nhiều lần.")
            return
        if stored.scan == StoredFile.Scan.WAITING and not _is_clean(stored):
            return
        try:
            _read(stored)
        except Exception as error:
            logger.warning("file %s could not be read: %s", stored, error)
            _fail(stored, "Không đọc được nội dung tệp; vẫn tải về được.")


def _is_clean(stored: StoredFile) -> bool:
    """Ask the scanner (abuse case F11). While it does not answer, the file waits for it."""
    verdict = _scanned(stored)
    if verdict is None:
        stored.reading_attempts = 0
        stored.save(update_fields=["reading_attempts"])
        return False
    stored.scan = StoredFile.Scan.CLEAN if verdict else StoredFile.Scan.INFECTED
    stored.save(update_fields=["scan"])
    if not verdict:
        logger.warning("file %s is infected", stored)
        _fail(stored, "Tệp có mã độc nên không ai tải về được; hãy thay bằng tệp khác.")
        _tell_of_infection(stored)
    return verdict


def _scanned(stored: StoredFile) -> bool | None:
    """True for a clean file, False for an infected one, None where the scanner did not say."""
    with NamedTemporaryFile(suffix=f".{stored.extension}") as copy, stored.file.open("rb") as kept:
        shutil.copyfileobj(kept, copy)
        copy.flush()
        try:
            # The command is the administrator's own setting; the path is ours.
            done = subprocess.run(  # noqa: S603
                [*shlex.split(settings.SCAN_COMMAND), copy.name],
                capture_output=True,
                timeout=SCAN_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            logger.warning("file %s could not be scanned: %s", stored, error)
            return None
    if done.returncode not in {0, 1}:
        logger.warning("file %s could not be scanned: %s", stored, done.stderr[:500])
        return None
    return done.returncode == 0


def _tell_of_infection(stored: StoredFile) -> None:
    if stored.uploaded_by:
        notify(
            INFECTED,
            [stored.uploaded_by],
            key=stored.sha256,
            title="Một tệp bạn tải lên có mã độc",
            detail="Không ai tải tệp này về được. Hãy quét máy của bạn rồi nộp tệp khác.",
            url=reverse("home"),
        )


def _fail(stored: StoredFile, problem: str) -> None:
    stored.state, stored.problem = StoredFile.State.FAILED, problem
    stored.save(update_fields=["state", "problem"])


def _read(stored: StoredFile) -> None:
    stored.thumbnail, stored.as_pdf = "", ""
    with stored.file.open("rb") as content:
        if stored.extension == StoredFile.Kind.PDF:
            pages, thumbnail = _read_pdf(content)
            stored.pages = pages
            _keep(stored.thumbnail, "thumbnail.png", thumbnail)
        elif stored.extension in {StoredFile.Kind.JPEG, StoredFile.Kind.PNG}:
            page, thumbnail = _read_image(content)
            stored.pages = 1
            _keep(stored.thumbnail, "thumbnail.png", thumbnail)
            _keep(stored.as_pdf, "pages.pdf", page)
    stored.state, stored.problem = StoredFile.State.READY, ""
    stored.save(update_fields=["state", "problem", "pages", "thumbnail", "as_pdf"])


def _keep(field: Any, name: str, data: bytes) -> None:
    field.save(name, ContentFile(data), save=False)


def _read_pdf(content: Any) -> tuple[int, bytes]:
    """The number of pages and the first as a small picture."""
    pdf = pypdfium2.PdfDocument(content)
    try:
        return len(pdf), page_picture(pdf, 0, THUMBNAIL_PIXELS)
    finally:
        pdf.close()


def page_picture(pdf: Any, index: int, pixels: int) -> bytes:
    """A page (from 0) as PNG, its longer side `pixels` long, however large the page says it is."""
    page = pdf[index]
    scale = pixels / max(*page.get_size(), 1)
    return _png(page.render(scale=scale).to_pil())


def _read_image(content: Any) -> tuple[bytes, bytes]:
    """The picture upright as a page of A4, and small. Neither has the camera's notes (F10)."""
    image: Any = Image.open(content)
    image.draft("RGB", (PAGE_PIXELS, PAGE_PIXELS))
    image.thumbnail((PAGE_PIXELS, PAGE_PIXELS))
    image = on_white(ImageOps.exif_transpose(image))
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=85)
    a4 = A4_POINTS if image.width <= image.height else A4_POINTS[::-1]
    layout = img2pdf.get_layout_fun(a4, border=(28, 28), fit=img2pdf.FitMode.into)
    page = img2pdf.convert(jpeg.getvalue(), layout_fun=layout, nodate=True)
    image.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    return page, _png(image)


def on_white(image: Any) -> Any:
    """The picture in RGB; what was transparent is white like paper."""
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        rgba = image.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(paper, rgba).convert("RGB")
    return image.convert("RGB")


def _png(image: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()
