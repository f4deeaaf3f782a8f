import unicodedata

import pytest

from products.spelling import SpellingGroup, group_spellings, producer_key, spelling_key

SAME = [
    ("HTX Ba Chữ", "Hợp tác xã Ba Chữ"),
    ("HTXNN Tam Ngãi", "Hợp tác xã nông nghiệp Tam Ngãi"),
    ("HTX CN quỳ vàng Kiêu Kị ", "Hợp tác xã  Công nghiệp Quỳ Vàng Kiêu Kỵ"),
    ("HTX DV NN thôn Đoài", "HTX Dịch vụ nông nghiệp thôn Đoài"),
    ("HTX DVNN thôn Đoài", "HTX Dịch vụ nông nghiệp thôn Đoài"),
    ("Cty TNHH Gốm sứ Việt Trung", "CÔNG TY TNHH GỐM SỨ VIỆT TRUNG"),
    ("Công ty TNHH một thành viên An", "CTY TNHH MTV An"),
    ("Công ty TNHH 1 thành viên An", "CTY TNHH MTV An"),
    ("Công ty trách nhiệm hữu hạn An", "Công ty TNHH An"),
    ("CTCP Phú Mĩ", "Công ty Cổ phần Phú Mỹ"),
    ("Công ti CP Phú Mỹ", "Công ty Cổ phần Phú Mỹ"),
    ("Cty TNHH TP Thảo Nguyên", "Công ty TNHH thực phẩm Thảo Nguyên"),
    ("Cty TNHH SX & TM An", "Công ty TNHH Sản xuất và Thương mại An"),
    ("Công ty TNHH XNK An", "Công ty TNHH xuất nhập khẩu An"),
    ("Công ty TNHH SX-TM-DV An", "Công ty TNHH sản xuất thương mại dịch vụ An"),
    ("Hộ KD Thanh Vân", "Hộ kinh doanh Thanh Vân"),
    ("HKD Thanh Vân", "Hộ kinh doanh Thanh Vân"),
    ("CSSX chay sạch Chúc hạnh", "Cơ sở Sản xuất chay sạch Chúc Hạnh"),
    ("CN Công ty TNHH An", "Chi nhánh Công ty TNHH An"),
    ("Công ty rau TP Hà Nội", "Công ty rau thành phố Hà Nội"),
    ("HTX hoà bình", "HTX Hòa Bình"),
    ("HTX Thuý", "HTX Thúy"),
    ("HTX Kĩ nghệ", "HTX Kỹ nghệ"),
    ("HTX Đoài", "HTX Ðoài"),  # U+0110 and U+00D0
    ("HTX Cốm", "HTХ Сốm"),  # Cyrillic Х and С
    ("“HTX” Cốm, Vòng", "HTX Cốm Vòng"),
]
DIFFERENT = [
    ("Hộ kinh doanh Thanh Vân", "Hộ kinh doanh Thành Văn"),
    ("Hộ kinh doanh Thanh", "Hộ kinh doanh Thành"),
    ("Hộ kinh doanh Hằng", "Hộ kinh doanh Hạnh"),
    ("Hộ kinh doanh Đồng", "Hộ kinh doanh Dồng"),
    ("Hộ kinh doanh Thanh Vân", "Hộ sản xuất Thanh Vân"),
    ("Công ty TNHH An", "Công ty Cổ phần An"),
    ("Công ty TNHH TP Hà Nội", "Công ty TNHH thực phẩm Hà Nội"),
    ("Hộ kinh doanh Thúy", "Hộ kinh doanh Thúi"),
    ("HTX Sơn Tây 1", "HTX Sơn Tây 2"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_key_for_spellings_of_one_producer(one: str, other: str) -> None:
    assert producer_key(one) == producer_key(other)
    assert producer_key(unicodedata.normalize("NFD", one)) == producer_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_producers_keep_different_keys(one: str, other: str) -> None:
    assert producer_key(one) != producer_key(other)


def test_product_names_are_folded_without_abbreviations() -> None:
    assert spelling_key("Chè  THÁI") == spelling_key(unicodedata.normalize("NFD", "chè Thái"))
    assert spelling_key("Trà CP") != spelling_key("Trà cổ phần")


def test_the_full_spelling_in_small_letters_is_shown() -> None:
    names = [
        "CÔNG TY TNHH CERAMICS THANH BÌNH",
        "Cty TNHH Ceramics Thanh Bình",
        "Cty TNHH Ceramics Thanh Bình",
        "Công ty TNHH Ceramics Thanh Bình",
        "",
        "HTX Ba Chữ",
    ]

    groups = group_spellings(names)

    assert groups == [
        SpellingGroup(
            key=producer_key("Công ty TNHH Ceramics Thanh Bình"),
            display="Công ty TNHH Ceramics Thanh Bình",
            spellings=(
                ("Công ty TNHH Ceramics Thanh Bình", 1),
                ("Cty TNHH Ceramics Thanh Bình", 2),
                ("CÔNG TY TNHH CERAMICS THANH BÌNH", 1),
            ),
        ),
        SpellingGroup(producer_key("HTX Ba Chữ"), "HTX Ba Chữ", (("HTX Ba Chữ", 1),)),
    ]
    assert [group.rows for group in groups] == [4, 1]


def test_of_equal_spellings_the_most_frequent_is_shown() -> None:
    names = ["HTX Quỳ Vàng", "HTX quỳ vàng", "HTX quỳ vàng"]

    assert group_spellings(names)[0].display == "HTX quỳ vàng"
