from django.apps import AppConfig


class CouncilsConfig(AppConfig):
    name = "councils"
    verbose_name = "Hội đồng và phiên họp"

    def ready(self) -> None:
        from councils import finding, panels
        from councils.invitations import INVITATION
        from councils.session_days import planned_day
        from councils.visibility import dossiers_of_councils
        from ocop_portal import home, listing, navigation, notices, searching
        from products import session_days, visibility

        navigation.register(
            navigation.Entry(
                "Phiên họp", "councils:session_list", "councils.see_sessions", "session", 20
            ),
            navigation.Entry(
                "Hội đồng", "councils:council_list", "councils.see_councils", "council", 21
            ),
        )
        home.register(panels.contribute)
        searching.register(*finding.KINDS)
        listing.register(
            sessions="councils.listings.SESSIONS", councils="councils.listings.COUNCILS"
        )
        notices.register(INVITATION)
        visibility.register(dossiers_of_councils)
        session_days.register(planned_day)
