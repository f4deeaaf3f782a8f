"""Producers for the administrator: which accounts act for them, and a list to take away.

Everything else about a producer changes through the portal's own pages, with their rules.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import ModelResource

from products.models import Producer


class ProducerResource(ModelResource):
    """The list of producers without personal contacts (abuse case P1)."""

    class Meta:
        model = Producer
        fields = ("name", "kind", "tax_code", "unit__name", "district__name", "address")
        export_order = fields


@admin.register(Producer)
class ProducerAdmin(ExportMixin, admin.ModelAdmin):
    resource_classes = [ProducerResource]
    formats = [XLSX, CSV]
    list_display = ["name", "kind", "district"]
    list_select_related = ["district"]
    search_fields = ["name"]
    fields = ["name", "kind", "unit", "accounts"]
    readonly_fields = ["name", "kind", "unit"]
    filter_horizontal = ["accounts"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
