"""What officers may upload by mistake, and what an attacker may upload on purpose."""

import time
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from products.workbook import Downward, RawWorkbook, WorkbookError, open_workbook

SAMPLE = Path(__file__).parent / "data" / "products_messy_01.xlsx"
SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OLE2 = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)


def xlsx(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def with_parts(content: bytes, **changes: bytes | None) -> bytes:
    """The archive with parts replaced, added or (None) taken out."""
    parts = dict(changes)
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(file, "w", 8) as new:
        for name in old.namelist():
            parts.setdefault(name, old.read(name))
        for name, data in parts.items():
            if data is not None:
                new.writestr(name, data)
    return file.getvalue()


def with_sheet(sheet_data: str, before: str = "", after: str = "") -> bytes:
    sheet = f'{before}<worksheet xmlns="{NAMESPACE}"><sheetData>{sheet_data}</sheetData>{after}'
    return with_parts(xlsx(["x"]), **{SHEET: f"{sheet}</worksheet>".encode()})


def with_shared_strings(strings: str) -> bytes:
    """A workbook as Excel writes it: texts in a table of their own."""
    cells = '<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1"><v>1</v></c>'
    content = with_sheet(f'<row r="1">{cells}</row>')
    relations = "xl/_rels/workbook.xml.rels"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = f'<Relationship Type="{kind}" Target="sharedStrings.xml" Id="rId9"/></Relationships>'
    with zipfile.ZipFile(BytesIO(content)) as archive:
        declared = archive.read(relations).replace(b"</Relationships>", relation.encode())
    parts = {relations: declared, "xl/sharedStrings.xml": strings.encode()}
    return with_parts(content, **parts)


def opened(content: bytes, **limits: int) -> RawWorkbook:
    return open_workbook(BytesIO(content), **limits)


def refusal(content: bytes, **limits: int) -> WorkbookError:
    with pytest.raises(WorkbookError) as caught:
        opened(content, **limits)
    return caught.value


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (bytes(2000), "empty"),
        (
            b"<html><table><tr><td>T\xc3\xaan s\xe1\xba\xa3n ph\xe1\xba\xa9m</td></tr>",
            "not_workbook",
        ),
        (b"%PDF-1.7\n", "not_workbook"),
        (OLE2 + "Workbook".encode("utf-16-le"), "old_xls"),
        (OLE2 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (OLE2 + "EncryptionInfo".encode("utf-16-le"), "encrypted"),
    ],
)
def test_other_content_is_refused_by_what_it_is(content: bytes, code: str) -> None:
    assert refusal(content).code == code


def test_old_xls_comes_with_the_way_out() -> None:
    message = refusal(OLE2).message

    assert message == (
        "Tệp ở dạng Excel cũ (.xls) nên chưa đọc được. Vui lòng mở tệp bằng Excel, chọn Lưu thành "
        "(Save As), kiểu “Excel Workbook (*.xlsx)” rồi tải lên lại."
    )


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_a_cut_off_file_is_damaged(kept: float) -> None:
    content = SAMPLE.read_bytes()

    assert refusal(content[: int(len(content) * kept)]).code == "damaged"


def test_flipped_bytes_inside_are_damaged() -> None:
    content = bytearray(xlsx(["Tên sản phẩm"] * 20))
    start = content.index(SHEET.encode()) + len(SHEET) + 20
    content[start : start + 40] = bytes(40)

    assert refusal(bytes(content)).code == "damaged"


def test_another_office_document_is_no_workbook() -> None:
    types = b"""<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
      <Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-
officedocument.wordprocessingml.document.main+xml"/></Types>"""

    assert refusal(with_parts(xlsx(["x"]), **{"[Content_Types].xml": types})).code == "not_workbook"
    assert refusal(with_parts(xlsx(["x"]), **{"[Content_Types].xml": None})).code == "not_workbook"


def test_macros_are_refused_however_they_are_declared() -> None:
    plain = xlsx(["x"])
    with zipfile.ZipFile(BytesIO(plain)) as archive:
        types = archive.read("[Content_Types].xml")
    declared = types.replace(
        b"openxmlformats-officedocument.spreadsheetml.sheet.main",
        b"ms-excel.sheet.macroEnabled.main",
    )

    assert declared != types
    assert refusal(with_parts(plain, **{"xl/vbaProject.bin": b"x"})).code == "macro"
    assert refusal(with_parts(plain, **{"[Content_Types].xml": declared})).code == "macro"


def test_binary_workbook_is_refused_with_its_own_message() -> None:
    types = b"""<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
      <Override PartName="/xl/workbook.bin"
       ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>"""

    assert refusal(with_parts(xlsx(["x"]), **{"[Content_Types].xml": types})).code == "binary_xlsb"


def test_encrypted_zip_entry_is_refused_as_a_password() -> None:
    content = bytearray(xlsx(["x"]))
    directory = content.index(b"PK\x01\x02")
    content[directory + 8] |= 1

    assert refusal(bytes(content)).code == "encrypted"


# Size


def test_packed_size_on_both_sides_of_the_limit() -> None:
    content = xlsx(["Tên sản phẩm"])

    assert opened(content, max_bytes=len(content)).sheets
    assert refusal(content, max_bytes=len(content) - 1).code == "too_large"


def test_unpacked_size_on_both_sides_of_the_limit() -> None:
    content = xlsx(["Tên sản phẩm"])
    with zipfile.ZipFile(BytesIO(content)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())

    assert opened(content, max_unpacked_bytes=unpacked).sheets
    assert refusal(content, max_unpacked_bytes=unpacked - 1).code == "zip_bomb"


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>' + "a" * 60_000_000 + "</t></is></c></row>"
    bomb = with_sheet(cell)

    tracemalloc.start()
    error = refusal(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert error.code == "zip_bomb"
    assert peak < 2_000_000


def test_thousands_of_entries_are_refused() -> None:
    many = {f"xl/media/{number}.png": b"" for number in range(2_001)}

    assert refusal(with_parts(xlsx(["x"]), **many)).code == "zip_bomb"


def test_a_cell_longer_than_excel_allows_is_refused() -> None:
    letters = "ăâđêôơư" * 6_000
    cell = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{letters}</t></is></c></row>'

    assert refusal(with_sheet(cell)).code == "too_large"


def test_row_limit_counts_rows_that_hold_a_value() -> None:
    rows = "".join(f'<row r="{number}"><c r="A{number}"><v>1</v></c></row>' for number in (1, 5, 9))
    blank = '<row r="20"><c r="A20" s="0"/></row>'

    assert len(opened(with_sheet(rows + blank), max_rows=3).sheets[0].rows) == 3
    assert refusal(with_sheet(rows + blank), max_rows=2).code == "too_many_rows"


def test_200_000_rows_are_refused_fast_and_with_flat_memory() -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for number in range(200_000):
        sheet.append([number, "Cốm"])
    content = saved(book)

    tracemalloc.start()
    started = time.process_time()
    error = refusal(content)
    seconds = time.process_time() - started
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert error.code == "too_many_rows"
    assert "20.000 dòng" in error.message
    assert seconds < 5
    assert peak < 20_000_000


# Hostile XML


@pytest.mark.parametrize(
    "part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
)
def test_billion_laughs_are_refused_in_every_part(part: str) -> None:
    laughs = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'
    xml = f'{doctype}<sst xmlns="{NAMESPACE}"><si><t>&l9;</t></si></sst>'
    content = with_shared_strings(f'<sst xmlns="{NAMESPACE}"/>')

    assert refusal(with_parts(content, **{part: xml.encode()})).code == "unsafe_xml"


def test_external_entity_is_refused() -> None:
    doctype = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&secret;</t></is></c></row>'

    assert refusal(with_sheet(cell, before=doctype)).code == "unsafe_xml"


@pytest.mark.parametrize("endless", ['<row r="{}"', "<!-- {} -->"])
def test_an_endless_tag_is_refused_at_once(endless: str) -> None:
    filling = "".join(map(str, range(2_000_000)))
    content = with_sheet(endless.format(filling))

    started = time.process_time()
    code = refusal(content).code

    assert code == "damaged"
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "sheet_data",
    [
        '<row r="99999999999"><c r="A1"><v>1</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="x"/>',
        '<row r="1"><c r="A1"><v>một</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>7000</v></c></row>',
        '<row r="1"><c r="A1"></row>',
    ],
)
def test_impossible_rows_and_cells_are_damage(sheet_data: str) -> None:
    assert refusal(with_sheet(sheet_data)).code == "damaged"


# What a good workbook gives


def test_values_come_as_excel_shows_them() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Cốm", 4, 4.5, True, None, "=1+1", " "])
    sheet["H1"] = 44904
    sheet["H1"].number_format = "dd/mm/yyyy"
    sheet["I1"] = 44904
    sheet["I1"].number_format = '#,##0 "đồng"'
    for cell in sheet[1]:
        cell.data_type = "s" if cell.value == "=1+1" else cell.data_type

    row = opened(saved(book)).sheets[0].rows[0]

    assert [str(value) for value in row.cells] == [
        "Cốm", "4", "4.5", "True", "None", "=1+1", "None", "2022-12-09", "44904",
    ]  # fmt: skip


def test_dates_of_a_1904_workbook() -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active["A1"] = 43442
    book.active["A1"].number_format = "d/m/yy"

    assert str(opened(saved(book)).sheets[0].rows[0].cells[0]) == "2022-12-09"


def test_shared_rich_and_phonetic_text() -> None:
    content = with_shared_strings(
        f'<sst xmlns="{NAMESPACE}"><si><r><t>Trà </t></r><r><t>sen_x000D_</t></r>'
        "<rPh><t>no</t></rPh></si><si/></sst>"
    )

    assert opened(content).sheets[0].rows[0].cells == ("Trà sen", None, 1)


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_both_namespaces_and_prefixes_are_read(prefix: str) -> None:
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    tags = ("worksheet", "sheetData", "row", "c", "v")
    xml = '<worksheet><sheetData><row r="1"><c r="A1"><v>5</v></c></row></sheetData></worksheet>'
    for tag in tags:
        xml = xml.replace(f"</{tag}>", f"</{prefix}{tag}>").replace(f"<{tag}", f"<{prefix}{tag}")
    declared = f'xmlns:x="{strict}"' if prefix else f'xmlns="{strict}"'
    xml = xml.replace("worksheet>", f"worksheet {declared}>", 1)

    content = with_parts(xlsx(["x"]), **{SHEET: xml.encode()})

    assert opened(content).sheets[0].rows[0].cells == (5,)


def test_hidden_sheets_are_named_but_not_read() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Tên sản phẩm"])
    book.create_sheet("Số liệu cũ").append(["Tên sản phẩm"])
    book["Số liệu cũ"].sheet_state = "hidden"

    sheets = opened(saved(book)).sheets

    assert [(sheet.title, sheet.is_hidden, len(sheet.rows)) for sheet in sheets] == [
        ("Sheet", False, 1),
        ("Số liệu cũ", True, 0),
    ]


def test_a_value_is_taken_from_the_merge_above_and_not_below_it() -> None:
    book = openpyxl.Workbook()
    for row in (["HTX A", "x"], [None, "x"], [None, "x"]):
        book.active.append(row)
    book.active.merge_cells("A1:A2")

    sheet = opened(saved(book)).sheets[0]

    downward, found = Downward(sheet.merges), []
    for row in sheet.rows:
        downward.show(row)
        found.append((downward.value(row.number, 0), downward.value(row.number, 1)))
    assert found == [("HTX A", None), ("HTX A", None), (None, None)]


def test_a_path_is_read_like_an_open_file() -> None:
    with SAMPLE.open("rb") as file:
        assert open_workbook(file) == open_workbook(SAMPLE)


def test_formatting_down_to_the_last_row_and_column_costs_nothing() -> None:
    data = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>'
    far = '<row r="1048576"><c r="A1048576" s="0"/></row>'
    merges = '<mergeCells><mergeCell ref="A1:XFD1048576"/><mergeCell ref="nonsense"/></mergeCells>'

    sheet = opened(with_sheet(data + far, after=merges)).sheets[0]

    assert [row.cells for row in sheet.rows] == [(1,)]
    assert len(sheet.merges) == 1
