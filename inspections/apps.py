from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "inspections"
    verbose_name = "Kiểm tra, giám sát"

    def ready(self) -> None:
        from inspections import panels
        from ocop_portal import home, navigation

        navigation.register(
            navigation.Entry(
                "Cần kiểm tra",
                "inspections:watch_list",
                "inspections.see_watch_list",
                "inspection",
                50,
            )
        )
        home.register(panels.contribute)
