"""What is known of the demonstration's products: photos that are drawn, stories, figures.

Everything says that it is made up; nothing looks like a real packet, label or certificate.
"""

import io
from datetime import timedelta
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from accounts.models import User
from evaluation.models import Certificate
from ocop_portal.text import without_marks
from products import barcodes
from products.actions.photos import add_photos, describe_photos
from products.models import (
    IntellectualProperty,
    Product,
    ProductPackage,
    ProductStandard,
    ProductYear,
)

SIZE = (1600, 1200)
# Sky, far field, near field, the thing itself: calm colours, one set for each product in turn.
COLOURS = [
    ("#dfeee6", "#a9cdb4", "#5b8f6b", "#f4e3b2"),
    ("#f7ead7", "#e3bd8a", "#a8703c", "#fff6e6"),
    ("#e2edf5", "#a5c3d8", "#4f7f9d", "#f3dcd6"),
    ("#f5e4e6", "#d9a2a8", "#94505c", "#fdf3e3"),
    ("#ece9f3", "#b9b1d3", "#6a5f95", "#f6efd4"),
]
VIEWS = ("Sản phẩm (ảnh vẽ mẫu)", "Bao bì (ảnh vẽ mẫu)", "Nơi sản xuất (ảnh vẽ mẫu)")
STORY = (
    "Câu chuyện mẫu, không có thật. {name} được {producer} làm tại {place}. Người làm kể rằng nghề "
    "này do ông bà truyền lại: nguyên liệu chọn từ sáng sớm, sơ chế ngay trong ngày, mỗi mẻ đều có "
    "người nếm thử trước khi đóng gói.\n\n"
    "Từ khi tham gia Chương trình Mỗi xã một sản phẩm, cơ sở ghi nhật ký sản xuất cho từng lô và "
    "dán tem truy xuất nguồn gốc, nên người mua biết sản phẩm đến từ đâu."
)
FONTS = ("Arimo-Bold.ttf", "Tinos-Bold.ttf")
SAMPLE = "Tổ chức chứng nhận (mẫu)"


def describe(user: User) -> None:
    """Photos, proofs and figures for every product that has a certificate."""
    holders = Product.objects.filter(certificates__in=Certificate.objects.all()).distinct()
    chosen = holders.select_related("producer", "unit", "district").order_by("pk")
    for n, product in enumerate(chosen):
        # One in four shows how the pages look where nobody has sent photos yet.
        if n % 4 != 3:
            _photos(product, n, user)
        _record(product, n)


def _photos(product: Product, n: int, user: User) -> None:
    uploads = [
        SimpleUploadedFile(f"anh-mau-{place}.jpg", drawn(product.name, n, view))
        for place, view in enumerate(VIEWS[: 1 + n % 3], 1)
    ]
    photos = add_photos(product, uploads, is_public=True, by=user)
    for photo, view in zip(photos, VIEWS, strict=False):
        photo.caption, photo.alt = view, f"{view}: {product.name}"
    describe_photos(product, photos, by=user)


def drawn(name: str, n: int, view: str) -> bytes:
    """A landscape with a round dish or a box, and the product's name."""
    sky, far, near, thing = COLOURS[n % len(COLOURS)]
    random = Random(f"{name} {view}")  # noqa: S311 - the same pictures everywhere
    image = Image.new("RGB", SIZE, sky)
    draw = ImageDraw.Draw(image)
    width, height = SIZE
    for top, colour in ((0.52, far), (0.7, near)):
        waves = [(x, height * top + random.randrange(-60, 60)) for x in range(0, width + 201, 200)]
        draw.polygon([*waves, (width, height), (0, height)], fill=colour)
    centre, radius = width // 2, 300
    if view == VIEWS[1]:
        draw.rounded_rectangle((centre - 260, 260, centre + 260, 900), 36, fill=thing)
        draw.rectangle((centre - 260, 420, centre + 260, 560), fill=near)
    elif view == VIEWS[2]:
        draw.polygon([(420, 560), (800, 300), (1180, 560)], fill=near)
        draw.rectangle((500, 560, 1100, 900), fill=thing)
    else:
        box = (centre - radius, 280, centre + radius, 280 + 2 * radius)
        draw.ellipse(box, fill=thing)
        draw.ellipse((box[0] + 60, box[1] + 60, box[2] - 60, box[3] - 60), outline=near, width=8)
    _write(draw, name, 1010, 64)
    _write(draw, view, 1100, 38)
    target = io.BytesIO()
    image.save(target, "JPEG", quality=90)
    return target.getvalue()


def _write(draw: ImageDraw.ImageDraw, text: str, top: int, size: int) -> None:
    short = text if len(text) <= 42 else f"{text[:41]}…"
    font = _font(size)
    # The font that Pillow carries has no Vietnamese letters.
    written = short if font else without_marks(short)
    place = (SIZE[0] // 2, top)
    draw.text(place, written, font=font or ImageFont.load_default(size), fill="white", anchor="mt")


def _font(size: int) -> ImageFont.FreeTypeFont | None:
    """One of the fonts that documents need anyway (the package fonts-croscore)."""
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return None


def _record(product: Product, n: int) -> None:
    today = timezone.localdate()
    random = Random(n)  # noqa: S311 - the same demonstration everywhere
    producer = product.producer.name if product.producer else "chủ thể"
    product.story = STORY.format(name=product.name, producer=producer, place=product.place)
    product.trace_code = f"MAU-{product.pk:05d}"
    product.save()
    ProductStandard.objects.create(
        product=product,
        kind=ProductStandard.Kind.VIETGAP if n % 2 else ProductStandard.Kind.HACCP,
        number=f"MAU-{n + 1:03d}",
        issuer=SAMPLE,
        valid_from=today - timedelta(days=300),
        valid_until=today + timedelta(days=30 + 200 * (n % 3)),
    )
    IntellectualProperty.objects.create(
        product=product,
        kind=IntellectualProperty.Kind.TRADEMARK,
        title=f"{product.name} (mẫu)"[:200],
        state=IntellectualProperty.State.GRANTED if n % 2 else IntellectualProperty.State.FILED,
        number=f"4-MAU{n + 1:03d}",
        owner=producer,
    )
    # All zeros behind the prefix: visibly a sample, and still with its check digit.
    digits = f"893000000{n:03d}"
    ProductPackage.objects.create(
        product=product,
        kind=ProductPackage.Kind.BOX,
        material="Hộp giấy",
        net_content="500 g",
        barcode=f"{digits}{barcodes.check_digit(digits)}",
        shelf_life="6 tháng kể từ ngày sản xuất",
        label_facts="Nhãn mẫu: thành phần, hướng dẫn sử dụng, bảo quản nơi khô mát.",
    )
    for back in (3, 2, 1):
        output = random.randrange(8, 30) * (5 - back)
        price = random.randrange(6, 25) * 10_000
        ProductYear.objects.create(
            product=product,
            year=today.year - back,
            unit="tạ",
            capacity=output + 20,
            output=output,
            price_from=price,
            price_to=price + 20_000,
            revenue=output * 100 * price,
            export_share=5 * (n % 4),
            markets="Hà Nội và các tỉnh lân cận",
        )
