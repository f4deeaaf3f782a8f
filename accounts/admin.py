"""The stock admin is for system administrators: accounts, agencies and units."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from accounts.models import AdministrativeUnit, Agency, User
from accounts.roles import Role


@admin.register(User)
class PortalUserAdmin(UserAdmin):
    list_display = ["username", "full_name", "unit", "agency", "is_active"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["username", "full_name", "email"]
    ordering = ["username"]
    autocomplete_fields = ["unit", "agency"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Người dùng", {"fields": ["full_name", "email", "job_title", "agency"]}),
        ("Quyền trên cổng", {"fields": ["roles", "unit", "is_active"]}),
        ("Quản trị hệ thống", {"fields": ["is_staff", "is_superuser"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "full_name", "email", "password1", "password2"]})
    ]
    filter_horizontal = []

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if "roles" in form.base_fields:
            form.base_fields["roles"].help_text = "Cách nhau bằng dấu phẩy: " + ", ".join(
                f"{role.value} ({role.label})" for role in Role
            )
        return form


@admin.register(Agency)
class AgencyAdmin(admin.ModelAdmin):
    list_display = ["name", "abbreviation", "unit"]
    search_fields = ["name", "abbreviation"]
    autocomplete_fields = ["unit"]


@admin.register(AdministrativeUnit)
class AdministrativeUnitAdmin(admin.ModelAdmin):
    """The official list is loaded from data files, never typed."""

    list_display = ["code", "full_name", "edition", "parent", "valid_from", "valid_to"]
    list_filter = ["edition", "level"]
    search_fields = ["full_name", "search_key", "code"]
    list_select_related = ["parent"]

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
