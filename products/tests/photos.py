"""Photos as telephones and cameras write them, drawn for tests."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, TiffImagePlugin

ORIENTATION, GPS, MAKE, ARTIST = 0x0112, 0x8825, 0x010F, 0x013B
TURNED_RIGHT = 6
LATITUDE = (21, 1, 42.5)
LONGITUDE = (105, 51, 12.0)


def tagged_jpeg(size: tuple[int, int] = (64, 32), orientation: int = TURNED_RIGHT) -> bytes:
    """A picture that lies on its side: red at the left, blue at the right, with the camera's
    maker, the photographer, a comment and the place where it was taken.
    """
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    exif = Image.Exif()
    exif[MAKE], exif[ARTIST], exif[ORIENTATION] = "MayAnhMau", "Nguyen Van Mau", orientation
    degrees = [
        tuple(TiffImagePlugin.IFDRational(int(part * 10), 10) for part in place)
        for place in (LATITUDE, LONGITUDE)
    ]
    exif[GPS] = {1: "N", 2: degrees[0], 3: "E", 4: degrees[1]}
    target = io.BytesIO()
    image.save(target, "JPEG", exif=exif.tobytes(), comment="nha ong Mau", quality=95)
    return target.getvalue()


def photo(name: str = "anh.jpg", kind: str = "JPEG", **options: object) -> SimpleUploadedFile:
    """An upload whose content differs with its name."""
    size = options.pop("size", (90, 60))
    colour = "#" + name.encode().hex().ljust(6, "0")[-6:]
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, kind, **options)  # type: ignore[arg-type]
    return SimpleUploadedFile(name, target.getvalue())
