from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PortalConfig(AppConfig):
    name = "ocop_portal"
    verbose_name = "Cổng thông tin"

    def ready(self) -> None:
        # Each app says in its permissions.py who may do what.
        autodiscover_modules("permissions")
        from ocop_portal import notices
        from ocop_portal.file_access import MANY_FILES
        from ocop_portal.file_reading import INFECTED

        notices.register(MANY_FILES, INFECTED)
