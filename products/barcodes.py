"""Barcodes of goods (GTIN): their lengths and the check digit that finds a mistyped one.

GS1 General Specifications, section 7.9: from the right, the digits before the check digit weigh
3, 1, 3, 1 …; check digit and weighted sum add up to a multiple of ten. 893 is the prefix of GS1
Vietnam: it says where the number was issued, not where the product comes from.
"""

import re

LENGTHS = {8: "EAN-8", 13: "EAN-13", 14: "GTIN-14"}
VIETNAM = "893"


def normalised(text: str) -> str:
    """The digits alone: people copy them in groups, as printed under the bars."""
    return re.sub(r"[\s.\-]", "", text)


def check_digit(digits: str) -> int:
    """The digit that belongs after `digits`."""
    weighted = (int(digit) * (1 if n % 2 else 3) for n, digit in enumerate(reversed(digits)))
    return -sum(weighted) % 10


def problem(code: str) -> str:
    """What is wrong with a normalised barcode, as a Vietnamese sentence; "" if nothing is."""
    if not re.fullmatch("[0-9]+", code) or len(code) not in LENGTHS:
        return "Mã vạch có 8, 13 hoặc 14 chữ số (EAN-8, EAN-13, GTIN-14)."
    if check_digit(code[:-1]) != int(code[-1]):
        return "Mã vạch không đúng: số cuối không khớp số kiểm tra, hãy xem lại từng chữ số."
    return ""


def kind(code: str) -> str:
    """The name of the kind of a valid barcode."""
    return LENGTHS.get(len(code), "")


def note(code: str) -> str:
    """What the prefix of a valid barcode says about its issuer."""
    item = code[1:] if len(code) == 14 else code
    if item.startswith(VIETNAM):
        return "Đầu mã 893 do GS1 Việt Nam cấp."
    if item.startswith("2") or (len(item) == 8 and item.startswith("0")):
        return "Mã dùng nội bộ cửa hàng, không phải mã được cấp."
    return "Không phải đầu mã 893 của GS1 Việt Nam: cần giấy xác nhận sử dụng mã nước ngoài."
