import unicodedata
from datetime import UTC, date, datetime

import pytest

from products.cells import (
    CellError,
    ProducerKind,
    ReportedStatus,
    StarRating,
    in_sentence_case,
    is_old_encoding,
    parse_commune,
    parse_date,
    parse_district,
    parse_email,
    parse_phone,
    parse_producer_kind,
    parse_stars,
    parse_status,
    parse_tax_code,
    parse_text,
    parse_year,
    text_of,
    unit_key,
)
from products.sheet_xml import CellValue


@pytest.mark.parametrize(
    ("value", "stars"),
    [
        ("4", 4), (4, 4), (4.0, 4), ("4.0", 4), ("4,0", 4), ("4 sao", 4), ("4*", 4), ("4 ★", 4),
        ("★★★★", 4), ("★★★☆☆", 3), ("***", 3), ("Bốn sao", 4), ("Ba sao", 3), ("Năm sao", 5),
        ("3 Sao ", 3), ("hạng 3 sao", 3), ("OCOP 4 sao", 4), ("Đạt 4 sao", 4), (1, 1), (5, 5),
        (unicodedata.normalize("NFD", "Bốn sao"), 4),
    ],
)  # fmt: skip
def test_stars_as_officers_write_them(value: CellValue, stars: int) -> None:
    assert parse_stars(value) == StarRating(stars, is_potential=False)


@pytest.mark.parametrize("value", ["tiềm năng 5 sao", "Tiềm năng 5*", "5 sao (tiềm năng)"])
def test_potential_stars(value: str) -> None:
    assert parse_stars(value) == StarRating(5, is_potential=True)


@pytest.mark.parametrize("value", [None, "", " ", "-", "–", "chưa có", "Chưa xếp hạng", "không"])
def test_no_stars_are_stated(value: CellValue) -> None:
    assert parse_stars(value) is None


@pytest.mark.parametrize(
    "value",
    ["sáu sao", 7, 0, 6, -4, "-4", 4.5, "4,5", "3-4 sao", "4 sao, tiềm năng 5 sao", True,
     date(2024, 5, 4), "Không đạt", "9" * 5000, "#REF!"],
)  # fmt: skip
def test_no_such_stars(value: CellValue) -> None:
    with pytest.raises(CellError):
        parse_stars(value)


def test_the_reason_shows_the_text_and_what_is_right() -> None:
    with pytest.raises(CellError) as caught:
        parse_stars("sáu sao")

    assert caught.value.reason == (
        "“sáu sao” không phải hạng sao từ 1 đến 5; ví dụ đúng: 4 hoặc “4 sao”."
    )


@pytest.mark.parametrize("value", [2022, "2022", "năm 2022", "Năm 2022", 2022.0, date(2022, 1, 1)])
def test_years(value: CellValue) -> None:
    assert parse_year(value) == 2022


@pytest.mark.parametrize(("value", "year"), [(2018, 2018), (2100, 2100), ("-", None), (None, None)])
def test_first_and_last_year_and_none(value: CellValue, year: int | None) -> None:
    assert parse_year(value) == year


@pytest.mark.parametrize(
    "value", [2017, 2101, "22", "2021-2022", 2022.5, "hai nghìn", date(1905, 7, 14)]
)
def test_no_such_year(value: CellValue) -> None:
    with pytest.raises(CellError):
        parse_year(value)


@pytest.mark.parametrize(
    "value",
    [
        "9/12/2022", "09-12-2022", "9.12.2022", "09/12/22", "ngày 9/12/2022", "2022-12-09",
        "ngày 9 tháng 12 năm 2022", date(2022, 12, 9), datetime(2022, 12, 9, 8, tzinfo=UTC), 44904,
        44904.5, "44904",
    ],
)  # fmt: skip
def test_the_day_stands_before_the_month(value: CellValue) -> None:
    assert parse_date(value) == date(2022, 12, 9)


@pytest.mark.parametrize("value", ["31/02/2022", "29/02/2023", "12/30/2022", "00/01/2022"])
def test_a_day_that_does_not_exist(value: str) -> None:
    with pytest.raises(CellError, match=f"^“{value}” là ngày không có thật.$"):
        parse_date(value)


@pytest.mark.parametrize("value", ["tháng 12/2022", "9/12", 12, "1/1/2017", "1/1/2101", True])
def test_no_day(value: CellValue) -> None:
    with pytest.raises(CellError):
        parse_date(value)


@pytest.mark.parametrize("value", [None, "", "-", "…"])
def test_no_day_is_stated(value: CellValue) -> None:
    assert parse_date(value) is None


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("HTX", ProducerKind.COOPERATIVE),
        ("Hợp tác xã", ProducerKind.COOPERATIVE),
        ("HTXNN", ProducerKind.COOPERATIVE),
        ("Hộ KD", ProducerKind.HOUSEHOLD),
        ("hộ SX", ProducerKind.HOUSEHOLD),
        ("Hộ", ProducerKind.HOUSEHOLD),
        ("Công ty", ProducerKind.ENTERPRISE),
        ("DN", ProducerKind.ENTERPRISE),
        ("Doanh nghiệp", ProducerKind.ENTERPRISE),
        ("Tổ hợp tác", ProducerKind.COOPERATIVE_GROUP),
        ("THT", ProducerKind.COOPERATIVE_GROUP),
        ("Trang trại", ProducerKind.FARM),
        ("Cơ sở sản xuất", None),
    ],
)
def test_kind_as_stated(value: str, kind: ProducerKind | None) -> None:
    assert parse_producer_kind(value) == kind


@pytest.mark.parametrize("cell", [None, "", "-"])
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Hợp tác xã Ba Chữ", ProducerKind.COOPERATIVE),
        ("HTX Ba Chữ", ProducerKind.COOPERATIVE),
        ("Cty TNHH Gốm sứ", ProducerKind.ENTERPRISE),
        ("CTCP Phú Mỹ", ProducerKind.ENTERPRISE),
        ("Chi nhánh Thanh Trì - Công ty TNHH Đông Đô", ProducerKind.ENTERPRISE),
        ("Hộ kinh doanh Thanh Vân", ProducerKind.HOUSEHOLD),
        ("Hộ SXKD Thạch Su", ProducerKind.HOUSEHOLD),
        ("Tổ hợp tác nuôi ong", ProducerKind.COOPERATIVE_GROUP),
        ("Trang trại Đồng Quê", ProducerKind.FARM),
        ("Cơ sở Minh Ý", None),
        ("CSSX chay sạch", None),
        ("Hồ Văn An", None),  # a family name, not "hộ"
        ("Công Thịnh", None),
        ("", None),
    ],
)
def test_kind_told_by_the_name(cell: CellValue, name: str, kind: ProducerKind | None) -> None:
    assert parse_producer_kind(cell, name) == kind


def test_unknown_kind_is_a_problem() -> None:
    with pytest.raises(CellError):
        parse_producer_kind("Thực phẩm", "HTX Ba Chữ")


@pytest.mark.parametrize(
    ("note", "status"),
    [
        ("Đã có QĐ", ReportedStatus.RECOGNISED),
        ("TP công nhận", ReportedStatus.RECOGNISED),
        ("QĐ số 123/QĐ-UBND", ReportedStatus.RECOGNISED),
        ("TW công nhận", ReportedStatus.RECOGNISED_NATIONAL),
        ("HĐ huyện chấm", ReportedStatus.DISTRICT_ASSESSMENT),
        ("Hội đồng cấp quận đánh giá", ReportedStatus.DISTRICT_ASSESSMENT),
        ("chưa có kết quả", ReportedStatus.ASSESSED_RESULT_NOT_STATED),
        ("chưa có QĐ", ReportedStatus.ASSESSED_RESULT_NOT_STATED),
        ("HĐ huyện chấm, chờ QĐ", ReportedStatus.ASSESSED_RESULT_NOT_STATED),
        ("Sản phẩm mới", None),
        ("", None),
    ],
)
def test_status_in_the_note(note: str, status: ReportedStatus | None) -> None:
    assert parse_status(note) == status


@pytest.mark.parametrize(
    ("written", "name", "kind"),
    [
        ("Huyện Ba Vì", "Ba Vì", "huyện"),
        ("H. Ba Vì", "Ba Vì", "huyện"),
        ("H.Ba Vì", "Ba Vì", "huyện"),
        ("HUYỆN BA VÌ", "Ba Vì", "huyện"),
        (" Ba Vì\xa0", "Ba Vì", ""),
        ("Q.Tây Hồ", "Tây Hồ", "quận"),
        ("TX Sơn Tây", "Sơn Tây", "thị xã"),
        ("Thị xã Sơn Tây", "Sơn Tây", "thị xã"),
        ("Đông Anh, Hà Nội", "Đông Anh", ""),
        ("Huyện Gia Lâm - TP Hà Nội", "Gia Lâm", "huyện"),
        ("xã Kiêu Kỵ, huyện Gia Lâm", "Gia Lâm", "huyện"),
        ("Hai Bà Trưng", "Hai Bà Trưng", ""),
        ("Quan Hóa", "Quan Hóa", ""),
        ("Hà Nội", "Hà Nội", ""),
    ],
)
def test_districts(written: str, name: str, kind: str) -> None:
    unit = parse_district(written)

    assert unit is not None
    assert (unit.name, unit.kind, unit.key) == (name, kind, unit_key(name))


@pytest.mark.parametrize(
    ("written", "name", "kind"),
    [
        ("X.Kiêu Kỵ", "Kiêu Kỵ", "xã"),
        ("xã Kiêu Kỵ, huyện Gia Lâm", "Kiêu Kỵ", "xã"),
        ("P.Bưởi", "Bưởi", "phường"),
        ("phường Quảng An", "Quảng An", "phường"),
        ("TT. Trâu Quỳ", "Trâu Quỳ", "thị trấn"),
        ("TT Trâu Quỳ", "Trâu Quỳ", "thị trấn"),
        ("P3", "3", "phường"),
        ("Hữu Hòa", "Hữu Hòa", ""),
        ("Xuân La", "Xuân La", ""),
        ("Phương Mai", "Phương Mai", ""),
        ("Phường", "Phường", ""),
        ("Phúc Xá", "Phúc Xá", ""),
        ("Xã Đàn", "Xã Đàn", ""),
        ("Thịnh Liệt", "Thịnh Liệt", ""),
        ("Văn Miếu - Quốc Tử Giám", "Văn Miếu - Quốc Tử Giám", ""),
    ],
)
def test_communes_lose_their_kind_and_no_letter(written: str, name: str, kind: str) -> None:
    unit = parse_commune(written)

    assert unit is not None
    assert (unit.name, unit.kind, unit.written) == (name, kind, written)


def test_unit_keys_fold_case_marks_and_y() -> None:
    nfd = unicodedata.normalize("NFD", "Kiêu Kị")

    assert unit_key("KIÊU KỴ") == unit_key(nfd) == "kieu ki"
    assert unit_key("Thụy Khuê") == "thuy khue"
    whole = parse_commune("Xã Mới")
    assert whole is not None
    assert (whole.key, whole.whole_key) == ("moi", "xa moi")


@pytest.mark.parametrize("written", [None, "", "-", " , "])
def test_no_unit(written: CellValue) -> None:
    assert parse_commune(written) is None


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("CHAY NƯỚNG VỊ XÁ XÍU", "Chay nướng vị xá xíu"),
        ("BÁNH CỐM HÀNG THAN", "Bánh cốm hàng than"),
        ("GẠO ST25", "Gạo ST25"),
        ("RƯỢU", "Rượu"),
        ("TFOOD", "TFOOD"),
        ("TFOOD - Kim ngân", "TFOOD - Kim ngân"),
        ("Cải canh", "Cải canh"),
        ("", ""),
    ],
)
def test_capitals_throughout_are_shown_in_sentence_case(written: str, shown: str) -> None:
    assert in_sentence_case(written) == shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=HYPERLINK(\"x\")", "=HYPERLINK(\"x\")"),
        ("+84", "+84"),
        ("@SUM(A1)", "@SUM(A1)"),
        ("Bột\n gừng\u200b", "Bột gừng"),
        (12.0, "12"),
        (None, ""),
    ],
)  # fmt: skip
def test_formula_looking_text_is_just_text(value: CellValue, text: str) -> None:
    assert text_of(value) == text


def test_excel_errors_are_named_and_placeholders_are_empty() -> None:
    with pytest.raises(CellError, match="#N/A"):
        parse_text("#N/A")
    assert parse_text(" – ") == ""


@pytest.mark.parametrize(
    ("text", "is_old"), [("B¸nh cèm", True), ("®Ëu", True), ("TFOOD® 5µm", False)]
)
def test_letters_from_before_unicode_are_a_problem(text: str, is_old: bool) -> None:
    assert is_old_encoding(text) == is_old
    if is_old:
        with pytest.raises(CellError, match="TCVN3"):
            parse_text(text)


def test_contacts() -> None:
    assert parse_tax_code(101234567) == "0101234567"
    assert parse_tax_code("0101234567-001") == "0101234567-001"
    assert parse_tax_code("0101234567001") == "0101234567-001"
    assert parse_phone(912345678) == "0912345678"
    assert parse_phone("024.3333.4444; 0912 345 678") == "024.3333.4444; 0912 345 678"
    assert parse_email(" a@b.vn ") == "a@b.vn"
    assert (parse_tax_code("-"), parse_phone(None), parse_email("")) == ("", "", "")


def test_wrong_contacts() -> None:
    for parse, value in ((parse_tax_code, "12345"), (parse_phone, "có"), (parse_email, "a@b")):
        with pytest.raises(CellError):
            parse(value)
