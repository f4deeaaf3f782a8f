from django.apps import AppConfig


class RegulationsConfig(AppConfig):
    name = "regulations"
    verbose_name = "Quy định"

    def ready(self) -> None:
        from ocop_portal import home, navigation
        from regulations import panels

        navigation.register(
            navigation.Entry(
                "Quy định và phiếu chấm",
                "regulations:regulation_list",
                "regulations.see_regulations",
                "regulation",
                order=80,
            )
        )
        home.register(panels.contribute)
