from django.contrib.admin.apps import AdminConfig


class SystemAdminConfig(AdminConfig):
    default_site = "ocop_portal.admin.SystemAdminSite"
