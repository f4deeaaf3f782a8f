"""Photos of products as the portal shows them: upright, of a bounded size, in one type, and
without a trace of the camera, the place and the person (abuse case F10; ASVS 14.2.8).

What was handed in is judged like every upload, decoded once within a limit of pixels, and thrown
away: only the pixels are written anew.
"""

import hashlib
import io
from dataclasses import dataclass
from typing import Any, BinaryIO

import filetype
from django.core.files import File
from PIL import Image, ImageCms, ImageOps

from ocop_portal.file_reading import on_white
from ocop_portal.problems import Refused
from products import upload_contents as contents
from products.upload_contents import BadContent
from products.uploads import display_name

MAX_BYTES = 25 * 1024**2
# A JPEG is decoded at a fraction of its size; the others whole, so less is enough for them.
MAX_WHOLE_PIXELS = 40_000_000
LARGE, SMALL = 1600, 480
QUALITY = 84
JUDGES = {
    "jpg": ("JPEG", contents.judge_jpeg),
    "png": ("PNG", contents.judge_png),
    "webp": ("WEBP", contents.judge_webp),
}
HEAD_BYTES = 8192
HEIF = {"heic", "heif", "avif"}


@dataclass(frozen=True)
class Picture:
    """A JPEG as it is shown; `width` and `height` in pixels."""

    data: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class CheckedPhoto:
    """A photo that may be kept: its harmless name and the two sizes that pages show."""

    name: str
    large: Picture
    small: Picture


def check_photo(upload: File) -> CheckedPhoto:
    """Judge and redraw an upload. Raises `Refused` with the reason in Vietnamese."""
    name = display_name(upload.name or "")
    size = upload.size or 0
    if not size:
        raise Refused.because("empty_file", f"Ảnh “{name}” không có nội dung.")
    if size > MAX_BYTES:
        limit = MAX_BYTES // 2**20
        raise Refused.because("too_large", f"Ảnh “{name}” lớn hơn {limit} MB.")
    stream: Any = getattr(upload, "file", upload)
    stream.seek(0)
    extension = _type_of(stream.read(HEAD_BYTES))
    if extension not in JUDGES:
        raise Refused.because("wrong_type", f"Tệp “{name}” {_not_taken(extension)}")
    kind, judge = JUDGES[extension]
    try:
        contents.refuse_second_nature(stream, extension)
        judge(stream, size)
        large = _decoded(stream, kind)
    except BadContent as bad:
        raise Refused.because(bad.code, f"Ảnh “{name}” {bad.message}") from bad
    small = large.copy()
    small.thumbnail((SMALL, SMALL))
    return CheckedPhoto(name, _written(large), _written(small))


def _type_of(head: bytes) -> str:
    guess = filetype.guess(head)
    return str(guess.extension) if guess else ""


def _not_taken(extension: str) -> str:
    if extension in HEIF:
        return (
            "là ảnh HEIC của điện thoại. Hãy chọn kiểu ảnh “Tương thích nhất” trong cài đặt máy "
            "ảnh, hoặc gửi ảnh qua thư, tin nhắn rồi tải bản JPG nhận được."
        )
    return "không phải ảnh JPG, PNG hoặc WebP."


def _decoded(stream: BinaryIO, kind: str) -> Image.Image:
    """The picture upright, in RGB on white, its longer side at most `LARGE`."""
    stream.seek(0)
    image: Any = Image.open(stream, formats=[kind])
    if kind != "JPEG" and image.width * image.height > MAX_WHOLE_PIXELS:
        raise BadContent(
            "too_many_pixels",
            f"có hơn {MAX_WHOLE_PIXELS // 1_000_000} triệu điểm ảnh. Hãy thu nhỏ ảnh lại.",
        )
    image.draft("RGB", (LARGE, LARGE))
    try:
        with contents.strictly():
            image.load()
        image.thumbnail((LARGE, LARGE))
        return _in_common_colours(ImageOps.exif_transpose(image))
    except (OSError, SyntaxError, ValueError, MemoryError) as error:
        message = "bị cắt giữa chừng hoặc bị hỏng, hãy tải lại."
        raise BadContent("damaged", message) from error


def _in_common_colours(image: Image.Image) -> Image.Image:
    """In sRGB: telephones write wider colours, which look pale where their profile is missing."""
    profile = image.info.get("icc_profile")
    plain = on_white(image)
    if profile and image.mode in {"RGB", "RGBA"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(plain, source, target)
        except ImageCms.PyCMSError:
            return plain
        return converted or plain
    return plain


def _written(image: Image.Image) -> Picture:
    """The pixels on a new canvas: notes, comments and profiles stay behind."""
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    target = io.BytesIO()
    clean.save(target, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Picture(target.getvalue(), clean.width, clean.height)
