"""Which slot a file belongs to, guessed from its name: only a proposal that people confirm."""

import re
from collections.abc import Iterable

from ocop_portal.text import search_key
from regulations.rules import DocumentKind

# How officers and producers call the papers, beside the names that the regulation gives them.
CALLED = {
    "registration_form": ("phieu dang ky", "bieu so 01", "bieu so 02", "mau so 01", "y tuong"),
    "self_assessment": ("tu danh gia", "mau so 02"),
    "business_plan": ("phuong an", "ke hoach kinh doanh", "bieu so 03", "pakd", "khkd"),
    "organisation_profile": ("bo may", "so do to chuc", "gioi thieu", "bieu so 04"),
    "business_registration": (
        "dkkd",
        "dkhtx",
        "gpkd",
        "giay phep kinh doanh",
        "dang ky kinh doanh",
        "dang ky doanh nghiep",
        "dang ky hop tac xa",
        "dang ky ho kinh doanh",
        "gcn dkkd",
    ),
    "production_conditions": (
        "attp",
        "du dieu kien",
        "vsattp",
        "atvstp",
        "chung nhan an toan thuc pham",
        "giay an toan thuc pham",
        "ve sinh an toan",
    ),
    "quality_declaration": ("cong bo", "tu cong bo", "cong bo chat luong", "hop quy", "hop chuan"),
    "product_standard": ("tieu chuan", "tccs", "tcvn"),
    "food_safety_test_report": (
        "kiem nghiem",
        "phieu ket qua",
        "ket qua thu nghiem",
        "ket qua kiem tra",
        "test",
    ),
    "barcode_traceability_ip": (
        "ma vach",
        "ma so ma vach",
        "truy xuat",
        "gs1",
        "nhan hieu",
        "so huu tri tue",
        "chi dan dia ly",
        "qr",
        "tem",
    ),
    "barcode_traceability": ("ma vach", "ma so ma vach", "truy xuat", "gs1", "qr", "tem"),
    "intellectual_property": ("nhan hieu", "so huu tri tue", "chi dan dia ly", "van bang"),
    "material_origin": ("nguyen lieu", "lien ket", "hop dong", "vung trong", "nguon goc"),
    "quality_management": ("iso", "haccp", "vietgap", "gmp", "huu co", "globalgap"),
    "quality_control_plan": ("kiem soat chat luong", "ho so lo"),
    "environment": ("moi truong", "dtm", "bvmt", "xu ly chat thai"),
    "accounting": ("ke toan", "bao cao tai chinh", "bctc", "so sach"),
    "business_growth": ("bao cao tai chinh", "bctc", "doanh thu", "tang truong"),
    "local_labour": ("lao dong", "bao hiem", "bhxh"),
    "market_and_promotion": ("xuc tien", "hoi cho", "thi truong", "dai ly", "phan phoi"),
    "advertising": ("quang ba", "quang cao", "website", "fanpage"),
    "product_story": ("cau chuyen", "to roi", "phim"),
    "awards": ("giai thuong", "bang khen", "binh chon", "giay khen", "chung nhan dat giai"),
    "changes": ("thay doi",),
    "update_since_recognition": ("cap nhat",),
}
ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")
# Names of slots are long; a part of one counts from this many words on.
NAME_WORDS = 2


def guess_slot(filename: str, slots: Iterable[DocumentKind]) -> str:
    """The code of the slot whose words the name holds, the longest first; "" where none does."""
    key = f" {_spelled(filename)} "
    found = [
        (len(phrase), slot.code)
        for slot in slots
        if slot.is_file
        for phrase in _phrases(slot)
        if f" {phrase} " in key
    ]
    return max(found, key=lambda row: row[0])[1] if found else ""


def _spelled(filename: str) -> str:
    """The name as words: GiayPhepKinhDoanh_01.pdf becomes "giay phep kinh doanh 01"."""
    bare = ENDING.sub("", filename)
    before = " " + bare
    return search_key(
        "".join(
            f" {letter}" if letter.isupper() and last.islower() else letter
            for last, letter in zip(before, bare, strict=False)
        )
    )


def _phrases(slot: DocumentKind) -> list[str]:
    parts = [search_key(part) for part in re.split(r"[,;(]", slot.name)]
    own = [part for part in parts if len(part.split()) >= NAME_WORDS]
    return [*CALLED.get(slot.code, ()), *own]
