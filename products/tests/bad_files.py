"""Files for tests of what may be uploaded: sound ones, and those that must be refused."""

import io
import struct
import zipfile
import zlib

import pikepdf
from PIL import Image

CONTENT_TYPES = b"<Types><Override PartName='/x' ContentType='application/xml'/></Types>"


def pdf(pages: int = 1, *, root: dict | None = None, **save: object) -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page(page_size=(200, 280))
        for key, value in (root or {}).items():
            made.Root[key] = made.make_indirect(value)
        made.save(target, **save)
    return target.getvalue()


def acting_pdf(action: str) -> bytes:
    """A PDF whose only active object lies in a compressed object stream."""
    value = pikepdf.Dictionary(S=pikepdf.Name(action), JS=pikepdf.String("app.alert(1)"))
    if action != "/JavaScript":
        del value["/JS"]
    return pdf(root={"/OpenAction": value}, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def pdf_with_attachment() -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.attachments["virus.exe"] = b"MZ"
        made.save(target)
    return target.getvalue()


def locked_pdf(user: str = "") -> bytes:
    return pdf(encryption=pikepdf.Encryption(owner="chu", user=user))


def packed_bomb(
    unpacked: int, *, name: bytes = b"/XRef", layers: int = 1, needed: bool = True
) -> bytes:
    """A PDF of a few kilobytes whose packed object unpacks to `unpacked` bytes; it is the root of
    the file or, where it is not `needed`, nothing at all.
    """
    packer = zlib.compressobj(9)
    inner = b"".join(
        [
            packer.compress(b"4 0 << /Type /Catalog /Pages 1 0 R >>"),
            *(packer.compress(b" " * 1_000_000) for _ in range(unpacked // 1_000_000)),
            packer.flush(),
        ]
    )
    for _ in range(layers - 1):
        inner = zlib.compress(inner, 9)
    filters = b"[" + b" /FlateDecode" * layers + b" ]"
    objects = {
        6: b"<< /Type /Catalog /Pages 1 0 R >>",
        1: b"<< /Type /Pages /Count 1 /Kids [2 0 R] >>",
        2: b"<< /Type /Page /Parent 1 0 R /MediaBox [0 0 99 99] >>",
        3: b"<< /Type /ObjStm /N 1 /First 4 /Filter %s /Length %d >> stream\n%s\nendstream"
        % (filters, len(inner), inner),
    }
    body, places = b"%PDF-1.5\n", {}
    for number, text in objects.items():
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    rows = [(0, 0, 0), *((1, places[n], 0) for n in (1, 2, 3))]
    rows += [(2, 3, 0), (1, len(body), 0), (1, places[6], 0)]
    root = 4 if needed else 6
    table = b"".join(struct.pack(">BIH", *row) for row in rows)
    return body + (
        b"5 0 obj\n<< /Type %s /Size 7 /W [1 4 2] /Root %d 0 R /Length %d >> stream\n%s\n"
        b"endstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (name, root, len(table), table, len(body))
    )


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **save: object) -> bytes:
    target = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(target, kind, **save)
    return target.getvalue()


def huge_png(side: int = 60_000) -> bytes:
    """A head that promises 3.6 thousand million pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def office(part: str = "word/document.xml", **parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr(part, b"<w/>")
        for name, data in parts.items():
            archive.writestr(name, data)
    return target.getvalue()


def many_parts(number: int) -> bytes:
    return office(**{f"word/{n}.xml": b"" for n in range(number)})


def box(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(data)) + name + data


def film() -> bytes:
    return (
        box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")
        + box(b"moov", b"\0" * 40)
        + box(b"mdat", b"x" * 99)
    )
