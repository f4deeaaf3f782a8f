from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Tài khoản và địa bàn"

    def ready(self) -> None:
        from accounts.models import User
        from accounts.roles import Role
        from ocop_portal import file_access, navigation

        file_access.watched_by(
            lambda: User.objects.filter(roles__contains=[Role.SYSTEM_ADMINISTRATOR], is_active=True)
        )
        navigation.register(
            navigation.Entry(
                "Nhật ký tải tệp", "file_log", "ocop_portal.see_file_log", "history", 90
            )
        )
