"""The roles of the portal (docs/roles.md). Being a council member is a membership, not a role."""

from django.db import models


class Role(models.TextChoices):
    PRODUCER = "producer", "Chủ thể"
    COMMUNE_OFFICER = "commune_officer", "Cán bộ xã"
    DISTRICT_OFFICER = "district_officer", "Cán bộ huyện"
    COUNCIL_SECRETARY = "council_secretary", "Thư ký hội đồng"
    DEPARTMENT_STAFF = "department_staff", "Chuyên viên Sở"
    DEPARTMENT_LEADER = "department_leader", "Lãnh đạo Sở"
    TRADE_PROMOTION_OFFICER = "trade_promotion_officer", "Cán bộ xúc tiến thương mại"
    INSPECTOR = "inspector", "Cán bộ kiểm tra"
    SYSTEM_ADMINISTRATOR = "system_administrator", "Quản trị hệ thống"


# Roles whose work covers a territory: they see the records of their own unit and below.
TERRITORIAL = frozenset(Role) - {Role.PRODUCER}
