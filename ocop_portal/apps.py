from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PortalConfig(AppConfig):
    name = "ocop_portal"
    verbose_name = "Cổng thông tin"

    def ready(self) -> None:
        # Each app says in its permissions.py who may do what.
        autodiscover_modules("permissions")

        from ocop_portal import jobs, notices
        from ocop_portal.file_access import INFECTED, MANY_FILES

        jobs.register(
            list_action="ocop_portal.list_actions.ACTION",
            list_export="ocop_portal.list_exports.EXPORT",
        )
        notices.register(MANY_FILES, INFECTED)
