"""What may be uploaded: judged by the content of a file, never by its name (abuse cases F1–F6).

A film of 300 MB is judged like a page of 30 kB: only its head, its tables and its directory are
read, and what would unpack or decode into something huge is measured before it is touched, or is
touched by a process of its own.
"""

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO

import filetype
from django.conf import settings
from django.core.files import File

from ocop_portal.problems import Refused
from ocop_portal.text import clean_line
from products import upload_contents as contents
from products.pdf_judge import judge_pdf
from products.upload_contents import BadContent

# Films tell a story or show a campaign; everything else is proved by paper.
FILM_SLOTS = frozenset({"product_story", "market_and_promotion", "advertising"})
# Where files wait until somebody sorts them: anything that some slot takes.
UNSORTED_SLOT = "unsorted"
PAPER = ("pdf", "jpg", "png", "docx", "xlsx")
FILM = "mp4"
HEAD_BYTES = 8192
CHUNK_BYTES = 1024 * 1024

JUDGES: dict[str, Callable[[BinaryIO, int], None]] = {
    "pdf": judge_pdf,
    "jpg": contents.judge_jpeg,
    "png": contents.judge_png,
    "docx": contents.judge_docx,
    "xlsx": contents.judge_xlsx,
    "mp4": contents.judge_mp4,
}


@dataclass(frozen=True)
class CheckedFile:
    """An upload that may be kept: its real type, a harmless display name, its fingerprint."""

    extension: str
    display_name: str
    sha256: str
    size: int


def types_for(slot: str) -> tuple[str, ...]:
    """The types of file that a slot takes."""
    return (*PAPER, FILM) if slot in FILM_SLOTS or slot == UNSORTED_SLOT else PAPER


def max_bytes(extension: str) -> int:
    """How large a file of this type may be, in bytes."""
    return settings.UPLOAD_MAX_FILM_BYTES if extension == FILM else settings.UPLOAD_MAX_BYTES


def check_file(upload: File, slot: str = "") -> CheckedFile:
    """Judge an upload for a slot. Raises `Refused` with the reason in Vietnamese."""
    name = display_name(upload.name or "")
    size = upload.size or 0
    refuse_size(name, size, slot)
    stream: Any = getattr(upload, "file", upload)
    stream.seek(0)
    extension = _type_of(stream)
    if extension not in types_for(slot):
        raise Refused.because("wrong_type", f"Tệp “{name}” {_not_taken(extension, slot)}")
    if size > max_bytes(extension):
        raise _too_large(name, max_bytes(extension))
    try:
        contents.refuse_second_nature(stream, extension)
        JUDGES[extension](stream, size)
    except BadContent as bad:
        raise Refused.because(bad.code, f"Tệp “{name}” {bad.message}") from bad
    stream.seek(0)
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
    stream.seek(0)
    return CheckedFile(extension, _with_ending(name, extension), digest.hexdigest(), size)


def refuse_size(name: str, size: int, slot: str) -> None:
    """What can be said of an upload before its first byte: empty, or too large for the slot."""
    if not size:
        raise Refused.because("empty_file", f"Tệp “{name}” không có nội dung.")
    largest = max(max_bytes(extension) for extension in types_for(slot))
    if size > largest:
        raise _too_large(name, largest)


def display_name(name: str) -> str:
    """The upload's name as people see it: no path, no control characters, NFC, 200 letters."""
    last = PureWindowsPath(PurePosixPath(unicodedata.normalize("NFC", name)).name).name
    return clean_line(last.replace('"', "'"))[:200] or "tep"


def _with_ending(name: str, extension: str) -> str:
    """The name with the ending of what the file really is: bao-cao.exe becomes bao-cao.exe.pdf."""
    endings = {"jpg": (".jpg", ".jpeg", ".jpe", ".jfif")}.get(extension, (f".{extension}",))
    if name.lower().endswith(endings):
        return name
    return f"{name[: 199 - len(extension)]}.{extension}"


def _type_of(stream: BinaryIO) -> str:
    """The file's type by its content: one of ours, or a word for what cannot be taken."""
    head = stream.read(HEAD_BYTES)
    for sign, word in contents.FOREIGN.items():
        if head.startswith(sign):
            return word
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return contents.office_type(stream)
    kind = filetype.guess(head)
    if kind is not None and kind.extension in {"jpg", "png", "mp4"}:
        return str(kind.extension)
    if contents.MARKUP.search(head):
        return "markup"
    return ""


def _not_taken(found: str, slot: str) -> str:
    reasons = {
        "program": "là chương trình máy tính, không phải tài liệu.",
        "markup": "là trang web hoặc ảnh SVG, có thể chứa mã lệnh. Hãy lưu lại thành PDF.",
        "old_office": "là tệp Word, Excel cũ (.doc, .xls) hoặc có đặt mật khẩu. "
        "Hãy bỏ mật khẩu và lưu lại thành DOCX, XLSX hoặc PDF.",
        "cut_zip": "bị cắt giữa chừng hoặc bị hỏng, hãy tải lại.",
        FILM: "là phim MP4; mục này chỉ nhận giấy tờ. Phim được nhận ở mục câu chuyện sản phẩm "
        "và mục quảng bá.",
    }
    names = ", ".join(extension.upper() for extension in types_for(slot))
    return reasons.get(found, f"không phải {names}. Hãy lưu lại thành PDF.")


def _too_large(name: str, limit: int) -> Refused:
    return Refused.because("too_large", f"Tệp “{name}” lớn hơn {limit // 2**20} MB.")
