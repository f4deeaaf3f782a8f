"""The printed certificate: one sheet whatever it says, and never a letter outside its frame."""

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import cast

import pytest
import zxingcpp
from PIL import Image
from pypdf.generic import DictionaryObject

from evaluation.certificate_documents import (
    AUTHORITY,
    PLACE_AND_DATE,
    PRINTABLE_BLOCKS,
    PRODUCER_ADDRESS,
    PRODUCER_NAME,
    PRODUCT_NAME,
    CertificateContext,
    break_lines,
    certificate_pdf,
    fit,
    line_width,
    print_file,
    sheet,
)
from ocop_portal.documents import html_to_pdf
from ocop_portal.problems import Refused
from ocop_portal.tests.test_documents import paper, read, web_server

A4_LANDSCAPE = (841.89, 595.28)
MARKS = "ẦẨẪẬ ẾỂỄỆ ỘỖỔỐ ƯỮỬỨỰ Đ"
LONG_REAL = "Gạo Japonica giống Nhật J02 (gạo chất lượng Khu Cháy)"
TWO_HUNDRED = (
    "Bộ sản phẩm gốm sứ vuốt tay men rạn cổ truyền làng nghề Bát Tràng hoa sen xanh và chim én mùa "
    "xuân gồm ấm trà, sáu chén, khay gỗ mít thủ công và hộp quà tặng mây tre đan Phú Vinh thêu tay "
    "Quất Động HN"
)
ONE_WORD = "M" + "ượ" * 29 + "g"
LONG_PRODUCER = (
    "Công ty cổ phần Sản xuất và dịch vụ thương mại nông sản sạch hữu cơ công nghệ cao An Huy – "
    "Chi nhánh huyện Chương Mỹ"
)
LONG_ADDRESS = (
    "Thôn Quất Động, xã Thường Tín, thành phố Hà Nội – cơ sở 2: số 18 đường Nguyễn Trãi, phường "
    "Thanh Xuân, thành phố Hà Nội"
)

CERTIFICATE = CertificateContext(
    product_name="Gốm sứ Bát Tràng hoa sen",
    producer_name="Công ty TNHH Gốm sứ Quang Vinh",
    producer_address="Xã Bát Tràng, thành phố Hà Nội",
    stars=4,
    number="0142/2026/GCN-OCOP",
    decision_number="3079/QĐ-UBND",
    decision_date="ngày 14 tháng 6 năm 2026",
    authority=("ỦY BAN NHÂN DÂN", "THÀNH PHỐ HÀ NỘI"),
    signatory_titles=("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
    signatory_name="Nguyễn Văn Quyền",
    place_and_date="Hà Nội, ngày 14 tháng 6 năm 2026",
    valid_until=(
        "Giấy chứng nhận có giá trị 36 tháng kể từ ngày 14 tháng 6 năm 2026, "
        "đến hết ngày 13 tháng 6 năm 2029"
    ),
    verify_url="https://ocop.hanoi.gov.vn/xac-minh/Zk3vQm8tYw2LrX5bNc7HdA",
)
assert (len(TWO_HUNDRED), len(ONE_WORD)) == (200, 60)
FULLEST = replace(
    CERTIFICATE,
    product_name=TWO_HUNDRED,
    producer_name=LONG_PRODUCER,
    producer_address=LONG_ADDRESS,
    signatory_titles=("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "THƯỜNG TRỰC"),
)

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftoppm") is None, reason="poppler-utils draws the page as a picture"
)


def words(pdf: bytes, page: int = 0) -> str:
    """The text of a page with single spaces."""
    return " ".join(read(pdf).pages[page].extract_text().split())


def picture(pdf: bytes, folder: Path) -> Image.Image:
    """The first page as an office scanner sees it."""
    (folder / "page.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", "110", "-png", "-singlefile", "page.pdf", "page"]
    subprocess.run(command, cwd=folder, check=True)
    return Image.open(folder / "page.png")


# --- One sheet --------------------------------------------------------------------------------

NAMES = {
    "short": "Tỏi",
    "real": "Bộ bình gốm sứ vuốt tay hút lộc Diệu Nguyễn",
    "long real": LONG_REAL,
    "200 characters": TWO_HUNDRED,
    "all marks": MARKS,
    "one word": ONE_WORD,
    "capitals": MARKS * 4,
}


@pytest.mark.parametrize("stars", [3, 4, 5])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_c10_a_certificate_is_one_a4_sheet_whatever_the_name(name, stars):
    pdf = certificate_pdf(replace(CERTIFICATE, product_name=name, stars=stars))

    assert paper(pdf) == [A4_LANDSCAPE]
    assert name.replace(" ", "") in words(pdf).replace(" ", "")
    assert f"ĐẠT HẠNG {stars} SAO" in words(pdf)


@pytest.mark.parametrize("stars", [4, 5])
def test_c10_the_fullest_certificate_is_one_sheet(stars):
    pdf = certificate_pdf(replace(FULLEST, stars=stars))

    assert paper(pdf) == [A4_LANDSCAPE]
    assert "THƯỜNG TRỰC" in words(pdf)
    assert "Nguyễn Văn Quyền" in words(pdf)


@needs_poppler
@pytest.mark.parametrize(
    "certificate",
    [CERTIFICATE, FULLEST, replace(CERTIFICATE, product_name=ONE_WORD, producer_name="W" * 60)],
    ids=["usual", "fullest", "one word"],
)
def test_c10_every_word_stands_inside_the_frame(certificate, tmp_path):
    (tmp_path / "page.pdf").write_bytes(certificate_pdf(certificate))

    subprocess.run(["pdftotext", "-bbox", "page.pdf", "page.html"], cwd=tmp_path, check=True)

    boxes = re.findall(
        r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"',
        (tmp_path / "page.html").read_text(),
    )
    millimetres = [[float(edge) / 72 * 25.4 for edge in box] for box in boxes]
    assert len(boxes) > 50
    assert min(box[0] for box in millimetres) > 20
    assert min(box[1] for box in millimetres) > 18
    assert max(box[2] for box in millimetres) < 277
    assert max(box[3] for box in millimetres) < 192


@needs_poppler
def test_the_text_of_a_certificate_is_exact(tmp_path):
    (tmp_path / "page.pdf").write_bytes(certificate_pdf(replace(CERTIFICATE, product_name=MARKS)))

    command = ["pdftotext", "-raw", "page.pdf", "-"]
    result = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    text = " ".join(result.stdout.decode().split())

    expected = (
        "ỦY BAN NHÂN DÂN THÀNH PHỐ HÀ NỘI CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM "
        "Độc lập - Tự do - Hạnh phúc GIẤY CHỨNG NHẬN SẢN PHẨM OCOP "
        f"Chương trình Mỗi xã một sản phẩm {MARKS} Chủ thể: Công ty TNHH Gốm sứ Quang Vinh "
        "Địa chỉ: Xã Bát Tràng, thành phố Hà Nội ĐẠT HẠNG 4 SAO Số: 0142/2026/GCN-OCOP "
        "Theo Quyết định số 3079/QĐ-UBND ngày 14 tháng 6 năm 2026 "
        "Giấy chứng nhận có giá trị 36 tháng kể từ ngày 14 tháng 6 năm 2026, "
        "đến hết ngày 13 tháng 6 năm 2029 Quét mã để kiểm tra hiệu lực ocop.hanoi.gov.vn "
        "Hà Nội, ngày 14 tháng 6 năm 2026 TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH PHÓ CHỦ TỊCH "
        "Nguyễn Văn Quyền"
    )
    assert unicodedata.is_normalized("NFC", text)
    assert text == expected


def test_nothing_of_a_certificate_is_left_out_or_without_a_description(caplog):
    certificate_pdf(CERTIFICATE)

    assert caplog.messages == []


def test_a_certificate_names_itself_and_its_language():
    document = read(certificate_pdf(CERTIFICATE))

    assert document.metadata is not None
    assert document.metadata.title == "Giấy chứng nhận sản phẩm OCOP số 0142/2026/GCN-OCOP"
    assert str(document.root_object["/Lang"]) == "vi"


def test_c7_the_same_certificate_has_the_same_bytes():
    first = certificate_pdf(CERTIFICATE)
    other = certificate_pdf(replace(CERTIFICATE, stars=5))

    assert certificate_pdf(replace(CERTIFICATE)) == first
    assert other != first


# --- The QR code ------------------------------------------------------------------------------


@needs_poppler
@pytest.mark.parametrize("certificate", [CERTIFICATE, replace(FULLEST, stars=5)])
def test_c5_the_qr_code_leads_to_the_verification_address(certificate, tmp_path):
    (code,) = zxingcpp.read_barcodes(picture(certificate_pdf(certificate), tmp_path))

    assert code.text == certificate.verify_url


def test_c5_the_printed_host_is_the_host_of_the_qr_code():
    certificate = replace(CERTIFICATE, verify_url="https://example.vn@evil.example/x")

    assert "verify_host" not in {field.name for field in fields(CertificateContext)}
    assert certificate.verify_host == "example.vn@evil.example"
    assert "example.vn@evil.example" in words(certificate_pdf(certificate))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/xac-minh/1", "https:///x", ""])
def test_c5_an_address_that_is_not_of_the_web_is_refused(url):
    with pytest.raises(Refused, match="Địa chỉ kiểm tra"):
        certificate_pdf(replace(CERTIFICATE, verify_url=url))


# --- Hostile names ----------------------------------------------------------------------------


@pytest.fixture
def loopback() -> Iterator[tuple[str, list[str]]]:
    with web_server() as server:
        yield server


HOSTILE = {
    "page size": "<style>@page{size:1px}</style>",
    "file": "<img src=file:///etc/passwd>",
    "attachment": "<link rel=attachment href=file:///etc/passwd>",
    "closing tags": "</p></div></section></body><p>",
    "entities": "&lt;b&gt; &amp; <b>",
    "template": "{{ settings.SECRET_KEY }}{% now 'Y' %}",
}


@pytest.mark.parametrize("field", ["product_name", "producer_name"])
@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_c8_html_in_a_name_is_text(name, field):
    pdf = certificate_pdf(replace(CERTIFICATE, **{field: name}))

    assert paper(pdf) == [A4_LANDSCAPE]
    assert name.replace(" ", "") in words(pdf).replace(" ", "")
    assert dict(read(pdf).attachments) == {}


@pytest.mark.parametrize(
    "hostile", ["<img src={0}/a>", "<link rel=attachment href={0}/a>", "<style>@import '{0}/a'"]
)
def test_c9_a_name_fetches_nothing(hostile, loopback):
    address, asked = loopback

    pdf = certificate_pdf(replace(CERTIFICATE, product_name=hostile.format(address)))

    assert asked == []
    assert paper(pdf) == [A4_LANDSCAPE]
    assert b"/EmbeddedFile" not in pdf


@pytest.mark.parametrize("field", ["product_name", "producer_name", "signatory_name"])
@pytest.mark.parametrize(
    "name",
    [
        "Chè 🍵",
        "Chè \u202eàhT",
        "Chè\u200bThái",
        "Chè\x07",
        "Chè\x85x\x9b",
        "Чай",
        "茶",
        "Chè\u0323\u0335",
    ],
)
def test_c10_characters_that_cannot_be_printed_are_refused(name, field):
    with pytest.raises(Refused, match="ký tự không in được"):
        certificate_pdf(replace(CERTIFICATE, **{field: name}))


def test_c10_decomposed_letters_are_printed_composed():
    decomposed = unicodedata.normalize("NFD", "Chè Thái Nguyễn")

    pdf = certificate_pdf(replace(CERTIFICATE, product_name=decomposed))

    assert pdf == certificate_pdf(replace(CERTIFICATE, product_name="Chè Thái Nguyễn"))


def test_c10_the_document_font_has_every_character_that_is_let_through():
    letters = "".join(
        chr(code)
        for first, last in PRINTABLE_BLOCKS
        for code in range(first, last + 1)
        if unicodedata.category(chr(code)) not in {"Cc", "Cf", "Cn", "Zl", "Zp"}
    )
    page = f"<link rel=stylesheet href=certificate.css><p>{letters.replace('<', '&lt;')}</p>"

    (pdf_page,) = read(html_to_pdf(page)).pages

    resources = cast(DictionaryObject, pdf_page["/Resources"])
    used = cast(DictionaryObject, resources["/Font"]).values()
    fonts = {str(cast(DictionaryObject, font.get_object())["/BaseFont"]) for font in used}
    assert {re.sub(r"^/\w+\+", "", font) for font in fonts} == {"Tinos"}


# --- Too long ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "text", "label"),
    [
        ("product_name", "W" * 200, "Tên sản phẩm"),
        ("product_name", TWO_HUNDRED * 2, "Tên sản phẩm"),
        ("producer_name", LONG_PRODUCER * 2, "Tên chủ thể"),
        ("producer_address", LONG_ADDRESS * 2, "Địa chỉ chủ thể"),
        ("signatory_name", "Nguyễn Văn " * 10, "Người ký"),
        ("number", "0" * 80, "Số giấy chứng nhận"),
        ("authority", ("ỦY BAN NHÂN DÂN " * 5,), "Cơ quan cấp"),
        ("signatory_titles", ("PHÓ CHỦ TỊCH " * 8,), "Chức danh người ký"),
        ("valid_until", "Giấy chứng nhận có giá trị " * 10, "Thời hạn hiệu lực"),
    ],
)
def test_c10_a_text_that_does_not_fit_is_refused(field, text, label):
    with pytest.raises(Refused, match=f"^{label} quá dài để in"):
        certificate_pdf(replace(CERTIFICATE, **{field: text}))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("stars", 2, "hạng 3, 4 hoặc 5 sao"),
        ("stars", 6, "hạng 3, 4 hoặc 5 sao"),
        ("product_name", " ", "Tên sản phẩm còn trống"),
        ("authority", (), "cần từ 1 đến 2 dòng, đang có 0"),
        ("authority", ("A", "B", "C"), "cần từ 1 đến 2 dòng, đang có 3"),
        ("signatory_titles", ("A",) * 5, "cần từ 1 đến 4 dòng, đang có 5"),
    ],
)
def test_an_incomplete_certificate_is_refused(field, value, message):
    with pytest.raises(Refused, match=message):
        certificate_pdf(replace(CERTIFICATE, **{field: value}))


def test_all_reasons_are_given_at_once():
    with pytest.raises(Refused) as refusal:
        sheet(replace(CERTIFICATE, stars=1, product_name="", producer_name="W" * 400))

    assert [problem.code for problem in refusal.value.problems] == ["stars", "empty", "too_long"]


# --- Fitting ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "points", "lines"),
    [("Tỏi", 36, 1), (LONG_REAL, 26, 1), (TWO_HUNDRED, 20, 3), (ONE_WORD, 26, 2), (MARKS, 36, 1)],
)
def test_a_longer_name_has_smaller_letters(name, points, lines):
    fitted = fit(PRODUCT_NAME, name)

    assert (fitted.points, len(fitted.lines)) == (points, lines)


@pytest.mark.parametrize("place", [PRODUCT_NAME, PRODUCER_NAME, PRODUCER_ADDRESS, AUTHORITY])
@pytest.mark.parametrize("count", range(1, 46, 4))
def test_lines_stay_within_the_width_and_lose_nothing(place, count):
    text = " ".join(["Quất", "Động"] * count)[: 4 * count].strip()
    try:
        fitted = fit(place, text)
    except Refused:
        assert line_width(text) > place.width(place.steps[-1].points)
        return

    assert max(map(line_width, fitted.lines)) <= place.width(fitted.points)
    assert " ".join(fitted.lines) == text


def test_lines_are_of_nearly_equal_length():
    fitted = fit(PRODUCT_NAME, TWO_HUNDRED)

    widths = [line_width(line) for line in fitted.lines]
    assert min(widths) > 0.85 * max(widths)


def test_a_date_is_not_broken():
    (_first, second) = sheet(CERTIFICATE)["valid_until"].lines

    assert second == "ngày 14 tháng 6 năm 2026, đến hết ngày 13 tháng 6 năm 2029"
    assert fit(PLACE_AND_DATE, CERTIFICATE.place_and_date).lines == (CERTIFICATE.place_and_date,)


def test_a_word_wider_than_the_line_is_cut():
    assert break_lines("ab WWWW cd", 2.5) == ("ab", "WW", "WW", "cd")


# --- A print file -----------------------------------------------------------------------------


def test_a_print_file_has_one_certificate_on_each_page_in_order():
    certificates = [
        replace(CERTIFICATE, stars=stars, product_name=name, number=f"0{stars}/2026")
        for stars, name in ((5, "Gốm sứ hoa sen"), (3, "Chè búp khô"), (4, LONG_REAL))
    ]

    pdf = print_file(certificates)

    assert paper(pdf) == [A4_LANDSCAPE] * 3
    metadata = read(pdf).metadata
    assert metadata is not None
    assert metadata.title == "Giấy chứng nhận sản phẩm OCOP (3 bản)"
    for page, certificate in enumerate(certificates):
        assert certificate.product_name in words(pdf, page)
        assert f"Số: {certificate.number}" in words(pdf, page)
        assert f"ĐẠT HẠNG {certificate.stars} SAO" in words(pdf, page)


def test_a_print_file_with_one_bad_certificate_is_not_drawn():
    with pytest.raises(Refused, match="Tên sản phẩm quá dài"):
        print_file([CERTIFICATE, replace(CERTIFICATE, product_name="W" * 200)])


def test_an_empty_print_file_is_refused():
    with pytest.raises(Refused, match="Chưa chọn"):
        print_file([])
