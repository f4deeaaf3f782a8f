"""The inside of files that are handed in: each judge raises `BadContent` for what may not be kept.

They read what they must and unpack nothing: sizes are added up from the directories first.
"""

import re
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, BinaryIO

import pikepdf
from django.conf import settings
from PIL import Image, ImageFile, UnidentifiedImageError

# First bytes of what is never taken, whatever it is called.
FOREIGN = {
    b"MZ": "program",
    b"\x7fELF": "program",
    b"#!": "program",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "old_office",
}
MARKUP = re.compile(rb"<\s*(script|html|svg|!doctype|\?xml|iframe|body)", re.IGNORECASE)
# Where other programs still look for the beginning of a PDF or of a page.
SNIFFED_BYTES = 1024
TAIL_BYTES = 2048

MAX_PDF_OBJECTS = 500_000
MAX_NESTING = 60
# Keys and names in a PDF that act when it is opened or clicked, or that carry other files.
ACTIVE_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/RichMediaContent", "/XFA"}
ACTIVE_NAMES = {"/JavaScript", "/Launch", "/EmbeddedFile", "/ImportData", "/RichMedia"}

MAX_ENTRIES = 10_000
MAX_UNPACKED = 1024**3
MAX_RATIO = 200
# Small parts of a document compress well without harm.
RATIO_COUNTS_FROM = 10 * 1024**2
MACRO_PARTS = re.compile(
    r"(^|/)(vbaProject\.bin|vbaData\.xml|macrosheets/|activeX/)", re.IGNORECASE
)
CONTENT_TYPES = "[Content_Types].xml"
MAX_CONTENT_TYPES = 5 * 1024**2

PNG_SIGNATURE = 8
RIFF_HEAD = 8
_LOADING = Lock()


class BadContent(Exception):
    """Why a file is not taken: a code, and the end of a sentence that begins with its name."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def _cut_off() -> BadContent:
    return BadContent("damaged", "bị cắt giữa chừng hoặc bị hỏng, hãy tải lại.")


def refuse_second_nature(stream: BinaryIO, extension: str) -> None:
    """Refuse a file that another program would read as something else (abuse case F2)."""
    double = BadContent("polyglot", "là hai loại tệp ghép làm một nên không nhận được.")
    stream.seek(0)
    head = stream.read(SNIFFED_BYTES)
    if MARKUP.search(head) and extension in {"jpg", "png", "webp", "mp4"}:
        raise double
    if extension == "pdf":
        if re.search(rb"<\s*(script|html|svg)", head, re.IGNORECASE):
            raise double
    elif b"%PDF-" in head:
        raise double
    stream.seek(0)
    if extension not in {"docx", "xlsx"} and zipfile.is_zipfile(stream):
        raise double


# --- PDF ----------------------------------------------------------------------------------------


def inspect_pdf(stream: BinaryIO, size: int) -> None:
    """Refuse a PDF that is cut off, locked, without pages, or that acts (abuse case F2).

    What it has packed is unpacked: `products.pdf_judge` sees to it that this harms nobody.
    """
    stream.seek(max(0, size - TAIL_BYTES))
    if b"%%EOF" not in stream.read():
        raise _cut_off()
    stream.seek(0)
    try:
        with pikepdf.open(stream) as pdf:
            if pdf.is_encrypted:
                raise _locked()
            if not len(pdf.pages):
                raise BadContent("no_pages", "không có trang nào.")
            _refuse_active(pdf)
    except pikepdf.PasswordError as error:
        raise _locked() from error
    except (pikepdf.PdfError, RuntimeError, RecursionError) as error:
        raise _cut_off() from error


def _locked() -> BadContent:
    return BadContent("encrypted", "có đặt mật khẩu. Hãy bỏ mật khẩu rồi tải lại.")


def _refuse_active(pdf: pikepdf.Pdf) -> None:
    """Look at every object, also those packed into object streams."""
    for number, found in enumerate(pdf.objects):
        if number > MAX_PDF_OBJECTS:
            raise BadContent("too_complex", "quá phức tạp. Hãy in lại thành PDF rồi tải lên.")
        if _is_active(found, MAX_NESTING):
            raise BadContent(
                "active_pdf",
                "chứa mã lệnh, biểu mẫu động hoặc tệp đính kèm nên không nhận được. "
                "Hãy in lại thành PDF rồi tải lên.",
            )


def _is_active(found: Any, depth: int) -> bool:
    """Whether an object, or one written directly inside it, acts or carries a file."""
    if depth == 0:
        return True
    if isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
        return any(
            key in ACTIVE_KEYS or _acts(key, value) or _inner_is_active(value, depth)
            for key, value in found.items()
        )
    if isinstance(found, pikepdf.Array):
        return any(_inner_is_active(value, depth) for value in found)
    return False


def _acts(key: str, value: Any) -> bool:
    named = key in {"/S", "/Type", "/Subtype"} and isinstance(value, pikepdf.Name)
    return named and str(value) in ACTIVE_NAMES


def _inner_is_active(value: Any, depth: int) -> bool:
    # Objects of their own are looked at in their own turn.
    if not isinstance(value, pikepdf.Object) or value.is_indirect:
        return False
    return _is_active(value, depth - 1)


# --- Pictures -----------------------------------------------------------------------------------


def judge_jpeg(stream: BinaryIO, size: int) -> None:  # noqa: ARG001
    """Refuse a JPEG that is cut off or has too many pixels (F4); it is decoded at an eighth."""
    image = _opened(stream, "JPEG")
    try:
        image.draft("RGB", (image.width // 8 or 1, image.height // 8 or 1))
        with strictly():
            image.load()
    except (OSError, SyntaxError, ValueError) as error:
        raise _cut_off() from error


@contextmanager
def strictly() -> Iterator[None]:
    """Let no half picture pass: WeasyPrint tells Pillow to forgive them, in the whole process."""
    with _LOADING:
        forgiving = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = forgiving


def judge_png(stream: BinaryIO, size: int) -> None:
    """Refuse a PNG that is cut off, has too many pixels or goes on after its end."""
    _opened(stream, "PNG")
    position = PNG_SIGNATURE
    while True:
        stream.seek(position)
        header = stream.read(8)
        if len(header) < 8:
            raise _cut_off()
        length, name = struct.unpack(">I4s", header)
        position += 12 + length
        if position > size:
            raise _cut_off()
        if name == b"IEND":
            break
    if position != size:
        raise BadContent("polyglot", "có dữ liệu lạ ở sau ảnh nên không nhận được.")


def judge_webp(stream: BinaryIO, size: int) -> None:
    """Refuse a WebP that has too many pixels, or whose length is not what its head says."""
    _opened(stream, "WEBP")
    stream.seek(4)
    (length,) = struct.unpack("<I", stream.read(4))
    if length + RIFF_HEAD > size:
        raise _cut_off()
    if length + RIFF_HEAD + length % 2 < size:
        raise BadContent("polyglot", "có dữ liệu lạ ở sau ảnh nên không nhận được.")


def _opened(stream: BinaryIO, kind: str) -> Image.Image:
    """The picture with its head read, not one pixel decoded yet."""
    stream.seek(0)
    try:
        image = Image.open(stream, formats=[kind])
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise _cut_off() from error
    if image.width * image.height > settings.UPLOAD_MAX_PIXELS:
        raise _too_many_pixels()
    return image


def _too_many_pixels() -> BadContent:
    limit = settings.UPLOAD_MAX_PIXELS // 1_000_000
    return BadContent("too_many_pixels", f"có hơn {limit} triệu điểm ảnh. Hãy thu nhỏ ảnh lại.")


# --- Word and Excel -----------------------------------------------------------------------------


def office_type(stream: BinaryIO) -> str:
    """By the parts inside "docx" or "xlsx", "cut_zip" where there is no directory, else ""."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return "cut_zip"
    if CONTENT_TYPES not in names:
        return ""
    return next(
        (
            kind
            for kind, part in {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}.items()
            if part in names
        ),
        "",
    )


def judge_docx(stream: BinaryIO, size: int) -> None:
    """Refuse a Word file with macros, a bomb or a damaged one."""
    _judge_office(stream, size)


def judge_xlsx(stream: BinaryIO, size: int) -> None:
    """Refuse a workbook with macros, a bomb or a damaged one."""
    _judge_office(stream, size)


def _judge_office(stream: BinaryIO, size: int) -> None:
    stream.seek(0)
    with zipfile.ZipFile(stream) as archive:
        entries = archive.infolist()
        _refuse_bomb(entries, size)
        if min(entry.header_offset for entry in entries) or archive.comment:
            raise BadContent("polyglot", "là hai loại tệp ghép làm một nên không nhận được.")
        if any(entry.flag_bits & 1 for entry in entries):
            raise _locked()
        if any(MACRO_PARTS.search(entry.filename) for entry in entries):
            raise _macro()
        declared = archive.getinfo(CONTENT_TYPES)
        if declared.file_size > MAX_CONTENT_TYPES:
            raise _bomb()
        try:
            with archive.open(declared) as part:
                if b"macroenabled" in part.read(MAX_CONTENT_TYPES).lower():
                    raise _macro()
        except (zipfile.BadZipFile, OSError, EOFError) as error:
            raise _cut_off() from error


def _refuse_bomb(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Measure before unpacking: how much, how many, and whether parts overlap (abuse case F3)."""
    packed = sum(entry.compress_size for entry in entries)
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or packed > size:
        raise _bomb()
    if unpacked > RATIO_COUNTS_FROM and unpacked > MAX_RATIO * packed:
        raise _bomb()
    if any(".." in entry.filename.replace("\\", "/").split("/") for entry in entries):
        raise BadContent("bad_parts", "có phần mang tên bất thường nên không nhận được.")


def _bomb() -> BadContent:
    return BadContent("zip_bomb", "bung ra lớn bất thường nên không nhận được.")


def _macro() -> BadContent:
    return BadContent("macro", "chứa macro nên không nhận được. Hãy lưu lại không kèm macro.")


# --- Film ---------------------------------------------------------------------------------------


def judge_mp4(stream: BinaryIO, size: int) -> None:
    """Refuse an MP4 whose boxes do not end with the file, or that lacks its index or content."""
    names = set(_boxes(stream, size))
    if not {b"ftyp", b"moov", b"mdat"} <= names:
        raise _cut_off()


def _boxes(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """The names of the outermost boxes, in order."""
    position = 0
    while position < size:
        stream.seek(position)
        header = stream.read(16)
        if len(header) < 8:
            raise _cut_off()
        length, name = struct.unpack(">I4s", header[:8])
        if length == 1 and len(header) == 16:
            (length,) = struct.unpack(">Q", header[8:])
        elif length == 0:
            length = size - position
        if length < 8 or position + length > size:
            raise _cut_off()
        position += length
        yield name
