"""A file's name proposes its slot, under every regulation."""

import pytest

from products.slot_guess import CALLED, guess_slot
from regulations.models import Regulation


@pytest.mark.parametrize(
    ("name", "slot"),
    [
        ("giay phep kinh doanh.pdf", "business_registration"),
        ("Giấy phép kinh doanh (bản sao).PDF", "business_registration"),
        ("GiayPhepKinhDoanh_01.pdf", "business_registration"),
        ("GCN-ĐKKD.jpg", "business_registration"),
        ("Giấy chứng nhận cơ sở đủ điều kiện ATTP.pdf", "production_conditions"),
        ("phiếu kiểm nghiệm an toàn thực phẩm.pdf", "food_safety_test_report"),
        ("HACCP 2021.pdf", "quality_management"),
        ("bản tự công bố sản phẩm.docx", "quality_declaration"),
        ("câu chuyện sản phẩm.mp4", "product_story"),
        ("Hợp đồng bao tiêu.pdf", "material_origin"),
        ("scan0001.pdf", ""),
        ("tem", "barcode_traceability"),
        ("item.pdf", ""),
        ("Mẫu số 02 tự đánh giá.docx", "self_assessment"),
    ],
)
def test_names_of_files(name: str, slot: str, db: None) -> None:
    slots = Regulation.objects.get(code="qd26-2026").rules.documents

    assert guess_slot(name, slots) == slot


def test_a_slot_that_the_dossier_has_not_is_never_proposed(regulation: Regulation) -> None:
    slots = regulation.rules.documents

    assert guess_slot("báo cáo tự đánh giá.pdf", slots) == ""
    assert guess_slot("sản phẩm mẫu.jpg", slots) == ""


def test_every_slot_that_is_called_something_exists(db: None) -> None:
    known = {slot.code for row in Regulation.objects.all() for slot in row.rules.documents}

    assert set(CALLED) - known == set()
