"""Tax codes (mã số thuế): their shapes, and the check digit that finds a mistyped one.

Shapes: Circular 105/2020/TT-BTC, Article 5, kept by Circular 86/2024/TT-BTC, Article 5: ten digits
for an enterprise or another organisation, thirteen (ten, a dash, three from 001) for a dependent
unit. From 1/7/2025 a household uses the twelve digits of its representative's personal
identification number instead (Circular 86/2024/TT-BTC, Article 5 clause 5); those have no check
digit. The weights of the tenth digit are those that tax software uses (python-stdnum, module
stdnum.vn.mst).
"""

import re

WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_SHAPE = re.compile(r"[0-9]{10}(-[0-9]{3})?|[0-9]{12}")


def normalised(text: str) -> str:
    """The one way a code is kept: no spaces, a branch as 0123456789-001."""
    code = re.sub(r"[\s.]", "", text)
    return f"{code[:10]}-{code[10:]}" if re.fullmatch("[0-9]{13}", code) else code


def check_digit(nine: str) -> int:
    """The tenth digit that belongs to the first nine; 10 where no code begins with them."""
    return 10 - sum(weight * int(digit) for weight, digit in zip(WEIGHTS, nine, strict=True)) % 11


def problem(code: str) -> str:
    """What is wrong with a normalised code, as a Vietnamese sentence; "" if nothing is."""
    if not _SHAPE.fullmatch(code):
        return "Mã số thuế gồm 10, 12 hoặc 13 chữ số."
    if len(code) == 12:
        return ""
    if check_digit(code[:9]) != int(code[9]):
        return "Mã số thuế không đúng số kiểm tra (chữ số thứ 10): hãy xem lại có gõ nhầm không."
    return "Số của đơn vị phụ thuộc bắt đầu từ 001." if code.endswith("-000") else ""
