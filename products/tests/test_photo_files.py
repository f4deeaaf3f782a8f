"""Photos of products as files: judged by content, redrawn, without a trace of their origin."""

import io
import struct

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms

from ocop_portal.problems import Refused
from products import photo_files
from products.photo_files import check_photo
from products.tests.bad_files import huge_png, pdf, picture
from products.tests.photos import GPS, LATITUDE, MAKE, tagged_jpeg


def drawn(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def checked(data: bytes, name: str = "anh.jpg") -> photo_files.CheckedPhoto:
    return check_photo(SimpleUploadedFile(name, data))


def refusal(data: bytes, name: str = "anh.jpg") -> str:
    with pytest.raises(Refused) as refused:
        checked(data, name)
    return str(refused.value)


def test_f10_place_camera_and_person_are_stripped() -> None:
    before = tagged_jpeg()
    assert drawn(before).getexif().get_ifd(GPS)[2] == pytest.approx(LATITUDE)

    photo = checked(before)

    for one in (photo.large, photo.small):
        image = drawn(one.data)
        assert (dict(image.getexif()), image.info.get("comment")) == ({}, None)
        assert "icc_profile" not in image.info
        for trace in (b"Exif", b"Mau", b"MayAnh"):
            assert trace in before
            assert trace not in one.data


def test_f10_png_and_webp_lose_their_notes_too() -> None:
    exif = Image.Exif()
    exif[MAKE] = "MayAnhMau"
    for kind in ("PNG", "WEBP"):
        data = picture(kind, exif=exif.tobytes())
        assert b"MayAnhMau" in data

        photo = checked(data)

        assert b"MayAnhMau" not in photo.large.data
        assert drawn(photo.large.data).format == "JPEG"


def test_a_photo_that_lies_on_its_side_stands_up() -> None:
    photo = checked(tagged_jpeg(size=(64, 32)))

    image = drawn(photo.large.data).convert("RGB")
    assert (photo.large.width, photo.large.height) == image.size == (32, 64)
    top, bottom = image.getpixel((16, 4)), image.getpixel((16, 60))
    assert top[0] > 200 > 60 > top[2]
    assert bottom[2] > 200 > 60 > bottom[0]


@pytest.mark.parametrize(
    ("size", "large", "small"),
    [
        ((1601, 800), (1600, 800), (480, 240)),
        ((1000, 3200), (500, 1600), (150, 480)),
        ((300, 200), (300, 200), (300, 200)),
        ((1600, 1600), (1600, 1600), (480, 480)),
    ],
)
def test_sizes_are_bounded_and_never_blown_up(
    size: tuple[int, int], large: tuple[int, int], small: tuple[int, int]
) -> None:
    photo = checked(picture("PNG", size))

    assert (photo.large.width, photo.large.height) == large
    assert (photo.small.width, photo.small.height) == small


def test_transparent_is_white_like_paper() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(target, "PNG")

    image = drawn(checked(target.getvalue(), "logo.png").large.data)

    assert image.getpixel((20, 20)) == (255, 255, 255)


def test_colours_of_a_profile_are_converted_and_the_profile_is_left_behind() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    target = io.BytesIO()
    Image.new("RGB", (40, 40), "#2f7d4f").save(target, "JPEG", icc_profile=srgb.tobytes())
    broken = io.BytesIO()
    Image.new("RGB", (40, 40), "#2f7d4f").save(broken, "JPEG", icc_profile=profile.tobytes())

    for data in (target.getvalue(), broken.getvalue()):
        image = drawn(checked(data).large.data)
        assert "icc_profile" not in image.info
        assert image.getpixel((20, 20)) == pytest.approx((0x2F, 0x7D, 0x4F), abs=4)


def test_f3_bombs_are_measured_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "triệu điểm ảnh" in refusal(huge_png())

    monkeypatch.setattr(photo_files, "MAX_WHOLE_PIXELS", 64 * 48 - 1)
    assert "triệu điểm ảnh" in refusal(picture("WEBP"))
    assert checked(picture("JPEG")).large.width == 64


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "không có nội dung"),
        (pdf(), "không phải ảnh JPG, PNG hoặc WebP"),
        (picture("GIF"), "không phải ảnh JPG, PNG hoặc WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "không phải ảnh"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 40, "HEIC"),
        (picture("JPEG")[:-200], "bị cắt giữa chừng"),
        (picture("PNG")[:-40], "bị cắt giữa chừng"),
        (picture("WEBP")[:-40], "bị cắt giữa chừng"),
        (picture("WEBP") + b"PK", "dữ liệu lạ"),
        (picture("PNG") + b"<script>", "dữ liệu lạ"),
        (picture("JPEG", comment=b"<script>alert(1)</script>"), "ghép làm một"),
    ],
)
def test_what_is_no_whole_photo_is_refused_with_its_reason(data: bytes, words: str) -> None:
    assert words in refusal(data)


def test_a_photo_above_the_limit_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(photo_files, "MAX_BYTES", 2**20)

    assert "lớn hơn 1 MB" in refusal(b"\xff\xd8\xff" + b"\x00" * 2**20)


def test_the_type_is_judged_by_content_not_by_name() -> None:
    assert checked(picture("WEBP"), "anh.pdf").name == "anh.pdf"


def test_a_webp_whose_head_promises_more_is_cut_off() -> None:
    data = bytearray(picture("WEBP"))
    data[4:8] = struct.pack("<I", len(data) + 1000)

    assert "bị cắt giữa chừng" in refusal(bytes(data))
