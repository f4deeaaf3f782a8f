"""The bound dossier: index, order of the regulation, bookmarks; made once for the same content."""

import io
from typing import Any

import pikepdf
import pypdfium2
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ocop_portal import jobs, tasks
from ocop_portal.models import Job
from products.actions.dossiers import add_document
from products.tests import bad_files as make
from products.tests.factories import DossierFactory


def test_whole_dossier_as_one_pdf(officer: Any, client_of: Any) -> None:
    dossier = DossierFactory(created_by=officer)
    for slot, name, content in [
        ("awards", "giải.jpg", make.picture()),
        ("business_plan", "phương án.pdf", make.pdf(3)),
        ("business_plan", "số.xlsx", make.office("xl/workbook.xml")),
    ]:
        row = add_document(dossier, slot, SimpleUploadedFile(name, content), by=officer)
        tasks.read_stored_file(row.stored_id)
    client = client_of(officer)
    url = reverse("products:dossier_bundle", args=[dossier.pk])

    client.post(url)
    job = Job.objects.get()
    jobs.run(job.pk)
    client.post(url)

    job = Job.objects.get()
    assert (job.state, job.error) == ("done", "")
    with job.result.open("rb") as file:
        data = file.read()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert len(pdf.pages) == 1 + 3 + 1
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == [
                "Mục lục",
                "Phương án, kế hoạch kinh doanh sản phẩm",
                "Giải thưởng, bình chọn",
            ]
            assert [item.title for item in outline.root[1].children] == ["phương án.pdf"]
    drawn = pypdfium2.PdfDocument(data)
    text = drawn[0].get_textpage().get_text_range()
    drawn.close()
    assert "phương án.pdf" in text
    assert "Tệp riêng" in text


def test_other_content_is_bound_anew(officer: Any, client_of: Any) -> None:
    dossier = DossierFactory(created_by=officer)
    url = reverse("products:dossier_bundle", args=[dossier.pk])
    client_of(officer).post(url)
    add_document(dossier, "awards", SimpleUploadedFile("a.pdf", make.pdf()), by=officer)
    client_of(officer).post(url)

    assert Job.objects.count() == 2
