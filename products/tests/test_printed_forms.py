"""Printed forms: every one under every regulation, as PDF and DOCX from the same blocks."""

import io
import re
import subprocess
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from docx import Document
from docx.oxml.ns import qn

from products.models import Dossier, Producer
from products.printed_forms import drawing, structure
from products.printed_forms.answers import forms_of, questions_of
from products.printed_forms.filling import CRITERIA_COLUMNS, FilledForm, all_text, fill
from products.printed_forms.sources import ROWS, TEXTS, Records, SelfPoints
from products.tests.factories import (
    DocumentFactory,
    DossierFactory,
    ProducerFactory,
    ProductFactory,
    unit_2021,
)
from regulations.models import CriteriaSet, Regulation
from regulations.schema import Kind, schema_of

FORMS = {
    "qd1048-2019": ["bieu_01", "bieu_02", "bieu_03", "bieu_04"],
    "qd148-2023": ["bieu_01", "bieu_02", "bieu_03", "bieu_04"],
    "qd1489-2025": ["bieu_01", "bieu_02", "bieu_03", "bieu_04"],
    "qd26-2026": ["mau_01", "mau_02", "mau_03"],
}
EACH = [(regulation, code) for regulation, codes in FORMS.items() for code in codes]


def dossier_under(regulation: str, **fields: Any) -> Dossier:
    sheet = CriteriaSet.objects.get(regulation__code=regulation, code="do-an-nhanh")
    producer = fields.pop("producer", None) or ProducerFactory(
        name="Hợp tác xã Rau Đông Hội",
        unit=unit_2021("00523"),
        address="Thôn Hội Phụ",
        representative="Nguyễn Thị Mẫu",
        phone="0900 000 000",
    )
    product = ProductFactory(
        name=fields.pop("name", "Dưa cải muối"), producer=producer, criteria_set=sheet
    )
    return DossierFactory(product=product, criteria_set=sheet, **fields)


def full_answers(dossier: Dossier, code: str) -> dict[str, Any]:
    """Something for every question of the form, each text different."""
    found: dict[str, Any] = {}
    form = structure.form(code)
    # The commune's own answers come from its report; here all are there.
    asked = {one.code: one for one in questions_of(form, dossier)}
    asked |= {one.code: one for one in form.questions_for(dossier.kind)}
    for n, question in enumerate(asked.values()):
        found[question.code] = {
            "line": f"Dòng {n}",
            "text": f"Đoạn một {n}.\nĐoạn hai {n}.",
            "one": question.options[0].code if question.options else "",
            "many": [option.code for option in question.options][:1],
            "table": [[f"Ô {n}.{c}" for c in range(len(question.columns))]],
        }[question.kind]
    return found


def filled(dossier: Dossier, code: str, answers: dict[str, Any] | None = None) -> FilledForm:
    return fill(structure.form(code), Records(dossier), answers or {})


def text_of_pdf(data: bytes, tmp_path: Path) -> str:
    path = tmp_path / "form.pdf"
    path.write_bytes(data)
    command = ["pdftotext", "-layout", str(path), "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def text_of_docx(data: bytes) -> str:
    body = Document(io.BytesIO(data)).element.body
    return "\n".join(
        "".join(node.text or "" for node in paragraph.iter(qn("w:t")))
        for paragraph in body.iter(qn("w:p"))
    )


def bare(text: str) -> str:
    """Letters and digits alone: spaces, line ends, dots and boxes differ between the two."""
    return re.sub(r"[\W_]+", "", text.lower())


def word_bag(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def test_every_regulation_has_its_forms(db: None) -> None:
    found = {
        regulation.code: [code for slot in regulation.rules.documents for code in slot.forms]
        for regulation in Regulation.objects.all()
    }

    assert found == FORMS


def test_the_forms_that_a_regulation_may_name_are_the_declared_ones() -> None:
    items = schema_of(Kind.REGULATION)["properties"]["documents"]["items"]["properties"]

    named = {one["const"] for one in items["forms"]["items"]["oneOf"]}
    assert named == structure.codes()


@pytest.mark.parametrize("code", sorted(structure.codes()))
def test_declared_names_exist(code: str) -> None:
    form = structure.form(code)
    styles = (Path(settings.BASE_DIR) / "static" / "pdf" / "forms.css").read_text("utf-8")
    for block in form.blocks:
        for entry in getattr(block, "items", (block,)):
            assert getattr(entry, "question", "") in {"", *structure.questions()}
            source = getattr(entry, "source", "")
            assert source in {"", *TEXTS, *ROWS}
        columns = getattr(block, "columns", ()) or CRITERIA_COLUMNS
        for column in columns:
            assert f".w{column.width} {{" in styles
        if columns := getattr(block, "columns", ()):
            assert sum(column.width for column in columns) == 100
    for question in structure.questions().values():
        assert all(f".w{column.width} {{" in styles for column in question.columns)
        assert sum(column.width for column in question.columns) in {0, 100}


def test_no_question_is_without_a_form() -> None:
    kinds = ("first", "upgrade", "renewal")
    asked = {
        question.code
        for code in structure.codes()
        for kind in kinds
        for question in structure.form(code).questions_for(kind)
    }

    assert asked == set(structure.questions())


@pytest.mark.parametrize(("regulation", "code"), EACH)
def test_a_form_without_answers_leaves_dotted_lines(
    regulation: str, code: str, tmp_path: Path, db: None
) -> None:
    form = filled(dossier_under(regulation), code)

    pdf, docx = drawing.pdf(form), drawing.docx(form)

    text = text_of_pdf(pdf, tmp_path)
    assert "Dưa cải muối" in text.replace("\n", " ") or code == "bieu_04"
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    assert "Độc lập - Tự do - Hạnh phúc" in text
    assert "......." in text
    word = Document(io.BytesIO(docx))
    dots = [
        stop
        for paragraph in word.paragraphs
        for stop in paragraph.paragraph_format.tab_stops
        if stop.leader is not None and stop.leader.name == "DOTS"
    ]
    assert dots
    assert unicodedata.is_normalized("NFC", text)


@pytest.mark.parametrize(("regulation", "code"), EACH)
def test_pdf_and_docx_show_all_of_the_filled_form(
    regulation: str, code: str, tmp_path: Path, db: None
) -> None:
    dossier = dossier_under(regulation, self_score=87)
    dossier.product.producer.years.create(year=2021, revenue=1_250_000_000, workers=32)
    form = filled(dossier, code, full_answers(dossier, code))

    text = text_of_pdf(drawing.pdf(form), tmp_path)
    word = text_of_docx(drawing.docx(form))

    wanted = all_text(form)
    assert [one for one in wanted if bare(one) not in bare(word)] == []
    # Columns of the PDF's text run into each other, so its words are compared.
    assert {letters for one in wanted for letters in word_bag(one)} <= word_bag(text)
    assert len(wanted) > 20
    missing_questions = [one.label for one in form.missing if one.question]
    assert missing_questions == []


@pytest.mark.parametrize("code", sorted(structure.codes()))
def test_the_same_form_gives_the_same_bytes(code: str, db: None) -> None:
    regulation = next(name for name, codes in FORMS.items() if code in codes)
    dossier = dossier_under(regulation)

    first, again = (filled(dossier, code, full_answers(dossier, code)) for _ in range(2))

    for kind in drawing.TYPES.values():
        assert kind.draw(first) == kind.draw(again)


def test_the_page_is_that_of_decree_30(db: None) -> None:
    form = filled(dossier_under("qd26-2026"), "mau_01")

    with pikepdf.open(io.BytesIO(drawing.pdf(form))) as pdf:
        box = [round(float(value)) for value in pdf.pages[0].MediaBox]
    section = Document(io.BytesIO(drawing.docx(form))).sections[0]

    assert box == [0, 0, 595, 842]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = [section.top_margin, section.bottom_margin, section.left_margin, section.right_margin]
    assert [round(margin.mm) for margin in margins] == [20, 20, 30, 15]


def test_self_points_stand_at_their_criteria(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    dossier = dossier_under("qd26-2026")
    points = SelfPoints(total=73, by_criterion={"1.1": 2, "1.2": 3})
    monkeypatch.setattr("products.printed_forms.sources.self_points", lambda dossier: points)

    form = filled(dossier, "mau_02", {"proof.1.1": "Hợp đồng với 12 hộ"})

    table = next(
        block for block in form.blocks if getattr(block, "columns", ()) == CRITERIA_COLUMNS
    )
    cells = {row.cells[0].text: [cell.text for cell in row.cells] for row in table.rows}
    assert cells["1.1"][2:] == ["3", "2", "Hợp đồng với 12 hộ"]
    assert cells["1.2"][3] == "3"
    assert cells["1.3"][3] == ""
    assert cells[""][1:4] == ["TỔNG CỘNG", "100", "73"]


@pytest.mark.parametrize("kind", ["first", "upgrade", "renewal"])
def test_the_kind_of_dossier_is_ticked_and_asks_for_its_changes(kind: str, db: None) -> None:
    """26/2026/QĐ-TTg, Điều 6 khoản 1: an upgrade and a renewal tell what changed."""
    dossier = dossier_under("qd26-2026", kind=kind)

    ticks = next(block for block in filled(dossier, "mau_01").blocks if block.kind == "ticks")
    asked = {question.code for question in structure.form("mau_02").questions_for(kind)}

    labels = {"first": "Lần đầu", "upgrade": "Nâng hạng", "renewal": "Đánh giá lại"}
    assert [box.label for box in ticks.boxes if box.ticked] == [labels[kind]]
    changes = {"upgrade": {"changes_upgrade"}, "renewal": {"changes_renewal"}}
    assert asked & {"changes_upgrade", "changes_renewal"} == changes.get(kind, set())


def test_a_document_in_the_dossier_ticks_its_box(officer: Any) -> None:
    dossier = dossier_under("qd26-2026", created_by=officer)
    DocumentFactory(dossier=dossier, slot="quality_declaration", original_name="công bố.pdf")

    form = filled(dossier, "mau_02", {"licences": ["food_safety"]})

    ticked = [
        box.label
        for block in form.blocks
        if block.kind == "ticks"
        for box in block.boxes
        if box.ticked
    ]
    assert [label[:2] for label in ticked] == ["b)", "c)"]
    assert any("công bố.pdf" in text for text in all_text(form))


def test_a_product_without_a_producer_still_prints(tmp_path: Path, db: None) -> None:
    dossier = dossier_under("qd26-2026")
    dossier.product.producer = None

    form = filled(dossier, "mau_01")

    missing = {one.label: one.url for one in form.missing}
    assert missing["Tên đơn vị"] == f"/san-pham/{dossier.product_id}/sua/"
    assert "Tên đơn vị: ...." in text_of_pdf(drawing.pdf(form), tmp_path)


@pytest.mark.parametrize("kind", ["", *Producer.Kind])
def test_every_kind_of_producer_is_named(kind: str, db: None) -> None:
    producer = ProducerFactory(kind=kind, unit=unit_2021("00523"), address="Số 1, xã Đông Hội")
    dossier = dossier_under("qd1048-2019", producer=producer)

    texts = all_text(filled(dossier, "bieu_04"))

    named = Producer.Kind(kind).label if kind else ""
    assert f"2. Loại hình tổ chức: {named}".strip() in texts
    # The commune stands in the street already: it is not named twice.
    assert "1. Địa chỉ: Số 1, xã Đông Hội, Huyện Đông Anh, Thành phố Hà Nội" in texts


def test_names_of_200_letters_stay_on_the_page(tmp_path: Path, db: None) -> None:
    name = ("Hợp tác xã nông nghiệp hữu cơ và du lịch sinh thái " * 4)[:200].strip()
    producer = ProducerFactory(name=name, unit=unit_2021("00523"), email=f"{'a' * 60}@mau.example")
    dossier = dossier_under("qd26-2026", producer=producer, name=name[::-1].strip())

    data = drawing.pdf(filled(dossier, "mau_02"))

    path = tmp_path / "long.pdf"
    path.write_bytes(data)
    command = ["pdftotext", "-bbox", str(path), "-"]
    boxes = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    right = max(float(found) for found in re.findall(r'xMax="([\d.]+)"', boxes))
    # The right margin of 15 mm, with a point for the width of a letter's own edge.
    assert right <= 595.3 - 15 * 72 / 25.4 + 1
    assert bare(name) in bare(text_of_docx(drawing.docx(filled(dossier, "mau_02"))))


HOSTILE = '<script>alert(1)</script>{{ x }}{% now %} =HYPERLINK("http://x") & "quoted" \x0b\u202e'


def test_c8_what_people_type_is_text(tmp_path: Path, db: None) -> None:
    producer = ProducerFactory(name=HOSTILE.replace("\x0b", ""), unit=unit_2021("00523"))
    dossier = dossier_under("qd26-2026", producer=producer, name="<img src=file:///etc/passwd>{")
    answers = full_answers(dossier, "mau_02")
    answers.update(history=HOSTILE, representative_ethnicity="=1+1")

    form = filled(dossier, "mau_02", answers)
    text, docx = text_of_pdf(drawing.pdf(form), tmp_path), drawing.docx(form)

    for shown in (text.replace("\n", " "), text_of_docx(docx)):
        assert "<script>alert(1)</script>" in shown
        assert "{{ x }}" in shown
        assert "=1+1" in shown
        assert "\u202e" not in shown
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        xml = archive.read("word/document.xml").decode()
        assert not [name for name in archive.namelist() if "vba" in name.lower()]
    assert "<script>" not in xml
    assert "HYPERLINK" not in re.sub(r"<w:t[ >].*?</w:t>", "", xml)


@pytest.mark.parametrize(
    ("regulation", "code", "lines"),
    [
        ("qd26-2026", "mau_03", ["ỦY BAN NHÂN DÂN XÃ ĐÔNG ANH", "TM. ỦY BAN NHÂN DÂN XÃ ĐÔNG ANH"]),
        ("qd26-2026", "mau_01", ["thành phố Hà Nội năm 2021", "PĐK-01-"]),
        ("qd1048-2019", "bieu_02", ["Chương trình OCOP huyện Đông Anh"]),
    ],
)
def test_places_are_those_of_the_regulation(
    regulation: str, code: str, lines: list[str], tmp_path: Path, db: None
) -> None:
    form = filled(dossier_under(regulation), code)

    text = " ".join(text_of_pdf(drawing.pdf(form), tmp_path).split())

    assert [line for line in lines if line not in text] == []


def test_the_forms_come_from_the_list_of_documents(db: None) -> None:
    dossier = dossier_under("qd1048-2019")

    entries = [
        (entry.slot.code, entry.form.number, entry.alternatives) for entry in forms_of(dossier)
    ]

    assert entries == [
        ("registration_form", "Biểu số 01", 2),
        ("registration_form", "Biểu số 02", 2),
        ("business_plan", "Biểu số 03", 1),
        ("organisation_profile", "Biểu số 04", 1),
    ]


def test_a_new_page_of_the_word_file_begins_with_its_own_words(db: None) -> None:
    """A break in an empty paragraph leaves an empty page where the page before is full."""
    document = Document(io.BytesIO(drawing.docx(filled(dossier_under("qd26-2026"), "mau_01"))))

    begin = [row.text for row in document.paragraphs if row.paragraph_format.page_break_before]
    assert begin == ["PHẦN DÀNH CHO CƠ QUAN QUẢN LÝ"]
    assert 'w:type="page"' not in document.element.xml
