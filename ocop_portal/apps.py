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
        from ocop_portal.list_actions import ACTION
        from ocop_portal.list_exports import EXPORT

        jobs.register(ACTION)
        jobs.register(EXPORT)
        notices.register(MANY_FILES, INFECTED)
