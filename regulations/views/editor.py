"""The editor: one page for any place of any document, made from the JSON Schema."""

import json
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocop_portal.permissions import requires
from ocop_portal.problems import Refused
from regulations import actions, editing
from regulations.editing import Node, NoSuchPlaceError, Role
from regulations.forms import NodeForm, UploadForm
from regulations.loading import checksum_of
from regulations.models import CriteriaSet, Regulation
from regulations.reading import DataError
from regulations.schema import Kind, schema_of, schema_problems
from regulations.sheets import Problem
from regulations.uploads import read_json
from regulations.validation import data_problem, kind_of, part_maximums, sheet_problems
from regulations.views.drafts import FORM_METHODS, TITLES


@dataclass(frozen=True)
class Document:
    """A document that may be edited, as it is now."""

    regulation: Regulation
    name: str
    sheet: CriteriaSet | None
    data: Any

    @property
    def kind(self) -> Kind:
        return kind_of(self.name)

    @property
    def title(self) -> str:
        return f"Phiếu chấm: {self.sheet.name}" if self.sheet else TITLES[self.name]

    @property
    def checksum(self) -> str:
        return checksum_of(self.data)

    @property
    def is_correction(self) -> bool:
        """True for a published sheet that is being completed."""
        return not self.regulation.is_draft

    def url(self, path: str | None = "") -> str:
        """The address of the page that edits a place of the document."""
        arguments = {"code": self.regulation.code, "document": self.name}
        if not path:
            return reverse("regulations:document_edit", kwargs=arguments)
        return reverse("regulations:node_edit", kwargs={**arguments, "at": path})


@require_http_methods(FORM_METHODS)
@requires("regulations.edit_regulations")
def document_edit(request: HttpRequest, code: str, document: str, at: str = "") -> HttpResponse:
    """One place of a document: its values, its rows, the way to what lies below it."""
    found = _document(code, document)
    node = _node(found, at, was_typed_into=request.method == "POST")
    form = NodeForm(node, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, found, form)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        return _save(request, found, form)
    except Refused as refusal:
        return _page(request, found, form, refusal=refusal, status=refusal.status_code)


def _save(request: HttpRequest, found: Document, form: NodeForm) -> HttpResponse:
    """Write the page, with a new item if one was asked for; answer with the place to go on."""
    node = replace(form.node, value=form.result())
    value, path = node.value, node.path
    if name := request.POST.get("add"):
        value, path = _added(node, name)
    actions.save_document(
        found.regulation,
        found.name,
        editing.replaced(found.data, node.path, value),
        checksum=request.POST.get("checksum", ""),
        by=request.user,
    )
    messages.success(request, "Đã lưu.")
    return redirect(found.url("/".join(map(str, path))))


def _added(node: Node, name: str) -> tuple[Any, tuple[str | int, ...]]:
    may_grow = {
        one.name
        for one in ([] if node.is_list else node.of_role(Role.LIST, Role.PART))
        if one.role is Role.LIST or one.value is None
    }
    if name not in may_grow:
        raise Http404
    return editing.added(node, name)


def _page(
    request: HttpRequest,
    found: Document,
    form: NodeForm,
    *,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    path = form.node.path
    crumbs = [(found.url(), found.title)]
    crumbs += [(found.url(at), name) for at, name in editing.crumbs(found.kind, found.data, path)]
    context = {
        "document": found,
        "form": form,
        "crumbs": crumbs[:-1],
        "up_url": crumbs[-2][0] if path else "",
        "place": crumbs[-1][1],
        "here": "/".join(map(str, path)),
        "problems": _problems(found),
        "refusal": refusal,
        # Typed values may be sent again only upon the document that they were typed into.
        "checksum": request.POST.get("checksum", "") if form.data else found.checksum,
        "upload_form": UploadForm(),
    }
    return render(request, "regulations/document_edit.html", context, status=status)


def _problems(found: Document) -> list[tuple[Problem, str]]:
    """What does not fit yet in the whole document, each with the page to put it right."""
    if found.kind is not Kind.SHEET:
        problems = schema_problems(found.kind, found.data) or _unreadable(found)
        return [(one, _url_of(found, one)) for one in problems]
    maximums = part_maximums(found.regulation.data)
    return [(one, _url_of(found, one)) for one in sheet_problems(found.name, found.data, maximums)]


def _unreadable(found: Document) -> list[Problem]:
    try:
        actions.documents_of(found.regulation).parse()
    except DataError as error:
        return [data_problem(error)]
    return []


def _url_of(found: Document, problem: Problem) -> str:
    path = editing.nearest_place(found.kind, found.data, problem.where)
    if found.kind is Kind.SHEET and not schema_problems(found.kind, found.data):
        path = editing.place_of_sum(found.data, problem.code, problem.where)
    return found.url(path)


# --- Whole documents ------------------------------------------------------------------------------


@require_safe
@requires("regulations.edit_regulations")
def document_download(request: HttpRequest, code: str, document: str) -> HttpResponse:  # noqa: ARG001 - views take the request
    """The document as a JSON file, in the order that the files of the portal have."""
    found = _document(code, document)
    ordered = editing.in_schema_order(schema_of(found.kind), found.data)
    text = json.dumps(ordered, ensure_ascii=False, indent=1)
    return HttpResponse(
        text + "\n",
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{code}-{document}.json"'},
    )


@require_POST
@requires("regulations.edit_regulations")
def document_upload(request: HttpRequest, code: str, document: str) -> HttpResponse:
    """Put a JSON file in the place of a document."""
    found = _document(code, document)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Refused.because("no_file", "Hãy chọn một tệp JSON.")
    actions.save_document(
        found.regulation,
        found.name,
        read_json(form.cleaned_data["file"]),
        checksum=request.POST.get("checksum", ""),
        by=request.user,
    )
    messages.success(request, "Đã thay văn bản bằng nội dung của tệp.")
    return redirect(found.url())


@require_POST
@requires("regulations.edit_regulations")
def sheet_complete(request: HttpRequest, code: str, document: str) -> HttpResponse:
    """Put the completed version of a published sheet into use."""
    found = _document(code, document)
    if found.sheet is None:
        raise Http404
    completed = actions.complete_sheet(
        found.sheet, checksum=request.POST.get("checksum", ""), by=request.user
    )
    messages.success(request, "Phiếu đã được đưa vào dùng.")
    return redirect(completed)


def _document(code: str, name: str) -> Document:
    """The document as it is now; 404 for one that is not there, or that may not be edited."""
    regulation = get_object_or_404(Regulation, code=code)
    try:
        sheet = actions.editable_sheet(regulation, name)
    except CriteriaSet.DoesNotExist as error:
        raise Http404 from error
    return Document(regulation, name, sheet, actions.working_document(regulation, name))


def _node(found: Document, at: str, *, was_typed_into: bool) -> Node:
    try:
        return editing.node_at(found.kind, found.data, editing.parse_path(at))
    except NoSuchPlaceError as error:
        if was_typed_into:
            raise Refused.because(
                "changed_meanwhile", "Chỗ này vừa bị người khác bỏ khỏi văn bản."
            ) from error
        raise Http404 from error
