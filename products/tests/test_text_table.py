"""CSV files: encodings, separators, and what is refused."""

import unicodedata
from io import BytesIO

import pytest

from accounts.models import User
from products.actions import imports as actions
from products.actions.imports import run_import
from products.models import ImportBatch, Producer, Product
from products.tests.test_import import upload
from products.workbook import RawWorkbook, WorkbookError, open_workbook

LINES = [
    "Tên sản phẩm;Tên chủ thể;Quận, huyện;Điện thoại;Mã số thuế;Hạng sao",
    'Đậu phụ "Mơ";HTX Đậu Mơ;Đông Anh;0912345678;0100000003;4',
    "Chè, sen;Cơ sở Trần Thị Đào;Huyện Đông Anh;912345678;100000010;3 sao",
]
TEXT = "\r\n".join(LINES) + "\r\n"


def opened(content: bytes, **limits: int) -> RawWorkbook:
    return open_workbook(BytesIO(content), **limits)


def refusal(content: bytes, **limits: int) -> WorkbookError:
    with pytest.raises(WorkbookError) as error:
        opened(content, **limits)
    return error.value


def in_1258(text: str) -> bytes:
    """Vietnamese of Windows before Unicode: the tone follows its letter."""
    return b"".join(_letter_in_1258(letter) for letter in text)


def _letter_in_1258(letter: str) -> bytes:
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", letter)
        (tone,) = set(parts) & set("\u0300\u0301\u0303\u0309\u0323")
        base = unicodedata.normalize("NFC", parts.replace(tone, ""))
        return base.encode("cp1258") + tone.encode("cp1258")


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        in_1258(TEXT),
        unicodedata.normalize("NFD", TEXT).encode(),
        TEXT.replace("\r\n", "\n").encode(),
    ],
    ids=["utf-8", "utf-8-bom", "utf-16", "windows-1258", "nfd", "unix-lines"],
)
def test_f8_every_encoding_gives_the_same_products(db: None, content: bytes) -> None:
    report = run_import(BytesIO(content), dry_run=False)

    assert (report.created, report.failed, report.warnings) == (2, 0, [])
    assert sorted(Product.objects.values_list("name", flat=True)) == ["Chè, sen", 'Đậu phụ "Mơ"']
    assert sorted(Producer.objects.values_list("name", "phone", "tax_code")) == [
        ("Cơ sở Trần Thị Đào", "0912345678", "0100000010"),
        ("HTX Đậu Mơ", "0912345678", "0100000003"),
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_f8_separators_are_told_by_the_content(separator: str) -> None:
    lines = [["Tên, sản phẩm", "Chủ; thể", "Huyện"], ["Chè", 'HTX "Sen"', "A | B"]]
    text = "\n".join(
        separator.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in line) for line in lines
    )

    (sheet,) = opened(text.encode()).sheets

    assert [list(row.cells) for row in sheet.rows] == lines


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"mot cot\nhai\n", "not_workbook"),
        (b"\x00\x01\x02;\x03\n" * 40, "not_workbook"),
        ("T\xean s\xb6n ph\xc8m;®Ëu;b¸nh;r­îu ®Õ;g¹o\n".encode("latin-1"), "not_workbook"),
        (b"a;b\n" * 40 + b'"khong dong;nhay\n' + b"x" * 200_000, "damaged"),
        (TEXT.encode()[:-2] + b"\xff\xfe", "not_workbook"),
    ],
    ids=["one-column", "binary", "tcvn3", "open-quote", "broken-utf-8"],
)
def test_f8_what_is_no_table_is_refused_with_the_way_out(content: bytes, code: str) -> None:
    error = refusal(content)

    assert error.code == code
    assert "CSV" in error.message


def test_f8_a_million_lines_are_refused_at_the_limit() -> None:
    content = b"a;b\n" * 1_000_000

    assert refusal(content, max_rows=20_000).code == "too_many_rows"


def test_f9_formulas_in_csv_stay_text(db: None) -> None:
    lines = [LINES[0], '=HYPERLINK("http://x");HTX Sen;Đông Anh;;;', "+1+1;HTX Sen;Đông Anh;;;"]

    run_import(BytesIO("\n".join(lines).encode()), dry_run=False)

    names = Product.objects.values_list("name", flat=True)
    assert sorted(names) == ["+1+1", '=HYPERLINK("http://x")']


def test_csv_is_kept_under_its_own_kind_and_saved(officer: User) -> None:
    batch = actions.upload_workbook(upload(BytesIO(TEXT.encode()), "so.csv"), by=officer)

    actions.save_import(batch, leave_out_failed=False, by=officer)

    assert ImportBatch.objects.get().file.name.endswith(".csv")
    assert Product.objects.count() == 2
