"""What may be uploaded: judged by the content of a file, never by its name (abuse cases F1–F6)."""

import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from django.core.files.uploadedfile import UploadedFile

from ocop_portal.problems import Refused
from ocop_portal.text import clean_line

MAX_BYTES = 30 * 1024 * 1024
SIGNATURES = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}
# Parts of a PDF that act when it is opened, or carry other files.
ACTIVE_PDF = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia")


@dataclass(frozen=True)
class CheckedFile:
    """An upload that may be kept: its real type, a harmless display name, its fingerprint."""

    extension: str
    display_name: str
    sha256: str
    size: int


def check_file(upload: UploadedFile) -> CheckedFile:
    """Judge an upload. Raises `Refused` with the reason in Vietnamese."""
    name = display_name(upload.name or "")
    if not upload.size:
        raise Refused.because("empty_file", f"Tệp “{name}” không có nội dung.")
    if upload.size > MAX_BYTES:
        raise Refused.because("too_large", f"Tệp “{name}” lớn hơn {MAX_BYTES // 2**20} MB.")
    content = upload.read()
    upload.seek(0)
    extension = next((kind for sign, kind in SIGNATURES.items() if content.startswith(sign)), "")
    if not extension:
        raise Refused.because(
            "wrong_type", f"Tệp “{name}” không phải PDF, JPG hoặc PNG. Hãy lưu lại thành PDF."
        )
    _refuse_damaged(name, extension, content)
    return CheckedFile(extension, name, hashlib.sha256(content).hexdigest(), upload.size)


def display_name(name: str) -> str:
    """The upload's name as people see it: no path, no control characters, NFC, 200 letters."""
    last = PureWindowsPath(PurePosixPath(unicodedata.normalize("NFC", name)).name).name
    return clean_line(last.replace('"', "'"))[:200] or "tep"


def _refuse_damaged(name: str, extension: str, content: bytes) -> None:
    if extension != "pdf":
        return
    if b"%%EOF" not in content[-2048:]:
        raise Refused.because("damaged", f"Tệp “{name}” bị cắt giữa chừng, hãy tải lại.")
    if any(part in content for part in ACTIVE_PDF):
        raise Refused.because(
            "active_pdf", f"Tệp “{name}” chứa mã lệnh hoặc tệp đính kèm nên không nhận được."
        )
