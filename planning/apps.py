from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "planning"
    verbose_name = "Kế hoạch và báo cáo"

    def ready(self) -> None:
        from ocop_portal import home, navigation
        from planning import panels

        navigation.register(
            navigation.Entry(
                "Bảng điều hành", "planning:dashboard", "planning.see_dashboard", "dashboard", 60
            )
        )
        home.register(panels.contribute)
